//! The job side as a process behind its socket, with a link side made of frames.

mod common;

use common::*;
use iog_job::{
    frame,
    wire::{Done, ExecFrame, LogFrame, Needs, OutputFile, Received, Refusal, Secrets, Verb},
    Hash, Input, Key, Phase, Restart, Secret, Why,
};
use iog_node::board::Stage;
use sha2::{Digest, Sha256};
use std::{fs, path::Path};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// No test: what [`World::spawn`] starts.
#[tokio::test]
#[ignore]
async fn the_job_side() {
    if let Some(dir) = std::env::var_os("IOG_TEST_NODE") {
        serve(Path::new(&dir)).await;
    }
}

fn running() -> Phase {
    Phase::Running { ready: true }
}

fn sha(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}

async fn log(world: &World, lease: u8) -> Vec<u8> {
    let verb = Verb::Logs {
        from: 0,
        follow: true,
    };
    let mut pipe = world.open(lease, verb).await;
    let mut all = Vec::new();
    while let Some(bytes) = frame::read_bytes(&mut pipe, 1 << 20).await.unwrap() {
        let piece = LogFrame::decode(&bytes).unwrap();
        assert_eq!(piece.offset, all.len() as u64);
        all.extend(piece.bytes);
    }
    all
}

/// A specification, an input in two pieces, a secret; then log, exit code, outputs. The secret's value is in no file but the sealed one and
/// the job's own, in no log and no status. redteam S1, V1
#[tokio::test]
async fn from_specification_to_outputs() {
    let data = b"0123456789".repeat(1_000);
    let mut spec = script("cat data/in; cp data/in out.txt; mkdir out; cp data/in out/copy; test -s $SECRETS/token; exit 3");
    spec.inputs.push(Input {
        target: "data/in".into(),
        sha256: sha(&data),
        len: 10_000,
        executable: false,
        url: None,
    });
    spec.secrets.push(Secret {
        name: "token".into(),
        env: None,
    });
    let world = World::new(vec![lease_of(5, Some(&spec))]).start().await;
    let (mut job, needs) = world.send_job(5, &spec).await;
    assert_eq!((needs.inputs[0].have, needs.inputs[0].len), (0, 10_000));
    assert_eq!(needs.secrets, ["token"]);

    let first = Verb::Input {
        sha256: sha(&data),
        from: 0,
    };
    let mut input = world.open(5, first).await;
    input.write_all(&data[..4_000]).await.unwrap();
    input.flush().await.unwrap();
    input.shutdown().await.unwrap();
    let received: Received = frame::expect(&mut input, 1 << 10).await.unwrap();
    assert_eq!((received.have, received.complete), (4_000, false));
    let beyond = Verb::Input {
        sha256: sha(&data),
        from: 4_001,
    };
    assert_eq!(world.ask(5, beyond).await.unwrap_err(), Refusal::Malformed);
    let rest = Verb::Input {
        sha256: sha(&data),
        from: 4_000,
    };
    let mut input = world.open(5, rest).await;
    input.write_all(&data[4_000..]).await.unwrap();
    input.shutdown().await.unwrap();
    let received: Received = frame::expect(&mut input, 1 << 10).await.unwrap();
    assert!(received.complete);

    let value = "c2VjcmV0LXZhbHVl";
    let mut secrets = world.open(5, Verb::Secrets).await;
    let sent = Secrets([("token".to_string(), value.to_string())].into());
    frame::write(&mut secrets, &sent).await.unwrap();
    let _: Done = frame::expect(&mut secrets, 1 << 10).await.unwrap();
    let last = loop {
        let needs: Needs = frame::expect(&mut job, 1 << 20).await.unwrap();
        if needs.is_empty() {
            break frame::read_bytes(&mut job, 1 << 10).await.unwrap();
        }
    };
    assert_eq!(last, None, "the last list ends the stream");

    world.until_phase(5, Phase::Exited { code: 3 }).await;
    assert_eq!(log(&world, 5).await, data);
    let mut outputs = world.open(5, Verb::Outputs).await;
    let files: Vec<OutputFile> = frame::expect(&mut outputs, 1 << 20).await.unwrap();
    assert_eq!(
        (files[0].path.as_str(), files[0].sha256),
        ("out/copy", sha(&data))
    );
    let fetch = Verb::Fetch {
        path: "out/copy".into(),
        from: 9_990,
    };
    let mut fetch = world.open(5, fetch).await;
    let _: OutputFile = frame::expect(&mut fetch, 1 << 10).await.unwrap();
    let mut end = Vec::new();
    fetch.read_to_end(&mut end).await.unwrap();
    assert_eq!(end, b"0123456789");

    let own = world.run_dir(5).join("secrets/token");
    assert_eq!(fs::read(&own).unwrap(), b"secret-value");
    for file in files_under(&world.path()).filter(|file| *file != own) {
        let bytes = fs::read(&file).unwrap_or_default();
        for marker in [value.as_bytes(), b"secret-value"] {
            let found = bytes.windows(marker.len()).any(|piece| piece == marker);
            assert!(!found, "{}", file.display());
        }
    }
}

fn files_under(dir: &Path) -> Box<dyn Iterator<Item = std::path::PathBuf>> {
    let entries = fs::read_dir(dir).unwrap().flatten();
    Box::new(
        entries.flat_map(|entry| match entry.file_type().unwrap().is_dir() {
            true => files_under(&entry.path()),
            false => Box::new(std::iter::once(entry.path())),
        }),
    )
}

/// redteam X2, V1: killed at every phase and started anew, the job side goes on where it was. A running job never ends with it and is started
/// once; what arrived is there still.
#[tokio::test]
async fn killed_at_every_phase() {
    let data = b"input".to_vec();
    let mut spec = script("cat in; while [ ! -e go ]; do sleep 0.02; done; exit 7");
    spec.inputs.push(Input {
        target: "in".into(),
        sha256: sha(&data),
        len: 5,
        executable: false,
        url: None,
    });
    let mut world = World::new(vec![lease_of(5, Some(&spec))]);
    world.spawn().await;
    world.until(5, |status| status.number == 1).await;
    world.kill().await;

    world.spawn().await;
    let (_job, needs) = world.send_job(5, &spec).await;
    assert_eq!(needs.inputs[0].have, 0);
    let mut input = world
        .open(
            5,
            Verb::Input {
                sha256: sha(&data),
                from: 0,
            },
        )
        .await;
    input.write_all(b"inp").await.unwrap();
    input.shutdown().await.unwrap();
    let _: Received = frame::expect(&mut input, 1 << 10).await.unwrap();
    world.kill().await;

    world.spawn().await;
    let (_job, needs) = world.send_job(5, &spec).await;
    assert_eq!(needs.inputs[0].have, 3, "resumed");
    let mut input = world
        .open(
            5,
            Verb::Input {
                sha256: sha(&data),
                from: 3,
            },
        )
        .await;
    input.write_all(b"ut").await.unwrap();
    input.shutdown().await.unwrap();
    let received: Received = frame::expect(&mut input, 1 << 10).await.unwrap();
    assert!(received.complete);
    world.until_phase(5, running()).await;
    world.kill().await;

    world.spawn().await;
    world.until_phase(5, running()).await;
    fs::write(world.run_dir(5).join("work/go"), "").unwrap();
    let exited = world.until_phase(5, Phase::Exited { code: 7 }).await;
    assert_eq!(exited.run.attempt, 0);
    world.kill().await;

    world.spawn().await;
    let again = world.until_phase(5, Phase::Exited { code: 7 }).await;
    assert_eq!(again.number, exited.number, "nothing new is said");
    assert_eq!(log(&world, 5).await, b"input");
    let starts = fs::read_to_string(world.run_dir(5).join("starts")).unwrap();
    assert_eq!(starts, "0\n");
}

/// redteam X2: a run that was lost with the machine is a new attempt where the job may restart, and failed where not.
#[tokio::test]
async fn lost_with_the_machine() {
    for (restart, attempts) in [(Restart::Never, "0\n"), (Restart::OnFailure(1), "0\n1\n")] {
        let mut spec = script("sleep 1000");
        spec.restart = restart;
        let mut world = World::new(vec![lease_of(5, Some(&spec))]);
        world.spawn().await;
        let _job = world.send_job(5, &spec).await;
        world.until_phase(5, running()).await;
        world.kill().await;
        let pid = fs::read_to_string(world.run_dir(5).join("pid-0")).unwrap();
        let group = nix::unistd::Pid::from_raw(pid.parse().unwrap());
        nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL).unwrap();
        poll(|| async { (!Path::new(&format!("/proc/{pid}")).exists()).then_some(()) }).await;
        world.spawn().await;
        world.until_phase(5, Phase::Failed { why: Why::Lost }).await;
        if restart != Restart::Never {
            world
                .until(5, |status| {
                    status.run.attempt == 1 && status.phase == running()
                })
                .await;
        }
        let starts = fs::read_to_string(world.run_dir(5).join("starts")).unwrap();
        assert_eq!(starts, attempts);
    }
}

/// redteam J9, K3: at the lease's end streams are cut and the job is killed, though the chain side says nothing more; log and outputs may be
/// read, and go with the time for which they are kept.
#[tokio::test]
async fn the_end_of_a_lease() {
    let spec = script("mkdir -p out; echo kept > out/file; echo line; sleep 1000");
    let mut lease = lease_of(5, Some(&spec));
    lease.ends_ts = NOW + 2;
    let mut world = World::new(vec![lease]).start().await;
    let _job = world.send_job(5, &spec).await;
    world.until_phase(5, running()).await;
    let verb = Verb::Exec {
        command: vec!["cat".into()],
        terminal: None,
        term: None,
    };
    let mut exec = world.open(5, verb.clone()).await;
    let cut = exec.read_u8().await.unwrap_err();
    assert_eq!(
        cut.kind(),
        std::io::ErrorKind::UnexpectedEof,
        "cut, not ended"
    );
    world.until_phase(5, Phase::Stopped).await;
    assert_eq!(world.ask(5, verb).await.unwrap_err(), Refusal::Over);
    assert_eq!(world.ask(5, Verb::Job).await.unwrap_err(), Refusal::Over);
    assert!(world.run_dir(5).join("sealed").exists());
    assert_eq!(log(&world, 5).await, b"line\n");
    let mut outputs = world.open(5, Verb::Outputs).await;
    let files: Vec<OutputFile> = frame::expect(&mut outputs, 1 << 20).await.unwrap();
    assert_eq!(files[0].path, "out/file");

    world.board.leases.clear();
    world.publish();
    poll(|| async { (!world.run_dir(5).exists()).then_some(()) }).await;
    let left = || {
        fs::read_dir(world.path().join("jobs/leases"))
            .unwrap()
            .count()
    };
    poll(|| async { (left() == 0).then_some(()) }).await;
    assert_eq!(
        world.ask(5, Verb::Outputs).await.unwrap_err(),
        Refusal::NotYours
    );
}

/// redteam L2, S2, J1: the job side checks what the link side hands on: another's key, another match, a ticket without the verb, a stolen key.
#[tokio::test]
async fn whose_lease_it_is() {
    let mut not_started = lease_of(6, None);
    not_started.stage = Stage::Accepted;
    let mut nobodys = lease_of(7, None);
    nobodys.engineer_key = Key::default();
    let mut world = World::new(vec![lease_of(5, None), not_started, nobodys])
        .start()
        .await;
    world.until_phase(5, running()).await;
    let facts = Verb::Facts { every_secs: None };
    let mallory = Key([99; 32]);
    let refused = world.ask_as(mallory, binding(5), 1, facts.clone()).await;
    assert_eq!(refused.unwrap_err(), Refusal::NotYours);
    let mut other = binding(5);
    other.matched_ts = 7;
    let refused = world.ask_as(ENGINEER, other, 1, facts.clone()).await;
    assert_eq!(refused.unwrap_err(), Refusal::WrongBinding);
    assert_eq!(
        world.ask(6, facts.clone()).await.unwrap_err(),
        Refusal::NotStarted
    );
    let refused = world
        .ask_as(Key::default(), binding(7), 1, facts.clone())
        .await;
    assert_eq!(refused.unwrap_err(), Refusal::NotYours);
    let forwarded = |verbs: &[&str]| iog_job::wire::Forwarded {
        peer: mallory,
        engineer: ENGINEER,
        ticket: Some(verbs.iter().map(ToString::to_string).collect()),
        hello: iog_job::wire::Hello {
            binding: binding(5),
            number: 1,
            verb: facts.clone(),
        },
    };
    let refused = world.forward(&forwarded(&["logs"])).await;
    assert_eq!(refused.unwrap_err(), Refusal::NotAllowed);
    assert!(world.forward(&forwarded(&["logs", "facts"])).await.is_ok());
    world.board.stolen = true;
    world.publish();
    world_is(&world, 5, &facts, Refusal::Unavailable).await;
    poll(|| async { world.run_dir(5).join("sealed").exists().then_some(()) }).await;
}

async fn world_is(world: &World, lease: u8, verb: &Verb, code: Refusal) {
    poll(|| async { (world.ask(lease, verb.clone()).await.err() == Some(code)).then_some(()) })
        .await;
}

/// redteam L5: a request is done once for its number; another opener counts for itself; what was refused may come again.
#[tokio::test]
async fn numbers_are_done_once() {
    let world = World::new(vec![lease_of(5, None)]).start().await;
    world.until_phase(5, running()).await;
    let exec = |file: &str| Verb::Exec {
        command: vec![
            "sh".into(),
            "-c".into(),
            format!("echo x >> {file}; cat >&2; exit 9"),
        ],
        terminal: None,
        term: None,
    };
    let mut pipe = world
        .ask_as(ENGINEER, binding(5), 700, exec("a"))
        .await
        .unwrap();
    let stdin = ExecFrame::Stdin(b"typed".to_vec()).encode();
    frame::write_bytes(&mut pipe, &stdin).await.unwrap();
    frame::write_bytes(&mut pipe, &ExecFrame::Stdin(Vec::new()).encode())
        .await
        .unwrap();
    let mut got = Vec::new();
    while let Some(bytes) = frame::read_bytes(&mut pipe, 1 << 20).await.unwrap() {
        got.push(ExecFrame::decode(&bytes).unwrap());
    }
    assert_eq!(
        got,
        [ExecFrame::Stderr(b"typed".to_vec()), ExecFrame::Exit(9)]
    );
    let again = world.ask_as(ENGINEER, binding(5), 700, exec("a")).await;
    assert_eq!(again.unwrap_err(), Refusal::Repeated);
    let written = fs::read_to_string(world.run_dir(5).join("work/a")).unwrap();
    assert_eq!(written, "x\n");
    let refused = world.ask_as(ENGINEER, binding(5), 701, Verb::Secrets).await;
    assert_eq!(refused.unwrap_err(), Refusal::NotFound);
    assert!(world
        .ask_as(ENGINEER, binding(5), 701, exec("b"))
        .await
        .is_ok());
}

/// redteam K4: a job that is not the ordered one, or more than was offered, is refused; the lease goes on, and the right job still runs.
#[tokio::test]
async fn what_was_not_offered() {
    let spec = script("exit 0");
    let mut egress = script("exit 0");
    egress.egress = true;
    let mut asked = lease_of(6, Some(&spec));
    asked.stage = Stage::Matched;
    let mut world = World::new(vec![lease_of(5, Some(&egress)), asked])
        .start()
        .await;
    let mut offer = iog_job::Offer::from(&spec);
    offer.resources.memory_bytes = 64 << 20;
    drop(world.open(6, Verb::Offer(offer.clone())).await);
    let offered = || async {
        let report = world.report()?;
        report.leases.into_iter().find_map(|lease| lease.offer)
    };
    assert_eq!(poll(offered).await, offer);

    let mut job = world.open(5, Verb::Job).await;
    frame::write(&mut job, &egress).await.unwrap();
    assert!(job.read_u8().await.is_err());
    let refused = world
        .until(5, |status| matches!(status.phase, Phase::Refused { .. }))
        .await;
    let why = "the operator allows no connections to the internet".to_string();
    assert_eq!(refused.phase, Phase::Refused { why });

    let mut more = script("exit 0");
    more.resources.memory_bytes = 128 << 20;
    world.board.leases[1].stage = Stage::Running;
    world.board.leases[1].command_hash = more.hash().unwrap();
    world.publish();
    world.until(6, |status| status.number == 1).await;
    let mut job = world.open(6, Verb::Job).await;
    frame::write(&mut job, &spec).await.unwrap();
    let why = "it is not the job that the order names".to_string();
    world.until_phase(6, Phase::Refused { why }).await;
    let mut job = world.open(6, Verb::Job).await;
    frame::write(&mut job, &more).await.unwrap();
    let why = "resources.memory_bytes exceeds the offer".to_string();
    world.until_phase(6, Phase::Refused { why }).await;
}

/// redteam K1: nothing is prepared before the card is free; K6: a host that cannot do what it accepted says so, without its paths.
#[tokio::test]
async fn cards_and_hosts() {
    let mut lease = lease_of(5, None);
    lease.cards_free = false;
    let mut world = World::new(vec![lease]);
    fs::write(world.path().join("engine/broken"), "").unwrap();
    world = world.start().await;
    let waits = Phase::Waiting {
        r#for: iog_job::Waiting::Card,
    };
    world.until_phase(5, waits).await;
    assert!(!world.run_dir(5).exists());
    world.board.leases[0].cards_free = true;
    world.publish();
    let why = Why::Host("disk".into());
    world.until_phase(5, Phase::Failed { why }).await;
    let since = || async { world.report()?.leases[0].host_failed_since_ts };
    assert!(poll(since).await >= NOW);
    let text = fs::read_to_string(world.path().join("report/report.json")).unwrap();
    assert!(!text.contains("secret path"));
}

/// Hostile first messages cost nothing and nobody: too large, malformed, none at all; others are served meanwhile. redteam J1
#[tokio::test]
async fn hostile_frames() {
    let world = World::new(vec![lease_of(5, None)]).start().await;
    world.until_phase(5, running()).await;
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(world.socket().await);
    }
    let mut huge = world.socket().await;
    huge.write_all(&u32::MAX.to_le_bytes()).await.unwrap();
    let mut end = Vec::new();
    let _ = huge.read_to_end(&mut end).await;
    assert_eq!(end, b"");
    let mut malformed = world.socket().await;
    frame::write(&mut malformed, &"what").await.unwrap();
    let mut pipe = iog_node::pipe::Pipe::new(malformed);
    let answer: iog_job::wire::Answer = frame::expect(&mut pipe, 1 << 10).await.unwrap();
    let iog_job::wire::Answer::Refused { code, .. } = answer else {
        panic!()
    };
    assert_eq!(code, Refusal::Malformed);
    let mut facts = world
        .ask(5, Verb::Facts { every_secs: None })
        .await
        .unwrap();
    let facts: iog_job::wire::Facts = frame::expect(&mut facts, 1 << 10).await.unwrap();
    assert_eq!(facts.platform, "linux/amd64");
    for mut socket in silent {
        assert_eq!(socket.read(&mut [0]).await.unwrap(), 0, "after 2 s");
    }
}
