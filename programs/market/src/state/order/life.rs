//! How an order starts, grows, and waits for its start.

use super::{Order, OrderState, Rate, Seat};
use crate::{constants::*, MarketError};
use anchor_lang::prelude::*;
use iog_math::units::HOUR;

impl Order {
    /// Whether devices can still be added: before the start, or for one that dropped out with an hour left at least.
    pub(super) fn require_vacant(&self, now: i64) -> Result<()> {
        if self.is(OrderState::Active) {
            require!(now >= self.vacant_from_ts, MarketError::NotVacantYet);
            let last = self.end_ts.saturating_sub(HOUR);
            require!(now <= last, MarketError::OrderNotOpen);
            return Ok(());
        }
        require!(self.waits(), MarketError::OrderNotOpen);
        require!(now < self.expires_ts, MarketError::OrderExpired);
        Ok(())
    }

    /// Since when a device that was matched at `matched_ts` is asked: since the order is whole, or since its own match to a running
    /// one. `None` while it is not asked.
    pub fn asked_since(&self, matched_ts: i64) -> Option<i64> {
        if self.is(OrderState::Active) {
            return Some(matched_ts);
        }
        self.is(OrderState::Matched).then_some(self.whole_since_ts)
    }

    /// The device of a lease may accept now.
    pub fn require_asked(&self, matched_ts: i64, now: i64) -> Result<()> {
        let since = self
            .asked_since(matched_ts)
            .ok_or(MarketError::OrderNotWhole)?;
        require!(
            now.saturating_sub(since) <= ACCEPT_SECS,
            MarketError::AcceptTooLate
        );
        if self.waits() {
            return self.require_vacant(now);
        }
        // Its place was vacant when it was matched, whatever has happened to others since.
        require!(now < self.end_ts, MarketError::OrderNotOpen);
        Ok(())
    }

    /// Seconds for which the device of a lease has been asked. Nobody can accept an order that has expired: what comes after is nobody's
    /// silence.
    fn asked_for(&self, matched_ts: i64, now: i64) -> i64 {
        let until = if self.waits() {
            now.min(self.expires_ts)
        } else {
            now
        };
        let since = self.asked_since(matched_ts);
        since.map_or(0, |since| until.saturating_sub(since))
    }

    /// The device of a lease has let its time to accept pass.
    pub fn is_unanswered(&self, matched_ts: i64, now: i64) -> bool {
        self.asked_for(matched_ts, now) > ACCEPT_SECS
    }

    /// Whether a device declines too late for it to be free.
    pub fn declines_late(&self, matched_ts: i64, now: i64) -> bool {
        self.asked_for(matched_ts, now) > DECLINE_SECS
    }

    /// Counts an acceptance; the last one starts the order. True when it did.
    pub fn accept(&mut self, part: u8, gpus: u32, hourly: u64, now: i64) -> Result<bool> {
        self.count_accepted(part, gpus, true)?;
        if self.is(OrderState::Active) {
            return Ok(false);
        }
        super::add(&mut self.accepted_hourly_units, hourly)?;
        if !self.is_accepted() {
            return Ok(false);
        }
        self.started_ts = now;
        self.whole_since_ts = 0;
        self.funded_until_ts = plus_hours(now, self.hours)?;
        self.booked_end_ts = self.funded_until_ts;
        let [first, ..] = &mut self.rates;
        first.from_ts = now;
        self.state = OrderState::Active as u8;
        let in_io = self.currency == super::super::Currency::Io as u8;
        self.reach(now, in_io)?;
        Ok(true)
    }

    /// A device that had accepted leaves before the start.
    pub fn unaccept(&mut self, seat: &Seat, hourly: u64, now: i64) -> Result<()> {
        self.count_accepted(seat.part, seat.gpus, false)?;
        super::sub(&mut self.accepted_hourly_units, hourly)?;
        self.unmatch(seat, now)
    }

    /// Whole seconds since the order became whole, as many as there are to accept.
    fn whole_now(&self, now: i64) -> u32 {
        if !self.is(OrderState::Matched) {
            return 0;
        }
        let secs = now
            .min(self.expires_ts)
            .saturating_sub(self.whole_since_ts)
            .clamp(0, ACCEPT_SECS);
        u32::try_from(secs).unwrap_or(0)
    }

    /// Seconds for which it was whole so far: what an acceptance writes down, for held time to count from there.
    pub fn held_mark(&self, now: i64) -> u32 {
        self.whole_secs.saturating_add(self.whole_now(now))
    }

    /// A device kept the whole order from starting.
    pub(super) fn spoil(&mut self, now: i64) {
        self.whole_secs = self.held_mark(now);
        self.whole_since_ts = 0;
    }

    /// Ends the waiting for good: seconds at the end are the renter's doing where it cancels and no device had let its time pass.
    pub(super) fn end_waiting(&mut self, by_renter: bool, now: i64) {
        if !self.is(OrderState::Matched) {
            return;
        }
        if self.is_unanswered(0, now) {
            self.unanswered = 1;
            self.spoil(now);
        } else if !by_renter {
            // Whoever had not accepted yet may have waited for just that.
            self.spoil(now);
        } else {
            self.renter_secs = self.whole_now(now);
        }
    }

    /// Runs `hours` longer, at `price` for those hours.
    pub fn extend(&mut self, hours: u32, price: Rate, in_io: bool, now: i64) -> Result<()> {
        require!(
            self.is(OrderState::Active) && now < self.end_ts,
            MarketError::OrderNotActive
        );
        // Hours that are not priced yet must be, before others are booked behind them.
        require!(self.step_ts == 0, MarketError::StepWaits);
        let from_ts = self.funded_until_ts;
        if in_io || !self.continues(hours, &price) {
            let booking = u32::from(self.rate_count);
            self.push_rate(Rate {
                from_ts,
                booking,
                booked_hours: hours,
                ..price
            })?;
        }
        self.hours = self
            .hours
            .checked_add(hours)
            .ok_or(MarketError::MathOverflow)?;
        super::validate_hours(self.hours)?;
        self.require_io_hours(in_io)?;
        self.funded_until_ts = plus_hours(from_ts, hours)?;
        self.reach(from_ts, in_io)
    }

    /// Whether an extension needs no price of its own: the same dollars, and no discount that a shorter stay would have to give back.
    fn continues(&self, hours: u32, price: &Rate) -> bool {
        let short = iog_math::pricing::COMMITMENT_HOURS[0];
        self.rates_in_use().last().is_some_and(|last| {
            last.price_per_gpu_hour_units == price.price_per_gpu_hour_units
                && last.price_usd6 == price.price_usd6
                && last.booked_hours < short
                && hours < short
        })
    }

    /// An order in IO is as long as its four prices reach.
    pub fn require_io_hours(&self, in_io: bool) -> Result<()> {
        let rates = self.rates_in_use();
        let last = rates.last().map_or(0, |rate| rate.booked_hours);
        let week = whole_weeks(last);
        // The last booking's first price is there; each further week of it needs one.
        let needed = rates.len().saturating_add(week);
        require!(
            !in_io || (self.hours <= MAX_IO_HOURS && needed <= MAX_RATES),
            MarketError::TooLongInIo
        );
        Ok(())
    }
}

/// Weeks that begin behind the first one of a booking.
fn whole_weeks(hours: u32) -> usize {
    let weeks = hours.saturating_sub(1).checked_div(168).unwrap_or(0);
    usize::try_from(weeks).unwrap_or(usize::MAX)
}

pub(super) fn plus_hours(ts: i64, hours: u32) -> Result<i64> {
    i64::from(hours)
        .checked_mul(HOUR)
        .and_then(|length| ts.checked_add(length))
        .ok_or_else(|| MarketError::MathOverflow.into())
}
