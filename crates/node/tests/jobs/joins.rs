//! Orders that join a lease's mesh: what the job side keeps of them, and what it tells. The chain side verifies; here its board is the test's.

use crate::{common::*, running};
use ed25519_dalek::SigningKey;
use iog_job::{
    frame,
    wire::{Forwarded, Hello, Joined, Refusal, Verb},
    Join, Key, SignedJoin, MAX_JOINS,
};
use iog_node::board::{self, BoardJoin, Stage};

fn join(order: u8, offset: u16) -> SignedJoin {
    let of = binding(5);
    let join = Join {
        genesis: of.genesis,
        program: of.program,
        root: of.order,
        root_created_ts: of.created_ts,
        order: Key([order; 32]),
        created_ts: 9,
        offset,
        ends_ts: NOW + 100,
    };
    SignedJoin::sign(join, &SigningKey::from_bytes(&[1; 32])).unwrap()
}

fn told(join: &SignedJoin, refused: Option<&str>) -> BoardJoin {
    BoardJoin {
        root: join.join.root,
        order: join.join.order,
        created_ts: join.join.created_ts,
        offset: join.join.offset,
        refused: refused.map(String::from),
    }
}

async fn reported(world: &World, joins: &[SignedJoin]) {
    poll(|| async {
        let report = world.report()?;
        let lease = report
            .leases
            .iter()
            .find(|lease| lease.binding == binding(5))?;
        (lease.joins == joins).then_some(())
    })
    .await;
}

/// redteam mesh M2: a join is kept for the chain side, over a restart too, and its sender hears what was found on chain.
#[tokio::test]
async fn a_join_is_kept_and_its_sender_hears_what_became_of_it() {
    let mut world = World::new(vec![lease_of(5, None)]);
    world.spawn().await;
    world.until_phase(5, running()).await;
    let (good, bad) = (join(50, 4), join(51, 4));
    let mut of_good = world.open(5, Verb::Join(good.clone())).await;
    reported(&world, std::slice::from_ref(&good)).await;
    let mut of_bad = world.open(5, Verb::Join(bad.clone())).await;
    reported(&world, &[good.clone(), bad.clone()]).await;
    world.board.leases[0].joins = vec![told(&good, None), told(&bad, Some("its ranks"))];
    world.publish();
    let answer: Joined = frame::expect(&mut of_good, 1 << 10).await.unwrap();
    assert_eq!(answer, Joined::Yes);
    let answer: Joined = frame::expect(&mut of_bad, 1 << 10).await.unwrap();
    assert_eq!(answer, Joined::No("its ranks".into()));
    world.kill().await;
    // It is in the lease's books.
    std::fs::remove_file(board::report_file(&world.path())).unwrap();
    world.spawn().await;
    reported(&world, &[good.clone(), bad]).await;
    // A newer one of the same order replaces it; what the board says of the old offset is no answer.
    let mut of_moved = world.open(5, Verb::Join(join(51, 8))).await;
    reported(&world, &[good, join(51, 8)]).await;
    world.board.leases[0].joins.push(told(&join(51, 8), None));
    world.publish();
    let answer: Joined = frame::expect(&mut of_moved, 1 << 10).await.unwrap();
    assert_eq!(answer, Joined::Yes);
}

/// redteam mesh M2, L1: no ticket joins anybody, no other key, and nothing before the start; sixteen at most.
#[tokio::test]
async fn only_the_engineer_key_joins_and_not_without_end() {
    let mut not_started = lease_of(6, None);
    not_started.stage = Stage::Accepted;
    let world = World::new(vec![lease_of(5, None), not_started])
        .start()
        .await;
    world.until_phase(5, running()).await;
    let verb = Verb::Join(join(50, 4));
    let by_ticket = Forwarded {
        peer: Key([99; 32]),
        engineer: ENGINEER,
        ticket: Some(vec!["join".into(), "logs".into()]),
        hello: Hello {
            binding: binding(5),
            number: 1,
            verb: verb.clone(),
        },
    };
    let refused = world.forward(&by_ticket).await;
    assert_eq!(refused.unwrap_err(), Refusal::NotAllowed);
    let mallory = world.ask_as(Key([99; 32]), binding(5), 1, verb.clone());
    assert_eq!(mallory.await.unwrap_err(), Refusal::NotYours);
    let early = world.ask(6, verb).await;
    assert_eq!(early.unwrap_err(), Refusal::NotStarted);
    let zero = world.ask(5, Verb::Join(join(50, 0))).await;
    assert_eq!(zero.unwrap_err(), Refusal::Malformed);
    let orders: Vec<SignedJoin> = (0..17).map(|order| join(100 + order, 4)).collect();
    for join in &orders[..MAX_JOINS] {
        drop(world.ask(5, Verb::Join(join.clone())).await.unwrap());
    }
    let over = world.ask(5, Verb::Join(orders[MAX_JOINS].clone())).await;
    assert_eq!(over.unwrap_err(), Refusal::Busy);
    reported(&world, &orders[..MAX_JOINS]).await;
}

/// A job side that has just begun, or cannot open a lease, tells of it what it told before: joins that are missing for a moment would cut a
/// whole cluster.
#[tokio::test]
async fn a_lease_that_is_not_open_keeps_its_joins() {
    let mut world = World::new(vec![lease_of(5, None)]);
    world.spawn().await;
    world.until_phase(5, running()).await;
    let joins = [join(50, 4)];
    drop(world.open(5, Verb::Join(joins[0].clone())).await);
    reported(&world, &joins).await;
    world.kill().await;
    let books = find(&world.path().join("jobs/leases"), "books.json");
    std::fs::write(books, "none").unwrap();
    world.publish();
    world.spawn().await;
    poll(|| async {
        let report = world.report()?;
        (report.board_slot == world.board.slot).then_some(())
    })
    .await;
    reported(&world, &joins).await;
}

fn find(dir: &std::path::Path, name: &str) -> std::path::PathBuf {
    let leases = std::fs::read_dir(dir).unwrap();
    let files = leases.map(|lease| lease.unwrap().path().join(name));
    files.filter(|file| file.exists()).last().unwrap()
}
