use crate::MarketError;
use anchor_lang::prelude::*;

/// The books of one currency's vault: `deposited == paid + refunded + fees + escrowed` after every instruction. A
/// donation to the vault is in none of them.
#[account]
pub struct Escrow {
    pub mint: Address,
    pub escrowed_units: u64,
    pub deposited_units: u64,
    pub paid_units: u64,
    pub refunded_units: u64,
    pub fee_units: u64,
    pub version: u8,
    pub bump: u8,
    pub decimals: u8,
    pub reserved: [u8; 37],
}

impl Escrow {
    pub fn deposit(&mut self, amount: u64) -> Result<()> {
        add(&mut self.deposited_units, amount)?;
        add(&mut self.escrowed_units, amount)
    }

    /// Books what leaves the vault.
    pub fn pay_out(&mut self, paid: u64, refunded: u64, fees: u64) -> Result<()> {
        add(&mut self.paid_units, paid)?;
        add(&mut self.refunded_units, refunded)?;
        add(&mut self.fee_units, fees)?;
        for amount in [paid, refunded, fees] {
            sub(&mut self.escrowed_units, amount)?;
        }
        Ok(())
    }
}

pub fn add(total: &mut u64, amount: u64) -> Result<()> {
    *total = total.checked_add(amount).ok_or(MarketError::MathOverflow)?;
    Ok(())
}

pub fn sub(total: &mut u64, amount: u64) -> Result<()> {
    *total = total.checked_sub(amount).ok_or(MarketError::MathOverflow)?;
    Ok(())
}
