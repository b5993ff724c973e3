use super::HardwareClass;
use crate::{
    constants::{BEATS_PER_HOUR, MAX_PLATFORM, MAX_QUANTITY, TIER_SECS},
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
    /// Evidence of the last security attestation.
    pub security_hash: [u8; 32],
    pub registered_ts: i64,
    /// Second and slot of the last sign of life, a heartbeat or a commit; 0 before the first. Neither ever falls.
    pub last_sign_ts: i64,
    pub last_sign_slot: u64,
    /// When a quorum of measurers last gave the tier; 0 before the first time.
    pub tier_ts: i64,
    /// Newest ten-minute interval with a heartbeat, unix seconds / 600.
    pub beat_head: i64,
    /// Heartbeats of the 768 intervals up to the newest, by interval modulo 768.
    pub beats: [u64; 12],
    /// Intervals marked, never reset, and what they were when the last proof passed.
    pub beats_total: u64,
    pub beats_at_pass: u64,
    /// Last epoch whose proof passed.
    pub last_pass_epoch: u64,
    /// Last epoch whose proof failed, and a bit for each of the 64 epochs up to it.
    pub last_fail_epoch: u64,
    pub fail_bits: u64,
    /// Proofs that passed and failed, never reset.
    pub proofs_passed: u64,
    pub proofs_failed: u64,
    /// Proofs passed since the last failure or gap.
    pub pass_streak: u32,
    pub quantity: u32,
    pub class_id: u16,
    pub country: [u8; 2],
    /// Connectivity that the measurers last gave, 1 Low to 4 Ultra High; [`Device::tier_at`] says what counts.
    pub tier: u8,
    pub state: u8,
    pub version: u8,
    pub bump: u8,
    /// 1 when the attestor has seen that the machine meets the security terms.
    pub secure: u8,
    /// What the machine runs on, its owner's word: 0 unknown, 1 linux/amd64, 2 linux/arm64.
    pub platform: u8,
    pub reserved: [u8; 70],
}

#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct DeviceArgs {
    pub tunnel_key: Address,
    pub quantity: u32,
    /// ISO 3166-1 alpha-2, upper case.
    pub country: [u8; 2],
    /// 0 unknown, 1 linux/amd64, 2 linux/arm64.
    pub platform: u8,
}

impl DeviceArgs {
    /// One key proves the cards of one walk, so a device of a class that is proved is as many GPUs as the class lets walk together;
    /// nothing but rent, which a renter sees, follows from the others' number.
    pub fn validate(&self, class: &HardwareClass) -> Result<()> {
        let most = if class.is_proved() {
            class.max_cards
        } else {
            MAX_QUANTITY
        };
        require!(
            (1..=most).contains(&self.quantity),
            RegistryError::InvalidQuantity
        );
        require!(
            self.country.iter().all(u8::is_ascii_uppercase),
            RegistryError::InvalidCountry
        );
        require_platform(self.platform)
    }
}

/// An image is built for a platform, and a renter asks for it before it books.
fn require_platform(platform: u8) -> Result<()> {
    require!(platform <= MAX_PLATFORM, RegistryError::InvalidPlatform);
    Ok(())
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

    /// Says what the machine runs on. A terminated device runs nothing.
    pub fn set_platform(&mut self, platform: u8) -> Result<()> {
        require_platform(platform)?;
        require!(
            self.state != DeviceState::Terminated as u8,
            RegistryError::DeviceTerminated
        );
        self.platform = platform;
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

    /// How many GPUs the device counts as: for score, minimum stake, rent, listing and counters alike.
    pub fn cards(&self) -> u32 {
        self.quantity
    }

    /// The connectivity tier that counts: 1 without asking, and again 180 days after a quorum last gave another.
    pub fn tier_at(&self, now: i64) -> u8 {
        if now.saturating_sub(self.tier_ts) > TIER_SECS {
            return 1;
        }
        self.tier.max(1)
    }

    /// Whether a proof passed in the `hours` epochs before `epoch`, or in it.
    pub fn proved_within(&self, epoch: u64, hours: u64) -> bool {
        self.last_pass_epoch > 0 && epoch.saturating_sub(self.last_pass_epoch) <= hours
    }

    /// Books a pass. The streak starts anew where more than `valid_hours` lie since the last one, hours of served leases not
    /// counted. The registry sees no leases and counts heartbeats instead, six to an hour: who sends them without a lease
    /// pays 30,000 lamports an hour, about what it costs to rent from oneself, and the streak only ranks.
    pub fn record_pass(&mut self, epoch: u64, valid_hours: u32) {
        let per_hour = BEATS_PER_HOUR.unsigned_abs();
        let beaten = self.beats_total.saturating_sub(self.beats_at_pass);
        let unproved = epoch
            .saturating_sub(self.last_pass_epoch)
            .saturating_mul(per_hour)
            .saturating_sub(beaten);
        if unproved > u64::from(valid_hours).saturating_mul(per_hour) {
            self.pass_streak = 0;
        }
        self.last_pass_epoch = epoch;
        self.beats_at_pass = self.beats_total;
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

    /// Books how the proof of `epoch` ended, for a device of `class`; returns what to say about it.
    pub fn record(
        &mut self,
        device: Address,
        class: &HardwareClass,
        epoch: u64,
        passed: bool,
    ) -> ProofFinalized {
        if passed {
            self.record_pass(epoch, class.proof_valid_hours);
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
    use crate::constants::BEAT_SECS;
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

    /// redteam 2b
    #[test]
    fn a_streak_starts_anew_after_a_gap() {
        let mut device = Device::zeroed();
        for (epoch, streak) in [(500, 1), (501, 2), (503, 3), (506, 4), (510, 1), (513, 2)] {
            device.record_pass(epoch, 3);
            assert_eq!(device.pass_streak, streak, "epoch {epoch}");
        }
        device.record_fail(514);
        device.record_pass(515, 3);
        assert_eq!((device.pass_streak, device.proofs_passed), (1, 7));
        device.record_pass(521, 6);
        assert_eq!(device.pass_streak, 2);
    }

    /// redteam 2b
    #[test]
    fn served_hours_are_no_gap() {
        // a gap of a day: 21 hours of it served, or a beat less
        for (beats, streak) in [(126, 2), (125, 1)] {
            let mut device = Device::zeroed();
            device.record_pass(500, 3);
            for interval in 0..beats {
                let now = (9_000 + interval) * BEAT_SECS;
                device.beat(now, 0).unwrap();
                // a second beat of the interval counts for nothing
                device.beat(now + 1, 0).unwrap();
            }
            device.record_pass(524, 3);
            assert_eq!(device.pass_streak, streak, "{beats} beats");
            // what was served before the last pass fills no later gap
            device.record_pass(528, 3);
            assert_eq!(device.pass_streak, 1);
        }
    }

    /// redteam 2a
    #[test]
    fn is_proved_for_some_hours_after_a_pass() {
        let mut device = Device::zeroed();
        assert!(!device.proved_within(1, 168));
        device.record_pass(5, 3);
        for (epoch, proved) in [(4, true), (5, true), (8, true), (9, false)] {
            assert_eq!(device.proved_within(epoch, 3), proved, "epoch {epoch}");
        }
    }

    /// redteam 12: every device has the lowest tier without asking
    #[test]
    fn the_tier_is_never_below_1() {
        let mut device = Device::zeroed();
        assert_eq!(device.tier_at(0), 1);
        (device.tier, device.tier_ts) = (4, 1_000);
        assert_eq!(device.tier_at(15_553_000), 4);
        assert_eq!(device.tier_at(15_553_001), 1);
    }

    /// audit: market H6, audit: proof H-1
    #[test]
    fn a_device_of_a_proved_class_is_the_cards_that_may_walk_together() {
        let mut class = HardwareClass::zeroed();
        class.max_cards = 8;
        let mut taken = |hours, quantity| {
            class.proof_valid_hours = hours;
            let args = DeviceArgs {
                tunnel_key: Address::new_from_array([0; 32]),
                quantity,
                country: *b"DE",
                platform: 0,
            };
            args.validate(&class).is_ok()
        };
        assert_eq!(
            [0, 1, 8, 9, 4_096].map(|n| taken(3, n)),
            [false, true, true, false, false]
        );
        assert_eq!(
            [0, 1, 4_096, 4_097].map(|n| taken(0, n)),
            [false, true, true, false]
        );
    }
}
