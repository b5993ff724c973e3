//! A connection on which as much travels when nothing is said: frames of one size in bursts of one number, at times that are random around
//! one rate. Hides sizes and times from relays and lines, and nothing from a member. redteam mesh M7

use super::{seal, ways::TELL};
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
/// What waits of this machine, and of others who send by it; above, items are dropped.
const BACKLOG_BYTES: usize = 256 << 10;
const PASSED_BYTES: usize = 64 << 10;
const HEAD: usize = 2;
/// Of a packet or a piece, so that it also fits when another passes it on.
pub const ITEM_BYTES: usize = FRAME_BYTES - HEAD - seal::HEAD;

/// Sends until the connection is lost. `tell` has a report for the peer.
pub async fn send(
    connection: &MemberConnection,
    own: &mut Receiver<Vec<Bytes>>,
    passed: &mut Receiver<Vec<Bytes>>,
    mut tell: impl FnMut() -> Option<Bytes>,
) {
    let mut backlog = Backlog::default();
    let (mut at, mut tells_at) = (Instant::now(), Instant::now());
    loop {
        let pause = Duration::from_micros(rand::random_range(LEAST_MICROS..=MOST_MICROS));
        at = at.checked_add(pause).unwrap_or(at).max(Instant::now());
        sleep_until(at).await;
        if at >= tells_at {
            tells_at = at.checked_add(TELL).unwrap_or(at);
            backlog.own.put(tell().into_iter().collect(), BACKLOG_BYTES);
        }
        while let Ok(items) = own.try_recv() {
            backlog.own.put(items, BACKLOG_BYTES);
        }
        while let Ok(items) = passed.try_recv() {
            backlog.passed.put(items, PASSED_BYTES);
        }
        let burst: Vec<_> = (0..BURST).map(|_| backlog.frame()).collect();
        if connection.send(&burst).await.is_err() {
            return;
        }
    }
}

#[derive(Default)]
struct Waiting {
    items: VecDeque<Bytes>,
    bytes: usize,
}

impl Waiting {
    fn put(&mut self, items: Vec<Bytes>, most_bytes: usize) {
        for item in items {
            let bytes = self.bytes.saturating_add(item.len());
            if bytes <= most_bytes {
                self.bytes = bytes;
                self.items.push_back(item);
            }
        }
    }

    fn take(&mut self, room: usize) -> Option<Bytes> {
        let item = self.items.pop_front_if(|item| item.len() <= room)?;
        self.bytes = self.bytes.saturating_sub(item.len());
        Some(item)
    }
}

/// Where both wait they take turns: who sends much by this machine does not silence it.
#[derive(Default)]
struct Backlog {
    own: Waiting,
    passed: Waiting,
    passed_first: bool,
}

impl Backlog {
    /// As many items as fit, each with its length before it, and zeros.
    fn frame(&mut self) -> Bytes {
        let mut frame = BytesMut::with_capacity(FRAME_BYTES);
        loop {
            let room = FRAME_BYTES.saturating_sub(frame.len()).saturating_sub(HEAD);
            let (first, second) = match self.passed_first {
                true => (&mut self.passed, &mut self.own),
                false => (&mut self.own, &mut self.passed),
            };
            let item = match first.take(room) {
                Some(item) => {
                    self.passed_first = !self.passed_first;
                    Some(item)
                }
                None => second.take(room),
            };
            let Some((len, item)) =
                item.and_then(|item| Some((u16::try_from(item.len()).ok()?, item)))
            else {
                break;
            };
            frame.put_u16(len);
            frame.put_slice(&item);
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

    fn items_of(frame: &Bytes) -> Vec<Bytes> {
        let mut all = Vec::new();
        items(frame, |item| all.push(item.clone()));
        all
    }

    proptest! {
        /// redteam mesh M7: frames have one size, whatever is in them, and nothing of it is lost.
        #[test]
        fn one_size(lens in proptest::collection::vec(1..1_400_usize, 0..40)) {
            let packets: Vec<Bytes> = lens.iter().map(|len| vec![0x45; *len].into()).collect();
            let mut backlog = Backlog::default();
            backlog.own.put(crate::hub::ways::Ways::default().cut(packets.clone()), BACKLOG_BYTES);
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

        /// Neither silences the other: who waits has half of what is sent.
        #[test]
        fn own_and_passed_take_turns(large in 500..1_050_usize, small in 20..500_usize) {
            let mut backlog = Backlog::default();
            let items = |mark, len: usize| -> Vec<Bytes> { vec![vec![mark; len].into(); 2_000] };
            backlog.passed.put(items(7, large), PASSED_BYTES);
            backlog.own.put(items(8, small), BACKLOG_BYTES);
            prop_assert!(backlog.passed.bytes <= PASSED_BYTES);
            let mut came = [0_usize; 2];
            for _ in 0..40 {
                items_of(&backlog.frame()).iter().for_each(|item| came[usize::from(item[0] == 8)] += item.len());
            }
            prop_assert!(came[0] > 15 * 500 && came[1] > 15 * 20, "{came:?}");
        }

        #[test]
        fn any_frame(bytes in proptest::collection::vec(any::<u8>(), FRAME_BYTES)) {
            items(&bytes.into(), |item| assert!(!item.is_empty()));
        }
    }
}
