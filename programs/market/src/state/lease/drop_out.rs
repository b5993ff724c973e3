//! Leases that end before their order because the device does not serve any more.

use super::{Lease, LeaseState};
use crate::{constants::*, MarketError, Order, OrderState};
use anchor_lang::prelude::*;
use iog_registry::{beat_interval, Device};

/// What a supplier that stops forfeits of what is held, in units.
pub enum Bond {
    /// The last hour: whoever fell silent may have been cut off.
    Hour,
    /// Everything: the owner's wallet did it.
    All,
    /// Nothing: it had not agreed to more.
    None,
}

impl Lease {
    /// The lease runs, and what can be judged or released of it is.
    pub(super) fn require_running(&self, order: &Order, now: i64) -> Result<()> {
        let runs = order.is(OrderState::Active)
            && self.is(LeaseState::Accepted)
            && self.ends_ts == 0
            && now < order.end_ts;
        require!(runs, MarketError::LeaseNotRunning);
        require!(!self.is_due(order, now)?, MarketError::SettleFirst);
        Ok(())
    }

    /// Ends the lease of a device that has fallen silent, hardly serves, or was stopped by its owner. Returns what it forfeits.
    pub fn time_out(&mut self, order: &Order, device: &Device, now: i64, slot: u64) -> Result<u64> {
        self.require_running(order, now)?;
        let last_sign_ts = device.last_sign_ts.max(self.started(order));
        let intervals = beat_interval(now)?.saturating_sub(beat_interval(last_sign_ts)?);
        let slots = slot.saturating_sub(device.last_sign_slot.max(self.accepted_slot));
        let silent = intervals > SILENT_INTERVALS && slots > SILENT_SLOTS;
        require!(
            silent || self.poor == 1 || !device.is_active(),
            MarketError::DeviceServes
        );
        let bond = if device.is_active() {
            Bond::Hour
        } else {
            Bond::All
        };
        self.stop_now(order, bond, now)
    }

    /// The supplier leaves. Before the end that it agreed to only the owner's wallet may, and forfeits what is held.
    pub fn leave(&mut self, order: &Order, by_owner: bool, now: i64) -> Result<u64> {
        self.require_running(order, now)?;
        let agreed = now < self.agreed_until(order);
        require!(!agreed || by_owner, MarketError::AgreedToServe);
        let bond = if agreed { Bond::All } else { Bond::None };
        self.stop_now(order, bond, now)
    }

    /// Ends the lease now; its last hour is judged by the slots that began until then. Returns what is forfeited.
    fn stop_now(&mut self, order: &Order, bond: Bond, now: i64) -> Result<u64> {
        let (held, _, _) = self.held(order)?;
        let forfeited = match bond {
            Bond::None => 0,
            Bond::All => held,
            Bond::Hour => self.last_held(order)?,
        };
        match bond {
            Bond::None => {}
            Bond::All => {
                for number in self.released_count..self.settled_count {
                    self.set_paid(number, 0)?;
                }
            }
            Bond::Hour => {
                if self.holds() {
                    self.set_paid(self.settled_count.saturating_sub(1), 0)?;
                }
            }
        }
        self.ends_ts = now;
        self.stopped_ts = now;
        super::super::add(&mut self.refunded_units, forfeited)?;
        Ok(forfeited)
    }

    /// What the newest hour that is held is worth.
    fn last_held(&self, order: &Order) -> Result<u64> {
        let mut from = self.released_until(order);
        let mut worth = 0;
        for number in self.released_count..self.settled_count {
            let hour = self.hour(order, from)?;
            (worth, _) = hour.worth(self.paid_of(number))?;
            from = hour.until;
        }
        Ok(worth)
    }

    /// A device that accepted leaves an order that does not start.
    pub fn walk_away(&mut self, order: &Order, now: i64) -> Result<()> {
        require!(
            order.waits() && self.is(LeaseState::Accepted),
            MarketError::LeaseNotRunning
        );
        require!(
            now.saturating_sub(self.accepted_ts) > ACCEPT_SECS,
            MarketError::AgreedToServe
        );
        self.state = LeaseState::Settled as u8;
        // It ends before its order begins: nothing of it is ever judged, paid or disputed.
        self.ends_ts = now;
        self.stopped_ts = now;
        Ok(())
    }
}
