//! What a GPU-hour costs, part by part, and when that changes.

use super::Order;
use crate::{constants::*, MarketError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_math::{
    market::{interval_rent, with_fees},
    units::{whole_periods, HOUR},
};

/// Prices that hold from `from_ts` on, one for each part. The first are the order's own, further ones those of extensions and, in IO, of
/// each 168 hours.
#[derive(Clone, Copy, Pod, Zeroable, PartialEq, Eq, Debug, IdlType)]
#[repr(C)]
pub struct Rate {
    /// Unix seconds; of the first: the start, 0 before it.
    pub from_ts: i64,
    pub price_per_gpu_hour_units: [u64; MAX_PARTS],
    /// The same in US dollars with 6 decimals, as it was booked: these stay, also where IO for a dollar is taken anew.
    pub price_usd6: [u64; MAX_PARTS],
    /// Discounts of bookings of 24, 168 and 720 hours when it was booked, factors in basis points.
    pub commitment_bps: [[u16; 3]; MAX_PARTS],
    /// Hours of the booking that it belongs to.
    pub booked_hours: u32,
    /// The rate that this booking begins with.
    pub booking: u32,
}

/// What taking IO for a dollar anew did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    /// What of the spare money the further hours need now, or what they free.
    pub taken: u64,
    pub freed: u64,
    /// The money does not suffice: the order ends where the old price does, so many seconds earlier.
    pub ends: bool,
    pub cut_secs: i64,
}

impl Rate {
    pub fn units(&self, part: u8) -> u64 {
        self.price_per_gpu_hour_units
            .get(usize::from(part))
            .copied()
            .unwrap_or(0)
    }

    pub fn usd6(&self, part: u8) -> u64 {
        self.price_usd6.get(usize::from(part)).copied().unwrap_or(0)
    }

    /// What the GPUs of `counts` cost an hour.
    pub fn hourly(&self, counts: &[u32; MAX_PARTS]) -> Result<u64> {
        self.price_per_gpu_hour_units
            .iter()
            .zip(counts)
            .map(|(price, gpus)| price.checked_mul(u64::from(*gpus)))
            .try_fold(0u64, |sum, cost| sum.checked_add(cost?))
            .ok_or_else(|| MarketError::MathOverflow.into())
    }
}

impl Order {
    pub(super) fn rates_in_use(&self) -> &[Rate] {
        self.rates
            .get(..usize::from(self.rate_count))
            .unwrap_or(&self.rates)
    }

    /// The rate that holds at `ts`, and the moment when the next one begins.
    pub fn rate_at(&self, ts: i64) -> Result<(Rate, i64)> {
        let rates = self.rates_in_use();
        let mut current = None;
        let mut next = i64::MAX;
        for rate in rates {
            if rate.from_ts <= ts {
                current = Some(*rate);
            } else {
                next = next.min(rate.from_ts);
            }
        }
        let first = rates.first().copied();
        let rate = current.or(first).ok_or(MarketError::MathOverflow)?;
        Ok((rate, next))
    }

    /// The lowest price of a part from `now` to the end, US dollars with 6 decimals.
    pub fn lowest_usd6(&self, part: u8, now: i64) -> u64 {
        let rates = self.rates_in_use();
        let past = rates.iter().skip(1).take_while(|rate| rate.from_ts <= now);
        let left = rates.iter().skip(past.count());
        left.map(|rate| rate.usd6(part)).min().unwrap_or(0)
    }

    /// The prices of the order itself.
    pub fn booked(&self) -> Rate {
        let [first, ..] = self.rates;
        first
    }

    /// GPUs of each part.
    pub fn counts(&self) -> [u32; MAX_PARTS] {
        self.parts.map(|part| part.gpus)
    }

    /// Appends a rate.
    pub fn push_rate(&mut self, rate: Rate) -> Result<()> {
        let slot = self
            .rates
            .get_mut(usize::from(self.rate_count))
            .ok_or(MarketError::TooManyRates)?;
        *slot = rate;
        self.rate_count = self.rate_count.saturating_add(1);
        Ok(())
    }

    /// Lays down how far a price in IO from `from_ts` on reaches: 168 hours, and a day more where nobody prices anew.
    pub(super) fn reach(&mut self, from_ts: i64, in_io: bool) -> Result<()> {
        self.end_ts = self.funded_until_ts;
        self.step_ts = 0;
        let step = from_ts.saturating_add(IO_RATE_SECS);
        if in_io && step < self.funded_until_ts {
            self.step_ts = step;
            self.end_ts = self.funded_until_ts.min(step.saturating_add(IO_GRACE_SECS));
        }
        Ok(())
    }

    /// Whether IO for a dollar may be taken anew.
    pub fn require_step(&self, now: i64) -> Result<()> {
        let due = self.is(super::OrderState::Active)
            && self.step_ts > 0
            && now >= self.step_ts
            && now < self.end_ts;
        require!(due, MarketError::NoStepDue);
        Ok(())
    }

    /// Takes `prices` of IO for the hours that are left. What they cost more comes out of the spare money; where that does not
    /// suffice the order ends with its old price.
    pub fn price_anew(&mut self, prices: [u64; MAX_PARTS], now: i64) -> Result<Step> {
        self.require_step(now)?;
        let (old, _) = self.rate_at(now)?;
        // A whole number of minutes before the end, so that minutes can be given back.
        let left_secs = self.funded_until_ts.saturating_sub(now).max(0);
        let minutes = whole_periods(left_secs, 60).map_err(MarketError::from)?;
        require!(minutes > 0, MarketError::NoStepDue);
        let secs = i64::try_from(minutes)
            .ok()
            .and_then(|minutes| minutes.checked_mul(60))
            .ok_or(MarketError::MathOverflow)?;
        let from_ts = self.funded_until_ts.saturating_sub(secs);
        let new = Rate {
            from_ts,
            price_per_gpu_hour_units: prices,
            ..old
        };
        let counts = self.counts();
        let before = interval_rent(old.hourly(&counts)?, secs).map_err(MarketError::from)?;
        // ceil by a unit: what is needed, not what is paid
        let after = interval_rent(new.hourly(&counts)?, secs)
            .map_err(MarketError::from)?
            .saturating_add(1);
        let more = after.saturating_sub(before);
        let less = before.saturating_sub(after);
        let taken = self.fees_up(more)?;
        if taken > self.spare_units {
            let cut_secs = self.funded_until_ts.saturating_sub(self.end_ts);
            self.funded_until_ts = self.end_ts;
            self.step_ts = 0;
            return Ok(Step {
                taken: 0,
                freed: 0,
                ends: true,
                cut_secs,
            });
        }
        self.push_rate(new)?;
        self.reach(from_ts, true)?;
        let freed = self.fees_down(less)?;
        self.spare_units = self
            .spare_units
            .checked_sub(taken)
            .and_then(|spare| spare.checked_add(freed))
            .ok_or(MarketError::MathOverflow)?;
        Ok(Step {
            taken,
            freed,
            ends: false,
            cut_secs: 0,
        })
    }

    /// Rent with the renter's fees on it, each rounded up: what has to be there.
    pub fn fees_up(&self, rent: u64) -> Result<u64> {
        let fees = with_fees(rent, self.renter_fee_bps, self.network_fee_bps, true);
        Ok(fees.map_err(MarketError::from)?)
    }

    /// Rent with the renter's fees on it, each rounded down: what may go.
    pub fn fees_down(&self, rent: u64) -> Result<u64> {
        let fees = with_fees(rent, self.renter_fee_bps, self.network_fee_bps, false);
        Ok(fees.map_err(MarketError::from)?)
    }
}

const _: () = assert!(IO_RATE_SECS % HOUR == 0 && IO_GRACE_SECS % HOUR == 0);
