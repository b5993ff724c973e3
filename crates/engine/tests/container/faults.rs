//! What a renter brings to make the host look broken. redteam K6

use crate::{
    bench::Bench,
    support::{
        complete,
        image::{self, entry, Made},
        skips_without_root,
    },
};
use iog_engine::{Engine, EngineError, RunStatus};
use iog_job::Secret;
use serde_json::json;

/// Its archive beside it.
fn saved(bench: &Bench, made: &Made) -> std::path::PathBuf {
    let archive = bench.dir().join("odd.tar");
    made.write(&archive);
    archive
}

/// What an image's configuration says beside its command and environment, sense or nonsense, is not asked.
#[tokio::test]
async fn an_images_odd_configuration_changes_nothing() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let odd = json!({
        "Env": ["PATH=/bin", "WITHOUT", "A=b=c"],
        "Cmd": ["/bin/sh"], "User": "nobody-here:65537000000", "WorkingDir": "not/../absolute",
        "StopSignal": "SIGNONSENSE", "Volumes": {"/data": {}, "/work": {}},
        "Healthcheck": {"Test": ["CMD-SHELL", "touch /work/out/healthy"], "Interval": 1, "StartPeriod": 1},
        "ExposedPorts": {"none": {}}, "Labels": {"iog.run": "another"},
    });
    let made = image::image_of(&[image::busybox()], &odd);
    let run = bench.run_of(
        &made,
        &saved(&bench, &made),
        &[
            "/bin/sh",
            "-c",
            "id -u; pwd; echo $A; grep -c /data /proc/mounts; exit 3",
        ],
    );
    let (status, log) = complete(bench.engine(), &run).await;
    assert_eq!(
        (status, log.as_str()),
        (RunStatus::Exited(3), "1000\n/work\nb=c\n0\n")
    );
    let volumes = bench.podman("/volumes/json");
    assert!(volumes.as_array().is_none_or(Vec::is_empty), "{volumes}");
    let container = &bench.podman("/containers/json?all=true")[0];
    let id = container["Id"].as_str().unwrap_or_default();
    let seen = bench.podman(&format!("/containers/{id}/json"));
    let check = seen["Config"].get("Healthcheck");
    assert!(
        check.is_none_or(|check| check["Test"] == json!(["NONE"])),
        "{check:?}"
    );
    assert!(bench.engine().outputs(&run.id).await.unwrap().is_empty());
}

/// An image in which the job's folders cannot be: the container engine refuses it, a known-good program starts, so it is the image's.
#[tokio::test]
async fn a_start_that_is_refused_for_the_image_is_not_the_hosts_fault() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let mut tar = tar::Builder::new(Vec::new());
    let regular = tar::EntryType::Regular;
    entry(&mut tar, regular, "work", "", 0o644, b"a file");
    let over = tar.into_inner().unwrap();
    let plain = json!({"Cmd": ["/bin/true"]});
    let nameless = json!({"Cmd": ["/bin/true"], "Env": ["=x"]});
    for made in [
        image::image_of(&[image::busybox(), over], &plain),
        image::image_of(&[image::busybox()], &nameless),
    ] {
        let run = bench.run_of(&made, &saved(&bench, &made), &["/bin/true"]);
        bench.engine().prepare(&run).await.unwrap();
        match bench.engine().start(&run).await {
            Err(EngineError::Job(why)) => assert!(why.contains("refuses it"), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    // Nothing of the try is left.
    let left = bench.podman("/containers/json?all=true");
    assert!(left.as_array().is_none_or(Vec::is_empty), "{left}");
}

#[tokio::test]
async fn an_odd_secret_is_not_the_hosts_fault() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let mut run = bench.shell("echo ran");
    run.spec.secrets = vec![Secret {
        name: "token".into(),
        env: Some("TOKEN".into()),
    }];
    let prepared = bench.engine().prepare(&run).await.unwrap();
    std::fs::write(prepared.secrets.join("token"), b"\xff\xfe").unwrap();
    match bench.engine().start(&run).await {
        Err(EngineError::Job(why)) => assert!(why.contains("is no text"), "{why}"),
        other => panic!("{other:?}"),
    }
}
