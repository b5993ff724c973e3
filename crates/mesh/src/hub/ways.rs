//! How a private mesh speaks with one fellow: over the line to it, and about as often by another fellow, which passes on what is not for it.
//! Once alone: what was passed on is delivered or dropped.
//!
//! Each side gives the other a key over their own line, and what goes by others is sealed with it: who passes on can drop, and neither
//! read nor forge. Twice a second it tells what came by whom, so that a fellow that drops is not asked any more.

use super::{
    private::ITEM_BYTES,
    routes::Routes,
    seal::{open, seal},
};
use crate::{
    piece::{cut, Joiner, MARK},
    MTU,
};
use bytes::{BufMut, Bytes, BytesMut};
use iog_job::{Key, MAX_MEMBERS};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The key that its receiver seals with, then rank (u16) of who passed on and number (u32) of what came by it in all.
pub const REPORT: u8 = 0x0c;
/// Between two reports and what is sent to find out who passes on.
pub const TELL: Duration = Duration::from_millis(500);
/// A fellow is asked so long after something came by it.
const GOOD: Duration = Duration::from_secs(2);
/// And not for so long where half of it was lost, of at least so many.
const SHUNNED: Duration = Duration::from_secs(10);
const JUDGED: u32 = 4 * WEIGHT;
/// An item counts for so much, and an empty one, which only tries a way, for one: who lets these pass and no other is found out.
const WEIGHT: u32 = 16;

pub(super) struct Ways {
    /// Of this side, for what the fellow sends by others.
    own_key: [u8; 32],
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    number: u16,
    joiner: Joiner,
    /// Of the fellow, by who passed it on.
    came: HashMap<Key, u32>,
    fellows_key: Option<[u8; 32]>,
    to: HashMap<Key, Way>,
}

/// What the fellow was sent by another one.
#[derive(Default)]
struct Way {
    sent: u32,
    /// How much was sent and had come at the last report, and when it was judged last.
    last: Option<(u32, u32)>,
    judged: Option<(u32, u32)>,
    good_until: Option<Instant>,
    shunned_until: Option<Instant>,
}

impl Way {
    fn is_good(&self, now: Instant) -> bool {
        let shunned = self.shunned_until.is_some_and(|until| now < until);
        !shunned && self.good_until.is_some_and(|until| now < until)
    }

    fn told(&mut self, came: u32, now: Instant) {
        if let Some(last) = self.last {
            if came != last.1 {
                self.good_until = now.checked_add(GOOD);
            }
            // What was sent before the last report has come by now, or is lost.
            let (sent, had_come) = *self.judged.get_or_insert(last);
            let due = last.0.wrapping_sub(sent);
            if due >= JUDGED {
                if came.wrapping_sub(had_come) < due / 2 {
                    self.shunned_until = now.checked_add(SHUNNED);
                }
                self.judged = Some(last);
            }
        }
        self.last = Some((self.sent, came));
    }
}

impl Default for Ways {
    fn default() -> Self {
        Self {
            own_key: rand::random(),
            inner: Mutex::default(),
        }
    }
}

impl Ways {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Packets as items, whichever way each of them takes.
    pub fn cut(&self, packets: Vec<Bytes>) -> Vec<Bytes> {
        let (mut inner, mut items) = (self.inner(), Vec::new());
        for packet in packets {
            inner.number = inner.number.wrapping_add(1);
            cut(packet, inner.number, ITEM_BYTES, &mut items);
        }
        items
    }

    /// Adds the packet, when this was all of it or its last piece. Pieces come by several ways, in any order.
    pub fn join(&self, item: &Bytes, now: Instant, packets: &mut Vec<Bytes>) {
        join(&mut self.inner().joiner, item, now, packets);
    }

    /// Which of these pass on to the fellow.
    pub fn good(&self, mut hops: Vec<Key>, now: Instant) -> Vec<Key> {
        let inner = self.inner();
        hops.retain(|hop| inner.to.get(hop).is_some_and(|way| way.is_good(now)));
        hops
    }

    /// To be passed on by that one. None as long as the fellow's key is not here.
    pub fn seal(&self, hop: Key, ends: (u16, u16), item: &[u8]) -> Option<Bytes> {
        let key = self.inner().fellows_key?;
        let sealed = seal(&key, ends, item)?;
        let mut inner = self.inner();
        let way = inner.to.entry(hop).or_default();
        way.sent = way.sent.wrapping_add(weight(item));
        Some(sealed)
    }

    /// What the fellow sent by that one; none of what it did not seal.
    pub fn open(&self, hop: Key, passed: &[u8]) -> Option<Bytes> {
        let item = open(&self.own_key, passed)?;
        let mut inner = self.inner();
        let came = inner.came.entry(hop).or_default();
        *came = came.wrapping_add(weight(&item));
        Some(item)
    }

    /// For the fellow. Forgets who is in the mesh no more.
    pub fn report(&self, routes: &Routes) -> Bytes {
        let mut inner = self.inner();
        inner.came.retain(|hop, _| routes.has(hop));
        inner.to.retain(|hop, _| routes.has(hop));
        let mut report = BytesMut::new();
        report.put_u8(REPORT);
        report.put_slice(&self.own_key);
        for (hop, came) in inner.came.iter().take(usize::from(MAX_MEMBERS)) {
            if let Some(rank) = routes.rank_of(hop) {
                report.put_u16(rank);
                report.put_u32(*came);
            }
        }
        report.freeze()
    }

    /// The fellow's report.
    pub fn told(&self, report: &[u8], routes: &Routes, now: Instant) {
        let Some((key, mut rest)) = report.get(1..).and_then(<[u8]>::split_first_chunk::<32>)
        else {
            return;
        };
        let mut inner = self.inner();
        if inner.fellows_key.as_ref() != Some(key) {
            // It was started anew, and counts from nothing.
            inner.fellows_key = Some(*key);
            inner.to.clear();
        }
        while let Some(([high, low, came @ ..], after)) = rest.split_first_chunk::<6>() {
            rest = after;
            let hop = routes.keys.get(&u16::from_be_bytes([*high, *low]));
            if let Some(way) = hop.and_then(|hop| inner.to.get_mut(hop)) {
                way.told(u32::from_be_bytes(*came), now);
            }
        }
    }
}

fn weight(item: &[u8]) -> u32 {
    match item {
        [] => 1,
        _ => WEIGHT,
    }
}

/// Joins pieces of one sender.
pub fn join(joiner: &mut Joiner, item: &Bytes, now: Instant, packets: &mut Vec<Bytes>) {
    let whole = match item.first() {
        Some(&MARK) => joiner.join(item, usize::from(MTU), now),
        _ => Some(item.clone()),
    };
    packets.extend(whole.filter(|packet| packet.len() <= usize::from(MTU)));
}

#[cfg(test)]
mod tests {
    use super::{super::seal::passed, *};

    const HOP: Key = Key([2; 32]);

    /// Two sides that have told each other their keys, and a mesh of the ranks 0 to 2.
    fn pair() -> (Ways, Ways, Routes) {
        let (one, two) = (Ways::default(), Ways::default());
        let keys = (0..3).map(|rank| (rank, Key([u8::try_from(rank).unwrap(); 32])));
        let routes = Routes {
            keys: keys.collect(),
            ..Routes::default()
        };
        assert_eq!(one.seal(HOP, (0, 1), b"too early"), None);
        one.told(&two.report(&routes), &routes, Instant::now());
        (one, two, routes)
    }

    /// Pieces that come by different ways, the last one first.
    #[test]
    fn pieces_of_two_ways() {
        let (one, two, _) = pair();
        let packet = Bytes::from(vec![0x45; 1_400]);
        let cut = one.cut(vec![packet.clone()]);
        let [first, last] = &cut[..] else { panic!() };
        let (now, mut packets) = (Instant::now(), Vec::new());
        let sealed = passed(&one.seal(HOP, (0, 1), last).unwrap());
        two.join(&two.open(HOP, &sealed).unwrap(), now, &mut packets);
        assert!(packets.is_empty());
        two.join(first, now, &mut packets);
        assert_eq!(packets, [packet]);
    }

    /// One that stalls is asked no more after 2 s, one that drops most after two reports; and again when it does what it should.
    #[test]
    fn who_drops_is_avoided() {
        let (one, two, routes) = pair();
        let mut now = Instant::now();
        let mut round = |items: u32, dropped: u32| {
            for at in 0..items {
                let sealed = passed(&one.seal(HOP, (0, 1), &[]).unwrap());
                if at >= dropped {
                    two.open(HOP, &sealed).unwrap();
                }
            }
            now += TELL;
            one.told(&two.report(&routes), &routes, now);
            !one.good(vec![HOP], now).is_empty()
        };
        assert!(!round(1, 0), "one report tells nothing");
        assert!(round(1, 0));
        assert!((0..4).all(|_| round(100, 30)));
        round(100, 90);
        round(100, 90);
        assert!(!round(100, 90));
        let rounds = u32::try_from(SHUNNED.as_millis() / TELL.as_millis()).unwrap() + 1;
        let again = (0..rounds).filter(|_| round(1, 0)).count();
        assert!(again > 0, "it is asked again");
        assert!(round(1, 0));
        let stalled = (0..5).map(|_| round(2, 2)).collect::<Vec<_>>();
        assert!(stalled[0] && !stalled[4], "{stalled:?}");
        assert!(round(1, 0));
        (0..5).for_each(|_| drop(one.seal(HOP, (0, 1), b"lost")));
        round(1, 0);
        assert!(!round(1, 0), "it passes on what only tries it");
    }

    #[test]
    fn a_fellow_that_is_started_anew_has_another_key() {
        let (one, two, routes) = pair();
        let anew = Ways::default();
        one.told(&anew.report(&routes), &routes, Instant::now());
        let sent = passed(&one.seal(HOP, (0, 1), b"hello").unwrap());
        assert_eq!(two.open(HOP, &sent), None);
        assert!(anew.open(HOP, &sent).is_some());
    }
}
