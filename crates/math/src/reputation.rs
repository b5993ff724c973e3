//! How far a device is trusted, from what it did.

use crate::units::BPS;

/// Hours of a device's leases and what went wrong with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Hours served and paid.
    pub served: u64,
    /// Hours of a lease without proof of service.
    pub missed: u64,
    /// Matches that it let pass without an answer.
    pub skipped: u64,
    /// Leases taken from it because it was silent.
    pub timeouts: u64,
    /// Disputes decided against it.
    pub disputes_lost: u64,
}

/// Hours that every device is credited with and, as many, charged with: a new one stands at one half, and a few hours move it little.
const PRIOR_HOURS: u64 = 8;
/// Hours that a timeout weighs: the job that it lost had to start again.
const TIMEOUT_HOURS: u64 = 6;
/// Hours that a lost dispute weighs: somebody had to look into it.
const DISPUTE_HOURS: u64 = 12;
/// A count beyond this, 10^12 hours, counts as this: all sums then fit 64 bits.
const MAX_COUNT: u64 = 1 << 40;

/// Good hours over all, in basis points, rounded down: `(served + 8) / (served + bad + 16)`.
///
/// `bad` is `missed + skipped + 6 * timeouts + 12 * disputes_lost`. A new device has 5,000; one without a fault tends to 10,000 and never
/// reaches it.
pub fn reputation_bps(record: &Record) -> u16 {
    let hours = |count: u64, weight: u64| count.min(MAX_COUNT).saturating_mul(weight);
    let good = hours(record.served, 1).saturating_add(PRIOR_HOURS);
    let bad = hours(record.missed, 1)
        .saturating_add(hours(record.skipped, 1))
        .saturating_add(hours(record.timeouts, TIMEOUT_HOURS))
        .saturating_add(hours(record.disputes_lost, DISPUTE_HOURS))
        .saturating_add(PRIOR_HOURS);
    // floor: nobody is better than its record
    let share = good
        .saturating_mul(BPS)
        .checked_div(good.saturating_add(bad));
    share.and_then(|bps| u16::try_from(bps).ok()).unwrap_or(0)
}
