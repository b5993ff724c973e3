//! What a device shows: stake, signs of life, proofs, connectivity.

use super::{state, BEATS_PER_HOUR, BEAT_SECS};
use iog_client::{
    registry::{self, Device, HardwareClass, Measurements},
    staking::DeviceStake,
};
use iog_math::{score, units::HOUR};

/// Intervals that a device remembers.
const BEATS: i64 = 768;
/// For how long a measurement counts, and a tier that no quorum gave anew (registry's `MEASUREMENT_SECS`, `TIER_SECS`).
const MEASUREMENT_SECS: i64 = 2_592_000;
const TIER_SECS: i64 = 15_552_000;

pub fn is_active(device: &Device) -> bool {
    device.state == state::DEVICE_ACTIVE
}

pub fn is_terminated(device: &Device) -> bool {
    device.state == state::DEVICE_TERMINATED
}

/// How many GPUs it counts as.
pub fn cards(device: &Device) -> u32 {
    device.quantity
}

/// Whether devices of the class prove their work.
pub fn is_proved_class(class: &HardwareClass) -> bool {
    class.proof_valid_hours > 0
}

/// Whether a proof passed in the `hours` epochs before `epoch`, or in it.
pub fn proved_within(device: &Device, epoch: u64, hours: u64) -> bool {
    device.last_pass_epoch > 0 && epoch.saturating_sub(device.last_pass_epoch) <= hours
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
    let minimum = iog_math::stake::minimum(class.stake_multiplier_x100, cards(device));
    stake.unlock_ts == 0 && minimum.is_ok_and(|minimum| total >= minimum)
}

/// Whether a co-staker earns a share of what the device earns now.
pub fn shares(stake: &DeviceStake) -> bool {
    let stays = stake.co_leave_ts == 0 && stake.unlock_ts == 0;
    stays && stake.co_amount_units > 0 && stake.co_share_bps > 0
}

/// The ten-minute interval that a time lies in.
pub fn beat_interval(now: i64) -> i64 {
    now.div_euclid(BEAT_SECS)
}

/// Whether the last sign of life, heartbeat or commit, lies in the hour of unix time that `now` lies in, or in the one before.
pub fn sign_in_last_hours(device: &Device, now: i64) -> bool {
    let before = now.div_euclid(HOUR).saturating_sub(1);
    device.last_sign_ts > 0 && device.last_sign_ts.div_euclid(HOUR) >= before
}

/// Intervals with a sign of life in the hour of unix time that began `before` hours ago.
pub fn beats_in_hour(device: &Device, now: i64, before: i64) -> u32 {
    let first = now
        .div_euclid(HOUR)
        .saturating_sub(before)
        .saturating_mul(BEATS_PER_HOUR);
    let hour = first..first.saturating_add(BEATS_PER_HOUR);
    hour.map(|interval| u32::from(has_beat(device, interval)))
        .sum()
}

/// Whether the device sent a heartbeat, or committed a proof, in the hour of unix time that began `before` hours ago.
pub fn was_up(device: &Device, now: i64, before: i64) -> bool {
    beats_in_hour(device, now, before) > 0
}

/// Whether the device beat in this ten-minute interval of unix time, of those that it keeps.
pub fn has_beat(device: &Device, interval: i64) -> bool {
    let kept = interval <= device.beat_head && interval > device.beat_head.saturating_sub(BEATS);
    let bit = usize::try_from(interval.rem_euclid(BEATS)).unwrap_or(0);
    let word = device.beats.get(bit / 64).copied().unwrap_or(0);
    kept && word >> (bit % 64) & 1 == 1
}

/// The connectivity tier that counts.
pub fn tier_at(device: &Device, now: i64) -> u8 {
    match now.saturating_sub(device.tier_ts) > TIER_SECS {
        true => 1,
        false => device.tier.max(1),
    }
}

/// The tier that the measurers' tests give at `now`; `None` where too few of them are fresh, and the last one stands.
pub fn measured_tier(found: &Measurements, config: &registry::Config, now: i64) -> Option<u8> {
    let pairs = found.entries.iter().zip(&config.measurers);
    let fresh = pairs.filter(|(entry, measurer)| {
        let young = now.saturating_sub(entry.measured_ts) <= MEASUREMENT_SECS;
        let named =
            measurer.role.key != Default::default() && entry.measured_ts >= measurer.since_ts;
        entry.measured_ts > 0 && young && named
    });
    let (mut downloads, mut uploads): (Vec<u32>, Vec<u32>) = fresh
        .map(|(entry, _)| (entry.download_mbps, entry.upload_mbps))
        .unzip();
    let quorum = usize::try_from(config.quorum.value).unwrap_or(usize::MAX);
    if downloads.len() < quorum {
        return None;
    }
    let download = score::lower_median(&mut downloads)?;
    let upload = score::lower_median(&mut uploads)?;
    Some(score::tier(download, upload).max(1))
}
