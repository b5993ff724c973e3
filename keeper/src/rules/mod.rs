//! The programs' rules that a plan foresees, restated on the client's accounts. A rule that is restated wrongly costs a
//! refused simulation, never money: the programs decide.

mod credit;
mod market;

pub use credit::*;
pub use market::*;

use iog_client::{
    emission::DeviceRewards,
    registry::{Attestation, Device, HardwareClass, Window, Windows},
    staking::DeviceStake,
    treasury::{self, Auction, FeeVault},
};
use iog_math::units::{whole_periods, HOUR};

/// Hours of one ledger page (emission's `PAGE_HOURS`).
pub const PAGE_HOURS: u32 = 128;
/// Pending hours that a device may have (emission's `PENDING`).
pub const PENDING: usize = 8;
/// A device with this many failures in the window earns nothing (emission's `MAX_FAILURES`, `FAILURE_WINDOW_HOURS`).
pub const MAX_FAILURES: u32 = 4;
pub const FAILURE_WINDOW_HOURS: u32 = 12;
/// A lease frees a device of the proof when it had passed one in this many hours before the match (emission's `PROOF_VALID_HOURS`).
pub const PROOF_VALID_HOURS: u64 = 720;
/// Length of one proof-of-time-lock interval (registry's `BEAT_SECS`).
pub const BEAT_SECS: i64 = 600;
const BEATS_PER_HOUR: i64 = 6;
/// Intervals that a device remembers.
const BEATS: i64 = 768;
/// Slots that SlotHashes reaches back, granted to a challenge that nobody recorded (registry's `finalize`).
pub const CHALLENGE_GRACE_SLOTS: u64 = 512;
/// Auctions are paused (treasury's `pause::AUCTIONS`).
pub const AUCTIONS_PAUSED: u8 = 1;
const DAY: i64 = 86_400;
/// Every opening proved (registry's `ALL_OPENINGS`).
pub const ALL_OPENINGS: u8 = 0xff;

/// Numbers of states on chain.
pub mod state {
    pub const DEVICE_ACTIVE: u8 = 0;

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

/// The ten-minute interval that a time lies in.
pub fn beat_interval(now: i64) -> i64 {
    now.div_euclid(BEAT_SECS)
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

pub fn is_active(device: &Device) -> bool {
    device.state == state::DEVICE_ACTIVE
}

/// A commit whose end nobody has recorded.
pub fn is_open(attestation: &Attestation) -> bool {
    matches!(
        attestation.state,
        state::PROOF_COMMITTED | state::PROOF_CHALLENGED
    )
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

/// Failed proofs in the `hours` epochs up to and with `epoch`.
pub fn failures(device: &Device, epoch: u64, hours: u32) -> u32 {
    let age = epoch.saturating_sub(device.last_fail_epoch);
    let bits = u32::try_from(age)
        .ok()
        .and_then(|age| device.fail_bits.checked_shl(age))
        .unwrap_or(0);
    let window = 1u64
        .checked_shl(hours)
        .map_or(u64::MAX, |bit| bit.saturating_sub(1));
    (bits & window).count_ones()
}

/// Whether the stake counts: high enough, and not on its way out. A leaving co-staker's part counts until its wait is over.
pub fn is_staked(stake: &DeviceStake, class: &HardwareClass, device: &Device, now: i64) -> bool {
    let left = stake.co_leave_ts != 0 && now >= stake.co_leave_ts;
    let co_amount = if left { 0 } else { stake.co_amount_units };
    let total = stake.amount_units.saturating_add(co_amount);
    let minimum = iog_math::stake::minimum(class.multiplier_x100, device.quantity);
    stake.unlock_ts == 0 && minimum.is_ok_and(|minimum| total >= minimum)
}

/// Whether a co-staker earns a share of what the device earns now.
pub fn shares(stake: &DeviceStake) -> bool {
    let stays = stake.co_leave_ts == 0 && stake.unlock_ts == 0;
    stays && stake.co_amount_units > 0 && stake.co_share_bps > 0
}

/// Whether the device sent a heartbeat, or committed a proof, in the hour of unix time that began `before` hours ago.
pub fn was_up(device: &Device, now: i64, before: i64) -> bool {
    let first = now
        .div_euclid(HOUR)
        .saturating_sub(before)
        .saturating_mul(BEATS_PER_HOUR);
    (first..first.saturating_add(BEATS_PER_HOUR)).any(|interval| has_beat(device, interval))
}

fn has_beat(device: &Device, interval: i64) -> bool {
    let kept = interval <= device.beat_head && interval > device.beat_head.saturating_sub(BEATS);
    let bit = usize::try_from(interval.rem_euclid(BEATS)).unwrap_or(0);
    let word = device.beats.get(bit / 64).copied().unwrap_or(0);
    kept && word >> (bit % 64) & 1 == 1
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
