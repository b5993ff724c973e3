//! A device's heartbeats: a ring of ten-minute intervals.

use super::Device;
use crate::{
    constants::{BEATS, BEATS_PER_HOUR, BEAT_SECS},
    RegistryError,
};
use anchor_lang::prelude::*;
use iog_math::units::{whole_periods, HOUR};

/// The ten-minute interval that `now` lies in, counted from the start of unix time.
pub fn beat_interval(now: i64) -> Result<i64> {
    whole_periods(now, BEAT_SECS)
        .ok()
        .and_then(|interval| i64::try_from(interval).ok())
        .ok_or_else(|| RegistryError::MathOverflow.into())
}

fn unix_hour(now: i64) -> Result<i64> {
    whole_periods(now, HOUR)
        .ok()
        .and_then(|hour| i64::try_from(hour).ok())
        .ok_or_else(|| RegistryError::MathOverflow.into())
}

impl Device {
    /// Takes a sign of life: marks the interval of `now` as served. Intervals in between were not.
    pub fn beat(&mut self, now: i64, slot: u64) -> Result<()> {
        self.last_sign_ts = self.last_sign_ts.max(now);
        self.last_sign_slot = self.last_sign_slot.max(slot);
        let interval = beat_interval(now)?;
        // The clock may step back a little: an older interval within reach is marked, nothing is cleared.
        if interval.saturating_sub(self.beat_head) >= BEATS {
            self.beats = [0; 12];
            self.beat_head = interval;
        }
        for skipped in self.beat_head.saturating_add(1)..=interval {
            self.set_beat(skipped, false)?;
        }
        let kept = interval > self.beat_head.saturating_sub(BEATS);
        if kept && !self.get_beat(interval)? {
            self.set_beat(interval, true)?;
            self.beats_total = self.beats_total.saturating_add(1);
        }
        self.beat_head = self.beat_head.max(interval);
        Ok(())
    }

    /// How many of the `count` intervals from `first` were served; intervals no longer kept count as not served.
    pub fn beats_in(&self, first: i64, count: i64) -> Result<u32> {
        let mut served = 0u32;
        for interval in first..first.saturating_add(count) {
            let kept =
                interval <= self.beat_head && interval > self.beat_head.saturating_sub(BEATS);
            if kept && self.get_beat(interval)? {
                served = served.saturating_add(1);
            }
        }
        Ok(served)
    }

    /// Whether the device showed a sign of life, a heartbeat or a proof, in each of the `hours` hours of unix time before the
    /// one that `now` lies in.
    pub fn was_up(&self, now: i64, hours: i64) -> Result<bool> {
        let hour = unix_hour(now)?;
        for before in 1..=hours {
            let first = hour.saturating_sub(before).saturating_mul(BEATS_PER_HOUR);
            if self.beats_in(first, BEATS_PER_HOUR)? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether the last sign of life lies in the hour of unix time that `now` lies in, or in the one before: an idle device
    /// sends one an hour, so one that lives is never without.
    pub fn sign_in_last_hours(&self, now: i64) -> Result<bool> {
        let before = unix_hour(now)?.saturating_sub(1);
        Ok(self.last_sign_ts > 0 && unix_hour(self.last_sign_ts)? >= before)
    }

    fn position(interval: i64) -> Result<(usize, u64)> {
        let bit = u64::try_from(interval)
            .ok()
            .and_then(|interval| interval.checked_rem(BEATS.unsigned_abs()))
            .and_then(|bit| u32::try_from(bit).ok())
            .ok_or(RegistryError::MathOverflow)?;
        let word = usize::try_from(bit.checked_shr(6).unwrap_or(0))
            .map_err(|_| RegistryError::MathOverflow)?;
        Ok((word, 1u64.checked_shl(bit & 63).unwrap_or(0)))
    }

    fn set_beat(&mut self, interval: i64, served: bool) -> Result<()> {
        let (word, mask) = Self::position(interval)?;
        let bits = self
            .beats
            .get_mut(word)
            .ok_or(RegistryError::MathOverflow)?;
        if served {
            *bits |= mask;
        } else {
            *bits &= !mask;
        }
        Ok(())
    }

    fn get_beat(&self, interval: i64) -> Result<bool> {
        let (word, mask) = Self::position(interval)?;
        let bits = self.beats.get(word).ok_or(RegistryError::MathOverflow)?;
        Ok(bits & mask != 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn counts_served_intervals_over_gaps_and_wraps() {
        let mut device = Device::zeroed();
        for interval in [10_000, 10_001, 10_003, 10_005] {
            device.beat(interval * BEAT_SECS + 7, 9).unwrap();
        }
        assert_eq!(device.beats_in(10_000, 6), Ok(4));
        assert_eq!(device.beats_in(9_990, 10), Ok(0));
        // A whole turn of the ring later nothing old is left.
        device.beat((10_005 + BEATS) * BEAT_SECS, 9).unwrap();
        assert_eq!(device.beats_in(10_000, 6), Ok(0));
        assert_eq!(device.beats_in(10_005 + BEATS, 1), Ok(1));
        assert_eq!(device.beats_in(10_006, BEATS - 1), Ok(0));
    }

    #[test]
    fn is_up_with_one_sign_of_life_in_each_hour() {
        let mut device = Device::zeroed();
        assert_eq!(device.was_up(50 * HOUR, 0), Ok(true));
        assert_eq!(device.was_up(50 * HOUR, 1), Ok(false));
        for hour in [44, 45, 47, 48, 49] {
            device.beat(hour * HOUR + 3_599, 9).unwrap();
        }
        // the running hour does not count, 46 is missing
        assert_eq!(device.was_up(50 * HOUR, 3), Ok(true));
        assert_eq!(device.was_up(50 * HOUR + 3_599, 3), Ok(true));
        assert_eq!(device.was_up(50 * HOUR, 4), Ok(false));
        assert_eq!(device.was_up(51 * HOUR, 1), Ok(false));
    }

    #[test]
    fn a_clock_that_steps_back_clears_nothing() {
        let mut device = Device::zeroed();
        device.beat(10_001 * BEAT_SECS, 9).unwrap();
        device.beat(10_000 * BEAT_SECS, 9).unwrap();
        assert_eq!(device.beats_in(10_000, 2), Ok(2));
        // Further back than the ring reaches: not recorded under a newer interval's bit.
        device.beat((10_001 - BEATS) * BEAT_SECS, 9).unwrap();
        assert_eq!(device.beats_in(10_000, 2), Ok(2));
        assert_eq!(device.beat_head, 10_001);
    }

    /// redteam 1c, 1d
    #[test]
    fn a_sign_of_life_counts_for_this_hour_and_the_next() {
        let mut device = Device::zeroed();
        assert_eq!(device.sign_in_last_hours(50 * HOUR), Ok(false));
        device.beat(50 * HOUR + 1_799, 77).unwrap();
        for (now, seen) in [
            (50 * HOUR + 1_800, true),
            (51 * HOUR, true),
            (52 * HOUR - 1, true),
            (52 * HOUR, false),
        ] {
            assert_eq!(device.sign_in_last_hours(now), Ok(seen), "at {now}");
        }
        // neither second nor slot falls
        device.beat(50 * HOUR, 76).unwrap();
        assert_eq!(
            (device.last_sign_ts, device.last_sign_slot),
            (50 * HOUR + 1_799, 77)
        );
        assert_eq!(device.beats_total, 2);
    }
}
