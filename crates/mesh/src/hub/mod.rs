//! The devices of this machine's leases and the connections to their fellows.

mod peer;
mod private;
mod routes;

use crate::tun::{Reader, Tun};
use bytes::Bytes;
use iog_job::{wire::Refusal, Binding, Key, MeshHello};
use iog_link::{Asked, Link, MeshMeter};
use peer::Peer;
use routes::Routes;
pub use routes::{Fellow, MeshId, Part};
use std::{
    collections::HashMap,
    io,
    net::SocketAddr,
    os::fd::OwnedFd,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
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

    /// Pairs of machines that are connected at the moment: own tunnel key and the other's.
    pub fn connected(&self) -> Vec<(Key, Key)> {
        let state = self.shared.state();
        let connected = state.peers.iter().filter(|(_, peer)| peer.is_connected());
        connected.map(|((_, local, key), _)| (*local, *key)).collect()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the routes anew and cuts whom none leads to.
    fn refresh(self: &Arc<Self>, state: &mut State) {
        let taps: HashMap<_, _> = state
            .held
            .iter()
            .map(|(binding, held)| (*binding, Arc::clone(&held.tap)))
            .collect();
        let mut meshes: Vec<_> = state.parts.values().map(|part| part.mesh).collect();
        meshes.sort_unstable();
        meshes.dedup();
        let of = |mesh| (mesh, Arc::new(Routes::of(&state.parts, &taps, mesh)));
        state.routes = meshes.into_iter().map(of).collect();
        let routes = &state.routes;
        state.peers.retain(|(mesh, local, key), peer| {
            let routes = routes.get(mesh);
            routes.is_some_and(|routes| {
                let same = routes.is_private() == peer.private || routes.taps.is_empty();
                same && routes.own.contains_key(local) && routes.has(key)
            })
        });
        // Who sends all the time begins at once. redteam mesh M7
        let private: Vec<_> = routes
            .iter()
            .filter(|(_, routes)| routes.is_private())
            .map(|(mesh, routes)| (*mesh, Arc::clone(routes)))
            .collect();
        for (mesh, routes) in private {
            for local in routes.own.keys() {
                for key in routes.keys.values().filter(|key| !self.links.contains_key(key)) {
                    self.peer(state, &routes, (mesh, *local, *key));
                }
            }
        }
    }

    fn peer<'a>(
        self: &Arc<Self>,
        state: &'a mut State,
        routes: &Routes,
        of: (MeshId, Key, Key),
    ) -> Option<&'a Peer> {
        // A task that ended by itself is replaced.
        if state.peers.get(&of).is_some_and(Peer::is_over) {
            state.peers.remove(&of);
        }
        if !state.peers.contains_key(&of) {
            let link = Arc::clone(self.links.get(&of.1)?);
            let peer = Peer::start(Arc::downgrade(self), link, of, routes.is_private());
            state.peers.insert(of, peer);
        }
        state.peers.get(&of)
    }

    fn routes(&self, mesh: &MeshId) -> Option<Arc<Routes>> {
        self.state().routes.get(mesh).map(Arc::clone)
    }

    fn meter(&self, local: &Key, binding: &Binding) -> Option<MeshMeter> {
        self.links.get(local).map(|link| link.mesh_meter(binding))
    }

    /// Gives packets to who is next: a lease of this machine, or the connection to another.
    async fn send(self: &Arc<Self>, tap: &Tap, to: u16, packets: Vec<Bytes>) -> Option<()> {
        let local = {
            let mut state = self.state();
            let part = state.parts.get(&tap.device.binding)?;
            let (mesh, local) = (part.mesh, part.tunnel_key);
            let routes = Arc::clone(state.routes.get(&mesh)?);
            let key = *routes.keys.get(&to)?;
            if !self.links.contains_key(&key) {
                let peer = self.peer(&mut state, &routes, (mesh, local, key))?;
                peer.send(packets);
                return Some(());
            }
            Arc::clone(routes.taps.get(&to)?)
        };
        let bytes = packets.iter().map(Bytes::len).sum();
        local.tun.write(&packets).await.ok()?;
        self.meter_of(&local.device.binding)?.received(bytes);
        Some(())
    }

    fn meter_of(&self, binding: &Binding) -> Option<MeshMeter> {
        let key = self.state().parts.get(binding)?.tunnel_key;
        self.meter(&key, binding)
    }

    /// Of a lease: what a connection for its mesh says first.
    fn hello(&self, mesh: MeshId, local: &Key) -> Option<MeshHello> {
        let routes = self.routes(&mesh)?;
        Some(MeshHello {
            root: mesh.root,
            root_created_ts: mesh.root_created_ts,
            binding: *routes.own.get(local)?,
        })
    }

    fn addresses(&self, peer: &Key) -> Vec<SocketAddr> {
        self.state().addresses.get(peer).cloned().unwrap_or_default()
    }

    /// Whether one who asks is a fellow in that mesh. redteam mesh M4
    fn judge(self: &Arc<Self>, asked: &Asked, local: Key) -> Result<(MeshId, Key, Key), &'static str> {
        let hello = &asked.hello;
        let mesh = MeshId {
            root: hello.root,
            root_created_ts: hello.root_created_ts,
        };
        let of = (mesh, local, asked.peer());
        let mut state = self.state();
        let routes = state.routes.get(&mesh).map(Arc::clone);
        let routes = routes.filter(|routes| routes.own.contains_key(&local) && routes.has(&of.2));
        let routes = routes.ok_or("no mesh that both are in")?;
        if routes.taps.is_empty() {
            return Err("the lease's device is not here yet");
        }
        if routes.is_private() != asked.is_private() {
            return Err("one side's job asks for a private mesh, the other's does not");
        }
        let peer = self.peer(&mut state, &routes, of).ok_or("no such endpoint")?;
        match peer.takes() {
            true => Ok(of),
            false => Err("it is dialled at this moment"),
        }
    }
}

/// Reads a device to its end.
async fn from_device(shared: Weak<Shared>, tap: Arc<Tap>) {
    let (mut reader, mut packets) = (Reader::default(), Vec::new());
    let binding = tap.device.binding;
    loop {
        if let Err(error) = tap.tun.read(&mut reader, &mut packets).await {
            tracing::debug!(lease = %binding.lease, %error, "a device of a mesh is gone");
            if let Some(shared) = shared.upgrade() {
                let mut state = shared.state();
                let held = state.held.get(&binding);
                // A newer one of the lease stays.
                if held.is_some_and(|held| Arc::ptr_eq(&held.tap, &tap)) {
                    state.held.remove(&binding);
                    shared.refresh(&mut state);
                }
            }
            return;
        }
        let Some(shared) = shared.upgrade() else { return };
        let routes = {
            let state = shared.state();
            let part = state.parts.get(&binding).map(|part| part.mesh);
            part.and_then(|mesh| state.routes.get(&mesh).map(Arc::clone))
        };
        let Some(routes) = routes else {
            packets.clear();
            continue;
        };
        for (to, packets) in routes.from_lease(tap.device.rank, &mut packets) {
            let bytes = packets.iter().map(Bytes::len).sum();
            if shared.send(&tap, to, packets).await.is_some() {
                if let Some(meter) = shared.meter_of(&binding) {
                    meter.sent(bytes);
                }
            }
        }
    }
}

/// Takes those who dial an endpoint.
async fn hear(shared: &Arc<Shared>, link: &Link) {
    let local = link.id();
    while let Some(asked) = link.asked().await {
        let judged = shared.judge(&asked, local);
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            match judged {
                Ok(of) => {
                    let Some(connection) = asked.admit().await else { return };
                    let state = shared.state();
                    if let Some(peer) = state.peers.get(&of) {
                        peer.came(connection);
                    }
                }
                Err(reason) => asked.refuse(Refusal::Unavailable, reason).await,
            }
        });
    }
}
