//! When a change that waits may act. One rule for parameters, roles and the programs' own kinds of changes.

use super::{Refusal, Result, LAPSE_SECS};

/// The moment from which a change counts as scheduled: later than the hand-over to the present authority, also within its second.
pub fn scheduled_at(now: i64, authority_since_ts: i64) -> i64 {
    now.max(authority_since_ts.saturating_add(1))
}

/// Whether a change that takes effect at `effective_ts`, `delay_secs` after it was scheduled, is a predecessor's.
pub fn is_inherited(effective_ts: i64, delay_secs: i64, authority_since_ts: i64) -> bool {
    effective_ts.saturating_sub(delay_secs) <= authority_since_ts
}

/// Refuses a change that does not wait (`effective_ts` 0, or scheduled by a predecessor), whose time has not come, or that has lapsed.
pub fn require_due(
    effective_ts: i64,
    delay_secs: i64,
    authority_since_ts: i64,
    now: i64,
) -> Result<()> {
    if effective_ts == 0 || is_inherited(effective_ts, delay_secs, authority_since_ts) {
        return Err(Refusal::NothingScheduled);
    }
    if now < effective_ts {
        return Err(Refusal::TooEarly);
    }
    if now.saturating_sub(effective_ts) > LAPSE_SECS {
        return Err(Refusal::Lapsed);
    }
    Ok(())
}
