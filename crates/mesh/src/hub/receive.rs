//! Packets that come from a peer, to the devices that they are for.

use super::{private, routes::MeshId, Shared};
use crate::{
    piece::{Joiner, MARK},
    tun::BATCH,
    MTU,
};
use bytes::Bytes;
use iog_job::Key;
use iog_link::MemberConnection;
use std::{sync::Weak, time::Instant};

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
        let (mut joiner, mut packets) = (Joiner::default(), Vec::new());
        while let Ok(count) = connection.receive(&mut datagrams).await {
            let now = Instant::now();
            for datagram in datagrams.iter().take(count) {
                match connection.is_private() {
                    true => {
                        private::items(datagram, |item| join(&mut joiner, item, now, &mut packets))
                    }
                    false => join(&mut joiner, datagram, now, &mut packets),
                }
            }
            if self.deliver(&mut packets).await.is_none() {
                return;
            }
        }
    }

    /// None when this machine is in the mesh no more.
    async fn deliver(&self, packets: &mut Vec<Bytes>) -> Option<()> {
        let shared = self.shared.upgrade()?;
        let routes = shared.routes(&self.mesh)?;
        for (to, packets) in routes.sent_by_peer(&self.key, &self.local, packets) {
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
        Some(())
    }
}

fn join(joiner: &mut Joiner, datagram: &Bytes, now: Instant, packets: &mut Vec<Bytes>) {
    let whole = match datagram.first() {
        Some(&MARK) => joiner.join(datagram, usize::from(MTU), now),
        _ => Some(datagram.clone()),
    };
    packets.extend(whole.filter(|packet| packet.len() <= usize::from(MTU)));
}
