//! Machines in one process: each with an endpoint of its own on the loopback, and a network for its lease. Needs root, `ip` and `ping`.

#![allow(dead_code)]

use iog_engine::netns::Net;
use iog_job::{Binding, Key};
use iog_link::{Gate, Link, Settings};
use iog_mesh::{address_of, Device, Fellow, Hub, MeshId, Part, MTU};
use std::{
    collections::BTreeSet,
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    os::fd::OwnedFd,
    process::{Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering::Relaxed},
        Arc, Mutex,
    },
    time::{Duration, Instant},
};

pub const MESH: MeshId = MeshId {
    root: Key([9; 32]),
    root_created_ts: 7,
};
pub const LONGEST: Duration = Duration::from_secs(30);

#[track_caller]
pub fn need_root() {
    assert!(
        nix::unistd::geteuid().is_root(),
        "namespaces and TUN devices need root"
    );
}

/// Asks again and again until it is so.
pub async fn until<F: Future<Output = bool>>(what: &str, mut holds: impl FnMut() -> F) -> Duration {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < LONGEST, "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    begun.elapsed()
}

/// Admits the members that the test names.
#[derive(Default)]
pub struct Door(pub Mutex<BTreeSet<Key>>);

impl Gate for Door {
    fn admits(&self, _: &Key) -> bool {
        false
    }

    fn admits_member(&self, peer: &Key) -> bool {
        self.0.lock().unwrap().contains(peer)
    }

    fn refused(&self, _: &Key, _: &'static str) {}
}

/// A namespace that goes with the test.
pub struct Space(pub Net);

impl Space {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Relaxed);
        let net = Net::of(&format!(
            "b{:04x}{:05x}",
            number % 0x1_0000,
            std::process::id() % 0x10_0000
        ));
        net.make(None).unwrap();
        Self(net)
    }

    pub fn ping(&self, to: Ipv4Addr) -> impl Future<Output = bool> {
        let args = [
            "netns",
            "exec",
            self.0.name(),
            "ping",
            "-n",
            "-c1",
            "-W1",
            &to.to_string(),
        ];
        let mut ping = tokio::process::Command::new("ip");
        ping.args(args).stdout(Stdio::null()).stderr(Stdio::null());
        async move { ping.status().await.unwrap().success() }
    }
}

impl Drop for Space {
    fn drop(&mut self) {
        self.0.delete().ok();
    }
}

pub fn seed(rank: u16) -> [u8; 32] {
    let [high, low] = rank.to_be_bytes();
    let mut seed = [7; 32];
    seed[..2].copy_from_slice(&[high, low]);
    seed
}

pub fn key_of(rank: u16) -> Key {
    Key(ed25519(&seed(rank)))
}

fn ed25519(seed: &[u8; 32]) -> [u8; 32] {
    ed25519_dalek::SigningKey::from_bytes(seed)
        .verifying_key()
        .to_bytes()
}

pub fn binding(rank: u16) -> Binding {
    let lease = Key(seed(rank));
    Binding {
        genesis: Key([1; 32]),
        program: Key([2; 32]),
        order: MESH.root,
        created_ts: MESH.root_created_ts,
        lease,
        matched_ts: 6,
        device: lease,
    }
}

pub fn device(rank: u16, private: bool) -> Device {
    Device {
        binding: binding(rank),
        attempt: 0,
        rank,
        private,
    }
}

/// The lease of a rank, with these fellows.
pub fn part(rank: u16, members: &[u16]) -> Part {
    let others = members.iter().filter(|other| **other != rank);
    Part {
        binding: binding(rank),
        tunnel_key: key_of(rank),
        rank,
        mesh: MESH,
        fellows: others
            .map(|rank| Fellow {
                tunnel_key: key_of(*rank),
                rank: *rank,
            })
            .collect(),
    }
}

pub fn address(rank: u16) -> Ipv4Addr {
    address_of(rank).unwrap()
}

pub struct Machine {
    pub rank: u16,
    pub space: Space,
    /// As the job side has it.
    pub fd: OwnedFd,
    pub hub: Hub,
    pub link: Arc<Link>,
    pub door: Arc<Door>,
}

impl Machine {
    pub async fn new(rank: u16, private: bool) -> Self {
        let space = Space::new();
        let fd = space.0.mesh(address(rank), MTU).unwrap();
        let (link, door) = endpoint(rank).await;
        let hub = Hub::new(std::slice::from_ref(&link));
        hub.take(device(rank, private), fd.try_clone().unwrap())
            .unwrap();
        Self {
            rank,
            space,
            fd,
            hub,
            link,
            door,
        }
    }

    pub fn at(&self) -> Vec<SocketAddr> {
        self.link.bound()
    }

    /// What the board says.
    pub fn sees(&self, members: &[u16]) {
        let others = members.iter().filter(|other| **other != self.rank);
        *self.door.0.lock().unwrap() = others.map(|rank| key_of(*rank)).collect();
        self.hub.update(vec![part(self.rank, members)]);
        self.link.recheck();
    }
}

pub async fn endpoint(rank: u16) -> (Arc<Link>, Arc<Door>) {
    let settings = Settings {
        bind: Some("127.0.0.1:0".parse().unwrap()),
        ..Settings::default()
    };
    let door = Arc::new(Door::default());
    let link = Link::bind(&seed(rank), &settings, Arc::<Door>::clone(&door)).await;
    (Arc::new(link.unwrap()), door)
}

/// Machines of these ranks that know each other.
pub async fn machines(ranks: &[u16], private: bool) -> Vec<Machine> {
    let mut machines = Vec::new();
    for rank in ranks {
        machines.push(Machine::new(*rank, private).await);
    }
    meet(&machines);
    machines
}

pub fn meet(machines: &[Machine]) {
    let ranks: Vec<_> = machines.iter().map(|machine| machine.rank).collect();
    for machine in machines {
        for other in machines {
            machine.hub.knows(key_of(other.rank), other.at());
        }
        machine.sees(&ranks);
    }
}

pub fn host_has(device: &str) -> bool {
    let shown = Command::new("ip")
        .args(["link", "show", device])
        .output()
        .unwrap();
    shown.status.success()
}
