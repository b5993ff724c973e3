//! Packets between real TUN devices in real namespaces, over real endpoints.

mod common;
mod fellows;
mod private;

use common::*;
use iog_job::MeshHello;
use iog_link::{LinkError, MemberConnection};
use iog_mesh::{Hub, MTU};
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket},
    sync::Arc,
    time::{Duration, Instant},
};

#[tokio::test(flavor = "multi_thread")]
async fn ping_and_tcp() {
    need_root();
    let machines = machines(&[0, 1, 255], false).await;
    let [one, two, far] = &machines[..] else {
        panic!()
    };
    // redteam mesh M6: nobody connects before there is a packet.
    assert!(machines
        .iter()
        .all(|machine| machine.hub.connected().is_empty()));
    until("ping", || one.space.ping(address(1))).await;
    assert_eq!(one.hub.connected(), [(key_of(0), key_of(1))]);
    assert!(far.hub.connected().is_empty());
    until("ping to 10.77.1.0", || two.space.ping(address(255))).await;
    // The device is in the lease's network alone: the endpoint neither has nor tells an address of the mesh. Lab notes, 6
    assert!(!host_has("iog0"));
    assert!(one
        .link
        .bound()
        .iter()
        .all(|at| at.ip() == Ipv4Addr::LOCALHOST));
    assert_eq!(transfer(one, two, 32 << 20).await, 32 << 20);
    assert_eq!(transfer(far, one, 8 << 20).await, 8 << 20);
    let meter = &one.link.meter().leases[0];
    assert!(
        meter.mesh_sent > 32 << 20 && meter.mesh_received > 8 << 20,
        "{meter:?}"
    );
    assert_eq!((meter.sent, meter.streams), (0, 0));
}

/// How many right bytes came.
async fn transfer(from: &Machine, to: &Machine, len: usize) -> usize {
    let at = address(to.rank);
    let listener = to
        .space
        .0
        .inside(|| Ok(TcpListener::bind((at, 0)).unwrap()))
        .unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut stream = from
        .space
        .0
        .inside(|| Ok(TcpStream::connect((at, port)).unwrap()))
        .unwrap();
    let bytes: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
    let sent = bytes.clone();
    let reads = tokio::task::spawn_blocking(move || {
        let (mut stream, mut came) = (listener.accept().unwrap().0, Vec::new());
        stream.set_read_timeout(Some(LONGEST)).unwrap();
        stream.read_to_end(&mut came).unwrap();
        came
    });
    let writes = tokio::task::spawn_blocking(move || {
        stream.set_write_timeout(Some(LONGEST)).unwrap();
        stream.write_all(&sent).unwrap();
    });
    let came = reads.await.unwrap();
    writes.await.unwrap();
    came.iter()
        .zip(&bytes)
        .take_while(|(came, sent)| came == sent)
        .count()
}

/// Two leases of one machine, also under one key, need no connection.
#[tokio::test(flavor = "multi_thread")]
async fn leases_of_one_machine() {
    need_root();
    let one = Machine::new(0, false).await;
    let other = Space::new();
    let fd = other.0.mesh(address(1), MTU).unwrap();
    one.hub.take(device(1, false), fd).unwrap();
    let mut second = part(1, &[0, 1]);
    second.tunnel_key = key_of(0);
    second.fellows[0].tunnel_key = key_of(0);
    let mut first = part(0, &[0, 1]);
    first.fellows[0].tunnel_key = key_of(0);
    one.hub.update(vec![first, second]);
    until("ping", || one.space.ping(address(1))).await;
    until("ping back", || other.ping(address(0))).await;
    assert!(one.hub.connected().is_empty());
    let meters = one.link.meter().leases;
    assert!(
        meters.len() == 2 && meters.iter().all(|meter| meter.mesh_received > 0),
        "{meters:?}"
    );
}

fn hello(rank: u16) -> MeshHello {
    MeshHello {
        root: MESH.root,
        root_created_ts: MESH.root_created_ts,
        binding: binding(rank),
    }
}

/// A UDP packet.
fn udp(from: Ipv4Addr, to: Ipv4Addr, port: u16, data: &[u8]) -> Vec<u8> {
    let len = u16::try_from(28 + data.len()).unwrap();
    let mut packet = vec![0x45, 0];
    packet.extend(len.to_be_bytes());
    packet.extend([0, 1, 0, 0, 64, 17, 0, 0]);
    packet.extend(from.octets());
    packet.extend(to.octets());
    let sum = packet.chunks(2).fold(0_u32, |sum, word| {
        sum + u32::from(u16::from_be_bytes([word[0], word[1]]))
    });
    let sum = !u16::try_from((sum & 0xffff) + (sum >> 16)).unwrap();
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    packet.extend(1_111_u16.to_be_bytes());
    packet.extend(port.to_be_bytes());
    packet.extend((len - 20).to_be_bytes());
    packet.extend([0, 0]);
    packet.extend(data);
    packet
}

fn pieces(packet: &[u8], number: u16) -> Vec<Vec<u8>> {
    let parts = packet.chunks(packet.len().div_ceil(2));
    let head = |index: u8| [&[0x0f][..], &number.to_be_bytes(), &[index, 2]].concat();
    parts
        .zip(0..)
        .map(|(part, index)| [head(index), part.to_vec()].concat())
        .collect()
}

/// redteam mesh M5: a member sends from another one's address, as a whole and in pieces, and to an address that is not the receiver's.
#[tokio::test(flavor = "multi_thread")]
async fn from_another_ones_address() {
    need_root();
    let machines = machines(&[0, 1], false).await;
    let victim = &machines[0];
    let (evil, _door) = endpoint(2).await;
    victim.sees(&[0, 1, 2]);
    let connection = evil
        .dial_member_at(&key_of(0), &victim.at(), &hello(2), false)
        .await
        .unwrap();
    let socket = victim
        .space
        .0
        .inside(|| Ok(UdpSocket::bind((address(0), 0)).unwrap()))
        .unwrap();
    socket.set_read_timeout(Some(LONGEST)).unwrap();
    let port = socket.local_addr().unwrap().port();
    let send = |packets: Vec<Vec<u8>>| {
        let connection: MemberConnection = connection.clone();
        let packets: Vec<_> = packets.into_iter().map(Into::into).collect();
        async move { connection.send(&packets).await.unwrap() }
    };
    let fake = udp(address(1), address(0), port, b"fake");
    send(vec![fake.clone()]).await;
    send(pieces(&fake, 1)).await;
    send(vec![udp(address(0), address(0), port, b"own")]).await;
    send(vec![udp(address(2), address(1), port, b"astray")]).await;
    send(vec![udp([8, 8, 8, 8].into(), address(0), port, b"outside")]).await;
    send(pieces(&udp(address(2), address(0), port, b"joined"), 2)).await;
    let mut data = [0; 64];
    let (len, from) = socket.recv_from(&mut data).unwrap();
    assert_eq!(
        (&data[..len], from.ip()),
        (&b"joined"[..], address(2).into())
    );
    send(vec![udp(address(2), address(0), port, b"whole")]).await;
    let (len, _) = socket.recv_from(&mut data).unwrap();
    assert_eq!(&data[..len], b"whole", "nothing but these two came");
}

/// redteam mesh M4: who leaves the board is cut within 2 s, and who is of no mesh, or of another one, does not come in.
#[tokio::test(flavor = "multi_thread")]
async fn who_leaves_is_cut() {
    need_root();
    let machines = machines(&[0, 1, 2], false).await;
    let [one, two, three] = &machines[..] else {
        panic!()
    };
    until("ping", || one.space.ping(address(2))).await;
    until("ping", || two.space.ping(address(2))).await;
    let (stranger, _door) = endpoint(3).await;
    let refused = stranger
        .dial_member_at(&key_of(0), &one.at(), &hello(3), false)
        .await;
    assert!(
        matches!(refused, Err(LinkError::NotAdmitted(_) | LinkError::Lost(_))),
        "{refused:?}"
    );
    // Of another mesh of the same machine, for one.
    one.door.0.lock().unwrap().insert(key_of(3));
    let refused = stranger
        .dial_member_at(&key_of(0), &one.at(), &hello(3), false)
        .await;
    assert!(
        matches!(refused, Err(LinkError::Refused { .. })),
        "{refused:?}"
    );

    // A fellow is admitted to the mesh alone.
    let asked = match two.link.dial_at(&key_of(0), &one.at()).await {
        Ok(connection) => connection.closed().await,
        Err(error) => error,
    };
    assert!(matches!(asked, LinkError::NotAdmitted(_)), "{asked:?}");

    one.sees(&[0, 1]);
    let begun = Instant::now();
    until("cut", || async {
        three.hub.connected() == [(key_of(2), key_of(1))]
    })
    .await;
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    assert!(!three.space.ping(address(0)).await, "it is let in again");
    assert!(three.space.ping(address(1)).await, "the other goes on");
    assert!(one.space.ping(address(1)).await);
}

/// The process that moves the packets is started anew: the device stays, with its address, and so does a connection of the job's.
#[tokio::test(flavor = "multi_thread")]
async fn started_anew() {
    need_root();
    let mut machines = machines(&[0, 1], false).await;
    until("ping", || machines[0].space.ping(address(1))).await;
    let listener = machines[1]
        .space
        .0
        .inside(|| Ok(TcpListener::bind((address(1), 0)).unwrap()))
        .unwrap();
    let at = listener.local_addr().unwrap();
    let mut stream = machines[0]
        .space
        .0
        .inside(|| Ok(TcpStream::connect(at).unwrap()))
        .unwrap();
    let mut other = listener.accept().unwrap().0;
    // It dies without a word.
    let (link, door) = endpoint(1).await;
    let hub = Hub::new(std::slice::from_ref(&link));
    let dead = &mut machines[1];
    hub.take(device(1, false), dead.fd.try_clone().unwrap())
        .unwrap();
    let old = (
        std::mem::replace(&mut dead.hub, hub),
        std::mem::replace(&mut dead.link, link),
    );
    dead.door = door;
    drop(old);
    meet(&machines);
    let took = until("ping", || machines[1].space.ping(address(0))).await;
    assert!(took < Duration::from_secs(10), "{took:?}");
    other.set_read_timeout(Some(LONGEST)).unwrap();
    stream.write_all(b"still").unwrap();
    let mut came = [0; 5];
    other.read_exact(&mut came).unwrap();
    assert_eq!(&came, b"still");
}

/// Another machine takes over a rank: packets go there, and no more to the old one.
#[tokio::test(flavor = "multi_thread")]
async fn a_rank_is_taken_over() {
    need_root();
    let one = Machine::new(0, false).await;
    let old = Machine::new(1, false).await;
    let both = [one, old];
    meet(&both);
    let [one, old] = both;
    until("ping", || one.space.ping(address(1))).await;
    // The same rank under another key.
    let space = Space::new();
    let fd = space.0.mesh(address(1), MTU).unwrap();
    let (link, door) = endpoint(9).await;
    let hub = Hub::new(std::slice::from_ref(&link));
    hub.take(device(1, false), fd).unwrap();
    hub.knows(key_of(0), one.at());
    let mut mine = part(1, &[0, 1]);
    mine.tunnel_key = key_of(9);
    hub.update(vec![mine]);
    door.0.lock().unwrap().insert(key_of(0));
    let mut seen = part(0, &[0, 1]);
    seen.fellows[0].tunnel_key = key_of(9);
    *one.door.0.lock().unwrap() = [key_of(9)].into();
    one.hub.knows(key_of(9), link.bound());
    one.hub.update(vec![seen]);
    until("ping", || one.space.ping(address(1))).await;
    assert_eq!(one.hub.connected(), [(key_of(0), key_of(9))]);
    assert!(!old.space.ping(address(0)).await);
}

/// A fellow that takes every connection and closes it costs a handshake a second, however many packets are for it.
#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_is_dialled_once_a_second() {
    need_root();
    let one = Machine::new(0, false).await;
    let (evil, door) = endpoint(1).await;
    door.0.lock().unwrap().insert(key_of(0));
    one.hub.knows(key_of(1), evil.bound());
    one.sees(&[0, 1]);
    let socket = one
        .space
        .0
        .inside(|| Ok(UdpSocket::bind((address(0), 0)).unwrap()))
        .unwrap();
    let sends = tokio::spawn(async move {
        let mut every = tokio::time::interval(Duration::from_millis(10));
        loop {
            every.tick().await;
            let _ = socket.send_to(b"more", (address(1), 9));
        }
    });
    let mut dials = 0;
    let takes = async {
        while let Some(asked) = evil.asked().await {
            dials += 1;
            if let Some(connection) = asked.admit().await {
                let _ = connection.receive(&mut [Default::default()]).await;
                connection.close("no");
            }
        }
    };
    let watched = tokio::time::timeout(Duration::from_secs(4), takes).await;
    assert!(watched.is_err());
    sends.abort();
    assert!((2..=5).contains(&dials), "{dials}");
}

/// redteam mesh M6: as many members as are admitted, each in a network of its own; the first one speaks to all, and some with each other.
#[tokio::test(flavor = "multi_thread")]
async fn sixty_four() {
    need_root();
    let ranks: Vec<u16> = (0..iog_job::MAX_MEMBERS).collect();
    let machines = Arc::new(machines(&ranks, false).await);
    let begun = Instant::now();
    for rank in 1..iog_job::MAX_MEMBERS {
        let (machines, at) = (Arc::clone(&machines), address(rank));
        until("the first reaches all", || machines[0].space.ping(at)).await;
    }
    for rank in 1..iog_job::MAX_MEMBERS {
        let (from, to) = (usize::from(rank), address(rank * 7 % 63 + 1));
        until("pairs", || machines[from].space.ping(to)).await;
    }
    println!("64 members, 126 pings: {:?}", begun.elapsed());
    assert_eq!(machines[0].hub.connected().len(), 63);
}
