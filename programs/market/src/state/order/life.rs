//! The transitions of an order.

use super::{Order, OrderState, Rate};
use crate::{constants::MAX_RATES, MarketError};
use anchor_lang::prelude::*;
use iog_math::{
    market::{early_end, EarlyEnd},
    units::HOUR,
};

impl Order {
    /// Whether devices can still be added: before the start, or for one that dropped out with an hour left at least.
    fn require_vacant(&self, now: i64) -> Result<()> {
        if self.is(OrderState::Active) {
            require!(now >= self.vacant_from_ts, MarketError::NotVacantYet);
            let last = self.end_ts.saturating_sub(HOUR);
            require!(now <= last, MarketError::OrderNotOpen);
            return Ok(());
        }
        let waits = self.is(OrderState::Open) || self.is(OrderState::Matched);
        require!(waits, MarketError::OrderNotOpen);
        require!(now < self.expires_ts, MarketError::OrderExpired);
        Ok(())
    }

    /// The first second at which a device that was matched can no longer accept; 0 after an early end.
    pub fn closes_ts(&self) -> i64 {
        if self.is(OrderState::Active) {
            return self.end_ts.saturating_sub(HOUR).saturating_add(1);
        }
        if self.is(OrderState::Ended) || self.is(OrderState::Completed) {
            return 0;
        }
        self.expires_ts
    }

    /// Adds a device of `gpus` to the order.
    pub fn add_lease(&mut self, gpus: u32, now: i64) -> Result<()> {
        require!(!self.is(OrderState::Matched), MarketError::OrderNotOpen);
        self.require_vacant(now)?;
        let matched = self
            .matched_gpus
            .checked_add(gpus)
            .filter(|matched| *matched <= self.gpus)
            .ok_or(MarketError::TooManyGpus)?;
        self.matched_gpus = matched;
        for count in [&mut self.leases, &mut self.running_leases] {
            *count = count.checked_add(1).ok_or(MarketError::MathOverflow)?;
        }
        if matched == self.gpus && self.is(OrderState::Open) {
            self.state = OrderState::Matched as u8;
        }
        Ok(())
    }

    /// A matched device did not accept in time: its place is free again.
    pub fn skip_lease(&mut self, gpus: u32) -> Result<()> {
        self.matched_gpus = minus(self.matched_gpus, gpus)?;
        self.running_leases = minus(self.running_leases, 1)?;
        if self.is(OrderState::Matched) {
            self.state = OrderState::Open as u8;
        }
        Ok(())
    }

    /// Counts an acceptance; the last one starts the order. True when it did.
    pub fn accept(&mut self, gpus: u32, now: i64) -> Result<bool> {
        self.require_vacant(now)?;
        self.accepted_gpus = self
            .accepted_gpus
            .checked_add(gpus)
            .ok_or(MarketError::MathOverflow)?;
        if self.accepted_gpus != self.gpus || self.is(OrderState::Active) {
            return Ok(false);
        }
        self.started_ts = now;
        self.end_ts = plus_hours(now, self.hours)?;
        self.booked_end_ts = self.end_ts;
        let [first, ..] = &mut self.rates;
        first.from_ts = now;
        self.state = OrderState::Active as u8;
        Ok(true)
    }

    /// Running or ended: leases may be settled.
    pub fn settles(&self) -> bool {
        self.is(OrderState::Active) || self.is(OrderState::Ended)
    }

    /// A lease is over. The last one of an order that has run to its end completes it.
    pub fn lease_over(&mut self, now: i64) -> Result<()> {
        self.running_leases = minus(self.running_leases, 1)?;
        if self.running_leases == 0 && self.is(OrderState::Active) && now >= self.end_ts {
            self.state = OrderState::Completed as u8;
        }
        Ok(())
    }

    /// A device of `gpus` left before the end; another may take its place from `from_ts` on.
    pub fn vacate(&mut self, gpus: u32, from_ts: i64) -> Result<()> {
        self.matched_gpus = minus(self.matched_gpus, gpus)?;
        self.accepted_gpus = minus(self.accepted_gpus, gpus)?;
        self.running_leases = minus(self.running_leases, 1)?;
        self.vacant_from_ts = self.vacant_from_ts.max(from_ts);
        Ok(())
    }

    /// Runs `hours` longer, at `price` for those hours.
    pub fn extend(&mut self, hours: u32, price: Rate, now: i64) -> Result<()> {
        require!(
            self.is(OrderState::Active) && now < self.end_ts,
            MarketError::OrderNotActive
        );
        let (last, _) = self.rate_at(self.end_ts)?;
        let same = last.price_per_gpu_hour_units == price.price_per_gpu_hour_units
            && last.price_usd6 == price.price_usd6;
        if !same {
            let slot = usize::from(self.rate_count);
            let rate = self
                .rates
                .get_mut(slot)
                .filter(|_| slot < MAX_RATES)
                .ok_or(MarketError::TooManyRates)?;
            *rate = Rate {
                from_ts: self.end_ts,
                ..price
            };
            self.rate_count = self.rate_count.saturating_add(1);
        }
        self.hours = self
            .hours
            .checked_add(hours)
            .ok_or(MarketError::MathOverflow)?;
        super::validate_hours(self.hours)?;
        self.end_ts = plus_hours(self.end_ts, hours)?;
        Ok(())
    }

    /// Ends a running order; whole unused minutes come back. Every interval that `settle` has worked through ended by now, so
    /// none lies behind the new end. Fees are kept, and booked now: those of an extension whose hours all come back would have no
    /// settlement to go with. Returns them with the end.
    pub fn end_early(&mut self, now: i64) -> Result<(EarlyEnd, u64)> {
        require!(self.is(OrderState::Active), MarketError::OrderNotActive);
        let (spans, count) = self.spans()?;
        let end = early_end(spans.get(..count).unwrap_or(&spans), self.end_ts, now)
            .map_err(MarketError::from)?;
        self.end_ts = end.billed_until_ts;
        self.state = OrderState::Ended as u8;
        let fees = core::mem::take(&mut self.pending_fee_units);
        self.book(0, end.refund, fees)?;
        Ok((end, fees))
    }

    /// Takes an order back that did not start: everything is refunded. Returns how much that is.
    pub fn expire(&mut self, now: i64) -> Result<u64> {
        let waits = self.is(OrderState::Open) || self.is(OrderState::Matched);
        require!(waits, MarketError::OrderNotOpen);
        self.state = OrderState::Expired as u8;
        self.expires_ts = self.expires_ts.min(now);
        self.pending_fee_units = 0;
        let refund = self.escrowed_units;
        self.book(0, refund, 0)?;
        Ok(refund)
    }

    /// Nothing more can be earned: expired, or at its end with every lease closed. An order all of whose devices dropped out
    /// is completed by its end alone.
    pub fn is_over(&self, now: i64) -> bool {
        let ended = self.is(OrderState::Completed)
            || self.is(OrderState::Ended)
            || (self.is(OrderState::Active) && now >= self.end_ts);
        self.is(OrderState::Expired) || (ended && self.leases == 0)
    }

    /// Refunds what nobody earned, once the order is over; fees of an order that ran stay fees. Returns `(refund, fees)`.
    pub fn finish(&mut self, now: i64) -> Result<(u64, u64)> {
        if !self.is_over(now) {
            return Ok((0, 0));
        }
        let fees = core::mem::take(&mut self.pending_fee_units);
        let refund = self
            .escrowed_units
            .checked_sub(fees)
            .ok_or(MarketError::MathOverflow)?;
        self.book(0, refund, fees)?;
        if self.is(OrderState::Active) {
            self.state = OrderState::Completed as u8;
        }
        Ok((refund, fees))
    }
}

fn minus(count: u32, less: u32) -> Result<u32> {
    count
        .checked_sub(less)
        .ok_or_else(|| MarketError::MathOverflow.into())
}

fn plus_hours(ts: i64, hours: u32) -> Result<i64> {
    i64::from(hours)
        .checked_mul(HOUR)
        .and_then(|length| ts.checked_add(length))
        .ok_or_else(|| MarketError::MathOverflow.into())
}
