//! Working through the hours of a lease: each is judged by its slots when the last of them is over, and released after its own time.

use super::{Lease, LeaseState, Payout};
use crate::{constants::*, MarketError, Order};
use anchor_lang::prelude::*;
use iog_math::{
    slots::FORGIVEN_PER_DAY,
    units::{mul_div_floor, whole_periods},
};
use iog_registry::Device;

/// What one settlement worked through.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Work {
    pub payout: Payout,
    /// Slots with a heartbeat, and without one.
    pub served: u32,
    pub missed: u32,
    /// Minutes of GPUs that were served.
    pub gpu_minutes: u64,
    /// Hours judged and released.
    pub hours: u32,
}

impl Lease {
    /// Judges the hours whose slots are over and releases those whose time is, at most 24 of each.
    pub fn work(&mut self, order: &Order, device: &Device, now: i64, slot: u64) -> Result<Work> {
        let mut work = Work::default();
        if self.is(LeaseState::Accepted) || self.is(LeaseState::Disputed) {
            let halted = self.has_halted(now, slot)?;
            let count = self.settled_count;
            self.judge(order, device, &mut work, now)?;
            if self.settled_count > count {
                self.judged_slot = slot;
                self.judged_ts = now;
                // Nobody can beat while no block is made.
                self.poor = if halted { 0 } else { self.poor };
            }
        }
        // Behind it: of hours that ended long ago the window is over, too.
        self.release(order, &mut work, now)?;
        if self.is(LeaseState::Accepted) && self.is_judged(order) {
            self.state = LeaseState::Settled as u8;
            let share = self.rerated(order, work.payout.refund)?;
            work.payout.add(&share)?;
        }
        let payout = work.payout;
        self.count(&payout)?;
        Ok(work)
    }

    /// Whether the chain stood still for half an hour since the last judgement, as its slots of 400 ms tell.
    fn has_halted(&self, now: i64, slot: u64) -> Result<bool> {
        let slots = slot.saturating_sub(self.judged_slot.max(self.accepted_slot));
        // floor, by less than a second
        let ran = mul_div_floor(slots, 2, 5).map_err(MarketError::from)?;
        let ran = i64::try_from(ran).unwrap_or(i64::MAX);
        let elapsed = now.saturating_sub(self.judged_ts.max(self.accepted_ts));
        Ok(elapsed.saturating_sub(ran) >= HALT_SECS)
    }

    /// Every hour up to its end is judged.
    pub fn is_judged(&self, order: &Order) -> bool {
        self.settled_until(order) >= self.end(order)
    }

    fn judge(&mut self, order: &Order, device: &Device, work: &mut Work, now: i64) -> Result<()> {
        for _ in 0..SETTLE_HOURS {
            let from = self.settled_until(order);
            if !self.has_room() || self.is_judged(order) {
                break;
            }
            let hour = self.hour(order, from)?;
            if hour.slots.judged_ts().map_err(MarketError::from)? > now {
                break;
            }
            let looked = i64::from(hour.slots.looked_at());
            let proved = device.beats_in(hour.slots.first, looked)?;
            let judged = hour.slots.judge(proved, self.may_forgive(order, from)?);
            self.forgiven = self.forgiven.saturating_add(u8::from(judged.forgiven));
            // In a part of an hour: fewer than half.
            let few = proved.saturating_mul(2) < hour.slots.begun;
            self.poor = u8::from(few && hour.slots.begun >= LEAST_SLOTS);
            self.set_paid(self.settled_count, judged.paid)?;
            let (worth, _) = hour.worth(judged.paid)?;
            let unproved = hour.units.saturating_sub(worth);
            super::super::add(&mut self.rent_units, hour.units)?;
            super::super::add(&mut work.payout.refund, unproved)?;
            let parts = hour.slots.parts();
            // Seconds behind the stop, up to a whole minute, say nothing about the device.
            if from < self.stop(order) {
                let served = parts.saturating_sub(judged.missing);
                work.served = work.served.saturating_add(served);
                work.missed = work.missed.saturating_add(judged.missing);
            }
            let minutes = whole_periods(hour.until.saturating_sub(from), 60)
                .and_then(|minutes| mul_div_floor(minutes, judged.paid.into(), parts.into()))
                .map_err(MarketError::from)?;
            let gpu_minutes = minutes.saturating_mul(u64::from(self.gpus));
            work.gpu_minutes = work.gpu_minutes.saturating_add(gpu_minutes);
            work.hours = work.hours.saturating_add(1);
            self.settled_count = self.settled_count.saturating_add(1);
            self.settled_until_ts = hour.until;
        }
        Ok(())
    }

    /// Whether the day of the lease that `from` lies in has a slot left to forgive.
    fn may_forgive(&mut self, order: &Order, from: i64) -> Result<bool> {
        let age = from.saturating_sub(self.started(order)).max(0);
        let day = whole_periods(age, 86_400).map_err(MarketError::from)?;
        let day = u32::try_from(day).unwrap_or(u32::MAX);
        if day != self.forgiven_day {
            self.forgiven_day = day;
            self.forgiven = 0;
        }
        Ok(self.forgiven < FORGIVEN_PER_DAY)
    }

    /// Pays the hours that ended `dispute_secs` ago: each after its own time, whoever settles when. Nothing while they are disputed.
    fn release(&mut self, order: &Order, work: &mut Work, now: i64) -> Result<()> {
        if self.is(LeaseState::Disputed) {
            return Ok(());
        }
        for _ in 0..SETTLE_HOURS {
            if !self.holds() {
                break;
            }
            let hour = self.hour(order, self.released_until(order))?;
            let free_ts = hour.until.saturating_add(i64::from(order.dispute_secs));
            if now < free_ts {
                break;
            }
            let (units, usd6) = hour.worth(self.paid_of(self.released_count))?;
            work.payout.add(&Payout::of_rent(order, units, usd6)?)?;
            work.hours = work.hours.saturating_add(1);
            self.released_count = self.released_count.saturating_add(1);
            self.released_until_ts = hour.until;
        }
        Ok(())
    }

    /// Whether an hour could be judged or released now: what asks for settled books asks for that.
    pub fn is_due(&self, order: &Order, now: i64) -> Result<bool> {
        if self.holds() && !self.is(LeaseState::Disputed) {
            let hour = self.hour(order, self.released_until(order))?;
            if now >= hour.until.saturating_add(i64::from(order.dispute_secs)) {
                return Ok(true);
            }
        }
        if self.is_judged(order) || !self.has_room() {
            return Ok(false);
        }
        let hour = self.hour(order, self.settled_until(order))?;
        Ok(hour.slots.judged_ts().map_err(MarketError::from)? <= now)
    }

    /// Its share of the discount that an early end did not reach, once: a dispute after the last settlement is no second time.
    /// Of its rent, `refunding` is being refunded now: nobody is billed for time that was not proved.
    pub(super) fn rerated(&mut self, order: &Order, refunding: u64) -> Result<Payout> {
        if order.rerate_units == 0 || self.ends_ts != 0 || self.shared == 1 {
            return Ok(Payout::default());
        }
        self.shared = 1;
        // floor: what the shares leave comes back at the end
        let share = mul_div_floor(
            order.rerate_units,
            u64::from(self.gpus),
            u64::from(order.rerate_gpus.max(1)),
        )
        .map_err(MarketError::from)?;
        let refunded = self.refunded_units.saturating_add(refunding);
        let proved = self.rent_units.saturating_sub(refunded);
        // floor, likewise
        let share =
            mul_div_floor(share, proved, self.rent_units.max(1)).map_err(MarketError::from)?;
        Payout::of_rent(order, share, 0)
    }
}
