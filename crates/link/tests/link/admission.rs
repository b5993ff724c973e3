//! Who is refused, where, and that it is counted.

use crate::common::{
    at, by, dialer, echo, hello, key_of, link, local, relay, relay_config, soon, until, Doors,
    DEVICE, OTHER, RENTER,
};
use iog_link::{relay::Relay, why, LinkError};
use std::fs;
use tokio::io::AsyncReadExt;

/// An unlisted key is refused by the relay, which tells it.
#[tokio::test]
async fn refused_by_the_relay() {
    let dir = tempfile::tempdir().unwrap();
    let list = dir.path().join("allow.txt");
    fs::write(
        &list,
        format!("# one device\n{}  # of us\n\n", key_of(&DEVICE)),
    )
    .unwrap();
    let mut config = relay_config(dir.path());
    (config.allow_any, config.allow) = (false, Some(list.clone()));
    let relay = Relay::start(&config).await.unwrap();
    let entry = relay.entry("127.0.0.1");
    let device = link(&DEVICE, &by(std::slice::from_ref(&entry)), &Doors::of(&[])).await;
    soon(device.online()).await;

    let renter = dialer(&RENTER, &by(&[entry])).await;
    until(|| renter.relays()[0].denied.is_some()).await;
    let [state] = renter.relays().try_into().unwrap();
    assert_eq!(state.denied.unwrap(), "this key may not use this relay");
    assert!(!state.connected && !renter.displaced());
    assert!(relay.counts().denied["not allowed"] >= 1);
    assert_eq!(relay.counts().clients, 1);

    // A changed list counts at once, both ways.
    fs::write(&list, format!("{}\n", key_of(&RENTER))).unwrap();
    until(|| device.relays()[0].denied.is_some()).await;
    soon(renter.online()).await;
}

/// An unlisted key that comes by relay is refused before the handshake.
#[tokio::test]
async fn refused_before_the_handshake() {
    let dir = tempfile::tempdir().unwrap();
    let (_relay, entry) = relay(dir.path()).await;
    let doors = Doors::of(&[key_of(&OTHER)]);
    let device = link(&DEVICE, &by(std::slice::from_ref(&entry)), &doors).await;
    let renter = dialer(&RENTER, &by(&[entry])).await;
    soon(device.online()).await;
    let error = soon(renter.dial(&device.id())).await.unwrap_err();
    assert!(matches!(error, LinkError::NotAdmitted(_)), "{error}");
    assert_eq!(
        doors.refusal().await,
        (key_of(&RENTER), why::UNKNOWN_BEFORE)
    );
    assert!(device.meter().refused[why::UNKNOWN_BEFORE] >= 1);
}

/// An unlisted key that comes directly is known only after the handshake, and refused then.
#[tokio::test]
async fn refused_after_the_handshake() {
    let doors = Doors::of(&[key_of(&OTHER)]);
    let device = link(&DEVICE, &local(), &doors).await;
    let renter = dialer(&RENTER, &local()).await;
    let refused = match soon(renter.dial_at(&device.id(), &at(&device))).await {
        Ok(dialled) => soon(dialled.open(&hello(1, 1))).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(
        matches!(&refused, LinkError::NotAdmitted(why) if why == "unknown key"),
        "{refused}"
    );
    assert_eq!(doors.refusal().await, (key_of(&RENTER), why::UNKNOWN_AFTER));
    assert_eq!(device.meter().refused[why::UNKNOWN_AFTER], 1);
    assert_eq!(device.meter().peers, []);
}

/// redteam L2: who is admitted no more loses connection and streams, without a word of the caller.
#[tokio::test]
async fn the_gate_shuts_on_those_inside() {
    let doors = Doors::of(&[key_of(&RENTER), key_of(&OTHER)]);
    let device = link(&DEVICE, &local(), &doors).await;
    let renter = dialer(&RENTER, &local()).await;
    let other = dialer(&OTHER, &local()).await;
    let gone = soon(renter.dial_at(&device.id(), &at(&device)))
        .await
        .unwrap();
    echo(soon(device.accept()).await.unwrap());
    let stays = soon(other.dial_at(&device.id(), &at(&device)))
        .await
        .unwrap();
    echo(soon(device.accept()).await.unwrap());
    let mut stream = soon(gone.open(&hello(1, 1))).await.unwrap();

    doors.shut(&key_of(&RENTER));
    let closed = soon(gone.closed()).await;
    assert!(matches!(&closed, LinkError::NotAdmitted(_)), "{closed}");
    assert!(soon(stream.read_to_end(&mut Vec::new())).await.is_err());
    assert_eq!(doors.refusal().await, (key_of(&RENTER), why::NO_MORE));
    let again = match soon(renter.dial_at(&device.id(), &at(&device))).await {
        Ok(dialled) => soon(dialled.open(&hello(1, 2))).await.unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(again, LinkError::NotAdmitted(_)));
    soon(stays.open(&hello(2, 1))).await.unwrap();
}
