//! The engine against conversations of an API server: no real cluster has run it.

mod common;
mod replay;

use common::{key, run, settings, Dirs};
use iog_engine::{Engine, EngineError, Exec, ExecEvent, ExecInput, RunStatus};
use iog_job::Platform;
use iog_kubernetes::KubernetesEngine;
use replay::Replay;
use std::{fs, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

const WITHIN: Duration = Duration::from_secs(60);

fn engine(replay: &Replay, dirs: &Dirs) -> KubernetesEngine {
    let settings = settings(dirs.root.path(), dirs.secrets.path());
    let server = ("127.0.0.1".to_owned(), replay.address.port());
    KubernetesEngine::with_client(settings, replay.client(), server).unwrap()
}

/// Names of what came in an archive.
fn unpacked(bytes: &[u8]) -> Vec<(String, String)> {
    let mut archive = tar::Archive::new(bytes);
    let files = archive.entries().unwrap().filter_map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        entry
            .header()
            .entry_type()
            .is_file()
            .then_some((name, text))
    });
    use std::io::Read;
    files.collect()
}

async fn log_of(engine: &dyn Engine, run: &iog_engine::RunSpec, follow: bool) -> String {
    let mut frames = engine.logs(&run.id, 0, follow).await.unwrap();
    let mut text = Vec::new();
    while let Some(frame) = timeout(WITHIN, frames.recv())
        .await
        .expect("the log does not end")
    {
        text.extend(frame.bytes);
    }
    String::from_utf8(text).unwrap()
}

async fn until(what: &str, mut is: impl AsyncFnMut() -> bool) {
    let came = async {
        while !is().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(WITHIN, came)
        .await
        .unwrap_or_else(|_| panic!("never: {what}"));
}

/// A whole run, through 409, 410, 429 with Retry-After, 500, a watch that is dropped, a log that is cut in the middle of a line, a slow
/// one, and outputs whose connection breaks.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_had_through_all_that_an_api_server_does() {
    let (replay, dirs) = (Replay::of("run.json", "").await, Dirs::new());
    let engine = engine(&replay, &dirs);
    let run = run();
    let capacity = engine.capacity().await.unwrap();
    assert_eq!(
        (capacity.cpu_millis, capacity.memory_bytes),
        (15_900, 64_305_036 << 10)
    );
    assert_eq!(capacity.platform, Platform::LinuxAmd64);
    // redteam M9: nothing is taken before the network was tried.
    assert!(!engine.health().await.ready);
    let refused = engine.prepare(&run).await.unwrap_err();
    assert!(
        matches!(
            refused,
            EngineError::Host {
                what: "network",
                ..
            }
        ),
        "{refused}"
    );
    until("the network was tried", async || {
        engine.health().await.ready
    })
    .await;

    let prepared = engine.prepare(&run).await.unwrap();
    fs::write(prepared.work.join("input.txt"), "of the renter").unwrap();
    fs::write(prepared.secrets.join("TOKEN"), "s3cret").unwrap();
    engine.start(&run).await.unwrap();
    engine.start(&run).await.unwrap();
    assert_eq!(engine.status(&run.id).await.unwrap(), RunStatus::Running);
    let (inputs, secrets) =
        replay.seen(|seen| (seen.stdin["inputs"].clone(), seen.stdin["secrets"].clone()));
    assert!(
        unpacked(&inputs).contains(&("input.txt".into(), "of the renter".into())),
        "{:?}",
        unpacked(&inputs)
    );
    assert_eq!(unpacked(&secrets), [("TOKEN".into(), "s3cret".into())]);
    // redteam S1, M9: no object has it.
    let told = replay.seen(|seen| format!("{:?}", seen.bodies));
    assert!(told.contains("TOKEN") && !told.contains("s3cret"));

    beside(&engine, &run).await;
    until("it is over", async || {
        engine.status(&run.id).await.unwrap().is_over()
    })
    .await;
    assert_eq!(engine.status(&run.id).await.unwrap(), RunStatus::Exited(3));
    let log = log_of(&engine, &run, true).await;
    assert!(log.starts_with("one\ntwo\nthree\n"), "{log}");
    assert!(log.contains("outputs cannot be taken"), "{log}");
    let left = engine.outputs(&run.id).await.unwrap();
    let names: Vec<_> = left
        .iter()
        .map(|left| (left.path.as_str(), left.len))
        .collect();
    assert_eq!(names, [("out/result.txt", 3)]);
    let mut bytes = String::new();
    engine
        .fetch(&run.id, "out/result.txt", 1)
        .await
        .unwrap()
        .read_to_string(&mut bytes)
        .await
        .unwrap();
    assert_eq!(bytes, "2\n");
    assert!(engine.fetch(&run.id, "scratch", 0).await.is_err());

    engine.seal(&run.id).await.unwrap();
    assert!(!prepared.secrets.exists());
    assert_eq!(engine.outputs(&run.id).await.unwrap().len(), 1);
    engine.remove(&run.id).await.unwrap();
    assert!(matches!(
        engine.status(&run.id).await,
        Err(EngineError::Unknown(_))
    ));
    assert!(!prepared.work.exists());
    replay.assert_told();
}

/// Files, a port and commands of a run while it runs.
async fn beside(engine: &dyn Engine, run: &iog_engine::RunSpec) {
    let left = engine.outputs(&run.id).await.unwrap();
    assert_eq!((left[0].path.as_str(), left[0].len), ("out/result.txt", 5));
    let mut port = engine.connect(&run.id, 8_080).await.unwrap();
    port.write_all(b"ping").await.unwrap();
    let mut answer = [0; 4];
    timeout(WITHIN, port.read_exact(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&answer, b"pong");
    assert!(matches!(
        engine.connect(&run.id, 8_081).await,
        Err(EngineError::NotFound(_))
    ));

    let exec = |command: &str| Exec {
        command: vec![command.into()],
        env: vec![("TERM".into(), "x'y".into())],
        terminal: None,
    };
    let (send, mut events) = engine.exec(&run.id, exec("cat")).await.unwrap();
    send.send(ExecInput::Stdin(b"echoed".to_vec()))
        .await
        .unwrap();
    let event = timeout(WITHIN, events.recv()).await.unwrap();
    assert_eq!(event, Some(ExecEvent::Stdout(b"echoed".to_vec())));
    // Whoever does not listen any more ends it: the conversation has the `kill`.
    drop((send, events));

    let (_send, mut events) = engine.exec(&run.id, exec("finish")).await.unwrap();
    let mut told = Vec::new();
    while let Some(event) = timeout(WITHIN, events.recv()).await.unwrap() {
        told.push(event);
    }
    assert_eq!(told.last(), Some(&ExecEvent::Exit(7)));
    assert!(told.contains(&ExecEvent::Stdout(b"done\n".to_vec())));
    assert!(told.contains(&ExecEvent::Stderr(b"told\n".to_vec())));
}

/// redteam M9: a cluster whose plugin enforces nothing takes no job, and says why.
#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_keeps_nothing_takes_no_job() {
    let (replay, dirs) = (Replay::of("open_network.json", "").await, Dirs::new());
    let engine = engine(&replay, &dirs);
    let reached = async || {
        engine
            .health()
            .await
            .detail
            .is_some_and(|why| why.contains("reaches"))
    };
    until("what was reached is said", reached).await;
    let health = engine.health().await;
    assert!(!health.ready && !health.strangers);
    let why = health.detail.unwrap();
    assert!(
        why.contains("metadata, api_server") && why.contains("NetworkPolicy"),
        "{why}"
    );
    let refused = engine.prepare(&run()).await.unwrap_err();
    assert!(
        matches!(
            refused,
            EngineError::Host {
                what: "network",
                ..
            }
        ),
        "{refused}"
    );
    replay.assert_told();
}

/// redteam X2: what ran while this process was away is found, ended and collected; Jobs of no run go.
#[tokio::test(flavor = "multi_thread")]
async fn runs_are_found_again_after_a_restart() {
    let (run, dirs) = (run(), Dirs::new());
    dirs.began(&run);
    let replay = Replay::of("adopt.json", &key(&run)).await;
    let engine = engine(&replay, &dirs);
    assert_eq!(engine.list().await.unwrap(), [(run.id, RunStatus::Running)]);
    until("it is over", async || {
        engine.status(&run.id).await.unwrap().is_over()
    })
    .await;
    assert_eq!(engine.status(&run.id).await.unwrap(), RunStatus::Exited(0));
    assert_eq!(log_of(&engine, &run, false).await, "while nobody looked\n");
    assert_eq!(engine.outputs(&run.id).await.unwrap().len(), 1);
    replay.after("swept").await;
    replay.assert_told();
}

/// The job is told to end, what it left is taken, then the pod goes.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_stopped_keeps_what_it_left() {
    let (run, dirs) = (run(), Dirs::new());
    dirs.began(&run);
    let replay = Replay::of("stop.json", &key(&run)).await;
    let engine = engine(&replay, &dirs);
    timeout(WITHIN, engine.stop(&run.id))
        .await
        .unwrap()
        .unwrap();
    engine.stop(&run.id).await.unwrap();
    assert_eq!(engine.status(&run.id).await.unwrap(), RunStatus::Stopped);
    assert_eq!(
        engine.outputs(&run.id).await.unwrap()[0].path,
        "out/result.txt"
    );
    replay.assert_told();
}
