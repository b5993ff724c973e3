//! The rules of everything that ends an order or a lease before its time, and of what is left at the end, in plain integers.

use iog_client::market::MarketError as E;

use super::leases::proved;
use super::orders::{ACTIVE, COMPLETED, ENDED, HOUR};
use super::{minutes_of, Model, Moved, Step, CREDIT};

/// How long the resolver may decide.
const RESOLVE_SECS: i64 = 72 * HOUR;

impl Model {
    /// A running lease whose hours that ended are settled.
    fn running(&self, id: u64, device: usize) -> Step {
        let order = &self.orders[&id];
        let lease = &order.leases[&device];
        if order.state != ACTIVE || lease.state != 1 {
            return Err(E::LeaseNotRunning.into());
        }
        if !lease.is_settled(order, self.now) {
            return Err(E::SettleFirst.into());
        }
        Ok(())
    }

    fn drop_out(&mut self, id: u64, device: usize, from: i64) {
        let order = self.orders.get_mut(&id).unwrap();
        let gpus = order.leases[&device].gpus;
        order.vacate(gpus, from);
        self.free(id, device);
    }

    pub fn time_out(&mut self, id: u64, device: usize) -> Step {
        self.running(id, device)?;
        let now = self.now;
        let one = &mut self.devices[device];
        let order = self.orders.get_mut(&id).unwrap();
        let since = order.leases[&device].from(order) / 600;
        let sign = one.beats.last().copied().unwrap_or(0).max(since);
        if one.active && now / 600 - sign <= 3 {
            return Err(E::DeviceServes.into());
        }
        one.timeouts += 1;
        order.leases.get_mut(&device).unwrap().state = 2;
        self.drop_out(id, device, now);
        Ok(())
    }

    pub fn leave(&mut self, id: u64, device: usize) -> Step {
        self.running(id, device)?;
        let order = self.orders.get_mut(&id).unwrap();
        let lease = order.leases.get_mut(&device).unwrap();
        let agreed = match lease.agreed {
            0 => order.booked_end,
            agreed => agreed,
        };
        if self.now < agreed {
            return Err(E::AgreedToServe.into());
        }
        lease.state = 2;
        self.drop_out(id, device, self.now);
        Ok(())
    }

    pub fn dispute(&mut self, id: u64, device: usize) -> Step {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        let (window, renter) = (order.window, order.renter);
        let lease = order.leases.get_mut(&device).unwrap();
        if lease.state == 2 {
            if lease.held == 0 || now >= lease.held_at + window {
                return Err(E::DisputeTooLate.into());
            }
            lease.rule = lease.held;
        } else {
            self.running(id, device)?;
            let order = self.orders.get_mut(&id).unwrap();
            let mut lease = order.leases[&device];
            if lease.held > 0 && now >= lease.held_at + window {
                return Err(E::SettleFirst.into());
            }
            let from = lease.from(order);
            let until = now.max((order.started + HOUR).min(order.end));
            if until < from {
                return Err(E::MathOverflow.into());
            }
            let (rent, usd6) = lease.rent(order, from, until - from);
            lease.rule = lease.held;
            if now - from < 600 || proved(&self.devices[device], from, now - from) {
                lease.rule += rent;
            }
            lease.held += rent;
            lease.held_usd6 += usd6;
            lease.until = until;
            order.leases.insert(device, lease);
            self.drop_out(id, device, until);
        }
        let order = self.orders.get_mut(&id).unwrap();
        let lease = order.leases.get_mut(&device).unwrap();
        lease.state = 3;
        lease.held_at = now;
        self.renters[renter].disputes += 1;
        Ok(())
    }

    pub fn resolve(&mut self, id: u64, device: usize, to_supplier: u64) -> Step {
        let lease = self.orders[&id].leases[&device];
        let refused = if lease.state != 3 {
            Some(E::NotDisputed)
        } else if !self.resolver {
            Some(E::NotResolver)
        } else if self.now >= lease.held_at + RESOLVE_SECS {
            Some(E::DecidedTooLate)
        } else if to_supplier > lease.held {
            Some(E::BeyondDispute)
        } else {
            None
        };
        match refused {
            Some(error) => Err(error.into()),
            None => self.end_dispute(id, device, to_supplier),
        }
    }

    pub fn rule(&mut self, id: u64, device: usize) -> Step {
        let lease = self.orders[&id].leases[&device];
        if lease.state != 3 {
            return Err(E::NotDisputed.into());
        }
        if self.resolver && self.now < lease.held_at + RESOLVE_SECS {
            return Err(E::ResolverMayDecide.into());
        }
        self.end_dispute(id, device, lease.rule)
    }

    fn end_dispute(&mut self, id: u64, device: usize, to_supplier: u64) -> Step {
        let order = self.orders.get_mut(&id).unwrap();
        let mut lease = order.leases[&device];
        let lost = to_supplier < lease.rule;
        let moved = lease.split(order, to_supplier);
        lease.state = 2;
        lease.rule = 0;
        order.leases.insert(device, lease);
        self.devices[device].lost += u64::from(lost);
        self.pay_out(id, device, moved);
        Ok(())
    }

    /// Ends an order now, but not before its first hour; minutes begun are used.
    pub fn end_early(&mut self, id: u64) -> Step {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        if order.state != ACTIVE {
            return Err(E::OrderNotActive.into());
        }
        let used = now.max(order.started + HOUR).min(order.end);
        let billed = order.end - (order.end - used) / 60 * 60;
        let mut refunded = 0;
        let mut end = order.end;
        for rate in order.rates.iter().rev() {
            let unused = (end - billed.max(rate.from)).max(0);
            refunded += minutes_of(rate.units * u64::from(order.gpus), unused / 60);
            end = rate.from;
        }
        order.end = billed;
        order.state = ENDED;
        let moved = Moved {
            refunded,
            fee: std::mem::take(&mut order.pending),
            ..Moved::default()
        };
        self.book(id, &moved);
        Ok(())
    }

    /// What an order that is over leaves: its fees, and the rest for the renter.
    fn finish(&mut self, id: u64) {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        if !order.is_over(now) {
            return;
        }
        if order.state == ACTIVE {
            order.state = COMPLETED;
        }
        let fee = std::mem::take(&mut order.pending);
        let refunded = order.escrowed - fee;
        let moved = Moved {
            refunded,
            fee,
            ..Moved::default()
        };
        self.book(id, &moved);
    }

    pub fn refund(&mut self, id: u64) -> Step {
        self.finish(id);
        let order = self.orders.get_mut(&id).unwrap();
        let due = std::mem::take(&mut order.due);
        if due == 0 {
            return Err(E::NothingDue.into());
        }
        let (renter, currency) = (order.renter, order.currency);
        self.renters[renter].tokens[currency] += due;
        self.books[currency].refunds_due -= due;
        if currency == CREDIT {
            self.outstanding -= due;
        }
        Ok(())
    }

    pub fn close_order(&mut self, id: u64) -> Step {
        let order = &self.orders[&id];
        let empty = order.leases.is_empty() && order.escrowed == 0 && order.due == 0;
        if !order.is_over(self.now) || !empty {
            return Err(E::OrderNotFinished.into());
        }
        self.orders.remove(&id);
        Ok(())
    }
}
