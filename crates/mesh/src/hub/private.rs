//! A connection on which as much travels when nothing is said: frames of one size in bursts of one number, at times that are random around
//! one rate. Hides sizes and times from relays and lines, and nothing from a member. redteam mesh M7

use super::peer::cut_all;
use bytes::{BufMut, Bytes, BytesMut};
use iog_link::MemberConnection;
use std::{collections::VecDeque, time::Duration};
use tokio::{
    sync::mpsc::Receiver,
    time::{sleep_until, Instant},
};

/// Bytes of a frame: fits into the smallest datagram of a path.
pub const FRAME_BYTES: usize = 1_100;
/// Frames of a burst.
pub const BURST: usize = 8;
/// Microseconds between two bursts, at random: 7.8 Mbit/s each way for each pair of machines.
pub const LEAST_MICROS: u64 = 5_000;
pub const MOST_MICROS: u64 = 13_000;
/// What waits; above, packets are dropped.
const BACKLOG_BYTES: usize = 256 << 10;
const HEAD: usize = 2;

/// Sends until the connection is lost.
pub async fn send(connection: &MemberConnection, packets: &mut Receiver<Vec<Bytes>>) {
    let mut backlog = Backlog::default();
    let mut at = Instant::now();
    loop {
        let pause = Duration::from_micros(rand::random_range(LEAST_MICROS..=MOST_MICROS));
        at = at.checked_add(pause).unwrap_or(at).max(Instant::now());
        sleep_until(at).await;
        while let Ok(batch) = packets.try_recv() {
            backlog.put(batch);
        }
        let burst: Vec<_> = (0..BURST).map(|_| backlog.frame()).collect();
        if connection.send(&burst).await.is_err() {
            return;
        }
    }
}

#[derive(Default)]
struct Backlog {
    items: VecDeque<Bytes>,
    bytes: usize,
    number: u16,
}

impl Backlog {
    fn put(&mut self, batch: Vec<Bytes>) {
        let mut pieces = Vec::new();
        cut_all(
            batch,
            &mut self.number,
            FRAME_BYTES.saturating_sub(HEAD),
            &mut pieces,
        );
        for piece in pieces {
            if self.bytes.saturating_add(piece.len()) <= BACKLOG_BYTES {
                self.bytes = self.bytes.saturating_add(piece.len());
                self.items.push_back(piece);
            }
        }
    }

    /// As many items as fit, each with its length before it, and zeros.
    fn frame(&mut self) -> Bytes {
        let mut frame = BytesMut::with_capacity(FRAME_BYTES);
        while let Some(item) = self.items.front() {
            let room = FRAME_BYTES.saturating_sub(frame.len()).saturating_sub(HEAD);
            let Some(len) = u16::try_from(item.len())
                .ok()
                .filter(|_| item.len() <= room)
            else {
                break;
            };
            frame.put_u16(len);
            frame.put_slice(item);
            self.bytes = self.bytes.saturating_sub(item.len());
            self.items.pop_front();
        }
        frame.resize(FRAME_BYTES, 0);
        frame.freeze()
    }
}

/// What is in a frame; nothing of one of another size.
pub fn items(frame: &Bytes, mut item: impl FnMut(&Bytes)) {
    if frame.len() != FRAME_BYTES {
        return;
    }
    let mut rest = frame.clone();
    while let Some((&[high, low], _)) = rest.split_first_chunk::<HEAD>() {
        let len = usize::from(u16::from_be_bytes([high, low]));
        let end = len.saturating_add(HEAD);
        if len == 0 || end > rest.len() {
            return;
        }
        item(&rest.slice(HEAD..end));
        rest = rest.slice(end..);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// redteam mesh M7: frames have one size, whatever is in them, and nothing of it is lost.
        #[test]
        fn one_size(lens in proptest::collection::vec(1..1_400_usize, 0..40)) {
            let packets: Vec<Bytes> = lens.iter().map(|len| vec![0x45; *len].into()).collect();
            let mut backlog = Backlog::default();
            backlog.put(packets.clone());
            let (mut joiner, mut came) = (crate::piece::Joiner::default(), Vec::new());
            let now = std::time::Instant::now();
            let frames = (0..100).map(|_| backlog.frame());
            for frame in frames {
                prop_assert_eq!(frame.len(), FRAME_BYTES);
                items(&frame, |item| match item.first() {
                    Some(0x0f) => came.extend(joiner.join(item, 1_400, now)),
                    _ => came.push(item.clone()),
                });
            }
            prop_assert_eq!(came, packets);
        }

        #[test]
        fn any_frame(bytes in proptest::collection::vec(any::<u8>(), FRAME_BYTES)) {
            items(&bytes.into(), |item| assert!(!item.is_empty()));
        }
    }
}
