use crate::StakingError;
use anchor_lang::prelude::*;

/// The staking program's books. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// Sum of all booked stakes, those cooling down included.
    pub staked_units: u64,
    pub version: u8,
    pub bump: u8,
    pub vault_authority_bump: u8,
    pub paused: u8,
    pub reserved: [u8; 60],
}

impl Config {
    pub fn add(&mut self, amount: u64) -> Result<()> {
        self.staked_units = self
            .staked_units
            .checked_add(amount)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    pub fn remove(&mut self, amount: u64) -> Result<()> {
        self.staked_units = self
            .staked_units
            .checked_sub(amount)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }
}
