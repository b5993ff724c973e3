//! What all tasks of a hub share: routes, peers, and who may ask.

use super::{
    peer::Peer,
    routes::{MeshId, Routes},
    Shared, State, Tap,
};
use crate::tun::Reader;
use bytes::Bytes;
use iog_job::{wire::Refusal, Binding, Key, MeshHello};
use iog_link::{Asked, Link, MeshMeter};
use std::{
    collections::{hash_map::Entry, HashMap},
    net::SocketAddr,
    sync::{Arc, MutexGuard, PoisonError, Weak},
};

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the routes anew and cuts whom none leads to.
    pub(super) fn refresh(self: &Arc<Self>, state: &mut State) {
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
                for key in routes
                    .keys
                    .values()
                    .filter(|key| !self.links.contains_key(key))
                {
                    self.peer(state, &routes, (mesh, *local, *key));
                }
            }
        }
    }

    pub(super) fn peer<'a>(
        self: &Arc<Self>,
        state: &'a mut State,
        routes: &Routes,
        of: (MeshId, Key, Key),
    ) -> Option<&'a Peer> {
        // A task that ended by itself is replaced.
        if state.peers.get(&of).is_some_and(Peer::is_over) {
            state.peers.remove(&of);
        }
        let peer = match state.peers.entry(of) {
            Entry::Occupied(peer) => peer.into_mut(),
            Entry::Vacant(place) => {
                let link = Arc::clone(self.links.get(&of.1)?);
                let private = routes.is_private();
                place.insert(Peer::start(Arc::downgrade(self), link, of, private))
            }
        };
        Some(peer)
    }

    pub(super) fn routes(&self, mesh: &MeshId) -> Option<Arc<Routes>> {
        self.state().routes.get(mesh).map(Arc::clone)
    }

    pub(super) fn meter(&self, local: &Key, binding: &Binding) -> Option<MeshMeter> {
        self.links.get(local).map(|link| link.mesh_meter(binding))
    }

    /// Gives packets to who is next: a lease of this machine, or the connection to another.
    pub(super) async fn send(
        self: &Arc<Self>,
        tap: &Tap,
        to: u16,
        packets: Vec<Bytes>,
    ) -> Option<()> {
        let local = {
            let mut state = self.state();
            let part = state.parts.get(&tap.device.binding)?;
            let (mesh, local) = (part.mesh, part.tunnel_key);
            let routes = Arc::clone(state.routes.get(&mesh)?);
            let key = *routes.keys.get(&to)?;
            if !self.links.contains_key(&key) {
                let of = (mesh, local, key);
                let peer = self.peer(&mut state, &routes, of)?;
                if peer.private {
                    drop(state);
                    return self.spread(of, (tap.device.rank, to), packets);
                }
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

    pub(super) fn meter_of(&self, binding: &Binding) -> Option<MeshMeter> {
        let key = self.state().parts.get(binding)?.tunnel_key;
        self.meter(&key, binding)
    }

    /// Of a lease: what a connection for its mesh says first.
    pub(super) fn hello(&self, mesh: MeshId, local: &Key) -> Option<MeshHello> {
        let routes = self.routes(&mesh)?;
        Some(MeshHello {
            root: mesh.root,
            root_created_ts: mesh.root_created_ts,
            binding: *routes.own.get(local)?,
        })
    }

    pub(super) fn addresses(&self, peer: &Key) -> Vec<SocketAddr> {
        self.state()
            .addresses
            .get(peer)
            .cloned()
            .unwrap_or_default()
    }

    /// Whether one who asks is a fellow in that mesh. redteam mesh M4
    pub(super) fn judge(
        self: &Arc<Self>,
        asked: &Asked,
        local: Key,
    ) -> Result<(MeshId, Key, Key), &'static str> {
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
        let peer = self
            .peer(&mut state, &routes, of)
            .ok_or("no such endpoint")?;
        match peer.takes() {
            true => Ok(of),
            false => Err("it is dialled at this moment"),
        }
    }
}

/// Reads a device to its end.
pub(super) async fn from_device(shared: Weak<Shared>, tap: Arc<Tap>) {
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
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let routes = {
            let state = shared.state();
            let part = state.parts.get(&binding).map(|part| part.mesh);
            part.and_then(|mesh| state.routes.get(&mesh).map(Arc::clone))
        };
        let Some(routes) = routes else {
            packets.clear();
            continue;
        };
        for (to, packets) in routes.sent_by_lease(tap.device.rank, &mut packets) {
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
pub(super) async fn hear(shared: &Arc<Shared>, link: &Link) {
    let local = link.id();
    while let Some(asked) = link.asked().await {
        let judged = shared.judge(&asked, local);
        let shared = Arc::clone(shared);
        tokio::spawn(async move {
            match judged {
                Ok(of) => {
                    let Some(connection) = asked.admit().await else {
                        return;
                    };
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
