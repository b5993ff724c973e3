//! Who is admitted. The caller knows the chain, the link does not.

use iog_job::Key;
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

/// Decides who may speak. Asked often and from many tasks: answers at once, from memory.
pub trait Gate: Send + Sync + 'static {
    /// Whether `peer` is an engineer key of a lease that is served here. A ticket's holder is admitted for who signed it.
    fn admits(&self, peer: &Key) -> bool;

    /// Whether `peer` is a fellow device of a lease that is served here: admitted to their mesh, and to nothing else. redteam mesh M4
    fn admits_member(&self, _peer: &Key) -> bool {
        false
    }

    /// Somebody was refused; `peer` is zeros where only an address is known.
    fn refused(&self, peer: &Key, why: &'static str);

    /// The time that tickets are held to, seconds since 1970; the chain's, where it is known.
    fn now_ts(&self) -> i64 {
        wall_clock()
    }
}

/// Admits nobody: for those who only dial.
#[derive(Clone, Copy, Debug, Default)]
pub struct Closed;

impl Gate for Closed {
    fn admits(&self, _: &Key) -> bool {
        false
    }

    fn refused(&self, _: &Key, _: &'static str) {}
}

pub(crate) fn wall_clock() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
}

/// Why somebody was refused; the words under which it is counted.
pub mod why {
    /// Came by a relay; refused before the handshake.
    pub const UNKNOWN_BEFORE: &str = "unknown key, before the handshake";
    pub const UNKNOWN_AFTER: &str = "unknown key, after the handshake";
    pub const ADDRESS_RATE: &str = "too many attempts from one address";
    pub const HANDSHAKE: &str = "handshake failed";
    pub const PENDING: &str = "too many handshakes at once";
    pub const TICKET: &str = "ticket not valid";
    pub const TICKET_SLOW: &str = "no ticket in time";
    pub const TICKETS: &str = "too many tickets";
    pub const NO_MORE: &str = "key no longer admitted";
    pub const REPLACED: &str = "too many connections of one key";
    pub const HELLO: &str = "no proper first message";
    pub const NO_MEMBER: &str = "no device of a mesh here";
    pub const TICKET_SCOPE: &str = "ticket does not allow it";
}

/// Refusals by reason, since the start.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<BTreeMap<&'static str, u64>>);

impl Refusals {
    pub fn count(&self, why: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(why).or_default();
        *count = count.saturating_add(1);
    }

    pub fn snapshot(&self) -> BTreeMap<String, u64> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts
            .iter()
            .map(|(why, count)| ((*why).to_string(), *count))
            .collect()
    }
}
