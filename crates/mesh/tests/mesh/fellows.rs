//! What goes by fellows in a private mesh, with members that do what they should not.

use crate::{common::*, hello, transfer, udp};
use bytes::Bytes;
use iog_link::{Link, MemberConnection};
use std::{
    net::UdpSocket,
    sync::{
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
        Arc,
    },
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
    let ((sender, _sends), (third, _takes)) = (endpoint(2).await, endpoint(3).await);
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

#[derive(Default)]
struct Dropper {
    passed: AtomicU64,
    drops: AtomicBool,
    dropped: AtomicU64,
}

impl Dropper {
    /// Passes on what comes; when it drops, no more than what shows that it could.
    async fn run(self: Arc<Self>, from: MemberConnection, to: MemberConnection) {
        let mut frames = vec![Bytes::new(); 8];
        while let Ok(count) = from.receive(&mut frames).await {
            let items = frames.iter().take(count).flat_map(|frame| items(frame));
            for mut item in items.filter(|item| item[0] == 0x0e) {
                let bytes = item.len().try_into().unwrap();
                if self.drops.load(Relaxed) && item.len() > 33 {
                    self.dropped.fetch_add(bytes, Relaxed);
                    continue;
                }
                item[0] = 0x0d;
                self.passed.fetch_add(bytes, Relaxed);
                if to.send(&[frame(&[item])]).await.is_err() {
                    return;
                }
            }
        }
    }
}

/// A member that was fine and then drops all but what it is tried with: after a while nothing is sent by it.
#[tokio::test(flavor = "multi_thread")]
async fn a_fellow_that_drops() {
    need_root();
    let machines = machines(&[0, 1], true).await;
    let (evil, _door) = endpoint(2).await;
    let [one, two] = &machines[..] else { panic!() };
    machines.iter().for_each(|machine| machine.sees(&[0, 1, 2]));
    let (left, right) = (dial(&evil, 2, one).await, dial(&evil, 2, two).await);
    let dropper = Arc::new(Dropper::default());
    let runs = [
        tokio::spawn(Arc::clone(&dropper).run(left.clone(), right.clone())),
        tokio::spawn(Arc::clone(&dropper).run(right, left)),
    ];
    until("ping", || one.space.ping(address(1))).await;
    until("it is asked", || async {
        let before = dropper.passed.load(Relaxed);
        assert_eq!(transfer(one, two, 64 << 10).await, 64 << 10);
        eprintln!("{} {} {:?} {:?} {:?}", before, dropper.passed.load(Relaxed), one.hub.connected(), two.hub.connected(), runs.iter().map(|r| r.is_finished()).collect::<Vec<_>>());
        dropper.passed.load(Relaxed) - before > 16 << 10
    })
    .await;
    dropper.drops.store(true, Relaxed);
    let took = until("it is asked no more", || async {
        let before = dropper.dropped.load(Relaxed);
        assert_eq!(transfer(one, two, 64 << 10).await, 64 << 10);
        dropper.dropped.load(Relaxed) == before
    })
    .await;
    println!(
        "given up after {took:?} and {} bytes",
        dropper.dropped.load(Relaxed)
    );
    assert!(dropper.dropped.load(Relaxed) > 0);
    runs.iter().for_each(tokio::task::JoinHandle::abort);
}
