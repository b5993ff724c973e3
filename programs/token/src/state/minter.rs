use crate::TokenError;
use anchor_lang::prelude::*;
use iog_math::units::{whole_periods, HOUR};

/// A program's right to mint, named by the PDA that signs for it.
#[account]
pub struct Minter {
    pub authority: Address,
    pub cap_per_hour_units: u64,
    /// Hour of unix time that `minted_this_hour_units` counts.
    pub hour: u64,
    pub minted_this_hour_units: u64,
    pub minted_units: u64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 30],
}

impl Minter {
    /// Books `amount` against this hour's cap.
    pub fn mint(&mut self, amount: u64, now: i64) -> Result<()> {
        // The clock may step back a little: that begins no new hour.
        let hour = whole_periods(now, HOUR)
            .map_err(TokenError::from)?
            .max(self.hour);
        let minted = if hour == self.hour {
            self.minted_this_hour_units
        } else {
            0
        };
        let minted = minted.checked_add(amount).ok_or(TokenError::MathOverflow)?;
        require!(
            minted <= self.cap_per_hour_units,
            TokenError::MinterCapReached
        );
        self.hour = hour;
        self.minted_this_hour_units = minted;
        self.minted_units = self
            .minted_units
            .checked_add(amount)
            .ok_or(TokenError::MathOverflow)?;
        Ok(())
    }
}
