//! The hours of a lease: where they begin and end, what they cost, and how many of their slots are paid.

use super::Lease;
use crate::{constants::*, MarketError, Order, Rate};
use anchor_lang::prelude::*;
use iog_math::{
    market::interval_rent,
    slots::{slot_rent, Slots},
    units::{mul_div_floor, HOUR},
};

/// An hour of a lease, or the part of one that ends where the order, the lease or its price does.
#[derive(Clone, Copy)]
pub(super) struct Hour {
    pub until: i64,
    pub slots: Slots,
    pub units: u64,
    pub usd6: u64,
}

impl Hour {
    /// What `paid` of its slots are worth: units and US dollars.
    pub fn worth(&self, paid: u32) -> Result<(u64, u64)> {
        let parts = self.slots.parts();
        let units = slot_rent(self.units, paid, parts).map_err(MarketError::from)?;
        let usd6 = slot_rent(self.usd6, paid, parts).map_err(MarketError::from)?;
        Ok((units, usd6))
    }
}

impl Lease {
    /// The hour that begins at `from`. Heartbeats are asked for until the lease or its order was stopped: in the order's first hour, which
    /// is billed whole, the share that was proved until then counts for all of it.
    pub(super) fn hour(&self, order: &Order, from: i64) -> Result<Hour> {
        let (rate, price_ends) = order.rate_at(from)?;
        let until = from
            .saturating_add(HOUR)
            .min(self.end(order))
            .min(price_ends)
            .max(from);
        let asked_until = until
            .min(self.stop(order).saturating_sub(STOP_GRACE_SECS))
            .max(from);
        let slots = Slots::of(from, asked_until).map_err(MarketError::from)?;
        let secs = until.saturating_sub(from);
        let (units, usd6) = self.hourly(&rate)?;
        Ok(Hour {
            until,
            slots,
            units: interval_rent(units, secs).map_err(MarketError::from)?,
            usd6: interval_rent(usd6, secs).map_err(MarketError::from)?,
        })
    }

    /// What it is paid for a GPU-hour at a rate, US dollars with 6 decimals.
    pub fn pay_usd6_at(&self, rate: &Rate) -> Result<u64> {
        let price = rate.usd6(self.part);
        let own = if self.pay_usd6 >= self.part_usd6 {
            price
        } else {
            // floor: the supplier is paid, the rest is the renter's
            mul_div_floor(price, self.pay_usd6, self.part_usd6).map_err(MarketError::from)?
        };
        Ok(own.min(self.cap_usd6))
    }

    /// What an hour of all its GPUs costs: units and US dollars. Units follow the dollars that it is paid.
    pub fn hourly(&self, rate: &Rate) -> Result<(u64, u64)> {
        let (price_usd6, pay_usd6) = (rate.usd6(self.part), self.pay_usd6_at(rate)?);
        let price = rate.units(self.part);
        let units = if pay_usd6 >= price_usd6 {
            price
        } else {
            // floor, as above
            mul_div_floor(price, pay_usd6, price_usd6).map_err(MarketError::from)?
        };
        let gpus = u64::from(self.gpus);
        let all = units.checked_mul(gpus).zip(pay_usd6.checked_mul(gpus));
        all.ok_or_else(|| MarketError::MathOverflow.into())
    }

    /// Slots paid of the hour of this number.
    pub(super) fn paid_of(&self, number: u32) -> u32 {
        let paid = self.paid_slots.get(place(number)).copied().unwrap_or(0);
        u32::from(paid)
    }

    pub(super) fn set_paid(&mut self, number: u32, paid: u32) -> Result<()> {
        let entry = self
            .paid_slots
            .get_mut(place(number))
            .ok_or(MarketError::MathOverflow)?;
        *entry = u8::try_from(paid).map_err(|_| MarketError::MathOverflow)?;
        Ok(())
    }

    /// Whether another hour can be judged before one is released.
    pub(super) fn has_room(&self) -> bool {
        let held = self.settled_count.saturating_sub(self.released_count);
        usize::try_from(held).is_ok_and(|held| held < HELD_HOURS)
    }

    /// Everything that is held: units, US dollars, and where the last hour ends.
    pub fn held(&self, order: &Order) -> Result<(u64, u64, i64)> {
        self.worth_of(order, |number| self.paid_of(number))
    }

    /// What so many slots of each hour that is held are worth.
    pub(super) fn worth_of(
        &self,
        order: &Order,
        slots: impl Fn(u32) -> u32,
    ) -> Result<(u64, u64, i64)> {
        let (mut units, mut usd6) = (0u64, 0u64);
        let mut from = self.released_until(order);
        for number in self.released_count..self.settled_count {
            let hour = self.hour(order, from)?;
            let (worth, dollars) = hour.worth(slots(number))?;
            super::super::add(&mut units, worth)?;
            super::super::add(&mut usd6, dollars)?;
            from = hour.until;
        }
        Ok((units, usd6, from))
    }
}

/// Where an hour of this number stands in the arrays of those that are held.
pub(super) fn place(number: u32) -> usize {
    let place = usize::try_from(number).unwrap_or(0).checked_rem(HELD_HOURS);
    place.unwrap_or(0)
}
