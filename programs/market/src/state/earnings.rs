use super::{escrow::add, CreditLine};
use crate::MarketError;
use anchor_lang::prelude::*;
use iog_math::credit;

/// What a supplier has earned in one currency and not withdrawn. One per owner and currency; it can be closed when nothing is due and no
/// lease counts on it.
#[account]
pub struct Earnings {
    pub owner: Address,
    pub mint: Address,
    pub due_units: u64,
    pub withdrawn_units: u64,
    /// IOSD only: a claim on IO, whose place in the line begins at `claim_start_units`.
    pub claim_start_units: u64,
    pub claim_units: u64,
    pub claim_paid_units: u64,
    /// Leases that have accepted and are not closed: they pay in here.
    pub leases: u64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 62],
}

impl Earnings {
    /// Nothing is due or claimed, and no lease will pay.
    pub fn is_closable(&self) -> bool {
        self.due_units == 0 && self.leases == 0 && self.claim_paid_units == self.claim_units
    }

    pub fn count_lease(&mut self) -> Result<()> {
        add(&mut self.leases, 1)
    }

    pub fn forget_lease(&mut self) -> Result<()> {
        super::escrow::sub(&mut self.leases, 1)
    }

    pub fn earn(&mut self, amount: u64) -> Result<()> {
        add(&mut self.due_units, amount)
    }

    /// Takes everything out.
    pub fn withdraw(&mut self) -> Result<u64> {
        require!(self.due_units > 0, MarketError::NothingDue);
        let amount = core::mem::take(&mut self.due_units);
        add(&mut self.withdrawn_units, amount)?;
        Ok(amount)
    }

    /// Puts a claim of `units` of IO for `usd6` at the end of the line; the one before must have been paid.
    pub fn claim(&mut self, line: &mut CreditLine, usd6: u64, units: u64) -> Result<()> {
        require!(
            self.claim_paid_units == self.claim_units,
            MarketError::ClaimWaits
        );
        add(&mut line.earned_usd6, usd6)?;
        self.claim_start_units = line.claimed_units;
        self.claim_units = units;
        self.claim_paid_units = 0;
        add(&mut line.claimed_units, units)
    }

    /// Takes out what of the claim the line has come to.
    pub fn collect(&mut self, line: &mut CreditLine) -> Result<u64> {
        let amount = credit::payable(
            line.funded_units,
            self.claim_start_units,
            self.claim_units,
            self.claim_paid_units,
        )
        .map_err(MarketError::from)?;
        require!(amount > 0, MarketError::NothingDue);
        add(&mut self.claim_paid_units, amount)?;
        add(&mut line.paid_units, amount)?;
        Ok(amount)
    }
}
