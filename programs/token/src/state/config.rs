use crate::TokenError;
use anchor_lang::prelude::*;
use iog_math::units::{CAP_IO, EMISSION_IO, GENESIS_IO};

/// The token's books. One per program.
#[account]
pub struct Config {
    pub authority: Address,
    pub pending_authority: Address,
    pub guardian: Address,
    pub io_mint: Address,
    /// Start of hour 1 of the emission, unix seconds.
    pub genesis_ts: i64,
    pub genesis_units: u64,
    /// Part of the genesis supply that vesting accounts hold a claim on.
    pub allocated_units: u64,
    pub emitted_units: u64,
    pub reminted_units: u64,
    pub burned_units: u64,
    pub version: u8,
    pub bump: u8,
    pub mint_authority_bump: u8,
    pub vesting_authority_bump: u8,
    pub paused: u8,
    pub reserved: [u8; 59],
}

impl Config {
    /// Books `amount` as allocated; refuses more than the genesis supply.
    pub fn allocate(&mut self, amount: u64) -> Result<u64> {
        let after = self
            .allocated_units
            .checked_add(amount)
            .ok_or(TokenError::MathOverflow)?;
        require!(after <= GENESIS_IO, TokenError::AllocationExceedsGenesis);
        self.allocated_units = after;
        Ok(after)
    }

    /// Books `amount` as emitted; refuses to pass the emission's total or the hard cap.
    pub fn emit_units(&mut self, amount: u64) -> Result<u64> {
        let after = self
            .emitted_units
            .checked_add(amount)
            .ok_or(TokenError::MathOverflow)?;
        require!(after <= EMISSION_IO, TokenError::EmissionExhausted);
        self.emitted_units = after;
        require!(self.supply()? <= CAP_IO, TokenError::CapExceeded);
        Ok(after)
    }

    /// Books `amount` as burned.
    pub fn burn_units(&mut self, amount: u64) -> Result<u64> {
        self.burned_units = self
            .burned_units
            .checked_add(amount)
            .ok_or(TokenError::MathOverflow)?;
        Ok(self.burned_units)
    }

    /// What the books say the mint's supply is. Holders can burn through SPL Token without us, so the mint may hold less.
    pub fn supply(&self) -> Result<u64> {
        self.genesis_units
            .checked_add(self.emitted_units)
            .and_then(|sum| sum.checked_add(self.reminted_units))
            .and_then(|sum| sum.checked_sub(self.burned_units))
            .ok_or_else(|| TokenError::MathOverflow.into())
    }
}
