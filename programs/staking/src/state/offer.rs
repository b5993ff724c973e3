use crate::{constants::MAX_ACCEPTED, StakingError};
use anchor_lang::prelude::*;
use iog_common::governance::NOBODY;

/// An owner's offer to co-stake a device.
#[account]
pub struct Offer {
    pub device: Address,
    pub owner: Address,
    /// Who alone may accept; zeros for anyone.
    pub co_staker: Address,
    pub amount_units: u64,
    /// When the stake was opened that it is for: on the next one it binds nobody.
    pub stake_opened_ts: i64,
    /// The co-staker's share of the device's rewards.
    pub co_share_bps: u16,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 36],
}

impl Offer {
    /// Refuses who is not named, where somebody is.
    pub fn require_invited(&self, co_staker: &Address) -> Result<()> {
        let open = self.co_staker == NOBODY;
        require!(
            open || self.co_staker == *co_staker,
            StakingError::NotInvited
        );
        Ok(())
    }
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
