//! The link side between two endpoints and a job side; the board is changed by the test.

mod common;

use common::*;
use ed25519_dalek::SigningKey;
use iog_job::{
    frame,
    wire::{Facts, Hello, Refusal, Verb},
    HostKey, Key, Signed,
};
use iog_link::{Closed, Connection, Link, LinkError, Settings};
use iog_node::link::{self, LinkSettings};
use std::{
    collections::BTreeMap,
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::io::AsyncReadExt;

fn local() -> Settings {
    Settings {
        bind: Some("127.0.0.1:0".parse().unwrap()),
        ..Settings::default()
    }
}

fn engineer(byte: u8) -> (SigningKey, Key) {
    let key = SigningKey::from_bytes(&[byte; 32]);
    let public = Key(key.verifying_key().to_bytes());
    (key, public)
}

struct Sides {
    world: World,
    at: Vec<SocketAddr>,
    link: tokio::task::JoinHandle<anyhow::Result<()>>,
}

impl Drop for Sides {
    fn drop(&mut self) {
        self.link.abort();
    }
}

async fn sides(world: World) -> Sides {
    let file = world.path().join("tunnel.key");
    fs::write(&file, tunnel().to_bytes()).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let settings = LinkSettings {
        node_dir: world.path(),
        tunnel_keys: vec![file],
        link: local(),
    };
    let link = tokio::spawn(link::run(settings, std::future::pending()));
    let bound = world.path().join("link/bound.json");
    let at = poll(|| async {
        let bound = fs::read(&bound).ok()?;
        let mut bound: BTreeMap<Key, Vec<SocketAddr>> = serde_json::from_slice(&bound).ok()?;
        bound.remove(&tunnel_key())
    })
    .await;
    Sides { world, at, link }
}

async fn dial(sides: &Sides, key: &SigningKey) -> Result<(Link, Connection), LinkError> {
    let link = Link::bind(&key.to_bytes(), &local(), Arc::new(Closed)).await?;
    let connection = link.dial_at(&tunnel_key(), &sides.at).await?;
    Ok((link, connection))
}

fn hello(lease: u8, verb: Verb) -> Hello {
    Hello {
        binding: binding(lease),
        number: 1,
        verb,
    }
}

/// redteam L2, S2, J9, L6: who is admitted, and how soon not any more.
#[tokio::test]
async fn admitted_by_the_board_alone() {
    let (first, first_key) = engineer(31);
    let (second, second_key) = engineer(32);
    let (stranger, _) = engineer(33);
    let mut one = lease_of(5, None);
    one.engineer_key = first_key;
    let mut other = lease_of(6, None);
    other.engineer_key = second_key;
    let sides = sides(World::new(vec![one, other]).start().await).await;
    let facts = Verb::Facts {
        every_secs: Some(1),
    };
    let admitted = || async {
        let (link, connection) = dial(&sides, &first).await.ok()?;
        let stream = connection.open(&hello(5, facts.clone())).await.ok()?;
        Some((link, connection, stream))
    };
    let (_link, connection, mut stream) = poll(admitted).await;
    let told: Facts = frame::expect(&mut stream, 1 << 16).await.unwrap();
    assert_eq!(told.platform, "linux/amd64");
    // The other lease of the same device is another's.
    let refused = connection.open(&hello(6, facts.clone())).await;
    let Err(LinkError::Refused { code, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(code, Refusal::NotYours);
    // Nobody's key gets no further than the handshake.
    let refused = async {
        let (link, connection) = dial(&sides, &stranger).await?;
        let opened = connection.open(&hello(5, facts.clone())).await;
        drop(link);
        opened
    };
    let refused = refused.await.unwrap_err();
    assert!(matches!(refused, LinkError::NotAdmitted(_)), "{refused:?}");
    let refusals = sides.world.path().join("link/refused.json");
    poll(|| async {
        let counts: BTreeMap<String, u64> =
            serde_json::from_slice(&fs::read(&refusals).ok()?).ok()?;
        counts.values().any(|count| *count > 0).then_some(())
    })
    .await;

    let (mut sides, other_peer) = {
        let (link, connection) = dial(&sides, &second).await.unwrap();
        let stream = connection.open(&hello(6, facts.clone())).await.unwrap();
        (sides, (link, connection, stream))
    };
    // The renter's wallet sets another engineer key: the old one's connection ends.
    sides.world.board.leases[0].engineer_key = Key([3; 32]);
    let begun = Instant::now();
    sides.world.publish();
    while frame::read::<Facts, _>(&mut stream, 1 << 16)
        .await
        .is_ok_and(|facts| facts.is_some())
    {}
    connection.closed().await;
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    // The other is not touched.
    let (_link, _connection, mut stream) = other_peer;
    let told: Option<Facts> = frame::read(&mut stream, 1 << 16).await.unwrap();
    assert!(told.is_some());
}

/// redteam S3: the SSH host key is said by the lease's tunnel key; signed by the link side, asked for by the job side.
#[tokio::test]
async fn the_host_key_is_signed() {
    let (key, public) = engineer(31);
    let mut lease = lease_of(5, None);
    lease.engineer_key = public;
    let mut world = World::new(vec![lease]);
    world.spawn_without_control();
    let sides = sides(world).await;
    let asked = || async {
        let (link, connection) = dial(&sides, &key).await.ok()?;
        let mut stream = connection.open(&hello(5, Verb::HostKey)).await.ok()?;
        let signed: Signed = frame::expect(&mut stream, 1 << 16).await.ok()?;
        drop(link);
        Some(signed)
    };
    let (of, host_key) = poll(asked).await.open::<HostKey>(&tunnel_key()).unwrap();
    assert_eq!(of, binding(5));
    assert!(host_key.key.starts_with("ssh-ed25519 AAAA"));
}

/// A job side that dies in the middle of a transfer: the renter sees a stream that was cut, not the end of a file.
#[tokio::test]
async fn a_dead_job_side_cuts_streams() {
    let (key, public) = engineer(31);
    let mut lease = lease_of(5, None);
    lease.engineer_key = public;
    let mut world = World::new(vec![lease]);
    world.spawn().await;
    let mut sides = sides(world).await;
    let verb = Verb::Facts {
        every_secs: Some(3_600),
    };
    let opened = || async {
        let (link, connection) = dial(&sides, &key).await.ok()?;
        let stream = connection.open(&hello(5, verb.clone())).await.ok()?;
        Some((link, connection, stream))
    };
    let (_link, connection, mut stream) = poll(opened).await;
    let _: Facts = frame::expect(&mut stream, 1 << 16).await.unwrap();
    sides.world.kill().await;
    let mut rest = Vec::new();
    assert!(stream.read_to_end(&mut rest).await.is_err(), "no clean end");
    let refused = connection.open(&hello(5, verb.clone())).await;
    let Err(LinkError::Refused { code, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(code, Refusal::Unavailable);
}

/// No test: what [`World::spawn`] starts.
#[tokio::test]
#[ignore]
async fn the_job_side() {
    if let Some(dir) = std::env::var_os("IOG_TEST_NODE") {
        serve(std::path::Path::new(&dir)).await;
    }
}
