//! Images that the engine fetches itself, and its own for jobs without one.

use crate::{
    bench::Bench,
    support::{
        complete, exec,
        image::{self, busybox, Made},
        run, skips_without_root, until_logged, within,
    },
};
use iog_engine::{ContainerEngine, ContainerSettings, Engine, EngineError, RunSpec, RunStatus};
use iog_job::{Hash, Image, Kind};
use std::net::TcpListener;

fn made() -> Made {
    image::image(
        &[busybox()],
        &["PATH=/bin"],
        &["/bin/sh", "-c", "echo pulled"],
    )
}

/// A registry of the operator's own, on this host.
fn registry() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    image::serve(listener, made());
    host
}

fn allow(settings: &mut ContainerSettings, host: &str) {
    let registries = &mut settings.registries;
    for list in [
        &mut registries.allowed,
        &mut registries.plain,
        &mut registries.own,
    ] {
        list.push(host.to_owned());
    }
}

fn pulled(host: &str, digest: Hash) -> RunSpec {
    let mut run = run(&[]);
    run.spec.image = Some(Image {
        reference: Some(format!("{host}/team/job")),
        digest,
        len: 0,
        config: Hash::default(),
    });
    run
}

/// redteam C2: from a listed registry, by digest, before the run is made; from another nothing comes.
#[tokio::test]
async fn an_image_comes_from_its_registry() {
    if skips_without_root() {
        return;
    }
    let host = registry();
    let bench = Bench::with(|settings| allow(settings, &host));
    let takes = bench.engine().takes();
    assert!(takes.images && !takes.no_image);
    assert_eq!(takes.registries, Some(vec![host.clone()]));
    let mut run = pulled(&host, made().manifest);
    run.spec.image.as_mut().unwrap().config = made().config;
    within(bench.engine().fetch_image(&run)).await.unwrap();
    assert_eq!(
        complete(bench.engine(), &run).await,
        (RunStatus::Exited(0), "pulled\n".into())
    );
    for other in [
        pulled("registry.example", Hash([3; 32])),
        pulled(&host, Hash([3; 32])),
    ] {
        let error = within(bench.engine().fetch_image(&other))
            .await
            .unwrap_err();
        assert!(matches!(error, EngineError::Image(_)), "{error}");
    }
}

/// An operator's image for jobs that name none: shells, and commands.
#[tokio::test]
async fn a_session_runs_in_the_operators_image() {
    if skips_without_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let archive = dir.path().join("shell.tar");
    made().write(&archive);
    let mut bench = Bench::with(|settings| settings.session_image = Some(archive));
    assert!(bench.engine().takes().no_image);
    let mut session = run(&[]);
    session.spec.kind = Kind::Session;
    bench.engine().prepare(&session).await.unwrap();
    within(bench.engine().start(&session)).await.unwrap();
    let (code, text) = exec(bench.engine(), &session.id, &["/bin/echo", "hello"]).await;
    assert_eq!((code, text.as_str()), (0, "hello\n"));
    within(bench.engine().stop(&session.id)).await.unwrap();
    // It is there when the engine is opened again, and what a killed process left is not.
    let left = bench.settings.root.join("images/new-1");
    std::fs::create_dir(&left).unwrap();
    bench.engine = None;
    bench.engine = Some(ContainerEngine::open(bench.settings.clone()).unwrap());
    assert!(!left.exists());
    let command = run(&["/bin/sh", "-c", "echo again; sleep 1000"]);
    bench.engine().prepare(&command).await.unwrap();
    within(bench.engine().start(&command)).await.unwrap();
    until_logged(bench.engine(), &command.id, "again").await;
    // A book that cannot be read stands in no other lease's way, nor in its own.
    let wrong = run(&["/bin/true"]);
    bench.engine().prepare(&wrong).await.unwrap();
    let lease = iog_engine::names::lease_name(&wrong.id);
    let book = format!("leases/{lease}/runs/0/book.json");
    std::fs::write(bench.settings.root.join(book), "no book").unwrap();
    within(bench.engine().seal(&command.id)).await.unwrap();
    let status = bench.engine().status(&command.id).await.unwrap();
    assert_eq!(status, RunStatus::Stopped);
    within(bench.engine().remove(&wrong.id)).await.unwrap();
}
