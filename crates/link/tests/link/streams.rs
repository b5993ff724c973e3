//! Streams, direct and relayed, and what is counted of them.

use crate::common::{
    at, binding, by, dialer, echo, hello, key_of, link, local, relay, relay_config, round_trip,
    soon, until, Doors, DEVICE, RENTER,
};
use iog_job::wire::{Hello, Refusal, Verb};
use iog_link::{relay::Relay, Link, LinkError, Settings, Via};
use std::io::ErrorKind;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

async fn pair() -> (Link, Link) {
    let device = link(&DEVICE, &local(), &Doors::of(&[key_of(&RENTER)])).await;
    (device, dialer(&RENTER, &local()).await)
}

#[tokio::test]
async fn a_stream_on_a_direct_path() {
    let (device, renter) = pair().await;
    let dialled = soon(renter.dial_at(&device.id(), &at(&device)))
        .await
        .unwrap();
    let accepted = soon(device.accept()).await.unwrap();
    assert_eq!(
        (dialled.peer(), accepted.peer()),
        (key_of(&DEVICE), key_of(&RENTER))
    );
    assert_eq!(
        (accepted.engineer(), accepted.ticket()),
        (key_of(&RENTER), None)
    );
    let served = echo(accepted.clone());

    let stream = soon(dialled.open(&hello(1, 1))).await.unwrap();
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|byte| byte as u8).collect();
    assert_eq!(soon(round_trip(stream, bytes.clone())).await, bytes);

    assert_eq!(dialled.path().via, Via::Direct(at(&device)[0]));
    assert_eq!(
        dialled.path().to_string(),
        format!("direct to {}", at(&device)[0])
    );
    until(|| device.meter().leases[0].open_streams == 0).await;
    let meter = device.meter();
    let [lease] = meter.leases.as_slice() else {
        panic!("{meter:?}")
    };
    assert_eq!((lease.binding, lease.streams), (binding(1), 1));
    // The stream's own bytes, the first message and the answer with their lengths.
    let first = serde_json::to_vec(&hello(1, 1)).unwrap().len() as u64;
    assert_eq!(
        lease.received, 3_000_000,
        "the first message ({first}) is not counted"
    );
    assert_eq!(lease.sent, 3_000_000 + 4 + "\"admitted\"".len() as u64);
    let [peer] = meter.peers.as_slice() else {
        panic!("{meter:?}")
    };
    assert!(peer.sent > 3_000_000 && peer.received > 3_000_000);
    assert_eq!((peer.peer, peer.path_changes), (key_of(&RENTER), 0));
    device.forget(&binding(1));
    assert_eq!(device.meter().leases, []);

    dialled.close("done");
    let LinkError::Lost(reason) = soon(accepted.closed()).await else {
        panic!()
    };
    assert_eq!(reason, "done");
    soon(served).await.unwrap();
}

#[tokio::test]
async fn a_stream_by_relay() {
    let dir = tempfile::tempdir().unwrap();
    let (relay, entry) = relay(dir.path()).await;
    let doors = Doors::of(&[key_of(&RENTER)]);
    let device = link(&DEVICE, &by(std::slice::from_ref(&entry)), &doors).await;
    let renter = dialer(&RENTER, &by(std::slice::from_ref(&entry))).await;
    soon(device.online()).await;
    let dialled = soon(renter.dial(&device.id())).await.unwrap();
    echo(soon(device.accept()).await.unwrap());
    let stream = soon(dialled.open(&hello(1, 1))).await.unwrap();
    assert_eq!(
        soon(round_trip(stream, vec![7; 100_000])).await,
        [7; 100_000]
    );

    let Via::Relay(url) = dialled.path().via else {
        panic!("{:?}", dialled.path())
    };
    assert_eq!(url, format!("{}/", entry.url));
    let [home] = device.relays().try_into().unwrap();
    assert!(
        home.home && home.connected && home.denied.is_none(),
        "{home:?}"
    );
    let counts = relay.counts();
    assert_eq!(counts.clients, 2);
    assert!(
        counts.received_bytes > 200_000 && counts.sent_bytes > 200_000,
        "{counts:?}"
    );
    relay.stop().await;
}

/// Address discovery makes a direct path of a relayed one; the relay is recognised by its pinned key alone.
#[tokio::test]
async fn from_the_relay_to_a_direct_path() {
    let dir = tempfile::tempdir().unwrap();
    let mut config = relay_config(dir.path());
    config.plain = false;
    config.quic = Some("127.0.0.1:0".parse().unwrap());
    let relay = Relay::start(&config).await.unwrap();
    let settings = Settings {
        relays: vec![relay.entry("127.0.0.1")],
        ..Settings::default()
    };
    let device = link(&DEVICE, &settings, &Doors::of(&[key_of(&RENTER)])).await;
    let renter = dialer(&RENTER, &settings).await;
    soon(device.online()).await;
    let dialled = soon(renter.dial(&device.id())).await.unwrap();
    soon(dialled.until_direct()).await;
    assert!(dialled.path().is_direct());
}

#[tokio::test]
async fn a_refused_stream_says_why() {
    let (device, renter) = pair().await;
    let dialled = soon(renter.dial_at(&device.id(), &at(&device)))
        .await
        .unwrap();
    let accepted = soon(device.accept()).await.unwrap();
    let asked = hello(9, 1);
    let opened = tokio::spawn(async move { dialled.open(&asked).await });
    let (asked, stream) = soon(accepted.accept()).await.unwrap();
    assert_eq!(asked, hello(9, 1));
    stream.refuse(Refusal::NotYours, "no such lease").await;
    let Err(LinkError::Refused { code, reason }) = soon(opened).await.unwrap() else {
        panic!()
    };
    assert_eq!(
        (code, reason.as_str()),
        (Refusal::NotYours, "no such lease")
    );
}

/// Bytes that are cut off never look like all of them: neither when a stream is dropped, nor with its connection.
#[tokio::test]
async fn what_is_cut_never_looks_complete() {
    let (device, renter) = pair().await;
    let dialled = soon(renter.dial_at(&device.id(), &at(&device)))
        .await
        .unwrap();
    let accepted = soon(device.accept()).await.unwrap();
    let serving = accepted.clone();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Some((hello, mut stream)) = serving.accept().await {
            stream.admit().await.unwrap();
            stream.write_all(b"half").await.unwrap();
            // A reset overtakes what is under way: the renter says when it has the half.
            stream.read_u8().await.unwrap();
            match hello.number {
                1 => drop(stream),
                2 => stream.abort(),
                3 => stream.shutdown().await.unwrap(),
                _ => kept.push(stream),
            }
        }
    });
    let mut read = Vec::new();
    for number in [1, 2] {
        let mut stream = soon(dialled.open(&hello(1, number))).await.unwrap();
        soon(stream.read_exact(&mut [0; 4])).await.unwrap();
        stream.write_u8(1).await.unwrap();
        let error = soon(stream.read_to_end(&mut read)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
    let mut whole = soon(dialled.open(&hello(1, 3))).await.unwrap();
    whole.write_u8(1).await.unwrap();
    assert_eq!(soon(whole.read_to_end(&mut read)).await.unwrap(), 4);
    let mut lost = soon(dialled.open(&hello(1, 4))).await.unwrap();
    soon(lost.read_exact(&mut [0; 4])).await.unwrap();
    accepted.close("over");
    let error = soon(lost.read_to_end(&mut read)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotConnected);
    assert!(soon(lost.write_all(b"more")).await.is_err());
}

/// What the renter cuts, the device sees cut too: half an input is no input.
#[tokio::test]
async fn a_cut_upload_is_seen() {
    let (device, renter) = pair().await;
    let dialled = soon(renter.dial_at(&device.id(), &at(&device)))
        .await
        .unwrap();
    let accepted = soon(device.accept()).await.unwrap();
    let asked = hello(1, 1);
    let opened = tokio::spawn(async move {
        let mut stream = dialled.open(&asked).await.unwrap();
        stream.write_all(b"half").await.unwrap();
        drop(stream);
        dialled
    });
    let (_, mut stream) = soon(accepted.accept()).await.unwrap();
    stream.admit().await.unwrap();
    let mut read = Vec::new();
    let error = soon(stream.read_to_end(&mut read)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    drop(soon(opened).await.unwrap());
}

/// Outputs of many gigabytes are read for their hashes before the device answers: what it said nothing of for long enough is given up by
/// itself, and neither ends the other.
#[tokio::test]
async fn a_device_may_read_its_outputs_for_long() {
    let (device, renter) = pair().await;
    let dialled = soon(renter.dial_at(&device.id(), &at(&device)))
        .await
        .unwrap();
    let accepted = soon(device.accept()).await.unwrap();
    let outputs = Hello {
        verb: Verb::Outputs,
        ..hello(1, 1)
    };
    let asks = dialled.clone();
    let asked = tokio::spawn(async move { asks.open(&outputs).await });
    let (_, mut reads) = soon(accepted.accept()).await.unwrap();
    let error = dialled.open(&hello(1, 2)).await.unwrap_err();
    assert!(matches!(error, LinkError::TimedOut { secs: 20 }), "{error}");
    soon(reads.admit()).await.unwrap();
    soon(asked).await.unwrap().unwrap();
}

/// Whoever waits in a write to a third learns that the peer is gone, though it reads nothing.
#[tokio::test]
async fn a_stream_that_is_given_up_is_seen_without_reading() {
    let (device, renter) = pair().await;
    let dialled = soon(renter.dial_at(&device.id(), &at(&device)))
        .await
        .unwrap();
    let accepted = soon(device.accept()).await.unwrap();
    let opened = tokio::spawn(async move {
        let mut stream = dialled.open(&hello(1, 1)).await.unwrap();
        stream.write_all(&[7; 1_000]).await.unwrap();
        (dialled, stream)
    });
    let (_, mut stream) = soon(accepted.accept()).await.unwrap();
    soon(stream.admit()).await.unwrap();
    let (_dialled, theirs) = soon(opened).await.unwrap();
    let given_up = stream.given_up();
    theirs.abort();
    soon(given_up).await;
}
