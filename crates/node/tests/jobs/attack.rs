//! What a renter, or bad luck, tried.

use crate::{common::*, running, sha};
use iog_job::{
    frame,
    wire::{Received, Refusal, Verb},
    Input, Phase, Secret, Why,
};
use iog_node::board::Stage;
use std::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn folder(world: &World) -> std::path::PathBuf {
    let mut all = fs::read_dir(world.path().join("jobs/leases")).unwrap();
    all.next().unwrap().unwrap().path()
}

/// redteam V1: inputs and secrets go with the lease's end, not with the day for which outputs are kept; what is over has no network and no group
/// before that.
#[tokio::test]
async fn what_a_job_needed_goes_with_the_lease() {
    let data = b"input".to_vec();
    let mut spec = script("cat in");
    spec.inputs.push(Input {
        target: "in".into(),
        sha256: sha(&data),
        len: 5,
        executable: false,
        url: None,
    });
    spec.secrets.push(Secret {
        name: "token".into(),
        env: None,
    });
    let mut world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    let _job = world.send_job(5, &spec).await;
    drop(world.send_secret(5, "token", b"one").await.read_u8().await);
    let from = 0;
    let sha256 = sha(&data);
    let mut input = world.open(5, Verb::Input { sha256, from }).await;
    input.write_all(&data).await.unwrap();
    input.shutdown().await.unwrap();
    let received: Received = frame::expect(&mut input, 1 << 10).await.unwrap();
    assert!(received.complete);
    world.until_phase(5, Phase::Exited { code: 0 }).await;
    let ended = world.run_dir(5).join("ended-0");
    poll(|| async { ended.exists().then_some(()) }).await;
    let of_job = ["inputs", "secrets.sealed"].map(|name| folder(&world).join(name));
    assert!(of_job.iter().all(|path| path.exists()));
    world.board.leases[0].stage = Stage::Kept;
    world.publish();
    let gone = || async { of_job.iter().all(|path| !path.exists()).then_some(()) };
    poll(gone).await;
    assert!(folder(&world).join("statuses.json").exists());
}

/// redteam J9, S1: what is being made for a lease when it ends is ended after it is made, not before.
#[tokio::test]
async fn a_lease_that_ends_while_its_run_is_made() {
    let mut world = World::new(vec![lease_of(5, None)]);
    let hold = world.path().join("engine/hold");
    fs::write(&hold, "").unwrap();
    world = world.start().await;
    let made = |status: &iog_job::Status| matches!(status.phase, Phase::Preparing { .. });
    world.until(5, made).await;
    world.board.leases[0].stage = Stage::Kept;
    world.publish();
    let seen = || async { (world.report()?.board_slot == world.board.slot).then_some(()) };
    poll(seen).await;
    fs::remove_file(&hold).unwrap();
    let sealed = world.run_dir(5).join("sealed");
    poll(|| async { sealed.exists().then_some(()) }).await;
}

/// redteam K6: a run that was prepared by a job side that ended, when the order had other members, is prepared anew, and no failure of the
/// machine.
#[tokio::test]
async fn prepared_otherwise_before() {
    let world = World::new(vec![lease_of(5, None)]);
    fs::create_dir_all(world.run_dir(5)).unwrap();
    fs::write(world.run_dir(5).join("run-0"), "{}").unwrap();
    let world = world.start().await;
    let status = world.until_phase(5, running()).await;
    assert_eq!(status.run.attempt, 1);
    assert!(world.run_dir(5).join("ended-0").exists());
}

/// Each status is signed, kept and written: others' jobs without end are refused on their streams alone, and the right one still runs.
#[tokio::test]
async fn wrong_jobs_without_end() {
    let (spec, other) = (script("exit 0"), script("exit 1"));
    let world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    for _ in 0..50 {
        let mut job = world.open(5, Verb::Job).await;
        frame::write(&mut job, &other).await.unwrap();
        assert!(job.read_u8().await.is_err());
    }
    let _job = world.send_job(5, &spec).await;
    let over = world.until_phase(5, Phase::Exited { code: 0 }).await;
    assert!(over.number < 45, "{}", over.number);
}

/// A lease whose books cannot be written for a while is opened anew: who followed it hears that its stream is cut, and finds it again.
#[tokio::test]
async fn books_that_cannot_be_kept() {
    let spec = script("while [ ! -e go ]; do sleep 0.02; done");
    let world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    let _job = world.send_job(5, &spec).await;
    let number = world.until_phase(5, running()).await.number;
    let (from, follow) = (number + 1, true);
    let mut followed = world.open(5, Verb::Status { from, follow }).await;
    let full = folder(&world).join("books.new");
    fs::create_dir(&full).unwrap();
    fs::write(world.run_dir(5).join("work/go"), "").unwrap();
    let mut heard = Vec::new();
    assert!(followed.read_to_end(&mut heard).await.is_err(), "cut");
    fs::remove_dir(&full).unwrap();
    world.until_phase(5, Phase::Exited { code: 0 }).await;
}

/// redteam J8: leases that are over take no streams from those that are rented now.
#[tokio::test]
async fn streams_of_what_is_kept() {
    let spec = script("mkdir -p out; echo > out/endless");
    let mut world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    let _job = world.send_job(5, &spec).await;
    world.until_phase(5, Phase::Exited { code: 0 }).await;
    world.board.leases[0].stage = Stage::Kept;
    world.publish();
    poll(|| async { world.run_dir(5).join("sealed").exists().then_some(()) }).await;
    let asked = || async {
        let path = "out/endless".into();
        world.begin(5, Verb::Fetch { path, from: 0 }).await
    };
    let mut held = Vec::new();
    for _ in 0..8 {
        held.push(asked().await);
    }
    let refused = || async {
        let asked = world.ask(5, Verb::Outputs);
        let answer = tokio::time::timeout(std::time::Duration::from_millis(200), asked).await;
        matches!(answer, Ok(Err(Refusal::Busy))).then_some(())
    };
    poll(refused).await;
}

/// redteam S4: a list of outputs is bounded by its names, too.
#[tokio::test]
async fn names_without_end() {
    let spec =
        script("mkdir out; cd out; n=$(printf '%0240d'); seq 36000 | sed s/^/$n/ | xargs touch");
    let world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    let _job = world.send_job(5, &spec).await;
    world.until_phase(5, Phase::Exited { code: 0 }).await;
    let refused = world.ask(5, Verb::Outputs).await.unwrap_err();
    assert_eq!(refused, Refusal::NotFound);
}

/// redteam K6: a machine that fails between a run's making and its start, and is well again, runs the job: what the engine was told to stop is
/// another attempt.
#[tokio::test]
async fn a_failure_before_the_start() {
    let data = b"input".to_vec();
    let mut spec = script("cat in; sleep 1000");
    spec.inputs.push(Input {
        target: "in".into(),
        sha256: sha(&data),
        len: 5,
        executable: false,
        url: None,
    });
    let world = World::new(vec![lease_of(5, Some(&spec))]);
    let hold = world.path().join("engine/hold");
    fs::write(&hold, "").unwrap();
    let world = world.start().await;
    let _job = world.send_job(5, &spec).await;
    let (sha256, from) = (sha(&data), 0);
    let mut input = world.open(5, Verb::Input { sha256, from }).await;
    input.write_all(&data).await.unwrap();
    input.shutdown().await.unwrap();
    let made = |status: &iog_job::Status| matches!(status.phase, Phase::Preparing { .. });
    world.until(5, made).await;
    let at = folder(&world).join("inputs").join(sha256.to_string());
    let away = at.with_extension("away");
    fs::rename(&at, &away).unwrap();
    fs::remove_file(&hold).unwrap();
    let why = Why::Host("disk".into());
    world.until_phase(5, Phase::Failed { why }).await;
    fs::rename(&away, &at).unwrap();
    let status = world.until(5, |status| status.phase == running()).await;
    assert_eq!(status.run.attempt, 1);
    let log = world.run_dir(5).join("log");
    poll(|| async { (fs::read(&log).ok()? == data).then_some(()) }).await;
}
