use crate::TreasuryError;
use anchor_lang::prelude::*;

/// The books of one currency's fees. `collected == burned + booked` after every instruction; a donation to the vault is
/// in none of them.
#[account]
pub struct FeeVault {
    pub mint: Address,
    pub booked_units: u64,
    pub collected_units: u64,
    pub burned_units: u64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 38],
}

impl FeeVault {
    pub fn collect(&mut self, amount: u64) -> Result<()> {
        for total in [&mut self.booked_units, &mut self.collected_units] {
            *total = total
                .checked_add(amount)
                .ok_or(TreasuryError::MathOverflow)?;
        }
        Ok(())
    }

    /// Books everything as burned and returns how much that is.
    pub fn burn_all(&mut self) -> Result<u64> {
        let amount = self.booked_units;
        require!(amount > 0, TreasuryError::NothingToBurn);
        self.booked_units = 0;
        self.burned_units = self
            .burned_units
            .checked_add(amount)
            .ok_or(TreasuryError::MathOverflow)?;
        Ok(amount)
    }
}
