//! Packets that come from a peer, to the devices that they are for.

use super::{private, routes::MeshId, ways::join, Shared};
use crate::{piece::Joiner, tun::BATCH};
use bytes::Bytes;
use iog_job::Key;
use iog_link::MemberConnection;
use std::{collections::BTreeMap, sync::Weak, time::Instant};

/// Takes what a peer sends, until the connection is lost.
pub(super) struct Receives {
    pub shared: Weak<Shared>,
    pub mesh: MeshId,
    pub local: Key,
    pub key: Key,
}

impl Receives {
    pub async fn run(self, connection: MemberConnection) {
        let mut datagrams = vec![Bytes::new(); BATCH];
        let (mut joiner, mut packets) = (Joiner::default(), BTreeMap::new());
        while let Ok(count) = connection.receive(&mut datagrams).await {
            let came = datagrams.iter().take(count);
            let taken = if connection.is_private() {
                self.take(came, &mut packets)
            } else {
                let (now, packets) = (Instant::now(), packets.entry(self.key).or_default());
                came.for_each(|datagram| join(&mut joiner, datagram, now, packets));
                Some(())
            };
            if taken.is_none() || self.deliver(&mut packets).await.is_none() {
                return;
            }
        }
    }

    /// What is in the frames of a private mesh.
    fn take<'a>(
        &self,
        frames: impl Iterator<Item = &'a Bytes>,
        packets: &mut BTreeMap<Key, Vec<Bytes>>,
    ) -> Option<()> {
        let shared = self.shared.upgrade()?;
        let routes = shared.routes(&self.mesh)?;
        let mut items = Vec::new();
        frames.for_each(|frame| private::items(frame, |item| items.push(item.clone())));
        shared.came((self.mesh, self.local, self.key), &routes, &items, packets)
    }

    /// Packets by who sent them. None when this machine is in the mesh no more.
    async fn deliver(&self, packets: &mut BTreeMap<Key, Vec<Bytes>>) -> Option<()> {
        let shared = self.shared.upgrade()?;
        let routes = shared.routes(&self.mesh)?;
        for (from, packets) in packets {
            for (to, packets) in routes.sent_by_peer(from, &self.local, packets) {
                let Some(tap) = routes.taps.get(&to) else {
                    continue;
                };
                let bytes = packets.iter().map(Bytes::len).sum();
                if tap.tun.write(&packets).await.is_ok() {
                    if let Some(meter) = shared.meter(&self.local, &tap.device.binding) {
                        meter.received(bytes);
                    }
                }
            }
        }
        Some(())
    }
}
