//! The devices of this machine's leases and the connections to their fellows.

mod peer;
mod private;
mod receive;
mod routes;
mod seal;
mod shared;
mod spread;
mod ways;

use crate::tun::Tun;
use iog_job::{Binding, Key};
use iog_link::Link;
use peer::Peer;
use routes::Routes;
pub use routes::{Fellow, MeshId, Part};
use shared::{from_device, hear};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    os::fd::OwnedFd,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc, Mutex,
    },
};
use tokio::task::AbortHandle;

/// What is known of an open device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Device {
    pub binding: Binding,
    /// Each attempt has a network of its own.
    pub attempt: u32,
    pub rank: u16,
    /// Its job asked for constant sizes. redteam mesh M7
    pub private: bool,
}

/// A lease's device, and the task that reads it.
pub(crate) struct Tap {
    pub device: Device,
    pub tun: Tun,
}

struct Held {
    tap: Arc<Tap>,
    task: AbortHandle,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.task.abort();
    }
}

#[derive(Default)]
struct State {
    parts: HashMap<Binding, Part>,
    held: HashMap<Binding, Held>,
    routes: HashMap<MeshId, Arc<Routes>>,
    /// By mesh, own tunnel key and the other's.
    peers: HashMap<(MeshId, Key, Key), Peer>,
    addresses: HashMap<Key, Vec<SocketAddr>>,
}

pub(crate) struct Shared {
    links: HashMap<Key, Arc<Link>>,
    state: Mutex<State>,
    /// Given on for fellows.
    passed_bytes: AtomicU64,
}

/// See the module. Ends with all its connections when it is dropped; the devices live as long as somebody else has them open.
pub struct Hub {
    shared: Arc<Shared>,
    tasks: Vec<AbortHandle>,
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
        let mut state = self.shared.state();
        state.held.clear();
        state.peers.clear();
        state.routes.clear();
    }
}

impl Hub {
    /// Over these endpoints, one for each tunnel key of this machine.
    pub fn new(links: &[Arc<Link>]) -> Self {
        let by_key = links.iter().map(|link| (link.id(), Arc::clone(link)));
        let shared = Arc::new(Shared {
            links: by_key.collect(),
            state: Mutex::default(),
            passed_bytes: AtomicU64::new(0),
        });
        let hears = links.iter().map(|link| {
            let (shared, link) = (Arc::clone(&shared), Arc::clone(link));
            tokio::spawn(async move { hear(&shared, &link).await }).abort_handle()
        });
        let tasks = hears.collect();
        Self { shared, tasks }
    }

    /// Which leases of this machine are in which mesh with whom. Whoever is not named any more is cut at once. redteam mesh M4
    pub fn update(&self, parts: Vec<Part>) {
        let mut state = self.shared.state();
        state.parts = parts.into_iter().map(|part| (part.binding, part)).collect();
        self.shared.refresh(&mut state);
    }

    /// Addresses at which a peer is tried beside the relays.
    pub fn knows(&self, peer: Key, at: Vec<SocketAddr>) {
        self.shared.state().addresses.insert(peer, at);
    }

    /// Takes a lease's device; an older one of the lease is let go.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn take(&self, device: Device, fd: OwnedFd) -> io::Result<()> {
        let tun = Tun::new(fd)?;
        let tap = Arc::new(Tap { device, tun });
        let task = tokio::spawn(from_device(Arc::downgrade(&self.shared), Arc::clone(&tap)));
        let held = Held {
            tap,
            task: task.abort_handle(),
        };
        let mut state = self.shared.state();
        state.held.insert(device.binding, held);
        self.shared.refresh(&mut state);
        Ok(())
    }

    pub fn let_go(&self, binding: &Binding) {
        let mut state = self.shared.state();
        state.held.remove(binding);
        self.shared.refresh(&mut state);
    }

    /// The devices that it has, each opened once more.
    pub fn devices(&self) -> Vec<(Device, OwnedFd)> {
        let state = self.shared.state();
        let open = state.held.values().filter_map(|held| {
            let fd = held.tap.tun.open_again().ok()?;
            Some((held.tap.device, fd))
        });
        open.collect()
    }

    /// What this machine has passed on between fellows of private meshes, which say half of everything by others.
    pub fn passed_bytes(&self) -> u64 {
        self.shared.passed_bytes.load(Relaxed)
    }

    /// Pairs of machines that are connected at the moment: own tunnel key and the other's.
    pub fn connected(&self) -> Vec<(Key, Key)> {
        let state = self.shared.state();
        let connected = state.peers.iter().filter(|(_, peer)| peer.is_connected());
        connected
            .map(|((_, local, key), _)| (*local, *key))
            .collect()
    }
}
