//! Relays: which are trusted, what one key may use, and what happens when one is gone.

use crate::common::{
    by, dialer, echo, hello, key_of, link, relay, relay_config, round_trip, soon, until, Doors,
    DEVICE, OTHER, RENTER,
};
use iog_link::{
    relay::{Relay, RelayConfig, EXAMPLE},
    LinkError,
};
use std::{fs, num::NonZeroU32, time::Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// redteam L1: the process that came first with a key hears of the second, stops and says so; the second serves.
#[tokio::test]
async fn a_key_that_is_connected_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let (relay, entry) = relay(dir.path()).await;
    let settings = by(&[entry]);
    let first = link(&DEVICE, &settings, &Doors::of(&[key_of(&RENTER)])).await;
    soon(first.online()).await;
    assert!(!first.displaced());
    let second = link(&DEVICE, &settings, &Doors::of(&[key_of(&RENTER)])).await;
    soon(first.until_displaced()).await;
    assert!(first.displaced() && !second.displaced());
    assert!(soon(first.accept()).await.is_none());
    assert!(matches!(
        soon(first.dial(&key_of(&OTHER))).await,
        Err(LinkError::Displaced)
    ));
    assert!(relay.counts().denied["displaced"] >= 1);

    let renter = dialer(&RENTER, &settings).await;
    let dialled = soon(renter.dial(&second.id())).await.unwrap();
    echo(soon(second.accept()).await.unwrap());
    soon(dialled.open(&hello(1, 1))).await.unwrap();
    assert!(!second.displaced());
}

/// redteam V4: with the device's relay gone it is reached by the second one; with the relay back it serves again.
#[tokio::test]
async fn a_relay_that_is_gone_and_back() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (first, first_entry) = relay(one.path()).await;
    let (second, second_entry) = relay(two.path()).await;
    let both = by(&[first_entry.clone(), second_entry.clone()]);
    let device = link(&DEVICE, &both, &Doors::of(&[key_of(&RENTER)])).await;
    let renter = dialer(&RENTER, &both).await;
    soon(device.online()).await;
    let home = device.relays()[0].url.clone();
    let (gone, config, stays) = if home == format!("{}/", first_entry.url) {
        (first, relay_config(one.path()), second)
    } else {
        (second, relay_config(two.path()), first)
    };
    let addr = gone.addr();
    gone.stop().await;
    until(|| {
        device
            .relays()
            .iter()
            .any(|relay| relay.connected && relay.url != home)
    })
    .await;
    let dialled = soon(renter.dial(&device.id())).await.unwrap();
    echo(soon(device.accept()).await.unwrap());
    let stream = soon(dialled.open(&hello(1, 1))).await.unwrap();
    assert_eq!(soon(round_trip(stream, vec![1; 1_000])).await.len(), 1_000);

    let back = RelayConfig {
        listen: addr,
        ..config
    };
    let back = Relay::start(&back).await.unwrap();
    let alone = dialer(&OTHER, &by(&[back.entry("127.0.0.1")])).await;
    soon(alone.online()).await;
    stays.stop().await;
}

/// redteam L8: a relay's certificate is known by its key, now's or the next one's.
#[tokio::test]
async fn pinned_keys_now_and_next() {
    let dir = tempfile::tempdir().unwrap();
    let config = RelayConfig {
        plain: false,
        ..relay_config(dir.path())
    };
    let before = Relay::start(&config).await.unwrap();
    let pins = before.pins().to_vec();
    let entry = before.entry("127.0.0.1");
    assert_eq!((entry.pins.len(), entry.pins == pins), (2, true));
    assert_ne!(pins[0], pins[1]);
    soon(
        dialer(&RENTER, &by(std::slice::from_ref(&entry)))
            .await
            .online(),
    )
    .await;

    // The operator changes over; builds with both pins go on.
    let addr = before.addr();
    before.stop().await;
    fs::rename(dir.path().join("next.key"), dir.path().join("now.key")).unwrap();
    let after = Relay::start(&RelayConfig {
        listen: addr,
        ..config
    })
    .await
    .unwrap();
    assert_eq!(after.pins()[0], pins[1]);
    soon(dialer(&RENTER, &by(&[entry])).await.online()).await;
}

/// Nobody else may read the keys; they are kept across restarts.
#[cfg(unix)]
#[tokio::test]
async fn the_keys_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let pins = relay(dir.path()).await.0.pins().to_vec();
    for name in ["now.key", "next.key"] {
        let mode = fs::metadata(dir.path().join(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(relay(dir.path()).await.0.pins(), pins);
}

/// redteam L8: an open relay is no free line: a key has its bytes a day, and is told when they are used up.
#[tokio::test]
async fn bytes_of_a_day() {
    let dir = tempfile::tempdir().unwrap();
    let config = RelayConfig {
        bytes_per_day: Some(300_000),
        ..relay_config(dir.path())
    };
    let relay = Relay::start(&config).await.unwrap();
    let settings = by(&[relay.entry("127.0.0.1")]);
    let device = link(&DEVICE, &settings, &Doors::of(&[key_of(&RENTER)])).await;
    let renter = dialer(&RENTER, &settings).await;
    soon(device.online()).await;
    let dialled = soon(renter.dial(&device.id())).await.unwrap();
    echo(soon(device.accept()).await.unwrap());
    let stream = soon(dialled.open(&hello(1, 1))).await.unwrap();
    let (_from, mut to) = tokio::io::split(stream);
    let sending = tokio::spawn(async move { to.write_all(&vec![0; 4_000_000]).await });
    until(|| device.relays()[0].denied.is_some() || renter.relays()[0].denied.is_some()).await;
    sending.abort();
    let denied = device.relays()[0].denied.clone();
    let denied = denied
        .or_else(|| renter.relays()[0].denied.clone())
        .unwrap();
    assert!(denied.contains("used up its bytes of the day"), "{denied}");
    let counts = relay.counts();
    assert!(counts.denied["budget"] >= 1);
    // Both ways of both keys, and a last packet of each.
    assert!(
        counts.received_bytes + counts.sent_bytes < 2 * (300_000 + 70_000),
        "{counts:?}"
    );
    // Another key has its own.
    soon(dialer(&OTHER, &settings).await.online()).await;
}

#[tokio::test]
async fn bytes_of_a_second() {
    let dir = tempfile::tempdir().unwrap();
    let config = RelayConfig {
        bytes_per_second: NonZeroU32::new(200_000),
        ..relay_config(dir.path())
    };
    let relay = Relay::start(&config).await.unwrap();
    let settings = by(&[relay.entry("127.0.0.1")]);
    let device = link(&DEVICE, &settings, &Doors::of(&[key_of(&RENTER)])).await;
    let renter = dialer(&RENTER, &settings).await;
    soon(device.online()).await;
    let dialled = soon(renter.dial(&device.id())).await.unwrap();
    echo(soon(device.accept()).await.unwrap());
    let stream = soon(dialled.open(&hello(1, 1))).await.unwrap();
    let start = Instant::now();
    assert_eq!(
        soon(round_trip(stream, vec![1; 400_000])).await.len(),
        400_000
    );
    // 400,000 bytes less a first 65,536, at 200,000 a second.
    assert!(
        start.elapsed().as_millis() >= 1_672,
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_full_relay_and_its_metrics() {
    let dir = tempfile::tempdir().unwrap();
    let config = RelayConfig {
        max_clients: 1,
        metrics: Some("127.0.0.1:0".parse().unwrap()),
        ..relay_config(dir.path())
    };
    let relay = Relay::start(&config).await.unwrap();
    let settings = by(&[relay.entry("127.0.0.1")]);
    let first = dialer(&RENTER, &settings).await;
    soon(first.online()).await;
    let second = dialer(&OTHER, &settings).await;
    until(|| second.relays()[0].denied.is_some()).await;
    let full = second.relays()[0].denied.clone().unwrap();
    assert_eq!(full, "the relay is full; use another one");
    let text = get(relay.metrics_addr().unwrap(), "/metrics").await;
    assert!(text.starts_with("HTTP/1.1 200 OK\r\n"), "{text}");
    assert!(text.contains("\niog_relay_clients 1\n"), "{text}");
    assert!(
        text.contains("\niog_relay_denied_total{reason=\"full\"} "),
        "{text}"
    );
    assert!(
        text.contains("\n# TYPE iog_relay_received_bytes_total counter\n"),
        "{text}"
    );
    // The public port has none; it answers probes.
    assert!(get(relay.addr(), "/metrics")
        .await
        .starts_with("HTTP/1.1 404 "));
    assert!(get(relay.addr(), "/ping")
        .await
        .starts_with("HTTP/1.1 200 "));
    first.close().await;
    soon(second.online()).await;
}

/// redteam L4: who says nothing after connecting keeps out nobody but others of its address, and not for long.
#[tokio::test]
async fn thirty_two_unknown_clients_of_one_address() {
    let dir = tempfile::tempdir().unwrap();
    let config = RelayConfig {
        plain: false,
        ..relay_config(dir.path())
    };
    let relay = Relay::start(&config).await.unwrap();
    let mut silent = Vec::new();
    for _ in 0..32 {
        silent.push(TcpStream::connect(relay.addr()).await.unwrap());
    }
    let mut more = TcpStream::connect(relay.addr()).await.unwrap();
    assert_eq!(soon(more.read(&mut [0])).await.unwrap(), 0, "hung up on");
    silent.pop();
    soon(
        dialer(&RENTER, &by(&[relay.entry("127.0.0.1")]))
            .await
            .online(),
    )
    .await;
    // After ten seconds the silent ones are hung up on too.
    assert_eq!(soon(silent[0].read(&mut [0])).await.unwrap(), 0);
}

async fn get(addr: std::net::SocketAddr, path: &str) -> String {
    let mut tcp = TcpStream::connect(addr).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: relay\r\n\r\n");
    tcp.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    soon(tcp.read_to_string(&mut text)).await.unwrap();
    text
}

#[test]
fn a_configuration_is_checked() {
    let example = RelayConfig::parse(EXAMPLE).unwrap();
    assert!(example.check().is_ok());
    assert_eq!(example.bytes_per_second, NonZeroU32::new(2_000_000));
    let wrong = |change: fn(&mut RelayConfig), word: &str| {
        let mut config = example.clone();
        change(&mut config);
        let error = config.check().unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    };
    wrong(|config| config.allow = None, "nobody could connect");
    wrong(|config| config.allow_any = true, "exclude each other");
    wrong(
        |config| config.metrics = Some("0.0.0.0:1".parse().unwrap()),
        "loopback",
    );
    wrong(
        |config| config.bytes_per_second = NonZeroU32::new(9_999),
        "10000",
    );
    wrong(|config| config.max_clients = 0, "max_clients");
    let unknown = RelayConfig::parse("listen = \"0.0.0.0:1\"\nspeed = 1\n").unwrap_err();
    assert!(unknown.to_string().contains("speed"), "{unknown}");
}
