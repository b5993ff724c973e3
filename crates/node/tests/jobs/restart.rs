//! The job side is killed, or the machine is.

use crate::{common::*, log, running, sha};
use iog_job::{
    frame,
    wire::{Received, Verb},
    Input, Phase, Restart, Secret, Status, Waiting, Why,
};
use iog_node::board::{BoardLease, Stage};
use std::{fs, path::Path};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
        lose_run(&world, 0).await;
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

/// redteam J2: user ids are one lease's alone, also those of a lease that comes while the job side was not there.
#[tokio::test]
async fn user_ids_are_given_once() {
    let mut world = World::new(vec![lease_of(5, None), lease_of(6, None)]);
    world.spawn().await;
    for lease in [5, 6] {
        world.until_phase(lease, running()).await;
    }
    world.kill().await;
    world.board.leases.insert(0, lease_of(7, None));
    world.publish();
    world.spawn().await;
    world.until_phase(7, running()).await;
    let of = |lease| world.run_spec(lease).unwrap().uid_base;
    let mut uids = [5, 6, 7].map(of);
    uids.sort_unstable();
    assert_eq!(uids, [1_048_576, 1_114_112, 1_179_648]);
}

/// redteam O1, K1: the cards of a run that goes on are its own, also when its lease ended while the job side was not there and the engine
/// cannot end it yet: the next lease waits for them.
#[tokio::test]
async fn cards_of_a_run_that_goes_on() {
    let card = |number| BoardLease {
        cards: vec!["GPU-1".into()],
        ..lease_of(number, None)
    };
    let mut world = World::new(vec![card(5)]);
    world.spawn().await;
    world.until_phase(5, running()).await;
    world.kill().await;
    let stubborn = world.path().join("engine/unstoppable");
    fs::write(&stubborn, "").unwrap();
    world.board.leases.insert(0, card(6));
    world.board.leases[1].stage = Stage::Kept;
    world.publish();
    world.spawn().await;
    let waits = Phase::Waiting {
        r#for: Waiting::Card,
    };
    world.until_phase(6, waits).await;
    assert!(!world.run_dir(6).exists());
    fs::remove_file(&stubborn).unwrap();
    world.until_phase(6, running()).await;
    assert!(world.run_dir(5).join("sealed").exists());
}

/// redteam V1: after a reboot the job begins again with the secrets that are sealed; where the seal is lost it says that it waits for them.
#[tokio::test]
async fn secrets_after_a_reboot() {
    let mut spec = script("cat $SECRETS/token; sleep 1000");
    spec.restart = Restart::OnFailure(2);
    spec.secrets.push(Secret {
        name: "token".into(),
        env: None,
    });
    let mut world = World::new(vec![lease_of(5, Some(&spec))]);
    world.spawn().await;
    let _job = world.send_job(5, &spec).await;
    let waits = Phase::Waiting {
        r#for: Waiting::Secrets,
    };
    world.until_phase(5, waits.clone()).await;
    drop(world.send_secret(5, "token", b"one").await.read_u8().await);
    world.until_phase(5, running()).await;
    let log = world.run_dir(5).join("log");
    let said = async |what: &str| {
        poll(|| async { (fs::read_to_string(&log).ok()? == what).then_some(()) }).await;
    };
    for (attempt, seal_is_lost, before) in [(1, false, "one"), (2, true, "oneone")] {
        // A run that is lost before its first instruction says nothing.
        said(before).await;
        world.kill().await;
        lose_run(&world, attempt - 1).await;
        if seal_is_lost {
            fs::remove_file(world.path().join("jobs/seal.key")).unwrap();
        }
        world.spawn().await;
        if seal_is_lost {
            let again = |status: &Status| status.run.attempt == 2 && status.phase == waits;
            world.until(5, again).await;
            drop(world.send_secret(5, "token", b"two").await.read_u8().await);
        }
        let again = |status: &Status| status.run.attempt == attempt && status.phase == running();
        world.until(5, again).await;
    }
    said("oneonetwo").await;
}

/// The machine went, and with it the run.
async fn lose_run(world: &World, attempt: u32) {
    let file = world.run_dir(5).join(format!("pid-{attempt}"));
    let pid = fs::read_to_string(file).unwrap();
    let group = nix::unistd::Pid::from_raw(pid.parse().unwrap());
    nix::sys::signal::killpg(group, nix::sys::signal::Signal::SIGKILL).unwrap();
    poll(|| async { (!Path::new(&format!("/proc/{pid}")).exists()).then_some(()) }).await;
}
