use crate::MarketError;
use anchor_lang::prelude::*;

/// What an order is paid in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Currency {
    /// IO, at the oracle's price when the order is made.
    Io = 0,
    /// A token of one US dollar: USDC.
    Usd = 1,
    /// IOSD: burned when it is deposited, minted when it is refunded; suppliers are paid in IO.
    Credit = 2,
}

/// The books of one currency: `deposited == paid + refunded + fees + escrowed` after every instruction. What is paid,
/// refunded or a fee is booked first and leaves later, each to its own recipient, so that no recipient can stop another:
/// the vault holds `escrowed + earnings_due + refunds_due + fees_due`. A donation to the vault is in none of them.
#[account]
pub struct Escrow {
    pub mint: Address,
    /// Zeros for IOSD, which is burned and minted instead.
    pub vault: Address,
    pub escrowed_units: u64,
    /// Of all orders but those that were taken back before they started.
    pub deposited_units: u64,
    /// Earned by suppliers.
    pub paid_units: u64,
    pub refunded_units: u64,
    pub fee_units: u64,
    /// Part of `paid_units` that is not withdrawn; 0 for IOSD, whose suppliers have claims on IO.
    pub earnings_due_units: u64,
    /// Refunds that are not paid out: part of `refunded_units`, and deposits of orders that were taken back.
    pub refunds_due_units: u64,
    /// Part of `fee_units` that the treasury has not collected. For IOSD: what is earned, fees and pay, and not yet
    /// reported to the token program.
    pub fees_due_units: u64,
    pub currency: u8,
    pub decimals: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 60],
}

impl Escrow {
    pub fn is(&self, currency: Currency) -> bool {
        self.currency == currency as u8
    }

    pub fn deposit(&mut self, amount: u64) -> Result<()> {
        add(&mut self.deposited_units, amount)?;
        add(&mut self.escrowed_units, amount)
    }

    /// Gives the deposit of an order that never started back, as if it had not been made: booking and taking back costs nothing and can
    /// be done for ever, even with borrowed money, and would fill counters that only rise.
    pub fn take_back(&mut self, amount: u64) -> Result<()> {
        sub(&mut self.deposited_units, amount)?;
        sub(&mut self.escrowed_units, amount)?;
        add(&mut self.refunds_due_units, amount)
    }

    /// Puts a refund that is due back into the escrow.
    pub fn return_refund(&mut self, amount: u64) -> Result<()> {
        sub(&mut self.refunds_due_units, amount)?;
        sub(&mut self.refunded_units, amount)?;
        add(&mut self.escrowed_units, amount)
    }

    /// Books what is earned, refunded and taken as a fee. It leaves later.
    pub fn book(&mut self, paid: u64, refunded: u64, fees: u64) -> Result<()> {
        add(&mut self.paid_units, paid)?;
        add(&mut self.refunded_units, refunded)?;
        add(&mut self.fee_units, fees)?;
        for amount in [paid, refunded, fees] {
            sub(&mut self.escrowed_units, amount)?;
        }
        add(&mut self.refunds_due_units, refunded)?;
        add(&mut self.fees_due_units, fees)?;
        let due = if self.is(Currency::Credit) {
            &mut self.fees_due_units
        } else {
            &mut self.earnings_due_units
        };
        add(due, paid)
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
