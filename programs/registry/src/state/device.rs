use crate::{
    constants::{MAX_QUANTITY, MAX_SPEED_TEST_AGE_SECS},
    events::ProofFinalized,
    RegistryError,
};
use anchor_lang::prelude::*;

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
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

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
