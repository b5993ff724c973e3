use crate::StakingError;
use anchor_lang::prelude::*;
use iog_math::stake::UNSTAKE_COOLDOWN_SECS;

/// What stands behind one device.
#[account]
pub struct DeviceStake {
    pub device: Address,
    pub owner: Address,
    /// Zero while nobody co-stakes.
    pub co_staker: Address,
    pub amount_units: u64,
    pub co_amount_units: u64,
    /// When the stake may be withdrawn; 0 while no request was made.
    pub unlock_ts: i64,
    pub co_share_bps: u16,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 60],
}

impl DeviceStake {
    pub fn is_cooling_down(&self) -> bool {
        self.unlock_ts != 0
    }

    /// Counts towards eligibility: at least `minimum`, and not on its way out.
    pub fn covers(&self, minimum: u64) -> bool {
        !self.is_cooling_down() && self.amount_units.saturating_add(self.co_amount_units) >= minimum
    }

    pub fn add(&mut self, amount: u64) -> Result<()> {
        require!(amount > 0, StakingError::ZeroAmount);
        require!(!self.is_cooling_down(), StakingError::CoolingDown);
        self.amount_units = self
            .amount_units
            .checked_add(amount)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    pub fn request_unstake(&mut self, now: i64) -> Result<i64> {
        require!(!self.is_cooling_down(), StakingError::CoolingDown);
        self.unlock_ts = now
            .checked_add(UNSTAKE_COOLDOWN_SECS)
            .ok_or(StakingError::MathOverflow)?;
        Ok(self.unlock_ts)
    }

    /// What is paid out when the cool-down is over.
    pub fn withdrawable(&self, now: i64) -> Result<u64> {
        require!(self.is_cooling_down(), StakingError::NotRequested);
        require!(now >= self.unlock_ts, StakingError::CoolDownNotOver);
        Ok(self.amount_units)
    }
}
