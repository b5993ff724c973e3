//! Endpoints, relays and a gate that a test opens and closes.

use iog_job::{
    wire::{Hello, Verb},
    Binding, Key,
};
use iog_link::{
    relay::{Relay, RelayConfig},
    Connection, Gate, Link, RelayAddr, Settings, Stream,
};
use std::{
    collections::BTreeSet,
    future::Future,
    net::SocketAddr,
    panic::Location,
    path::Path,
    sync::{
        atomic::{AtomicI64, Ordering::SeqCst},
        Arc, Mutex,
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{mpsc, Mutex as AsyncMutex},
    time,
};

pub const NOW: i64 = 1_800_000_000;

/// Nothing here takes longer on a busy machine.
#[track_caller]
pub fn soon<T>(what: impl Future<Output = T>) -> impl Future<Output = T> {
    let at = Location::caller();
    async move {
        let ended = time::timeout(Duration::from_secs(20), what).await;
        ended.unwrap_or_else(|_| panic!("it takes too long: {at}"))
    }
}

/// Waits for a state that no event tells.
pub async fn until(mut holds: impl FnMut() -> bool) {
    soon(async {
        let mut ticks = time::interval(Duration::from_millis(5));
        while !holds() {
            ticks.tick().await;
        }
    })
    .await;
}

/// A gate whose list the test changes, and which tells whom it refused.
pub struct Doors {
    keys: Mutex<BTreeSet<Key>>,
    now: AtomicI64,
    tell: mpsc::UnboundedSender<(Key, &'static str)>,
    told: AsyncMutex<mpsc::UnboundedReceiver<(Key, &'static str)>>,
}

impl Doors {
    pub fn of(keys: &[Key]) -> Arc<Self> {
        let (tell, told) = mpsc::unbounded_channel();
        Arc::new(Self {
            keys: Mutex::new(keys.iter().copied().collect()),
            now: AtomicI64::new(NOW),
            tell,
            told: AsyncMutex::new(told),
        })
    }

    pub fn shut(&self, key: &Key) {
        self.keys.lock().unwrap().remove(key);
    }

    pub fn set_now(&self, now: i64) {
        self.now.store(now, SeqCst);
    }

    /// Who was refused next, and why.
    pub async fn refusal(&self) -> (Key, &'static str) {
        soon(async { self.told.lock().await.recv().await.unwrap() }).await
    }
}

impl Gate for Doors {
    fn admits(&self, peer: &Key) -> bool {
        self.keys.lock().unwrap().contains(peer)
    }

    fn refused(&self, peer: &Key, why: &'static str) {
        let _ = self.tell.send((*peer, why));
    }

    fn now_ts(&self) -> i64 {
        self.now.load(SeqCst)
    }
}

pub const DEVICE: [u8; 32] = [1; 32];
pub const RENTER: [u8; 32] = [2; 32];
pub const OTHER: [u8; 32] = [3; 32];

pub fn key_of(seed: &[u8; 32]) -> Key {
    let key = ed25519_dalek::SigningKey::from_bytes(seed);
    Key(key.verifying_key().to_bytes())
}

/// On loopback, without a relay.
pub fn local() -> Settings {
    Settings {
        bind: Some("127.0.0.1:0".parse().unwrap()),
        ..Settings::default()
    }
}

/// By these relays and by nothing else.
pub fn by(relays: &[RelayAddr]) -> Settings {
    Settings {
        relays: relays.to_vec(),
        relay_only: true,
        ..Settings::default()
    }
}

pub async fn link(seed: &[u8; 32], settings: &Settings, doors: &Arc<Doors>) -> Link {
    let gate = Arc::clone(doors) as Arc<dyn Gate>;
    Link::bind(seed, settings, gate).await.unwrap()
}

pub async fn dialer(seed: &[u8; 32], settings: &Settings) -> Link {
    let gate = Arc::new(iog_link::Closed);
    Link::bind(seed, settings, gate).await.unwrap()
}

/// A plain relay for everybody, on a free port.
pub fn relay_config(dir: &Path) -> RelayConfig {
    RelayConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        quic: None,
        plain: true,
        dir: dir.to_path_buf(),
        allow_any: true,
        ..RelayConfig::default()
    }
}

pub async fn relay(dir: &Path) -> (Relay, RelayAddr) {
    let relay = Relay::start(&relay_config(dir)).await.unwrap();
    let entry = relay.entry("127.0.0.1");
    (relay, entry)
}

pub fn at(link: &Link) -> [SocketAddr; 1] {
    [*link.bound().first().unwrap()]
}

pub fn binding(lease: u8) -> Binding {
    Binding {
        genesis: Key([10; 32]),
        program: Key([11; 32]),
        order: Key([12; 32]),
        created_ts: NOW - 100,
        lease: Key([lease; 32]),
        matched_ts: NOW - 50,
        device: Key([14; 32]),
    }
}

pub fn hello(lease: u8, number: u64) -> Hello {
    Hello {
        binding: binding(lease),
        number,
        verb: Verb::Logs {
            from: 0,
            follow: false,
        },
    }
}

/// Admits every stream and sends back what comes.
pub fn echo(connection: Connection) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        while let Some((hello, mut stream)) = connection.accept().await {
            connection.count(&mut stream, &hello.binding);
            tokio::spawn(async move {
                stream.admit().await.unwrap();
                let (mut from, mut to) = tokio::io::split(stream);
                if tokio::io::copy(&mut from, &mut to).await.is_ok() {
                    to.shutdown().await.unwrap();
                }
                drop(from);
            });
        }
    })
}

/// What comes back for `bytes`.
pub async fn round_trip(stream: Stream, bytes: Vec<u8>) -> Vec<u8> {
    let (mut from, mut to) = tokio::io::split(stream);
    let sent = async {
        to.write_all(&bytes).await.unwrap();
        to.shutdown().await.unwrap();
    };
    let mut back = Vec::new();
    let (_, read) = tokio::join!(sent, from.read_to_end(&mut back));
    read.unwrap();
    back
}
