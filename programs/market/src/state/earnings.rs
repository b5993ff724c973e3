use super::escrow::add;
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

    /// Puts a claim of `units` of IO at the end of the line; the one before must have been paid.
    pub fn claim(&mut self, line: &mut CreditLine, units: u64) -> Result<()> {
        require!(
            self.claim_paid_units == self.claim_units,
            MarketError::ClaimWaits
        );
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

/// Suppliers of IOSD orders wait here for IO, first come first served: claims stand one behind the other on a line, and net
/// emission or the treasury's kept share fund it from its start. One per program.
/// `claimed >= funded >= paid`, and the vault holds `funded - paid`.
#[account]
pub struct CreditLine {
    pub vault: Address,
    /// End of the line: all IO ever claimed.
    pub claimed_units: u64,
    pub funded_units: u64,
    pub paid_units: u64,
    /// Part of `funded_units` that came from the treasury.
    pub incentive_units: u64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 62],
}

impl CreditLine {
    /// How much of `offered` the line still needs.
    pub fn wanted(&self, offered: u64) -> u64 {
        self.claimed_units
            .saturating_sub(self.funded_units)
            .min(offered)
    }

    pub fn fund(&mut self, amount: u64) -> Result<()> {
        require!(amount > 0, MarketError::NothingDue);
        add(&mut self.funded_units, amount)
    }
}
