use crate::{constants::MAX_ACCEPTED, StakingError};
use anchor_lang::prelude::*;

/// An owner's offer to co-stake a device.
#[account]
pub struct Offer {
    pub device: Address,
    pub owner: Address,
    pub amount_units: u64,
    /// The co-staker's share of the device's rewards.
    pub co_share_bps: u16,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 36],
}

/// How many accepted offers an owner has. One per owner.
#[account]
pub struct OwnerBook {
    pub owner: Address,
    pub accepted: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 29],
}

impl OwnerBook {
    pub fn accept(&mut self) -> Result<()> {
        require!(self.accepted < MAX_ACCEPTED, StakingError::TooManyAccepted);
        self.accepted = self.accepted.saturating_add(1);
        Ok(())
    }

    pub fn release(&mut self) -> Result<()> {
        self.accepted = self
            .accepted
            .checked_sub(1)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }
}
