//! Changes that governance announces, and the roles that it gives: where one that waits stands, as the programs judge it
//! (`programs/common/src/governance/schedule.rs`).

use crate::output::{Record, Time};
use solana_pubkey::Pubkey;

pub const DAY_SECS: i64 = 86_400;
pub const WEEK_SECS: i64 = 604_800;
/// Applied within 7 days after its time, or lapsed (`LAPSE_SECS`).
pub const LAPSE_SECS: i64 = 604_800;

/// The moment of judging, and since when the program's authority is the one that it has.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    pub now: i64,
    pub since_ts: i64,
}

/// A key with a task, and who is named for it. Zeros are nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    pub key: Pubkey,
    pub pending: Pubkey,
    pub pending_ts: i64,
}

/// Copies a role out of any program's client: each has a type of its own.
macro_rules! holder {
    ($role:expr) => {{
        let role = &$role;
        $crate::waiting::Holder {
            key: role.key,
            pending: role.pending,
            pending_ts: role.pending_ts,
        }
    }};
}
pub(crate) use holder;

impl Moment {
    /// What can be said of a change that takes effect at `effective_ts`, `delay_secs` after it was announced; 0 for none.
    pub fn state(&self, effective_ts: i64, delay_secs: i64) -> Option<&'static str> {
        let announced_ts = effective_ts.saturating_sub(delay_secs);
        match effective_ts {
            0 => None,
            // A successor inherits nothing.
            _ if announced_ts <= self.since_ts => Some("void"),
            ts if self.now < ts => Some("waits"),
            ts if self.now.saturating_sub(ts) > LAPSE_SECS => Some("lapsed"),
            _ => Some("can be applied"),
        }
    }

    /// Who holds a role, and who is named for it.
    pub fn role(&self, name: &str, role: &Holder) -> Record {
        let waits = role.pending_ts != 0;
        Record::new()
            .put("role", name)
            .put("key", somebody(role.key))
            .put("pending", waits.then_some(role.pending))
            .put("pending_from", waits.then_some(Time(role.pending_ts)))
            .put("pending_state", self.state(role.pending_ts, DAY_SECS))
    }
}

/// `None` for zeros.
pub fn somebody(key: Pubkey) -> Option<Pubkey> {
    (key != Pubkey::default()).then_some(key)
}

/// The key, or nobody.
pub fn said(key: Pubkey) -> String {
    somebody(key).map_or_else(|| "nobody".to_string(), |key| key.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// audit: money L10
    #[test]
    fn what_a_former_authority_announced_is_void() {
        let at = |now, since_ts| Moment { now, since_ts }.state(100_000, DAY_SECS);
        assert_eq!(at(99_999, 0), Some("waits"));
        assert_eq!(at(100_000, 13_599), Some("can be applied"));
        assert_eq!(at(100_000, 13_600), Some("void"));
        assert_eq!(at(100_000 + LAPSE_SECS, 0), Some("can be applied"));
        assert_eq!(at(100_001 + LAPSE_SECS, 0), Some("lapsed"));
        let none = Moment {
            now: 1,
            since_ts: 0,
        };
        assert_eq!(none.state(0, DAY_SECS), None);
    }
}
