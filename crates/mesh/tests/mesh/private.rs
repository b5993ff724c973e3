//! Private meshes: constant rates, and ways by fellows.

use crate::{common::*, hello, transfer, udp};
use bytes::Bytes;
use iog_link::{LinkError, MemberConnection};
use std::{
    collections::BTreeMap,
    net::UdpSocket,
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

/// A frame of a private mesh.
fn frame(items: &[Vec<u8>]) -> Bytes {
    let mut frame = Vec::new();
    for item in items {
        frame.extend(u16::try_from(item.len()).unwrap().to_be_bytes());
        frame.extend(item);
    }
    frame.resize(1_100, 0);
    frame.into()
}

fn in_passing(mark: u8, from: u16, to: u16, rest: &[u8]) -> Vec<u8> {
    [&[mark][..], &from.to_be_bytes(), &to.to_be_bytes(), rest].concat()
}

/// The next item that is no report.
async fn next_item(connection: &MemberConnection) -> Vec<u8> {
    let mut frames = [Bytes::new()];
    loop {
        connection.receive(&mut frames).await.unwrap();
        let mut rest = &frames[0][..];
        while let Some(([high, low], after)) = rest.split_first_chunk::<2>() {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            let (item, after) = after.split_at(len);
            if len > 0 && item[0] != 0x0c {
                return item.to_vec();
            }
            rest = after;
            if len == 0 {
                break;
            }
        }
    }
}

/// redteam mesh M4, M5: a member passes on for another what is the other's own, once, and to members alone; and takes nothing of that kind that
/// was not sealed for it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_fellow_passes_on() {
    need_root();
    let one = Machine::new(0, true).await;
    let ((sender, _sends), (third, _takes)) = (endpoint(2).await, endpoint(3).await);
    one.sees(&[0, 1, 2, 3]);
    let dial = |link: std::sync::Arc<iog_link::Link>, rank: u16| {
        let at = one.at();
        async move {
            let begun = Instant::now();
            loop {
                // Refused as long as it is dialled itself.
                match link
                    .dial_member_at(&key_of(0), &at, &hello(rank), true)
                    .await
                {
                    Ok(connection) => return connection,
                    Err(error) => assert!(begun.elapsed() < LONGEST, "{error}"),
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    let sends = dial(sender.clone(), 2).await;
    let takes = dial(third.clone(), 3).await;
    until("both are connected", || async {
        one.hub.connected().len() == 2
    })
    .await;
    let send = |items: Vec<Vec<u8>>| {
        let (connection, frame) = (sends.clone(), frame(&items));
        async move { connection.send(&[frame]).await.unwrap() }
    };
    send(vec![
        in_passing(0x0e, 1, 3, b"another one's"),
        in_passing(0x0d, 2, 3, b"a second time"),
        in_passing(0x0e, 2, 7, b"to a stranger"),
        in_passing(0x0e, 2, 0, b"to itself"),
        in_passing(0x0e, 2, 2, b"back"),
        in_passing(0x0e, 2, 3, b"right"),
    ])
    .await;
    let item = tokio::time::timeout(LONGEST, next_item(&takes))
        .await
        .unwrap();
    assert_eq!(item, in_passing(0x0d, 2, 3, b"right"));
    assert_eq!(one.hub.passed_bytes(), 10);

    let socket = one
        .space
        .0
        .inside(|| Ok(UdpSocket::bind((address(0), 0)).unwrap()))
        .unwrap();
    socket.set_read_timeout(Some(LONGEST)).unwrap();
    let port = socket.local_addr().unwrap().port();
    let fake = udp(address(3), address(0), port, b"fake");
    let sealed = [&[0; 12][..], &fake, &[0; 16]].concat();
    send(vec![
        fake.clone(),
        in_passing(0x0d, 3, 0, &fake),
        in_passing(0x0d, 3, 0, &sealed),
        udp(address(2), address(0), port, b"own"),
    ])
    .await;
    let mut data = [0; 64];
    let (len, from) = socket.recv_from(&mut data).unwrap();
    assert_eq!((&data[..len], from.ip()), (&b"own"[..], address(2).into()));

    // Who leaves is sent nothing more, by nobody.
    one.sees(&[0, 1, 2]);
    let cut = tokio::time::timeout(Duration::from_secs(2), takes.closed()).await;
    assert!(cut.is_ok());
    send(vec![
        in_passing(0x0e, 2, 3, b"too late"),
        udp(address(2), address(0), port, b"after"),
    ])
    .await;
    let (len, _) = socket.recv_from(&mut data).unwrap();
    assert_eq!(&data[..len], b"after");
    assert_eq!(one.hub.passed_bytes(), 10);
}
