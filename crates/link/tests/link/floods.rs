//! What strangers and friends may ask for at most, and what they cannot ask for twice.

use crate::{
    common::{
        at, dialer, echo, hello, key_of, link, local, soon, until, Doors, DEVICE, OTHER, RENTER,
    },
    wire::{Kind, Line},
};
use iog_job::{frame, wire::ALPN};
use iog_link::{why, LinkError};
use iroh::{
    endpoint::{presets, ConnectOptions},
    Endpoint, EndpointAddr, EndpointId, SecretKey,
};
use std::{collections::HashSet, sync::Arc, time::Duration};
use tokio::{net::UdpSocket, time};

/// redteam L4: over 64 handshakes of strangers a new address must show that it gets answers; a lease's key still gets in.
#[tokio::test]
async fn a_flood_of_handshakes_meets_a_retry() {
    let doors = Doors::of(&[key_of(&RENTER)]);
    let device = link(&DEVICE, &local(), &doors).await;
    let mut line = Line::to(at(&device)[0]).await;
    line.mute();
    let flood = Arc::new(dialer(&OTHER, &local()).await);
    let (to, line_at) = (device.id(), line.at());
    let tasks: Vec<_> = (0..80)
        .map(|_| {
            let flood = Arc::clone(&flood);
            tokio::spawn(async move { flood.dial_at(&to, &line_at).await })
        })
        .collect();
    let (mut served, mut sent_away) = (HashSet::new(), HashSet::new());
    while sent_away.len() < 16 {
        let (number, kind) = soon(line.answers.recv()).await.unwrap();
        match kind {
            Kind::Retry => sent_away.insert(number),
            _ => served.insert(number),
        };
    }
    assert_eq!(served.len(), 64);
    assert!(served.is_disjoint(&sent_away));

    let renter = dialer(&RENTER, &local()).await;
    let dialled = soon(renter.dial_at(&device.id(), &at(&device)))
        .await
        .unwrap();
    echo(soon(device.accept()).await.unwrap());
    soon(dialled.open(&hello(1, 1))).await.unwrap();
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

/// redteam L4: the ninth attempt of an address in one second is not answered.
#[tokio::test]
async fn eight_attempts_a_second_of_one_address() {
    let doors = Doors::of(&[key_of(&RENTER)]);
    let device = link(&DEVICE, &local(), &doors).await;
    let renter = Arc::new(dialer(&RENTER, &local()).await);
    let (to, device_at) = (device.id(), at(&device));
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let renter = Arc::clone(&renter);
            tokio::spawn(async move { renter.dial_at(&to, &device_at).await })
        })
        .collect();
    let refused = soon(async {
        loop {
            let (key, counted) = doors.refusal().await;
            if counted != why::REPLACED {
                return (key, counted);
            }
        }
    })
    .await;
    assert_eq!(refused, (iog_job::Key::default(), why::ADDRESS_RATE));
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
}

/// redteam L4: a key has four connections; the oldest makes room for a fifth. Of one connection 32 streams are open at once.
#[tokio::test]
async fn four_connections_and_thirty_two_streams() {
    let doors = Doors::of(&[key_of(&RENTER)]);
    let device = link(&DEVICE, &local(), &doors).await;
    let renter = dialer(&RENTER, &local()).await;
    let mut dialled = Vec::new();
    for _ in 0..5 {
        dialled.push(
            soon(renter.dial_at(&device.id(), &at(&device)))
                .await
                .unwrap(),
        );
        echo(soon(device.accept()).await.unwrap());
    }
    let closed = soon(dialled[0].closed()).await;
    assert!(
        matches!(&closed, LinkError::Lost(reason) if reason == why::REPLACED),
        "{closed}"
    );
    assert_eq!(doors.refusal().await, (key_of(&RENTER), why::REPLACED));
    assert_eq!(device.meter().peers.len(), 4);

    let mut streams = Vec::new();
    for number in 0..32 {
        streams.push(soon(dialled[4].open(&hello(1, number))).await.unwrap());
    }
    let (asked, connection) = (hello(1, 33), dialled[4].clone());
    let waiting = tokio::spawn(async move { connection.open(&asked).await });
    // A stream of another connection opens meanwhile.
    soon(dialled[3].open(&hello(1, 1))).await.unwrap();
    assert!(!waiting.is_finished());
    assert_eq!(device.meter().leases[0].streams, 33);
    // Room is told in pieces of an eighth.
    streams.truncate(24);
    soon(waiting).await.unwrap().unwrap();
}

/// redteam L5: early data is used by no dialer of ours; a foreign one's is read once, after the whole handshake: the recorded packets
/// said again open nothing.
#[tokio::test]
async fn what_is_said_again_is_not_heard_again() {
    let doors = Doors::of(&[key_of(&RENTER), key_of(&OTHER)]);
    let device = link(&DEVICE, &local(), &doors).await;
    let foreign = Endpoint::builder(presets::Minimal)
        .secret_key(SecretKey::from_bytes(&RENTER))
        .clear_ip_transports()
        .bind_addr("127.0.0.1:0")
        .unwrap()
        .bind()
        .await
        .unwrap();
    let id = EndpointId::from_bytes(&device.id().0).unwrap();
    let direct = EndpointAddr::new(id).with_ip_addr(at(&device)[0]);
    let first = soon(foreign.connect(direct, ALPN)).await.unwrap();
    let accepted = soon(device.accept()).await.unwrap();
    // The session's ticket comes with the first data after the handshake.
    let (mut send, mut recv) = first.open_bi().await.unwrap();
    frame::write(&mut send, &hello(1, 1)).await.unwrap();
    let (_, mut stream) = soon(accepted.accept()).await.unwrap();
    stream.admit().await.unwrap();
    soon(frame::read_bytes(&mut recv, 100))
        .await
        .unwrap()
        .unwrap();
    first.close(0_u32.into(), b"");

    let line = Line::to(at(&device)[0]).await;
    let by_line = EndpointAddr::new(id).with_ip_addr(line.at()[0]);
    let connecting = foreign.connect_with_opts(by_line, ALPN, ConnectOptions::new());
    let early = soon(connecting)
        .await
        .unwrap()
        .into_0rtt()
        .expect("a session to resume");
    let (mut send, _recv) = early.open_bi().await.unwrap();
    frame::write(&mut send, &hello(1, 2)).await.unwrap();
    let accepted = soon(device.accept()).await.unwrap();
    let (heard, stream) = soon(accepted.accept()).await.unwrap();
    assert_eq!(heard, hello(1, 2));
    // redteam O1: whatever lease a peer names, nothing is kept of it before it is admitted.
    assert_eq!(device.meter().leases, []);
    let recorded = line.recorded();
    let kinds: Vec<_> = recorded
        .iter()
        .map(|datagram| crate::wire::kind_of(datagram))
        .collect();
    assert!(kinds.contains(&Kind::Initial), "{kinds:?}");
    drop((stream, accepted, early));
    until(|| device.meter().peers.is_empty()).await;

    // The device forgets a connection some time after its end; before, what belongs to it is not even looked at.
    let again = UdpSocket::bind("127.0.0.2:0").await.unwrap();
    soon(async {
        let mut answer = [0; 2_048];
        let mut ticks = time::interval(Duration::from_millis(200));
        loop {
            for datagram in &recorded {
                again.send_to(datagram, at(&device)[0]).await.unwrap();
            }
            tokio::select! {
                _ = again.recv(&mut answer) => break,
                _ = ticks.tick() => {}
            }
        }
    })
    .await;
    assert_eq!(doors.refusal().await.1, why::HANDSHAKE);
    // Nothing was accepted in between: the next one is the next one.
    let renter = dialer(&OTHER, &local()).await;
    let own = Line::to(at(&device)[0]).await;
    for number in [3, 4] {
        let dialled = soon(renter.dial_at(&device.id(), &own.at())).await.unwrap();
        let accepted = soon(device.accept()).await.unwrap();
        assert_eq!(accepted.peer(), key_of(&OTHER));
        echo(accepted);
        soon(dialled.open(&hello(1, number))).await.unwrap();
        dialled.close("");
    }
    let kinds: Vec<_> = own
        .recorded()
        .iter()
        .map(|datagram| crate::wire::kind_of(datagram))
        .collect();
    assert!(!kinds.contains(&Kind::EarlyData), "{kinds:?}");
}
