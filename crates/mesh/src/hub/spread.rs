//! Items of a private mesh on their ways: by whom they go, and what becomes of those that come.

use super::{
    routes::{MeshId, Routes},
    seal::{ends_in, passed, PASSED, TO_PASS},
    ways::{Ways, REPORT},
    Shared,
};
use bytes::Bytes;
use iog_job::Key;
use std::{
    collections::BTreeMap,
    sync::{atomic::Ordering::Relaxed, Arc},
    time::Instant,
};
use tokio::sync::mpsc::Sender;

/// Mesh, own tunnel key and the fellow's.
type Of = (MeshId, Key, Key);

/// What leads to a fellow at the moment.
struct Lines {
    ways: Arc<Ways>,
    direct: Sender<Vec<Bytes>>,
    /// Fellows that are connected, by whom it may go.
    others: BTreeMap<Key, Sender<Vec<Bytes>>>,
}

impl Shared {
    fn lines(&self, of: Of) -> Option<Lines> {
        let (mesh, local, key) = of;
        let state = self.state();
        let peer = state.peers.get(&of)?;
        let others = state.peers.iter().filter(|((other, from, to), peer)| {
            *other == mesh && *from == local && *to != key && peer.is_connected()
        });
        Some(Lines {
            ways: Arc::clone(&peer.ways),
            direct: peer.line(),
            others: others
                .map(|((_, _, to), peer)| (*to, peer.line()))
                .collect(),
        })
    }

    fn ways(&self, of: Of) -> Option<Arc<Ways>> {
        let state = self.state();
        state.peers.get(&of).map(|peer| Arc::clone(&peer.ways))
    }

    /// Half of the packets' items by the line to the fellow, the others each by a fellow at random. What finds a full queue is dropped.
    pub(super) fn spread(&self, of: Of, ends: (u16, u16), packets: Vec<Bytes>) -> Option<()> {
        let lines = self.lines(of)?;
        let known = lines.others.keys().copied().collect();
        let good = lines.ways.good(known, Instant::now());
        let (mut direct, mut by) = (Vec::new(), BTreeMap::<Key, Vec<Bytes>>::new());
        for item in lines.ways.cut(packets) {
            let hop = match good.len() {
                1.. if rand::random() => good.get(rand::random_range(0..good.len())),
                _ => None,
            };
            let sealed = hop.and_then(|hop| Some((*hop, lines.ways.seal(*hop, ends, &item)?)));
            match sealed {
                Some((hop, sealed)) => by.entry(hop).or_default().push(sealed),
                None => direct.push(item),
            }
        }
        if !direct.is_empty() {
            let _ = lines.direct.try_send(direct);
        }
        for (hop, items) in by {
            let _ = lines.others.get(&hop)?.try_send(items);
        }
        Some(())
    }

    /// The report for a fellow; and an empty item by every other one, to find out by whom it is reached.
    pub(super) fn tell(&self, of: Of) -> Option<Bytes> {
        let (mesh, local, key) = of;
        let (lines, routes) = (self.lines(of)?, self.routes(&mesh)?);
        let ends = (routes.rank_of(&local)?, routes.rank_of(&key)?);
        for (hop, line) in &lines.others {
            if let Some(sealed) = lines.ways.seal(*hop, ends, &[]) {
                let _ = line.try_send(vec![sealed]);
            }
        }
        Some(lines.ways.report(&routes))
    }

    /// Takes what came over the line to a fellow: packets are added by who sent them, and what is for others goes on.
    pub(super) fn came(
        &self,
        of: Of,
        routes: &Routes,
        items: &[Bytes],
        packets: &mut BTreeMap<Key, Vec<Bytes>>,
    ) -> Option<()> {
        let (mesh, local, key) = of;
        let (ways, now) = (self.ways(of)?, Instant::now());
        let mut on = BTreeMap::<Key, Vec<Bytes>>::new();
        for item in items {
            match item.first() {
                Some(&TO_PASS) => {
                    let to = ends_in(item).and_then(|ends| routes.passes(&local, &key, ends));
                    if let Some(to) = to {
                        on.entry(to).or_default().push(passed(item));
                    }
                }
                Some(&PASSED) => {
                    let from = ends_in(item).and_then(|ends| routes.passed(&local, &key, ends));
                    let Some(from) = from else { continue };
                    let Some(ways) = self.ways((mesh, local, from)) else {
                        continue;
                    };
                    if let Some(item) = ways.open(key, item).filter(|item| !item.is_empty()) {
                        ways.join(&item, now, packets.entry(from).or_default());
                    }
                }
                Some(&REPORT) => ways.told(item, routes, now),
                _ => ways.join(item, now, packets.entry(key).or_default()),
            }
        }
        for (to, items) in on {
            let bytes: usize = items.iter().map(Bytes::len).sum();
            let state = self.state();
            let peer = state.peers.get(&(mesh, local, to));
            if peer.is_some_and(|peer| peer.pass(items)) {
                let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
                self.passed_bytes.fetch_add(bytes, Relaxed);
            }
        }
        Some(())
    }
}
