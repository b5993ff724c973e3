use crate::TreasuryError;
use anchor_lang::prelude::*;
use iog_math::units::bps_floor;

/// The books of one currency's fees. `collected == booked + burned + spent + kept + paid` after every instruction; a donation
/// to the vault is in none of them.
#[account]
pub struct FeeVault {
    pub mint: Address,
    /// To be burned, or to buy IO that is burned.
    pub booked_units: u64,
    pub collected_units: u64,
    pub burned_units: u64,
    /// What auctions paid for IO.
    pub spent_units: u64,
    /// Kept for supplier incentives; of IO alone.
    pub kept_units: u64,
    /// Incentives paid.
    pub paid_units: u64,
    pub decimals: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 37],
}

fn add(total: &mut u64, amount: u64) -> Result<()> {
    *total = total
        .checked_add(amount)
        .ok_or(TreasuryError::MathOverflow)?;
    Ok(())
}

impl FeeVault {
    /// Books `amount`, a share of it as kept; returns that.
    pub fn collect(&mut self, amount: u64, kept_share_bps: u16) -> Result<u64> {
        // floor: the burn gets the rest
        let kept = bps_floor(amount, kept_share_bps).map_err(TreasuryError::from)?;
        let booked = amount
            .checked_sub(kept)
            .ok_or(TreasuryError::MathOverflow)?;
        add(&mut self.collected_units, amount)?;
        add(&mut self.kept_units, kept)?;
        add(&mut self.booked_units, booked)?;
        Ok(kept)
    }

    /// Books everything as burned and returns how much that is.
    pub fn burn_all(&mut self) -> Result<u64> {
        let amount = core::mem::take(&mut self.booked_units);
        require!(amount > 0, TreasuryError::NothingToBurn);
        add(&mut self.burned_units, amount)?;
        Ok(amount)
    }

    /// Books `amount` as paid for IO.
    pub fn spend(&mut self, amount: u64) -> Result<()> {
        self.booked_units = self
            .booked_units
            .checked_sub(amount)
            .ok_or(TreasuryError::MathOverflow)?;
        add(&mut self.spent_units, amount)
    }

    /// Books all that is kept as to be burned; returns how much that is.
    pub fn release_kept(&mut self) -> Result<u64> {
        let amount = core::mem::take(&mut self.kept_units);
        require!(amount > 0, TreasuryError::NothingKept);
        add(&mut self.booked_units, amount)?;
        Ok(amount)
    }

    /// Books `amount` of what is kept as paid.
    pub fn pay(&mut self, amount: u64) -> Result<()> {
        self.kept_units = self
            .kept_units
            .checked_sub(amount)
            .ok_or(TreasuryError::IncentivesExhausted)?;
        add(&mut self.paid_units, amount)
    }
}
