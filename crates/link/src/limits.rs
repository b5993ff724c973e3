//! How much strangers may ask for before they are known. redteam L4

use std::{
    collections::HashMap,
    net::IpAddr,
    time::{Duration, Instant},
};

/// Handshakes of strangers at once, above which a new address must first show that it gets answers.
pub(crate) const RETRY_ABOVE: usize = 64;
/// Handshakes of strangers at once, above which none is begun.
pub(crate) const MAX_PENDING: usize = 256;
/// Handshakes at once of keys with a lease, on top: strangers cannot use them up.
pub(crate) const RESERVED: usize = 64;
/// Attempts a second of one address (of a /64 in IPv6), or of one key that comes by relay.
pub(crate) const PER_SECOND: u32 = 8;
/// Connections of one key; the oldest makes room.
pub(crate) const PER_KEY: usize = 4;
/// Connections of a fellow device: one for each mesh that it shares with leases here.
pub(crate) const PER_MEMBER: usize = 16;
/// Streams of one connection.
pub(crate) const STREAMS: u32 = 32;
/// Holders of tickets of one engineer key at once.
pub(crate) const TICKETS: usize = 16;

const WINDOW: Duration = Duration::from_secs(1);
/// Addresses that are remembered.
const SOURCES: usize = 4_096;

/// Who is counted as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    V4([u8; 4]),
    /// The first 64 bits.
    V6([u8; 8]),
    Key([u8; 32]),
}

impl From<IpAddr> for Source {
    fn from(addr: IpAddr) -> Self {
        match addr.to_canonical() {
            IpAddr::V4(addr) => Self::V4(addr.octets()),
            IpAddr::V6(addr) => {
                let [a, b, c, d, e, f, g, h, ..] = addr.octets();
                Self::V6([a, b, c, d, e, f, g, h])
            }
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pace {
    Allowed,
    TooFast,
    /// More sources than are remembered: nobody can say how fast this one is.
    Crowded,
}

/// Attempts by source in the running second.
#[derive(Debug, Default)]
pub(crate) struct Paces(HashMap<Source, (Instant, u32)>);

impl Paces {
    pub fn attempt(&mut self, source: Source, now: Instant) -> Pace {
        if !self.0.contains_key(&source) && self.0.len() >= SOURCES {
            self.0
                .retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
            if self.0.len() >= SOURCES {
                return Pace::Crowded;
            }
        }
        let (since, count) = self.0.entry(source).or_insert((now, 0));
        if now.duration_since(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        if *count > PER_SECOND {
            Pace::TooFast
        } else {
            Pace::Allowed
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// redteam L4: eight a second of an address, of a /64, whatever it is written as.
    #[test]
    fn eight_a_second() {
        let start = Instant::now();
        let mut paces = Paces::default();
        let same = ["2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::3"];
        let mut count = |addr: &str, at: Duration| {
            paces.attempt(addr.parse::<IpAddr>().unwrap().into(), start + at)
        };
        for index in 0..8 {
            assert_eq!(count(same[index % 3], Duration::ZERO), Pace::Allowed);
        }
        assert_eq!(count(same[0], Duration::from_millis(999)), Pace::TooFast);
        assert_eq!(count("2001:db8:0:1::1", Duration::ZERO), Pace::Allowed);
        assert_eq!(count(same[1], Duration::from_secs(1)), Pace::Allowed);
        for _ in 0..4 {
            assert_eq!(count("203.0.113.1", Duration::ZERO), Pace::Allowed);
            assert_eq!(count("::ffff:203.0.113.1", Duration::ZERO), Pace::Allowed);
        }
        assert_eq!(count("203.0.113.1", Duration::ZERO), Pace::TooFast);
    }

    /// redteam L4: memory is bounded; old sources make room.
    #[test]
    fn sources_are_bounded() {
        let start = Instant::now();
        let mut paces = Paces::default();
        for number in 0..4_096_u32 {
            let source = Source::V4(number.to_be_bytes());
            assert_eq!(paces.attempt(source, start), Pace::Allowed);
        }
        let next = Source::V4([9; 4]);
        assert_eq!(paces.attempt(next, start), Pace::Crowded);
        assert_eq!(paces.attempt(Source::V4([0; 4]), start), Pace::Allowed);
        assert_eq!(paces.attempt(next, start + WINDOW), Pace::Allowed);
        assert_eq!(paces.0.len(), 1);
    }
}
