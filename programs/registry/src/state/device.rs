use crate::{
    constants::{BEATS, BEATS_PER_HOUR, BEAT_SECS, MAX_QUANTITY, MAX_SPEED_TEST_AGE_SECS},
    events::ProofFinalized,
    RegistryError,
};
use anchor_lang::prelude::*;
use iog_math::units::{whole_periods, HOUR};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum DeviceState {
    Active = 0,
    Paused = 1,
    Terminated = 2,
}

/// A machine, or a set of equal GPUs behind one key.
#[account]
pub struct Device {
    /// The operator's wallet: owns stake and earnings.
    pub owner: Address,
    /// Signs proofs, heartbeats and acceptances; lives on the machine.
    pub device_key: Address,
    /// Public key of the machine's tunnel endpoint.
    pub tunnel_key: Address,
    pub class: Address,
    /// Report of the speed test that the tier follows from, and evidence of the last security attestation.
    pub report_hash: [u8; 32],
    pub security_hash: [u8; 32],
    pub registered_ts: i64,
    /// When that speed test was made; 0 before the first.
    pub measured_ts: i64,
    /// Newest ten-minute interval with a heartbeat, unix seconds / 600.
    pub beat_head: i64,
    /// Heartbeats of the 768 intervals up to the newest, by interval modulo 768.
    pub beats: [u64; 12],
    /// Last epoch whose proof passed.
    pub last_pass_epoch: u64,
    /// Last epoch whose proof failed, and a bit for each of the 64 epochs up to it.
    pub last_fail_epoch: u64,
    pub fail_bits: u64,
    /// Proofs that passed and failed, never reset.
    pub proofs_passed: u64,
    pub proofs_failed: u64,
    /// Proofs passed since the last failure.
    pub pass_streak: u32,
    pub quantity: u32,
    pub class_id: u16,
    pub country: [u8; 2],
    /// Connectivity, 1 Low to 4 Ultra High, 0 not yet attested.
    pub tier: u8,
    pub state: u8,
    pub version: u8,
    pub bump: u8,
    /// 1 when the attestor has seen that the machine meets the security terms.
    pub secure: u8,
    pub reserved: [u8; 63],
}

#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct DeviceArgs {
    pub tunnel_key: Address,
    pub quantity: u32,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: [u8; 2],
}

/// A measurement of a device's connection.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct SpeedTest {
    /// MB/s.
    pub download_mbps: u32,
    pub upload_mbps: u32,
    /// Unix seconds.
    pub measured_ts: i64,
    /// SHA-256 of the report, which the attestor keeps.
    pub report_hash: [u8; 32],
}

/// The ten-minute interval that `now` lies in, counted from the start of unix time.
pub fn beat_interval(now: i64) -> Result<i64> {
    whole_periods(now, BEAT_SECS)
        .ok()
        .and_then(|interval| i64::try_from(interval).ok())
        .ok_or_else(|| RegistryError::MathOverflow.into())
}

impl DeviceArgs {
    pub fn validate(&self) -> Result<()> {
        require!(
            (1..=MAX_QUANTITY).contains(&self.quantity),
            RegistryError::InvalidQuantity
        );
        require!(
            self.country.iter().all(u8::is_ascii_uppercase),
            RegistryError::InvalidCountry
        );
        Ok(())
    }
}

impl Device {
    pub fn is_active(&self) -> bool {
        self.state == DeviceState::Active as u8
    }

    /// Moves to `state`; a terminated device stays so.
    pub fn set_state(&mut self, state: u8) -> Result<()> {
        require!(
            self.state != DeviceState::Terminated as u8,
            RegistryError::DeviceTerminated
        );
        require!(
            state <= DeviceState::Terminated as u8,
            RegistryError::InvalidState
        );
        self.state = state;
        Ok(())
    }

    /// The owner's wallet holds the stake and must not lie on the machine; the tunnel's key meets strangers and must not sign
    /// proofs. A tunnel key of zeros is none.
    pub fn require_different_keys(&self) -> Result<()> {
        let different = self.owner != self.device_key
            && self.tunnel_key != self.device_key
            && self.tunnel_key != self.owner;
        require!(different, RegistryError::KeysEqual);
        Ok(())
    }

    /// Takes over a speed test: fresh, and newer than the one before, so that none counts twice.
    pub fn take_speed_test(&mut self, test: &SpeedTest, now: i64) -> Result<()> {
        require!(test.measured_ts <= now, RegistryError::SpeedTestInFuture);
        require!(
            now.saturating_sub(test.measured_ts) <= MAX_SPEED_TEST_AGE_SECS,
            RegistryError::SpeedTestTooOld
        );
        require!(
            test.measured_ts > self.measured_ts,
            RegistryError::SpeedTestReplayed
        );
        self.tier = iog_math::score::tier(test.download_mbps, test.upload_mbps);
        self.measured_ts = test.measured_ts;
        self.report_hash = test.report_hash;
        Ok(())
    }

    pub fn record_pass(&mut self, epoch: u64) {
        self.last_pass_epoch = epoch;
        self.pass_streak = self.pass_streak.saturating_add(1);
        self.proofs_passed = self.proofs_passed.saturating_add(1);
    }

    pub fn record_fail(&mut self, epoch: u64) {
        let age = epoch.saturating_sub(self.last_fail_epoch);
        self.fail_bits = u32::try_from(age)
            .ok()
            .and_then(|age| self.fail_bits.checked_shl(age))
            .unwrap_or(0)
            | 1;
        self.last_fail_epoch = epoch;
        self.pass_streak = 0;
        self.proofs_failed = self.proofs_failed.saturating_add(1);
    }

    /// Books how the proof of `epoch` ended; returns what to say about it.
    pub fn record(&mut self, device: Address, epoch: u64, passed: bool) -> ProofFinalized {
        if passed {
            self.record_pass(epoch);
        } else {
            self.record_fail(epoch);
        }
        ProofFinalized {
            device,
            epoch,
            passed,
            pass_streak: self.pass_streak,
            proofs_passed: self.proofs_passed,
            proofs_failed: self.proofs_failed,
        }
    }

    /// Failures in the `hours` epochs up to and with `epoch`; at most 64 are known.
    pub fn failures(&self, epoch: u64, hours: u32) -> u32 {
        let Some(bits) = u32::try_from(epoch.saturating_sub(self.last_fail_epoch))
            .ok()
            .and_then(|age| self.fail_bits.checked_shl(age))
        else {
            return 0;
        };
        let window = 1u64
            .checked_shl(hours)
            .map_or(u64::MAX, |bit| bit.saturating_sub(1));
        (bits & window).count_ones()
    }

    /// Marks the interval of `now` as served. Intervals in between were not.
    pub fn beat(&mut self, now: i64) -> Result<()> {
        let interval = beat_interval(now)?;
        // The clock may step back a little: an older interval within reach is marked, nothing is cleared.
        if interval.saturating_sub(self.beat_head) >= BEATS {
            self.beats = [0; 12];
            self.beat_head = interval;
        }
        for skipped in self.beat_head.saturating_add(1)..=interval {
            self.set_beat(skipped, false)?;
        }
        if interval > self.beat_head.saturating_sub(BEATS) {
            self.set_beat(interval, true)?;
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
        let hour = whole_periods(now, HOUR)
            .ok()
            .and_then(|hour| i64::try_from(hour).ok())
            .ok_or(RegistryError::MathOverflow)?;
        for before in 1..=hours {
            let first = hour.saturating_sub(before).saturating_mul(BEATS_PER_HOUR);
            if self.beats_in(first, BEATS_PER_HOUR)? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
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
            device.beat(interval * BEAT_SECS + 7).unwrap();
        }
        assert_eq!(device.beats_in(10_000, 6), Ok(4));
        assert_eq!(device.beats_in(9_990, 10), Ok(0));
        // A whole turn of the ring later nothing old is left.
        device.beat((10_005 + BEATS) * BEAT_SECS).unwrap();
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
            device.beat(hour * HOUR + 3_599).unwrap();
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
        device.beat(10_001 * BEAT_SECS).unwrap();
        device.beat(10_000 * BEAT_SECS).unwrap();
        assert_eq!(device.beats_in(10_000, 2), Ok(2));
        // Further back than the ring reaches: not recorded under a newer interval's bit.
        device.beat((10_001 - BEATS) * BEAT_SECS).unwrap();
        assert_eq!(device.beats_in(10_000, 2), Ok(2));
        assert_eq!(device.beat_head, 10_001);
    }

    #[test]
    fn counts_failures_by_hour() {
        let mut device = Device::zeroed();
        for epoch in [100, 101, 105, 111] {
            device.record_fail(epoch);
        }
        assert_eq!(device.failures(111, 12), 4);
        assert_eq!(device.failures(112, 12), 3);
        assert_eq!(device.failures(117, 12), 1);
        assert_eq!(device.failures(123, 12), 0);
        assert_eq!(device.failures(1_000, 12), 0);
    }
}
