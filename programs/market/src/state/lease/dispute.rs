//! Disputes of what a lease holds.

use super::{Lease, LeaseState, Payout};
use crate::{constants::*, MarketError, Order};
use anchor_lang::prelude::*;
use iog_math::units::{bps_ceil, HOUR};

/// A dispute that was opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Opened {
    /// Rent that is disputed, and the renter's deposit for it.
    pub disputed: u64,
    pub deposit: u64,
    /// From when on another device may take its place; `None` where the lease was over.
    pub vacant_from: Option<i64>,
}

/// What the resolver decides: of what it saw in dispute, so much is the supplier's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Decision {
    pub to_supplier: u64,
    pub disputed: u64,
}

/// How a dispute ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resolved {
    pub payout: Payout,
    /// The resolver gave the supplier less than its slots prove, or nothing.
    pub against: bool,
}

impl Lease {
    /// Disputes what is held and, of a lease that runs, what has run since: the lease ends now.
    ///
    /// The first hour of an order is kept by the rule for early ends, so all of it is disputed, and the share of its slots that was proved
    /// counts for all of it: else a dispute were a way around that rule.
    pub fn dispute(&mut self, order: &Order, resolver: Address, now: i64) -> Result<Opened> {
        let (held, _, until) = self.held(order)?;
        let mut opened = Opened {
            disputed: held,
            deposit: 0,
            vacant_from: None,
        };
        let over = self.is(LeaseState::Settled)
            || (self.is(LeaseState::Accepted) && order.settles() && now >= self.end(order));
        if over {
            require!(!self.is_due(order, now)?, MarketError::SettleFirst);
            // The last hour may wait for its last slot: it is disputed with the rest.
            let open = self.holds() || !self.is_judged(order);
            require!(open, MarketError::DisputeTooLate);
            let rest = self.hour(order, until)?;
            super::super::add(&mut opened.disputed, rest.units)?;
        } else {
            self.require_running(order, now)?;
            let first_hour_end = order.started_ts.saturating_add(HOUR).min(order.end_ts);
            let ends_ts = now.max(first_hour_end);
            self.ends_ts = ends_ts;
            self.stopped_ts = now;
            let running = self.hour(order, until)?;
            super::super::add(&mut opened.disputed, running.units)?;
            opened.vacant_from = Some(ends_ts);
            // What an early end would bill for the discount that was not reached: else a dispute were a way around it.
            let mut counts = [0u32; MAX_PARTS];
            if let Some(count) = counts.get_mut(usize::from(self.part)) {
                *count = self.gpus;
            }
            opened.deposit = order.missed_discount(&counts, self.started(order), ends_ts)?;
        }
        // At least of an hour: where everything is forfeited a dispute still asks somebody to look.
        let (rate, _) = order.rate_at(now)?;
        let (hourly, _) = self.hourly(&rate)?;
        let share = bps_ceil(opened.disputed.max(hourly), DISPUTE_DEPOSIT_BPS)
            .map_err(MarketError::from)?;
        super::super::add(&mut opened.deposit, share)?;
        self.deposit_units = opened.deposit;
        self.resolver = resolver;
        self.disputed_ts = now;
        self.state = LeaseState::Disputed as u8;
        Ok(opened)
    }

    /// The resolver may still decide.
    pub fn is_resolvable(&self, now: i64) -> bool {
        now < self.disputed_ts.saturating_add(RESOLVE_SECS)
    }

    /// The time of answers is over: the resolver may begin.
    pub fn is_decidable(&self, now: i64) -> bool {
        let from = self.disputed_ts.saturating_add(JUDGED_SECS);
        now >= from.saturating_add(ANSWER_SECS)
    }

    /// Ends a dispute: the supplier earns what the resolver decided of what is still disputed, `None` for all that its slots prove. What was
    /// answered is not looked at again. The deposit is the supplier's where it gets all of that, and there is something, else the renter's
    /// again; by the rule what was answered is something. Every slot must have been judged.
    pub fn resolve(&mut self, order: &Order, decision: Option<Decision>) -> Result<Resolved> {
        require!(self.is(LeaseState::Disputed), MarketError::NotDisputed);
        require!(self.is_judged(order), MarketError::SettleFirst);
        let (held, usd6, until) = self.in_dispute(order)?;
        if let Some(Decision { disputed, .. }) = decision {
            // An answer in between would make a part of it the whole, and be paid a second time out of the rest.
            require!(disputed == held, MarketError::DisputeChanged);
        }
        let earned = decision.map_or(held, |decision| decision.to_supplier);
        require!(earned <= held, MarketError::BeyondDispute);
        // Nothing may be left to give, of a supplier that forfeited it or never served: zero is against it all the same.
        let against = decision.is_some() && (earned < held || earned == 0);
        let something = held > 0 || self.has_answers();
        let dollars = if earned == held {
            usd6
        } else {
            // floor: statistics follow what was really earned
            iog_math::units::mul_div_floor(usd6, earned, held).map_err(MarketError::from)?
        };
        let mut payout = Payout::of_rent(order, earned, dollars)?;
        payout.refund = held.saturating_sub(earned);
        let won = !against && something;
        if won {
            payout.add(&self.rerated(order, 0)?)?;
        }
        let deposit = core::mem::take(&mut self.deposit_units);
        let deposit_to = if won {
            &mut payout.to_supplier
        } else {
            &mut payout.refund
        };
        super::super::add(deposit_to, deposit)?;
        self.end_dispute(until);
        self.count(&payout)?;
        Ok(Resolved { payout, against })
    }
}
