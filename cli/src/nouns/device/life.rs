//! What the registry remembers of a device: heartbeats, proofs and its tier (`state/device.rs` and `state/beats.rs`).

use crate::output::{rfc3339, Record, Time};
use iog_client::registry::accounts::Device;
use iog_math::units::HOUR;

const BEATS_PER_HOUR: i64 = 6;
/// Intervals that a device remembers.
const BEATS: i64 = 768;
/// How long a tier stands without another quorum: 180 days (`TIER_SECS` of the registry's constants.rs).
const TIER_SECS: i64 = 15_552_000;

/// An hour of unix time before the running one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Past {
    pub start_ts: i64,
    /// A heartbeat was sent in it, or a proof committed.
    pub alive: bool,
}

/// The `hours` hours before the one that `now` lies in, oldest first.
pub fn past(device: &Device, now: i64, hours: u64) -> Vec<Past> {
    let running = now.div_euclid(HOUR);
    let hours = i64::try_from(hours).unwrap_or(BEATS);
    let past = (1..=hours).rev().map(|before| {
        let hour = running.saturating_sub(before);
        let first = hour.saturating_mul(BEATS_PER_HOUR);
        let mut intervals = first..first.saturating_add(BEATS_PER_HOUR);
        Past {
            start_ts: hour.saturating_mul(HOUR),
            alive: intervals.any(|interval| has_beat(device, interval)),
        }
    });
    past.collect()
}

/// Heartbeats in the `count` intervals from `first`.
pub fn beats_in(device: &Device, first: i64, count: u32) -> u32 {
    let until = first.saturating_add(i64::from(count));
    let beats = (first..until).filter(|interval| has_beat(device, *interval));
    u32::try_from(beats.count()).unwrap_or(u32::MAX)
}

/// Heartbeats in the last full hour of unix time, and where that began.
pub fn last_full_hour(device: &Device, now: i64) -> (u32, i64) {
    let hour = now.div_euclid(HOUR).saturating_sub(1);
    let beats = beats_in(device, hour.saturating_mul(BEATS_PER_HOUR), 6);
    (beats, hour.saturating_mul(HOUR))
}

/// Whether the last sign of life lies in the hour of unix time that `now` lies in, or in the one before.
pub fn sign_in_last_hours(device: &Device, now: i64) -> bool {
    let before = now.div_euclid(HOUR).saturating_sub(1);
    device.last_sign_ts > 0 && device.last_sign_ts.div_euclid(HOUR) >= before
}

/// Whether a proof passed in the `hours` epochs before `epoch`, or in it.
pub fn proved_within(device: &Device, epoch: u64, hours: u64) -> bool {
    device.last_pass_epoch > 0 && epoch.saturating_sub(device.last_pass_epoch) <= hours
}

/// The connectivity tier that counts: 1 without asking, and again when nobody has measured for 180 days.
pub fn tier_at(device: &Device, now: i64) -> u8 {
    match now.saturating_sub(device.tier_ts) > TIER_SECS {
        true => 1,
        false => device.tier.max(1),
    }
}

/// Until when a tier above the lowest stands; `None` for the lowest.
pub fn tier_until(device: &Device) -> Option<i64> {
    let above = device.tier > 1 && device.tier_ts != 0;
    above.then(|| device.tier_ts.saturating_add(TIER_SECS))
}

fn has_beat(device: &Device, interval: i64) -> bool {
    let kept = interval <= device.beat_head && interval > device.beat_head.saturating_sub(BEATS);
    let bit = usize::try_from(interval.rem_euclid(BEATS)).unwrap_or(0);
    let word = device.beats.get(bit / 64).copied().unwrap_or(0);
    kept && word >> (bit % 64) & 1 == 1
}

pub fn records(past: &[Past]) -> Vec<Record> {
    let record = |hour: &Past| {
        Record::new()
            .put("hour_ts", Time(hour.start_ts))
            .put("sign_of_life", hour.alive)
    };
    past.iter().map(record).collect()
}

/// Which hours lack a sign of life, from when on the device can earn, and what that takes.
pub fn to_do(past: &[Past]) -> String {
    let missing: Vec<String> = past
        .iter()
        .filter(|hour| !hour.alive)
        .map(|hour| rfc3339(hour.start_ts))
        .collect();
    let last = past.iter().rfind(|hour| !hour.alive);
    let wait = i64::try_from(past.len()).unwrap_or(0).saturating_add(1);
    let earns = last.map_or(0, |hour| {
        hour.start_ts.saturating_add(wait.saturating_mul(HOUR))
    });
    format!(
        "no sign of life in the hour from {}: keep iog-keeper with the node role running on the machine, a heartbeat or proof an hour is enough; it can earn from {} on",
        missing.join(", "),
        rfc3339(earns)
    )
}

/// Failed proofs in the `hours` epochs up to and with `epoch`.
pub fn failures(device: &Device, epoch: u64, hours: u32) -> u32 {
    let age = u32::try_from(epoch.saturating_sub(device.last_fail_epoch)).ok();
    let bits = age
        .and_then(|age| device.fail_bits.checked_shl(age))
        .unwrap_or(0);
    let window = 1u64
        .checked_shl(hours)
        .map_or(u64::MAX, |bit| bit.saturating_sub(1));
    (bits & window).count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_client::{decode, AccountData as _};

    /// A device with one heartbeat in each of these hours.
    fn device(hours: &[i64]) -> Device {
        let mut data = Device::DISCRIMINATOR.to_vec();
        data.resize(512, 0);
        let mut device: Device = decode(&data).unwrap();
        for interval in hours.iter().map(|hour| hour * 6 + 3) {
            let bit = usize::try_from(interval % 768).unwrap();
            device.beats[bit / 64] |= 1 << (bit % 64);
            device.beat_head = interval;
        }
        device
    }

    #[test]
    fn a_sign_of_life_counts_for_this_hour_and_the_next() {
        let mut device = device(&[]);
        assert!(!sign_in_last_hours(&device, 50 * HOUR));
        device.last_sign_ts = 50 * HOUR + 1_799;
        assert!(sign_in_last_hours(&device, 52 * HOUR - 1));
        assert!(!sign_in_last_hours(&device, 52 * HOUR));
    }

    #[test]
    fn tiers_stand_for_180_days_and_never_below_1() {
        let mut device = device(&[]);
        assert_eq!((tier_at(&device, 0), tier_until(&device)), (1, None));
        (device.tier, device.tier_ts) = (4, 1_000);
        assert_eq!(tier_until(&device), Some(15_553_000));
        assert_eq!(tier_at(&device, 15_553_000), 4);
        assert_eq!(tier_at(&device, 15_553_001), 1);
    }

    #[test]
    fn beats_are_counted_by_interval() {
        let device = device(&[95, 96]);
        assert_eq!(beats_in(&device, 95 * 6, 12), 2);
        assert_eq!(last_full_hour(&device, 97 * HOUR + 5), (1, 96 * HOUR));
        assert_eq!(last_full_hour(&device, 98 * HOUR), (0, 97 * HOUR));
    }

    #[test]
    fn every_hour_before_the_running_one_needs_a_sign_of_life() {
        let now = 100 * 3_600 + 50;
        let alive = |past: &[Past]| past.iter().map(|hour| hour.alive).collect::<Vec<_>>();
        let up = past(&device(&[95, 96, 97, 98, 99]), now, 5);
        assert_eq!(alive(&up), [true; 5]);
        assert_eq!(up[0].start_ts, 95 * 3_600);
        let gap = past(&device(&[95, 96, 98, 99, 100]), now, 5);
        assert_eq!(alive(&gap), [true, true, false, true, true]);
        let text = to_do(&gap);
        assert!(text.contains("from 1970-01-05T01:00:00Z:"), "{text}");
        // hour 97 is out of the five once hour 103 runs
        assert!(text.ends_with("from 1970-01-05T07:00:00Z on"), "{text}");
    }
}
