//! Leases that end before their order: silence, leaving, and disputes.

use super::{add, work::served, Lease, LeaseState, Payout};
use crate::{
    constants::{RESOLVE_SECS, SILENT_INTERVALS},
    MarketError, Order, OrderState,
};
use anchor_lang::prelude::*;
use iog_math::units::HOUR;
use iog_registry::{beat_interval, constants::BEAT_SECS, Device};

impl Lease {
    /// The lease runs, and what has ended of it is worked through.
    fn require_running(&self, order: &Order, now: i64) -> Result<()> {
        require!(
            order.is(OrderState::Active) && self.is(LeaseState::Accepted),
            MarketError::LeaseNotRunning
        );
        require!(self.is_settled(order, now)?, MarketError::SettleFirst);
        Ok(())
    }

    /// Ends the lease of a device that has fallen silent or stopped. The hour that runs is not paid.
    pub fn time_out(&mut self, order: &Order, device: &Device, now: i64) -> Result<()> {
        self.require_running(order, now)?;
        let last_sign = device
            .beat_head
            .max(beat_interval(self.settled_until(order))?);
        let silent = beat_interval(now)?.saturating_sub(last_sign) > SILENT_INTERVALS;
        require!(silent || !device.is_active(), MarketError::DeviceServes);
        self.state = LeaseState::Settled as u8;
        Ok(())
    }

    /// The supplier leaves a lease that was extended beyond what it agreed to. The hour that runs is not paid.
    pub fn leave(&mut self, order: &Order, now: i64) -> Result<()> {
        self.require_running(order, now)?;
        require!(now >= self.agreed_until(order), MarketError::AgreedToServe);
        self.state = LeaseState::Settled as u8;
        Ok(())
    }

    /// Disputes what is held and what has run since: the lease ends now. Returns from when on another device may take its
    /// place, `None` when the lease was over already.
    ///
    /// The first hour of an order is kept by the rule for early ends, so all of it is disputed: else a dispute were a way
    /// around that rule.
    pub fn dispute(&mut self, order: &Order, device: &Device, now: i64) -> Result<Option<i64>> {
        if self.is(LeaseState::Settled) {
            let free_ts = self.held_ts.saturating_add(i64::from(order.dispute_secs));
            let open = self.held_units > 0 && now < free_ts;
            require!(open, MarketError::DisputeTooLate);
            self.rule_units = self.held_units;
            self.begin_dispute(now);
            return Ok(None);
        }
        self.require_running(order, now)?;
        // What can no longer be disputed is released first.
        let free_ts = self.held_ts.saturating_add(i64::from(order.dispute_secs));
        let closed = self.held_units > 0 && now >= free_ts;
        require!(!closed, MarketError::SettleFirst);
        let from = self.settled_until(order);
        let until = now.max(order.started_ts.saturating_add(HOUR).min(order.end_ts));
        let rent = self.rent(order, from, until.saturating_sub(from))?;
        self.rule_units = self.held_units;
        // Before a first heartbeat is due, its absence says nothing.
        let elapsed = now.saturating_sub(from);
        if elapsed < BEAT_SECS || served(device, from, elapsed)? {
            add(&mut self.rule_units, rent.units)?;
        }
        add(&mut self.held_units, rent.units)?;
        add(&mut self.held_usd6, rent.usd6)?;
        self.settled_until_ts = until;
        self.begin_dispute(now);
        Ok(Some(until))
    }

    fn begin_dispute(&mut self, now: i64) {
        self.state = LeaseState::Disputed as u8;
        self.held_ts = now;
    }

    /// The resolver may still decide.
    pub fn is_resolvable(&self, now: i64) -> bool {
        now < self.held_ts.saturating_add(RESOLVE_SECS)
    }

    /// Ends a dispute: the supplier earns `to_supplier` of what is disputed, before its fee.
    pub fn resolve(&mut self, order: &Order, to_supplier: u64) -> Result<Payout> {
        require!(self.is(LeaseState::Disputed), MarketError::NotDisputed);
        require!(to_supplier <= self.held_units, MarketError::BeyondDispute);
        self.state = LeaseState::Settled as u8;
        self.rule_units = 0;
        self.pay(order, to_supplier)
    }
}
