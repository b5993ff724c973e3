//! Packets that are larger than a path's datagrams travel in pieces. A piece begins with [`MARK`], which no IP packet does: number of the
//! packet (u16), index and count of the piece, then its bytes.

use bytes::{BufMut, Bytes, BytesMut};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

pub const MARK: u8 = 0x0f;
const HEAD: usize = 5;
/// Packets of one peer that are not whole. redteam mesh M5
pub const UNFINISHED: usize = 64;
/// How long they are kept. redteam mesh M5
pub const KEPT: Duration = Duration::from_secs(1);
/// No more pieces than the smallest path needs for the largest packet, and some to spare.
const MOST_PIECES: u8 = 8;

/// The packet as it is where it fits, else its pieces, all but the last of the same size; false where it has none.
pub fn cut(packet: Bytes, number: u16, max: usize, out: &mut Vec<Bytes>) -> bool {
    if packet.len() <= max {
        out.push(packet);
        return true;
    }
    let Some(room) = max.checked_sub(HEAD).filter(|room| *room > 0) else {
        return false;
    };
    let Ok(count) = u8::try_from(packet.len().div_ceil(room)) else {
        return false;
    };
    if count > MOST_PIECES {
        return false;
    }
    // Of one size: neither is so small that it tells where the packet was cut.
    let size = packet.len().div_ceil(usize::from(count));
    for (index, part) in (0..count).zip(packet.chunks(size)) {
        let mut piece = BytesMut::with_capacity(part.len().saturating_add(HEAD));
        piece.put_u8(MARK);
        piece.put_u16(number);
        piece.put_u8(index);
        piece.put_u8(count);
        piece.put_slice(part);
        out.push(piece.freeze());
    }
    true
}

struct Unfinished {
    number: u16,
    since: Instant,
    parts: Vec<Option<Bytes>>,
    bytes: usize,
}

/// Joins the pieces of one peer.
#[derive(Default)]
pub struct Joiner(VecDeque<Unfinished>);

impl Joiner {
    /// The packet, when this was its last piece. A piece that another one stands in the place of, or that is of another count than its
    /// fellows, is dropped with all of them. redteam mesh M5
    pub fn join(&mut self, datagram: &Bytes, most_bytes: usize, now: Instant) -> Option<Bytes> {
        while let Some(oldest) = self.0.front() {
            if now.duration_since(oldest.since) < KEPT {
                break;
            }
            self.0.pop_front();
        }
        let ([mark, high, low, index, count], part) = datagram.split_first_chunk::<HEAD>()?;
        let sound = *mark == MARK && (2..=MOST_PIECES).contains(count) && index < count;
        if !sound || part.is_empty() {
            return None;
        }
        let number = u16::from_be_bytes([*high, *low]);
        let found = self.0.iter().position(|other| other.number == number);
        let at = found.unwrap_or_else(|| {
            if self.0.len() >= UNFINISHED {
                self.0.pop_front();
            }
            self.0.push_back(Unfinished {
                number,
                since: now,
                parts: vec![None; usize::from(*count)],
                bytes: 0,
            });
            self.0.len().saturating_sub(1)
        });
        let packet = self.0.get_mut(at)?;
        packet.bytes = packet.bytes.saturating_add(part.len());
        let same = packet.parts.len() == usize::from(*count) && packet.bytes <= most_bytes;
        let place = packet
            .parts
            .get_mut(usize::from(*index))
            .filter(|place| same && place.is_none());
        let Some(place) = place else {
            self.0.remove(at);
            return None;
        };
        // Copied: a piece of a few bytes would else keep all that came with it.
        *place = Some(Bytes::copy_from_slice(part));
        if packet.parts.iter().any(Option::is_none) {
            return None;
        }
        let whole = self.0.remove(at)?;
        let mut joined = BytesMut::with_capacity(whole.bytes);
        whole
            .parts
            .iter()
            .flatten()
            .for_each(|part| joined.put_slice(part));
        Some(joined.freeze())
    }

    #[cfg(test)]
    fn held(&self) -> (usize, usize) {
        let bytes = self.0.iter().map(|packet| packet.bytes).sum();
        (self.0.len(), bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pieces(packet: &Bytes, number: u16, max: usize) -> Vec<Bytes> {
        let mut out = Vec::new();
        assert!(cut(packet.clone(), number, max, &mut out));
        out
    }

    proptest! {
        #[test]
        fn what_is_cut_is_joined(len in 20..1_400_usize, max in 300..1_500_usize, turn in 0..8_usize, number: u16) {
            let packet: Bytes = (0..len).map(|at| u8::try_from(at % 251).unwrap()).collect();
            let mut cut = pieces(&packet, number, max);
            prop_assert!(cut.iter().all(|piece| piece.len() <= max));
            if len <= max {
                prop_assert_eq!(&cut, std::slice::from_ref(&packet));
                return Ok(());
            }
            let turn = turn % cut.len();
            cut.rotate_left(turn);
            let (mut joiner, now) = (Joiner::default(), Instant::now());
            let (last, first) = cut.split_last().unwrap();
            for piece in first {
                prop_assert_eq!(joiner.join(piece, 1_400, now), None);
            }
            prop_assert_eq!(joiner.join(last, 1_400, now), Some(packet));
            prop_assert_eq!(joiner.held(), (0, 0));
        }

        /// redteam mesh M5: whatever a peer sends, what is kept of it is bounded, and nothing that is joined is larger than a packet.
        #[test]
        fn hostile_pieces(sent in proptest::collection::vec((0_u16..100, 0_u8..10, 0_u8..10, 0_usize..600, 0_u64..400), 1..400)) {
            let (mut joiner, mut now) = (Joiner::default(), Instant::now());
            for (number, index, count, len, later) in sent {
                now += Duration::from_millis(later);
                let mut piece = vec![MARK];
                piece.extend(number.to_be_bytes());
                piece.extend([index, count]);
                piece.extend(vec![7; len]);
                if let Some(packet) = joiner.join(&piece.into(), 1_400, now) {
                    prop_assert!(packet.len() <= 1_400);
                }
                let (packets, bytes) = joiner.held();
                prop_assert!(packets <= UNFINISHED && bytes <= UNFINISHED * 1_400);
                prop_assert!(joiner.0.iter().all(|packet| now.duration_since(packet.since) < KEPT));
            }
        }

        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            Joiner::default().join(&bytes.into(), 1_400, Instant::now());
        }
    }

    /// redteam mesh M5: two pieces in one place, or of two counts, join to nothing.
    #[test]
    fn overlaps_are_dropped() {
        let packet = Bytes::from(vec![1; 1_000]);
        let cut = pieces(&packet, 9, 600);
        let now = Instant::now();
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(&cut[0], 1_400, now), None);
        assert_eq!(joiner.join(&cut[0], 1_400, now), None);
        assert_eq!(
            joiner.join(&cut[1], 1_400, now),
            None,
            "its first half was thrown out"
        );
        let other = pieces(&packet, 9, 400);
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(&cut[0], 1_400, now), None);
        assert_eq!(joiner.join(&other[1], 1_400, now), None);
        assert_eq!(joiner.join(&cut[1], 1_400, now), None);
    }

    /// redteam mesh M5: what is kept of a piece is its bytes, and not the 64 KiB that it was read with.
    #[test]
    fn a_piece_keeps_nothing_else() {
        let read = Bytes::from([&[MARK, 0, 1, 0, 2, 7][..], &[0; 64 << 10]].concat());
        let mut joiner = Joiner::default();
        assert_eq!(joiner.join(&read.slice(..6), 1_400, Instant::now()), None);
        assert_eq!(joiner.held(), (1, 1));
        assert!(read.is_unique());
    }

    /// redteam mesh M5: after a second nothing is left of it.
    #[test]
    fn late_pieces_join_nothing() {
        let cut = pieces(&Bytes::from(vec![1; 1_000]), 9, 600);
        let (mut joiner, now) = (Joiner::default(), Instant::now());
        assert_eq!(joiner.join(&cut[0], 1_400, now), None);
        assert_eq!(joiner.join(&cut[1], 1_400, now + KEPT), None);
    }
}
