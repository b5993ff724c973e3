//! How far a device is trusted, from what it did.

use crate::units::BPS;

/// Ten-minute slots of a device's leases and what went wrong with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Slots served.
    pub slots_served: u64,
    /// Slots of a lease without a heartbeat.
    pub slots_missed: u64,
    /// Matches that it let pass without a sign of life.
    pub skipped: u64,
    /// Leases taken from it because it was silent.
    pub timeouts: u64,
    /// Disputes decided against it.
    pub disputes_lost: u64,
}

/// Slots of an hour: everything is counted in them.
const HOUR: u64 = 6;
/// Hours that every device is credited with and, as many, charged with: a new one stands at one half, and a few hours move it little.
const PRIOR: u64 = 8 * HOUR;
/// Hours that a timeout weighs: the job that it lost had to start again.
const TIMEOUT: u64 = 6 * HOUR;
/// Hours that a lost dispute weighs: somebody had to look into it.
const DISPUTE: u64 = 12 * HOUR;
/// A count beyond this, 10^12, counts as this: all sums then fit 64 bits.
const MAX_COUNT: u64 = 1 << 40;

/// Good hours over all, in basis points, rounded down: `(served + 8) / (served + bad + 16)`.
///
/// `bad` is `missed + skipped + 6 * timeouts + 12 * disputes_lost`, slots being sixths of hours. A new device has 5,000; one without a
/// fault tends to 10,000 and never reaches it.
pub fn reputation_bps(record: &Record) -> u16 {
    let slots = |count: u64, weight: u64| count.min(MAX_COUNT).saturating_mul(weight);
    let good = slots(record.slots_served, 1).saturating_add(PRIOR);
    let bad = slots(record.slots_missed, 1)
        .saturating_add(slots(record.skipped, HOUR))
        .saturating_add(slots(record.timeouts, TIMEOUT))
        .saturating_add(slots(record.disputes_lost, DISPUTE))
        .saturating_add(PRIOR);
    // floor: nobody is better than its record
    let share = good
        .saturating_mul(BPS)
        .checked_div(good.saturating_add(bad));
    share.and_then(|bps| u16::try_from(bps).ok()).unwrap_or(0)
}
