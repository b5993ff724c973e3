//! Who is where in one mesh, as it stands on the board.

use super::Tap;
use crate::address::ends_of;
use bytes::Bytes;
use iog_job::{Binding, Key};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// The mesh of an order, by the order and when it was created: an address may come again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MeshId {
    pub root: Key,
    pub root_created_ts: i64,
}

/// Another lease of the mesh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fellow {
    pub tunnel_key: Key,
    pub rank: u16,
}

/// A lease of this machine that has a place in a mesh, and whom it may speak to. redteam mesh M4
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub binding: Binding,
    pub tunnel_key: Key,
    pub rank: u16,
    pub mesh: MeshId,
    pub fellows: Vec<Fellow>,
}

/// One mesh, seen from this machine. Replaced as a whole when the board changes.
#[derive(Default)]
pub(super) struct Routes {
    /// Own leases whose device is here.
    pub taps: HashMap<u16, Arc<Tap>>,
    /// Tunnel keys of all members, the own ones included.
    pub keys: HashMap<u16, Key>,
    /// A lease of each own tunnel key: it says for which mesh a connection is.
    pub own: HashMap<Key, Binding>,
}

impl Routes {
    pub fn of(
        parts: &HashMap<Binding, Part>,
        taps: &HashMap<Binding, Arc<Tap>>,
        mesh: MeshId,
    ) -> Self {
        let mut routes = Self::default();
        for part in parts.values().filter(|part| part.mesh == mesh) {
            routes.keys.insert(part.rank, part.tunnel_key);
            routes.own.insert(part.tunnel_key, part.binding);
            let ranks = part
                .fellows
                .iter()
                .map(|fellow| (fellow.rank, fellow.tunnel_key));
            routes.keys.extend(ranks);
            let tap = taps.get(&part.binding);
            if let Some(tap) = tap.filter(|tap| tap.device.rank == part.rank) {
                routes.taps.insert(part.rank, Arc::clone(tap));
            }
        }
        routes
    }

    /// Whether it has a member with this key.
    pub fn has(&self, key: &Key) -> bool {
        self.keys.values().any(|other| other == key)
    }

    /// The lowest of those with this key.
    pub fn rank_of(&self, key: &Key) -> Option<u16> {
        let ranks = self.keys.iter().filter(|(_, other)| *other == key);
        ranks.map(|(rank, _)| *rank).min()
    }

    /// To whom an item is passed on that a peer sent: it must come from a lease of the peer's, and be for a third. redteam mesh M4, M5
    pub fn passes(&self, local: &Key, peer: &Key, (from, to): (u16, u16)) -> Option<Key> {
        let to = self.keys.get(&to)?;
        let third = to != peer && to != local && !self.own.contains_key(to);
        (third && self.keys.get(&from) == Some(peer)).then_some(*to)
    }

    /// From whom an item is that a peer has passed on: from a third, and for a lease under the key that it came to. redteam mesh M4, M5
    pub fn passed(&self, local: &Key, peer: &Key, (from, to): (u16, u16)) -> Option<Key> {
        let from = self.keys.get(&from)?;
        let third = from != peer && from != local && !self.own.contains_key(from);
        (third && self.keys.get(&to) == Some(local)).then_some(*from)
    }

    pub fn is_private(&self) -> bool {
        self.taps.values().any(|tap| tap.device.private)
    }

    /// What a lease sends, by the rank that it goes to. Only from its own address.
    pub fn sent_by_lease(&self, rank: u16, packets: &mut Vec<Bytes>) -> BTreeMap<u16, Vec<Bytes>> {
        let mut sorted: BTreeMap<u16, Vec<Bytes>> = BTreeMap::new();
        for packet in packets.drain(..) {
            match ends_of(&packet) {
                Some((from, to)) if from == rank && to != rank => {
                    sorted.entry(to).or_default().push(packet);
                }
                _ => {}
            }
        }
        sorted
    }

    /// What a peer sends, by the own rank that it is for. A packet must come from a lease of the peer's, and be for one that is served under the
    /// key that it came to. redteam mesh M5
    pub fn sent_by_peer(
        &self,
        peer: &Key,
        local: &Key,
        packets: &mut Vec<Bytes>,
    ) -> BTreeMap<u16, Vec<Bytes>> {
        let mut sorted: BTreeMap<u16, Vec<Bytes>> = BTreeMap::new();
        for packet in packets.drain(..) {
            let Some((from, to)) = ends_of(&packet) else {
                continue;
            };
            if self.keys.get(&from) == Some(peer) && self.keys.get(&to) == Some(local) {
                sorted.entry(to).or_default().push(packet);
            }
        }
        sorted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address_of;
    use proptest::prelude::*;

    fn packet(from: [u8; 4], to: [u8; 4], len: usize) -> Bytes {
        let mut packet = vec![0; len.max(20)];
        packet[0] = 0x45;
        let len = u16::try_from(packet.len()).unwrap();
        packet[2..4].copy_from_slice(&len.to_be_bytes());
        packet[12..16].copy_from_slice(&from);
        packet[16..20].copy_from_slice(&to);
        packet.into()
    }

    proptest! {
        /// redteam mesh M5: a peer speaks from its own leases' addresses alone, and to leases under the key that it dialled.
        #[test]
        fn source_and_destination(from in 0_u16..8, to in 0_u16..8, peer in 0_u8..4, local in 0_u8..4) {
            // Two leases for each key.
            let key = |rank: u16| Key([u8::try_from(rank / 2).unwrap(); 32]);
            let routes = Routes {
                keys: (0..8).map(|rank| (rank, key(rank))).collect(),
                ..Routes::default()
            };
            let address = |rank| address_of(rank).unwrap().octets();
            let sent = packet(address(from), address(to), 60);
            let passed = routes.sent_by_peer(&Key([peer; 32]), &Key([local; 32]), &mut vec![sent.clone()]);
            let right = key(from) == Key([peer; 32]) && key(to) == Key([local; 32]);
            let whole = vec![sent.clone()];
            prop_assert_eq!(passed.get(&to), right.then_some(&whole));
            let own = routes.sent_by_lease(from, &mut vec![sent.clone()]);
            prop_assert_eq!(own.contains_key(&to), from != to);
            prop_assert!(routes.sent_by_lease(from.wrapping_add(1) % 8, &mut vec![sent]).is_empty());
        }

        /// redteam mesh M5: an item is passed on once, from its sender to a third, and taken from no other than a third.
        #[test]
        fn what_is_passed_on(from in 0_u16..10, to in 0_u16..10, peer in 0_u8..4) {
            let key = |rank: u16| Key([u8::try_from(rank / 2).unwrap(); 32]);
            let (local, peer) = (Key([0; 32]), Key([peer; 32]));
            let routes = Routes {
                keys: (0..8).map(|rank| (rank, key(rank))).collect(),
                ..Routes::default()
            };
            let on = routes.passes(&local, &peer, (from, to));
            let right = from < 8 && to < 8 && key(from) == peer && key(to) != peer && key(to) != local;
            prop_assert_eq!(on, right.then(|| key(to)));
            let came = routes.passed(&local, &peer, (from, to));
            let right = from < 8 && key(to) == local && key(from) != peer && key(from) != local;
            prop_assert_eq!(came, right.then(|| key(from)));
        }

        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let routes = Routes::default();
            prop_assert!(routes.sent_by_peer(&Key([1; 32]), &Key([2; 32]), &mut vec![bytes.into()]).is_empty());
        }
    }
}
