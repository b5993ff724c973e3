//! Private meshes: constant rates, and ways by fellows.

use crate::{common::*, hello, transfer};
use iog_link::LinkError;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// redteam mesh M7: as much travels when nothing is said as when much is.
#[tokio::test(flavor = "multi_thread")]
async fn private_is_constant() {
    need_root();
    let machines = machines(&[0, 1], true).await;
    let [one, two] = &machines[..] else { panic!() };
    // Nobody has sent a packet.
    until("connected", || async {
        !one.hub.connected().is_empty() && !two.hub.connected().is_empty()
    })
    .await;
    until("ping", || one.space.ping(address(1))).await;
    let window = Duration::from_secs(3);
    let sent = || {
        one.link
            .meter()
            .peers
            .iter()
            .map(|peer| peer.sent)
            .sum::<u64>()
    };
    let measure = || async {
        let (before, begun) = (sent(), Instant::now());
        tokio::time::sleep(window).await;
        (sent() - before) as f64 / begun.elapsed().as_secs_f64()
    };
    let idle = measure().await;
    let busy = {
        let (measured, came) = tokio::join!(measure(), transfer(one, two, 1 << 20));
        assert_eq!(came, 1 << 20);
        measured
    };
    println!(
        "private: {:.2} Mbit/s idle, {:.2} busy",
        idle / 125e3,
        busy / 125e3
    );
    assert!(
        idle > 100e3 && (busy / idle - 1.).abs() < 0.2,
        "{idle} {busy}"
    );
    // Who asks for a plain mesh does not come in.
    let (plain, _door) = endpoint(2).await;
    one.sees(&[0, 1, 2]);
    let refused = plain
        .dial_member_at(&key_of(0), &one.at(), &hello(2), false)
        .await;
    assert!(
        matches!(refused, Err(LinkError::Refused { .. })),
        "{refused:?}"
    );
}

/// Bytes a second on each line, by who sends and to whom.
async fn rates(machines: &[Machine], window: Duration) -> BTreeMap<(u16, u16), f64> {
    let sent = || {
        let mut sent = BTreeMap::new();
        for from in machines {
            for to in machines.iter().filter(|to| to.rank != from.rank) {
                let peers = from.link.meter().peers;
                let line = peers.iter().filter(|peer| peer.peer == key_of(to.rank));
                let bytes: u64 = line.map(|peer| peer.sent).sum();
                sent.insert((from.rank, to.rank), bytes);
            }
        }
        sent
    };
    let (before, begun) = (sent(), Instant::now());
    tokio::time::sleep(window).await;
    let (after, took) = (sent(), begun.elapsed().as_secs_f64());
    let lines = before.into_iter();
    lines
        .map(|(line, bytes)| (line, (after[&line] - bytes) as f64 / took))
        .collect()
}

/// redteam mesh M7: about half of what two machines say goes by the third, in frames that are sent anyway; without it all goes directly.
#[tokio::test(flavor = "multi_thread")]
async fn private_goes_by_fellows() {
    need_root();
    let mut machines = machines(&[0, 1, 2], true).await;
    until("connected", || async {
        machines
            .iter()
            .all(|machine| machine.hub.connected().len() == 2)
    })
    .await;
    until("ping", || machines[0].space.ping(address(1))).await;
    let by_third = || machines[2].hub.passed_bytes();
    until("the third is found to pass on", || async {
        let before = by_third();
        assert_eq!(
            transfer(&machines[0], &machines[1], 64 << 10).await,
            64 << 10
        );
        by_third() - before > 16 << 10
    })
    .await;
    let window = Duration::from_secs(3);
    let idle = rates(&machines, window).await;
    let before = by_third();
    let (busy, came) = tokio::join!(
        rates(&machines, window),
        transfer(&machines[0], &machines[1], 1 << 20)
    );
    assert_eq!(came, 1 << 20);
    let passed = by_third() - before;
    println!("private: {passed} bytes of {came} by the third; {idle:.0?} idle, {busy:.0?} busy");
    assert!((200 << 10..1 << 20).contains(&passed), "{passed}");
    for (line, idle) in idle {
        let busy = busy[&line];
        assert!(
            idle > 100e3 && (busy / idle - 1.).abs() < 0.2,
            "{line:?}: {idle} {busy}"
        );
    }
    // redteam mesh M4
    let gone = machines.pop().unwrap();
    machines.iter().for_each(|machine| machine.sees(&[0, 1]));
    let before = gone.hub.passed_bytes();
    assert_eq!(
        transfer(&machines[0], &machines[1], 256 << 10).await,
        256 << 10
    );
    assert_eq!(gone.hub.passed_bytes(), before);
    assert!(gone.hub.connected().is_empty());
}
