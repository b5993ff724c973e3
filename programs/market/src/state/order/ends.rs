//! How an order ends, and what then comes back.

use super::{Order, OrderState, Rate};
use crate::{constants::*, MarketError};
use anchor_lang::prelude::*;
use iog_math::{
    market::{early_end, interval_rent, Span},
    units::{mul_div_floor, whole_periods, HOUR},
};

/// What an end gave back at once, what went to the treasury, and what the leases that ran share.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Ended {
    pub refund: u64,
    pub fees: u64,
    pub rerated: u64,
}

impl Order {
    /// The spans of the rates, for GPUs of `counts`.
    fn spans(&self, counts: &[u32; MAX_PARTS]) -> Result<([Span; MAX_RATES], usize)> {
        let mut spans = [Span {
            from_ts: 0,
            rate_per_hour: 0,
        }; MAX_RATES];
        let rates = self.rates_in_use();
        for (span, rate) in spans.iter_mut().zip(rates) {
            span.from_ts = rate.from_ts;
            span.rate_per_hour = rate.hourly(counts)?;
        }
        Ok((spans, rates.len()))
    }

    /// Rent of whole minutes from `now`, and from the order's second hour on, to the end that is paid for; and where what stays begins.
    fn unused(&self, counts: &[u32; MAX_PARTS], now: i64) -> Result<(u64, i64)> {
        let (mut spans, count) = self.spans(counts)?;
        if self.broken == 1 {
            // The hour that is kept lies before the start then.
            let [first, ..] = &mut spans;
            first.from_ts = first.from_ts.saturating_sub(HOUR);
        }
        let end = early_end(
            spans.get(..count).unwrap_or(&spans),
            self.funded_until_ts,
            now,
        )
        .map_err(MarketError::from)?;
        Ok((end.refund, end.billed_until_ts))
    }

    /// A device left the order in its first hour.
    pub fn break_first_hour(&mut self, now: i64) {
        let first_hour = now < self.started_ts.saturating_add(HOUR);
        self.broken |= u8::from(first_hour);
    }

    /// Ends a running order; whole unused minutes come back with their fees. Hours that were used are billed at the discount of the
    /// length that was reached, out of what comes back.
    pub fn end_early(&mut self, now: i64) -> Result<Ended> {
        require!(self.is(OrderState::Active), MarketError::OrderNotActive);
        // An hour that is in dispute stays the dispute's: it may be judged, and its unproved part refunded, before it is over.
        let from = now.max(self.vacant_from_ts);
        let (unused, billed_until_ts) = self.unused(&self.counts(), from)?;
        let back = self.fees_down(unused)?;
        // Where the price in IO reaches less far than what is paid for, the order ends there.
        self.end_ts = self.end_ts.min(billed_until_ts);
        self.funded_until_ts = self.end_ts;
        self.step_ts = 0;
        self.stopped_ts = now;
        self.state = OrderState::Ended as u8;
        self.share_out(back)
    }

    /// What an order whose money does not reach for a later price has beyond its end: all that no hour up to there can need.
    pub fn unreached(&mut self, beyond_secs: i64, now: i64) -> Result<u64> {
        let spare = core::mem::take(&mut self.spare_units);
        let (rate, _) = self.rate_at(now)?;
        let secs = beyond_secs;
        let rent = interval_rent(rate.hourly(&self.counts())?, secs).map_err(MarketError::from)?;
        spare
            .checked_add(self.fees_down(rent)?)
            .ok_or_else(|| MarketError::MathOverflow.into())
    }

    /// Gives `back` to the renter, less what the used hours cost more at the discount that they reached.
    pub fn share_out(&mut self, back: u64) -> Result<Ended> {
        let gpus = self.accepted_gpus();
        let counts = if gpus == 0 {
            self.counts()
        } else {
            self.parts.map(|part| part.accepted)
        };
        let mut missed = self.missed_discount(&counts, self.started_ts, self.end_ts)?;
        if gpus == 0 {
            // Time that nobody proved had no price to be lower: no more than what was paid for the rest.
            missed = missed.min(self.paid_units);
        }
        // What an end for want of money has set aside before is not taken twice, nor given back.
        let before = self.fees_up(self.rerate_units)?;
        let kept = self.fees_up(missed)?.saturating_sub(before).min(back);
        let refund = back.saturating_sub(kept);
        if gpus == 0 {
            self.book(0, refund, kept)?;
            return Ok(Ended {
                refund,
                fees: kept,
                rerated: 0,
            });
        }
        self.book(0, refund, 0)?;
        let rerated = self.rent_in(kept)?;
        super::add(&mut self.rerate_units, rerated)?;
        self.rerate_gpus = gpus;
        Ok(Ended {
            refund,
            fees: 0,
            rerated,
        })
    }

    /// The rent whose fees `total` covers, too.
    fn rent_in(&self, total: u64) -> Result<u64> {
        let bps = u64::from(self.renter_fee_bps).saturating_add(u64::from(self.network_fee_bps));
        // floor, and two units for the two fees' roundings: what is left over comes back at the end
        let rent =
            mul_div_floor(total, 10_000, bps.saturating_add(10_000)).map_err(MarketError::from)?;
        Ok(rent.saturating_sub(2))
    }

    /// What `counts` of GPUs would have cost more from `since` to `until` at the discount of the length that was reached, booking by
    /// booking.
    pub fn missed_discount(
        &self,
        counts: &[u32; MAX_PARTS],
        since: i64,
        until: i64,
    ) -> Result<u64> {
        let mut sum = 0u64;
        let rates = self.rates_in_use();
        for (index, rate) in rates.iter().enumerate() {
            let begin = usize::try_from(rate.booking).unwrap_or(0);
            let booked_from = rates.get(begin).map_or(rate.from_ts, |first| first.from_ts);
            let reached = until.saturating_sub(booked_from).max(0);
            let hours = whole_periods(reached, HOUR).map_err(MarketError::from)?;
            let hours = u32::try_from(hours).map_err(|_| MarketError::MathOverflow)?;
            if hours >= rate.booked_hours {
                continue;
            }
            let next = rates.get(index.saturating_add(1)).map(|next| next.from_ts);
            let rate_until = next.unwrap_or(until).min(until);
            let secs = rate_until.saturating_sub(rate.from_ts.max(since)).max(0);
            super::add(&mut sum, missed_of(rate, counts, hours, secs)?)?;
        }
        Ok(sum)
    }

    /// Gives vacant GPUs of a part back, for the time that is left. Returns the refund.
    pub fn reduce(&mut self, part: u8, gpus: u32, now: i64) -> Result<u64> {
        require!(
            self.is(OrderState::Active) && now < self.end_ts,
            MarketError::OrderNotActive
        );
        let mut counts = [0u32; MAX_PARTS];
        if let Some(count) = counts.get_mut(usize::from(part)) {
            *count = gpus;
        }
        self.give_back(part, gpus)?;
        // An hour that is in dispute is not vacant.
        let (unused, _) = self.unused(&counts, now.max(self.vacant_from_ts))?;
        let refund = self.fees_down(unused)?;
        self.book(0, refund, 0)?;
        Ok(refund)
    }

    /// Takes an order back that did not start. What its devices were held for stays until their leases close; the rest is refunded.
    /// Returns the refund.
    pub fn expire(&mut self, by_renter: bool, now: i64) -> Result<u64> {
        require!(self.waits(), MarketError::OrderNotOpen);
        self.end_waiting(by_renter, now);
        self.state = OrderState::Expired as u8;
        self.expires_ts = self.expires_ts.min(now);
        self.spare_units = 0;
        let reserve =
            self.fees_up(self.held_rent(self.accepted_hourly_units, self.held_secs())?)?;
        let refund = self.escrowed_units.saturating_sub(reserve);
        self.book(0, refund, 0)?;
        Ok(refund)
    }

    /// Seconds that a device which had accepted from the first is owed at most.
    fn held_secs(&self) -> u32 {
        let most = u32::try_from(MAX_HELD_SECS).unwrap_or(0);
        self.whole_secs.saturating_add(self.renter_secs).min(most)
    }

    /// What the time is worth for which a device that accepted at `mark` was held: `(its own, the treasury's)`, rent both. Its own is what
    /// only the renter kept from starting; where a device did, nobody shall earn by being that device's friend.
    pub fn held_pay(&self, hourly: u64, mark: u32) -> Result<(u64, u64)> {
        let most = u32::try_from(MAX_HELD_SECS).unwrap_or(0);
        let total = self.whole_secs.saturating_add(self.renter_secs);
        let own = total.saturating_sub(mark.max(self.whole_secs)).min(most);
        let spoiled = self
            .whole_secs
            .saturating_sub(mark)
            .min(most.saturating_sub(own));
        Ok((
            self.held_rent(hourly, own)?,
            self.held_rent(hourly, spoiled)?,
        ))
    }

    fn held_rent(&self, hourly: u64, secs: u32) -> Result<u64> {
        // floor: whoever is paid
        Ok(mul_div_floor(hourly, u64::from(secs), HOUR.unsigned_abs())
            .map_err(MarketError::from)?)
    }

    /// Takes the deposit of a dispute out of money that no hour needs: spare, then refunds that are due. Returns what of these it took.
    pub fn take_deposit(&mut self, deposit: u64) -> Result<u64> {
        let spare = self.spare_units.min(deposit);
        super::sub(&mut self.spare_units, spare)?;
        let rest = deposit.saturating_sub(spare);
        require!(rest <= self.refund_due_units, MarketError::DepositMissing);
        super::sub(&mut self.refund_due_units, rest)?;
        super::sub(&mut self.refunded_units, rest)?;
        super::add(&mut self.escrowed_units, rest)?;
        Ok(rest)
    }

    /// Nothing more can be earned: at its end, or expired, with every lease closed.
    pub fn is_over(&self, now: i64) -> bool {
        let ended = self.is(OrderState::Expired)
            || self.is(OrderState::Completed)
            || self.is(OrderState::Ended)
            || (self.is(OrderState::Active) && now >= self.end_ts);
        ended && self.leases == 0
    }

    /// Refunds what nobody earned, once the order is over. Returns how much.
    pub fn finish(&mut self, now: i64) -> Result<u64> {
        if !self.is_over(now) {
            return Ok(0);
        }
        let refund = self.escrowed_units;
        self.spare_units = 0;
        self.book(0, refund, 0)?;
        if self.is(OrderState::Active) {
            self.state = OrderState::Completed as u8;
        }
        Ok(refund)
    }
}

/// What `counts` of GPUs would have cost more in `secs` at a rate, had its booking been of `hours`.
fn missed_of(rate: &Rate, counts: &[u32; MAX_PARTS], hours: u32, secs: i64) -> Result<u64> {
    let mut hourly = 0u64;
    let priced = rate.price_per_gpu_hour_units.iter();
    for ((price, factors), gpus) in priced.zip(rate.commitment_bps).zip(counts) {
        let given = iog_math::pricing::commitment_bps(factors, rate.booked_hours);
        let reached = iog_math::pricing::commitment_bps(factors, hours);
        // floor: at most what was saved
        let more = mul_div_floor(
            *price,
            u64::from(reached.saturating_sub(given)),
            u64::from(given.max(1)),
        )
        .map_err(MarketError::from)?;
        let cost = more
            .checked_mul(u64::from(*gpus))
            .ok_or(MarketError::MathOverflow)?;
        super::add(&mut hourly, cost)?;
    }
    Ok(interval_rent(hourly, secs).map_err(MarketError::from)?)
}
