//! The programs' rules that a plan foresees, restated on the client's accounts. A rule that is restated wrongly costs a
//! refused simulation, never money: the programs decide.

mod credit;
mod device;
mod hire;
mod lease;
mod order;
mod price;

pub use credit::*;
pub use device::*;
pub use hire::*;
pub use lease::*;
pub use order::*;
pub use price::*;

use iog_client::{
    emission::DeviceRewards,
    market::Verdict,
    registry::{Attestation, HardwareClass, Window, Windows},
    treasury::{self, Auction, FeeVault},
};
use iog_math::units::{whole_periods, HOUR};
use iog_pow::Shape;

/// Hours of one ledger page (emission's `PAGE_HOURS`).
pub const PAGE_HOURS: u32 = 128;
/// Pending hours that a device may have (emission's `PENDING`).
pub const PENDING: usize = 8;
/// A device with this many failures in the window earns nothing and is not matched (emission's and market's `MAX_FAILURES`,
/// `FAILURE_WINDOW_HOURS`).
pub const MAX_FAILURES: u32 = 4;
pub const FAILURE_WINDOW_HOURS: u32 = 12;
/// Heartbeats that a hired device shows in the last full hour of its lease (emission's `MIN_HIRED_BEATS`).
pub const MIN_HIRED_BEATS: u32 = 5;
/// Hours of serving that each proof passed in a row frees of the next (emission's).
pub const EXEMPT_HOURS_PER_PASS: u64 = 2;
/// Length of one proof-of-time-lock interval (registry's `BEAT_SECS`).
pub const BEAT_SECS: i64 = 600;
const BEATS_PER_HOUR: i64 = 6;
/// So many slots after a commit both slots of its challenge are recorded, whatever the first one's hash draws (iog-pow's
/// `challenge_distance`: 8 to 63), unless the chain skipped them.
pub const CHALLENGE_SLOTS: u64 = 64;
/// Slots that SlotHashes reaches back, granted to a challenge that nobody recorded (registry's `finalize`).
pub const CHALLENGE_GRACE_SLOTS: u64 = 512;
/// Auctions are paused (treasury's `pause::AUCTIONS`).
pub const AUCTIONS_PAUSED: u8 = 1;
const DAY: i64 = 86_400;
/// How long a class's terms may be applied once they wait no more (the programs' `LAPSE_SECS`).
const LAPSE_SECS: i64 = 604_800;
/// A verdict is kept for this long where the supplier lost (market's `VERDICT_SECS`).
const VERDICT_SECS: i64 = 15_552_000;
/// Every opening proved (registry's `ALL_OPENINGS`).
pub const ALL_OPENINGS: u8 = 0xff;

/// Numbers of currencies.
pub mod currency {
    pub const IO: u8 = 0;
    pub const USD: u8 = 1;
    /// IOSD.
    pub const CREDIT: u8 = 2;
}

/// Numbers of states on chain.
pub mod state {
    pub const DEVICE_ACTIVE: u8 = 0;
    pub const DEVICE_TERMINATED: u8 = 2;

    pub const PROOF_COMMITTED: u8 = 1;
    pub const PROOF_CHALLENGED: u8 = 2;

    pub const ORDER_OPEN: u8 = 0;
    pub const ORDER_MATCHED: u8 = 1;
    pub const ORDER_ACTIVE: u8 = 2;
    pub const ORDER_COMPLETED: u8 = 3;
    pub const ORDER_ENDED: u8 = 4;
    pub const ORDER_EXPIRED: u8 = 5;

    pub const LEASE_MATCHED: u8 = 0;
    pub const LEASE_ACCEPTED: u8 = 1;
    pub const LEASE_SETTLED: u8 = 2;
    pub const LEASE_DISPUTED: u8 = 3;
}

/// The page that holds an hour, counted from 1.
pub fn page_of(hour: u32) -> u32 {
    hour.saturating_sub(1) / PAGE_HOURS
}

/// The first second of an hour, counted from 1.
pub fn hour_start(genesis_ts: i64, hour: u32) -> i64 {
    genesis_ts.saturating_add(i64::from(hour.saturating_sub(1)).saturating_mul(HOUR))
}

/// The window of an epoch that somebody has anchored, open or not yet.
pub fn anchored(windows: &Windows, epoch: u64) -> Option<Window> {
    windows
        .ring
        .iter()
        // Slots that were never written hold epoch 0, which is no epoch.
        .find(|window| window.epoch == epoch && epoch > 0)
        .copied()
}

/// The open window of an epoch.
pub fn window(windows: &Windows, epoch: u64) -> Option<Window> {
    // A window that is only anchored has no slot.
    anchored(windows, epoch).filter(|window| window.slot > 0)
}

/// A commit whose end nobody has recorded.
pub fn is_open(attestation: &Attestation) -> bool {
    matches!(
        attestation.state,
        state::PROOF_COMMITTED | state::PROOF_CHALLENGED
    )
}

/// The walk that was committed.
pub fn shape(attestation: &Attestation) -> Option<Shape> {
    let Attestation {
        rows,
        tiles,
        waves,
        cards,
        ..
    } = *attestation;
    Shape::new(rows, tiles, waves, cards).ok()
}

/// The walk of a device of a class with so many cards; nothing where the class takes fewer by now, and refuses its commit.
pub fn shape_of(class: &HardwareClass, cards: u32) -> Option<Shape> {
    let shape = Shape::new(class.rows, class.tiles, class.waves, cards).ok();
    shape.filter(|_| cards <= class.max_cards)
}

/// The first slot in which a challenge is recorded, and the last: once SlotHashes has forgotten the commit's slot, or the openings would be late,
/// nothing but the deadline helps.
pub fn record_from(attestation: &Attestation) -> u64 {
    attestation.commit_slot.saturating_add(CHALLENGE_SLOTS)
}

pub fn record_until(attestation: &Attestation) -> u64 {
    let openings = u64::from(attestation.reveal_slots).saturating_add(CHALLENGE_SLOTS - 1);
    let reach = CHALLENGE_GRACE_SLOTS.min(openings);
    attestation.commit_slot.saturating_add(reach)
}

/// The last slot in which openings of a challenge land, by the class's terms at the commit.
pub fn reveal_deadline(attestation: &Attestation) -> u64 {
    attestation
        .challenge_slot
        .saturating_add(u64::from(attestation.reveal_slots))
}

/// Whether `finalize` would be taken in `slot`.
pub fn can_finalize(attestation: &Attestation, slot: u64) -> bool {
    match attestation.state {
        state::PROOF_CHALLENGED => {
            attestation.revealed == ALL_OPENINGS || slot > reveal_deadline(attestation)
        }
        state::PROOF_COMMITTED => {
            let deadline = attestation
                .commit_slot
                .saturating_add(u64::from(attestation.reveal_slots));
            slot > deadline.saturating_add(CHALLENGE_GRACE_SLOTS)
        }
        _ => false,
    }
}

/// Pending hours that are closed, and so can be booked.
pub fn closed_pending(rewards: &DeviceRewards, next_hour: u32) -> impl Iterator<Item = u32> + '_ {
    rewards
        .pending
        .iter()
        .take(usize::from(rewards.pending_count))
        .map(|pending| pending.hour)
        .filter(move |hour| *hour < next_hour)
}

/// When the next round of an auction may begin: an hour after the last, which is then over.
pub fn next_auction_ts(auction: &Auction) -> i64 {
    match auction.round {
        0 => i64::MIN,
        _ => auction.opened_ts.saturating_add(HOUR),
    }
}

/// Whether a round could begin at `now`, as far as fees and caps go.
pub fn has_a_lot(config: &treasury::Config, auction: &Auction, fees: &FeeVault, now: i64) -> bool {
    let left = |counted: u64, period: i64, spent: u64, cap: u64| {
        let passed = whole_periods(now, period).is_ok_and(|running| running > counted);
        cap.saturating_sub(if passed { 0 } else { spent })
    };
    let (hour, today) = (auction.spent_this_hour_units, auction.spent_today_units);
    let hour = left(auction.hour, HOUR, hour, config.cap_per_hour_units.value);
    let today = left(auction.day, DAY, today, config.cap_per_day_units.value);
    fees.booked_units.min(hour).min(today) >= config.min_lot_units.value
}

/// Whether a class's announced terms can be applied at `now`, as far as time goes.
pub fn terms_due(class: &HardwareClass, now: i64) -> bool {
    let age = now.saturating_sub(class.pending_ts);
    class.pending_ts != 0 && (0..=LAPSE_SECS).contains(&age)
}

/// Since when no slash case can name a verdict any more.
pub fn verdict_over_ts(verdict: &Verdict) -> i64 {
    match verdict.paid_usd6 {
        0 => verdict.decided_ts,
        _ => verdict.decided_ts.saturating_add(VERDICT_SECS),
    }
}
