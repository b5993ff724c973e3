//! Who may ask for what, and how often.

use crate::{common::*, running};
use iog_job::{
    frame,
    wire::{ExecFrame, Refusal, Verb},
    Key,
};
use iog_node::board::Stage;
use std::fs;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

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
