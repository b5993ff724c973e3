//! What goes by fellows in a private mesh, with members that do what they should not.

use crate::{common::*, hello, udp};
use bytes::Bytes;
use iog_link::{Link, MemberConnection};
use std::{
    net::UdpSocket,
    time::{Duration, Instant},
};

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

fn items(frame: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, mut items) = (frame, Vec::new());
    while let Some(([high, low], after)) = rest.split_first_chunk::<2>() {
        let (item, after) = after.split_at(usize::from(u16::from_be_bytes([*high, *low])));
        if item.is_empty() {
            break;
        }
        items.push(item.to_vec());
        rest = after;
    }
    items
}

/// The next item that is no report.
async fn next_item(connection: &MemberConnection) -> Vec<u8> {
    let mut frames = [Bytes::new()];
    loop {
        connection.receive(&mut frames).await.unwrap();
        if let Some(item) = items(&frames[0]).into_iter().find(|item| item[0] != 0x0c) {
            return item;
        }
    }
}

/// As the member of that rank.
async fn dial(link: &Link, rank: u16, to: &Machine) -> MemberConnection {
    let begun = Instant::now();
    loop {
        let (key, at, hello) = (key_of(to.rank), to.at(), hello(rank));
        // Refused as long as it is dialled itself.
        match link.dial_member_at(&key, &at, &hello, true).await {
            Ok(connection) => return connection,
            Err(error) => assert!(begun.elapsed() < LONGEST, "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// redteam mesh M4, M5: a member passes on for another what is the other's own, once, and to members alone; and takes nothing of that kind that
/// was not sealed for it.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_fellow_passes_on() {
    need_root();
    let one = Machine::new(0, true).await;
    let ((sender, sends), (third, takes)) = (endpoint(2).await, endpoint(3).await);
    for door in [sends, takes] {
        door.0.lock().unwrap().insert(key_of(0));
    }
    one.sees(&[0, 1, 2, 3]);
    let sends = dial(&sender, 2, &one).await;
    let takes = dial(&third, 3, &one).await;
    until("both are connected", || async {
        one.hub.connected().len() == 2
    })
    .await;
    let send = |items: Vec<Vec<u8>>| {
        let (connection, frame) = (sends.clone(), frame(&items));
        async move { connection.send(&[frame]).await.unwrap() }
    };
    send(vec![
        in_passing(0x0e, 2, 3, b"too short to be sealed"),
        in_passing(0x0e, 1, 3, &[1; 40]),
        in_passing(0x0d, 2, 3, &[2; 40]),
        in_passing(0x0e, 2, 7, &[3; 40]),
        in_passing(0x0e, 2, 0, &[4; 40]),
        in_passing(0x0e, 2, 2, &[5; 40]),
        in_passing(0x0e, 2, 3, &[6; 40]),
    ])
    .await;
    let item = tokio::time::timeout(LONGEST, next_item(&takes))
        .await
        .unwrap();
    assert_eq!(item, in_passing(0x0d, 2, 3, &[6; 40]));
    assert_eq!(one.hub.passed_bytes(), 45);

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
        in_passing(0x0e, 2, 3, &[7; 40]),
        udp(address(2), address(0), port, b"after"),
    ])
    .await;
    let (len, _) = socket.recv_from(&mut data).unwrap();
    assert_eq!(&data[..len], b"after");
    assert_eq!(one.hub.passed_bytes(), 45);
}
