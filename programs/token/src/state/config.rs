use super::{Window, WindowId};
use crate::TokenError;
use anchor_lang::prelude::*;
use iog_common::governance::Parameter;
use iog_math::units::{CAP_IO, EMISSION_IO, GENESIS_IO};

/// The token's books. One per program. `genesis + emitted + reminted - burned` is IO's supply, and `iosd_minted - iosd_spent +
/// iosd_refunded` IOSD's, less what holders burn directly through the token programs.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// Zeros until IOSD is created.
    pub iosd_mint: Address,
    /// Start of hour 1 of the emission, unix seconds.
    pub genesis_ts: i64,
    /// Until then the network is being set up, and new minters may act at once.
    pub setup_until_ts: i64,
    /// Since when the authority is who it is: what was scheduled before is void.
    pub authority_since_ts: i64,
    pub genesis_units: u64,
    /// Part of the genesis supply that holders had before or vesting accounts hold a claim on.
    pub allocated_units: u64,
    pub emitted_units: u64,
    pub reminted_units: u64,
    /// All IO burned through this program, for IOSD or without return.
    pub burned_units: u64,
    pub iosd_minted_units: u64,
    pub iosd_spent_units: u64,
    pub iosd_refunded_units: u64,
    /// Spent, and earned since: it cannot be refunded any more.
    pub iosd_settled_units: u64,
    /// The breaker: emission, net emission, IOSD, refunds.
    pub windows: [Window; 4],
    pub net_emission_cap_per_hour: Parameter,
    pub version: u8,
    pub bump: u8,
    pub mint_authority_bump: u8,
    pub vesting_authority_bump: u8,
    pub iosd_authority_bump: u8,
    pub paused: u8,
    pub reserved: [u8; 58],
}

fn add(total: &mut u64, amount: u64) -> Result<()> {
    *total = total.checked_add(amount).ok_or(TokenError::MathOverflow)?;
    Ok(())
}

impl Config {
    /// Books `amount` as allocated; refuses more than the genesis supply.
    pub fn allocate(&mut self, amount: u64) -> Result<u64> {
        add(&mut self.allocated_units, amount)?;
        require!(
            self.allocated_units <= GENESIS_IO,
            TokenError::AllocationExceedsGenesis
        );
        Ok(self.allocated_units)
    }

    /// Books `amount` as emitted; refuses to pass the emission's total, the hard cap or the breaker.
    pub fn emit_units(&mut self, amount: u64, now: i64) -> Result<()> {
        let supply = self.supply()?;
        self.admit(WindowId::Emission, amount, supply, now)?;
        add(&mut self.emitted_units, amount)?;
        require!(
            self.emitted_units <= EMISSION_IO,
            TokenError::EmissionExhausted
        );
        self.require_below_cap()
    }

    /// The most that [`Self::emit_units`] would take at `now`; the emission program reads it before it asks.
    pub fn emission_rest_at(&self, now: i64) -> Result<u64> {
        let supply = self.supply()?;
        let [emission, ..] = &self.windows;
        let breaker = emission.rest_at(supply, now)?;
        Ok(breaker
            .min(EMISSION_IO.saturating_sub(self.emitted_units))
            .min(CAP_IO.saturating_sub(supply)))
    }

    /// Books `amount` as minted again; refuses to pass the hard cap or the breaker.
    pub fn remint_units(&mut self, amount: u64, now: i64) -> Result<()> {
        let supply = self.supply()?;
        self.admit(WindowId::NetEmission, amount, supply, now)?;
        add(&mut self.reminted_units, amount)?;
        self.require_below_cap()
    }

    /// Books `amount` as burned.
    pub fn burn_units(&mut self, amount: u64) -> Result<()> {
        add(&mut self.burned_units, amount)
    }

    /// Books `amount` of IOSD as made; refuses to pass the breaker.
    pub fn mint_iosd(&mut self, amount: u64, now: i64) -> Result<()> {
        let supply = self.iosd_supply()?;
        self.admit(WindowId::Iosd, amount, supply, now)?;
        add(&mut self.iosd_minted_units, amount)
    }

    /// Books `amount` of IOSD as spent. A refund of it passes the breaker for a day without counting.
    pub fn spend_iosd(&mut self, amount: u64, now: i64) -> Result<()> {
        // What is spent and given back over and over must not fill the counters: then both start lower, and every difference stays.
        if self.iosd_spent_units > u64::MAX >> 1 {
            let back = core::mem::take(&mut self.iosd_refunded_units);
            self.iosd_spent_units = self.iosd_spent_units.saturating_sub(back);
        }
        add(&mut self.iosd_spent_units, amount)?;
        let outstanding = self.iosd_outstanding()?;
        let [.., refund] = &mut self.windows;
        refund.add_credit(amount, outstanding, now)
    }

    /// Books `amount` of IOSD that was spent as earned.
    pub fn settle_iosd(&mut self, amount: u64) -> Result<()> {
        add(&mut self.iosd_settled_units, amount)?;
        self.iosd_outstanding().map(|_| ())
    }

    /// Books `amount` of IOSD as given back; refuses to pass the breaker. That no more than what was spent comes back, the
    /// minter's books see to.
    pub fn refund_iosd(&mut self, amount: u64, now: i64) -> Result<()> {
        let outstanding = self.iosd_outstanding()?;
        let [.., refund] = &mut self.windows;
        refund.admit_exit(WindowId::Refund, amount, outstanding, now)?;
        add(&mut self.iosd_refunded_units, amount)
    }

    /// The most that [`Self::refund_iosd`] would give back at `now`: what is more comes in parts, and never shuts others out.
    pub fn refund_rest_at(&self, now: i64) -> Result<u64> {
        let [.., refund] = &self.windows;
        refund.exit_rest_at(self.iosd_outstanding()?, now)
    }

    /// IOSD that was spent and is neither earned nor given back: all that can ever be refunded, and what the window of refunds is a share
    /// of. A share of the supply would shrink as people spend.
    pub fn iosd_outstanding(&self) -> Result<u64> {
        self.iosd_spent_units
            .checked_sub(self.iosd_refunded_units)
            .and_then(|left| left.checked_sub(self.iosd_settled_units))
            .ok_or_else(|| TokenError::MathOverflow.into())
    }

    /// What the books say IO's supply is. Holders can burn through SPL Token without us, so the mint may hold less.
    pub fn supply(&self) -> Result<u64> {
        self.genesis_units
            .checked_add(self.emitted_units)
            .and_then(|sum| sum.checked_add(self.reminted_units))
            .and_then(|sum| sum.checked_sub(self.burned_units))
            .ok_or_else(|| TokenError::MathOverflow.into())
    }

    /// What the books say IOSD's supply is.
    pub fn iosd_supply(&self) -> Result<u64> {
        self.iosd_minted_units
            .checked_add(self.iosd_refunded_units)
            .and_then(|sum| sum.checked_sub(self.iosd_spent_units))
            .ok_or_else(|| TokenError::MathOverflow.into())
    }

    fn require_below_cap(&self) -> Result<()> {
        require!(self.supply()? <= CAP_IO, TokenError::CapExceeded);
        Ok(())
    }

    fn admit(&mut self, id: WindowId, amount: u64, supply: u64, now: i64) -> Result<()> {
        let [emission, net_emission, iosd, refund] = &mut self.windows;
        let window = match id {
            WindowId::Emission => emission,
            WindowId::NetEmission => net_emission,
            WindowId::Iosd => iosd,
            WindowId::Refund => refund,
        };
        window.admit(id, amount, supply, now)
    }
}
