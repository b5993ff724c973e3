//! Working through the hours of a lease: proved ones are held for the supplier, others refunded.

use super::{add, Lease, LeaseState};
use crate::{constants::SETTLE_HOURS, MarketError, Order};
use anchor_lang::prelude::*;
use iog_math::{
    market::{beats_needed, interval_rent},
    units::{whole_periods, HOUR},
};
use iog_registry::{beat_interval, constants::BEAT_SECS, Device};

/// What one settlement worked through.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Work {
    pub refund: u64,
    pub served: u32,
    pub missed: u32,
    /// Minutes of GPUs that were served.
    pub gpu_minutes: u64,
}

impl Lease {
    /// Works through the hours that ended by `now`, at most 24, and books them. An interval ends early where the order does or
    /// where its price changes.
    pub fn work(&mut self, order: &Order, device: &Device, now: i64) -> Result<Work> {
        let mut work = Work::default();
        let mut from = self.settled_until(order);
        for _ in 0..SETTLE_HOURS {
            let (rent, until) = self.interval(order, from)?;
            if until > now || until <= from {
                break;
            }
            let secs = until.saturating_sub(from);
            if served(device, from, secs)? {
                add(&mut self.held_units, rent.units)?;
                add(&mut self.held_usd6, rent.usd6)?;
                // From the hour's end and not from now: a settlement must not keep what was held before from being earned.
                self.held_ts = until;
                work.served = work.served.saturating_add(1);
                let minutes = whole_periods(secs, 60).map_err(MarketError::from)?;
                let gpu_minutes = minutes.saturating_mul(u64::from(self.gpus));
                work.gpu_minutes = work.gpu_minutes.saturating_add(gpu_minutes);
            } else {
                add(&mut work.refund, rent.units)?;
                work.missed = work.missed.saturating_add(1);
            }
            from = until;
        }
        self.settled_until_ts = from;
        add(&mut self.refunded_units, work.refund)?;
        if from >= order.end_ts {
            self.state = LeaseState::Settled as u8;
        }
        Ok(work)
    }

    /// Everything up to the last full hour is worked through.
    pub fn is_settled(&self, order: &Order, now: i64) -> Result<bool> {
        let from = self.settled_until(order);
        let (_, until) = self.interval(order, from)?;
        Ok(until > now)
    }

    /// The rent of the interval that begins at `from`, and its end.
    fn interval(&self, order: &Order, from: i64) -> Result<(Rent, i64)> {
        let (_, price_ends) = order.rate_at(from)?;
        let until = from.saturating_add(HOUR).min(order.end_ts).min(price_ends);
        let rent = self.rent(order, from, until.saturating_sub(from).max(0))?;
        Ok((rent, until))
    }

    /// The rent of whole minutes in `secs` from `from` on, at the price of that moment.
    pub(super) fn rent(&self, order: &Order, from: i64, secs: i64) -> Result<Rent> {
        let (rate, _) = order.rate_at(from)?;
        let of = |price: u64| -> Result<u64> {
            let hourly = price
                .checked_mul(u64::from(self.gpus))
                .ok_or(MarketError::MathOverflow)?;
            Ok(interval_rent(hourly, secs).map_err(MarketError::from)?)
        };
        Ok(Rent {
            units: of(rate.price_per_gpu_hour_units)?,
            usd6: of(rate.price_usd6)?,
        })
    }
}

pub(super) struct Rent {
    pub units: u64,
    pub usd6: u64,
}

/// Whether enough heartbeats of the interval's ten-minute slots came in.
pub(super) fn served(device: &Device, from: i64, secs: i64) -> Result<bool> {
    let beats = whole_periods(secs, BEAT_SECS)
        .map_err(MarketError::from)?
        .max(1);
    let count = i64::try_from(beats).map_err(|_| MarketError::MathOverflow)?;
    let needed = beats_needed(u32::try_from(beats).map_err(|_| MarketError::MathOverflow)?);
    Ok(device.beats_in(beat_interval(from)?, count)? >= needed)
}
