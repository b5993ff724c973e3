use super::minter::within_hour;
use crate::{constants::WINDOW_SECS, TokenError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_math::{
    net_emission::{Allowance, BUCKETS},
    units::{mul_div_floor, whole_periods, HOUR},
    MathError,
};

/// Hours in which the program remembers what it saw: 24, and the one that runs.
pub const SIGHTS: usize = 25;
/// A price that was not seen for an hour makes no IOSD: a lie of a minute must not be all that the program knows.
const SEEN_SECS: i64 = 3_600;

/// The lowest average price seen in one hour of unix time.
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct Sight {
    /// When a price was first seen in this hour; 0 for never.
    pub first_ts: i64,
    /// 10^-12 USD for one IO.
    pub lowest_usd12: u64,
}

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
    /// Hour `h` at `h % 25`.
    pub sights: [Sight; SIGHTS],
    /// Publish time of the newest price that IOSD was made at.
    pub newest_price_ts: i64,
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

    /// Remembers an average price (10^-12 USD for one IO); returns the lowest of the last 24 hours.
    pub fn see(&mut self, average_usd12: u64, now: i64) -> Result<u64> {
        let hour = whole_periods(now, HOUR).map_err(TokenError::from)?;
        let ring = u64::try_from(SIGHTS).map_err(|_| TokenError::MathOverflow)?;
        let place = hour
            .checked_rem(ring)
            .and_then(|at| usize::try_from(at).ok());
        let sight = place.and_then(|at| self.sights.get_mut(at));
        let sight = sight.ok_or(TokenError::MathOverflow)?;
        let same = sight.first_ts != 0 && sight.first_ts.checked_div(HOUR) == now.checked_div(HOUR);
        *sight = if same {
            Sight {
                first_ts: sight.first_ts,
                lowest_usd12: sight.lowest_usd12.min(average_usd12),
            }
        } else {
            Sight {
                first_ts: now,
                lowest_usd12: average_usd12,
            }
        };
        self.lowest(now)
            .ok_or_else(|| TokenError::PriceNotSeen.into())
    }

    /// The most that IOSD is made at: 1.2 times the lowest average that was seen in the last 24 hours, one of which at least an hour ago. A
    /// source that lies can so be answered before it takes more than a fifth of the line.
    pub fn most_usd12(&self, now: i64) -> Result<u64> {
        let known = self.recent(now);
        let old = known
            .filter(|sight| now.saturating_sub(sight.first_ts) >= SEEN_SECS)
            .count();
        require!(old > 0, TokenError::PriceNotSeen);
        let lowest = self.lowest(now).ok_or(TokenError::PriceNotSeen)?;
        // floor
        Ok(mul_div_floor(lowest, 6, 5).map_err(TokenError::from)?)
    }

    fn recent(&self, now: i64) -> impl Iterator<Item = &Sight> {
        let from_ts = now.saturating_sub(WINDOW_SECS);
        let known = self.sights.iter().filter(|sight| sight.first_ts != 0);
        known.filter(move |sight| sight.first_ts >= from_ts && sight.first_ts <= now)
    }

    fn lowest(&self, now: i64) -> Option<u64> {
        self.recent(now).map(|sight| sight.lowest_usd12).min()
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
