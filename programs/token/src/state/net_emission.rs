use super::minter::within_hour;
use crate::TokenError;
use anchor_lang::prelude::*;
use iog_math::{
    net_emission::{Allowance, BUCKETS},
    MathError,
};

/// IO burned for IOSD that may be minted again, streamed over 720 hours from the end of the day of each burn. One per program.
/// `reminted_units <= burned_units`, always.
#[account]
pub struct NetEmission {
    pub burned_units: u64,
    pub reminted_units: u64,
    /// Hour of unix time that `minted_this_hour_units` counts.
    pub hour: u64,
    pub minted_this_hour_units: u64,
    /// What was burned on each of the last 31 days, day `d` at `d % 31`.
    pub buckets: [u64; BUCKETS],
    pub day: u64,
    pub at_ts: i64,
    /// Sum of the buckets that stream.
    pub streaming_units: u64,
    /// Part of a unit that has streamed out, in 2,592,000ths.
    pub remainder: u64,
    /// What may be minted now.
    pub available_units: u64,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 30],
}

impl NetEmission {
    pub fn burn(&mut self, amount: u64, now: i64) -> Result<()> {
        self.with(|allowance| allowance.burn(now, amount))
            .map_err(TokenError::from)?;
        self.burned_units = self
            .burned_units
            .checked_add(amount)
            .ok_or(TokenError::MathOverflow)?;
        Ok(())
    }

    /// Books `amount` as minted again; refuses more than the allowance, and than the cap of this hour.
    pub fn mint(&mut self, amount: u64, cap_per_hour: u64, now: i64) -> Result<()> {
        self.minted_this_hour_units =
            within_hour(&mut self.hour, self.minted_this_hour_units, amount, now)?;
        require!(
            self.minted_this_hour_units <= cap_per_hour,
            TokenError::NetEmissionCapReached
        );
        self.with(|allowance| allowance.spend(now, amount))
            .map_err(|error| match error {
                MathError::OutOfRange => TokenError::AllowanceExhausted,
                other => TokenError::from(other),
            })?;
        self.reminted_units = self
            .reminted_units
            .checked_add(amount)
            .ok_or(TokenError::MathOverflow)?;
        Ok(())
    }

    /// What may be minted at `now`; another program reads it before it asks.
    pub fn available_at(&self, now: i64) -> Result<u64> {
        Ok(self
            .allowance()
            .available_at(now)
            .map_err(TokenError::from)?)
    }

    fn allowance(&self) -> Allowance {
        Allowance {
            buckets: self.buckets,
            day: self.day,
            at_ts: self.at_ts,
            streaming: self.streaming_units,
            remainder: self.remainder,
            available: self.available_units,
        }
    }

    fn with<T>(&mut self, change: impl FnOnce(&mut Allowance) -> T) -> T {
        let mut allowance = self.allowance();
        let result = change(&mut allowance);
        self.buckets = allowance.buckets;
        self.day = allowance.day;
        self.at_ts = allowance.at_ts;
        self.streaming_units = allowance.streaming;
        self.remainder = allowance.remainder;
        self.available_units = allowance.available;
        result
    }
}
