//! How orders wait for their start, who answers for it when it does not come, and what that costs, in plain integers.

use iog_client::market::MarketError as E;

use super::orders::{
    Lease, Order, ACCEPTED, ACCEPT_SECS, ACTIVE, ASKED, EXPIRED, HOUR, MATCHED, OPEN, SETTLED,
};
use super::{part_of, By, Model, Moved, Step};

/// A device declines for nothing within this time after it was asked.
const DECLINE_SECS: i64 = 30;
/// Most that an order which never starts pays a device for.
const HELD_SECS: i64 = 300;

impl Order {
    /// Since when a device is asked: since the order is whole, or since its match to a running one.
    fn asked_since(&self, lease: &Lease) -> Option<i64> {
        match self.state {
            ACTIVE => Some(lease.matched),
            MATCHED => Some(self.whole_since),
            _ => None,
        }
    }

    /// For how long a device has been asked. After the expiry nobody could have accepted.
    fn asked_for(&self, lease: &Lease, now: i64) -> i64 {
        let until = if self.waits() {
            now.min(self.expires)
        } else {
            now
        };
        self.asked_since(lease).map_or(0, |since| until - since)
    }

    /// A device let its time to accept pass.
    pub fn ignored(&self, lease: &Lease, now: i64) -> bool {
        self.asked_for(lease, now) > ACCEPT_SECS
    }

    /// Seconds for which it is whole now, as many as there are to accept.
    fn whole_now(&self, now: i64) -> i64 {
        match self.state {
            MATCHED => (now.min(self.expires) - self.whole_since).clamp(0, ACCEPT_SECS),
            _ => 0,
        }
    }

    /// A device kept it from starting.
    fn spoil(&mut self, now: i64) {
        self.spoiled += self.whole_now(now);
        self.whole_since = 0;
    }

    /// A matched device goes before the start, or before it began.
    fn unmatch(&mut self, part: usize, gpus: u32, now: i64) {
        self.parts[part].matched -= gpus;
        if self.state == MATCHED {
            self.spoil(now);
            self.state = OPEN;
        }
    }

    /// What a device that had accepted was held for: its own where nothing but the renter kept the order from starting, else the treasury's.
    pub fn held_time(&self, lease: &Lease) -> Moved {
        let hourly = lease.hourly(&self.rates[0]).0;
        let whole = self.spoiled + self.waited;
        let own = (whole - lease.mark.max(self.spoiled)).clamp(0, HELD_SECS);
        let spoiled = (self.spoiled - lease.mark).clamp(0, HELD_SECS - own);
        let rent = |secs: i64| part_of(hourly, u64::try_from(secs).unwrap(), 3_600);
        let mut moved = self.earned(rent(own), 0);
        let lost = self.earned(rent(spoiled), 0);
        moved.fee += lost.paid + lost.fee;
        moved
    }
}

impl Model {
    pub fn accept(&mut self, id: u64, device: usize) -> Step {
        let (now, slot) = (self.now, self.slot);
        let order = self.orders.get_mut(&id).unwrap();
        let lease = &order.leases[&device];
        if self.devices[device].state != 0 {
            return Err(E::DeviceNotActive.into());
        }
        if lease.state != ASKED {
            return Err(E::LeaseNotMatched.into());
        }
        let Some(since) = order.asked_since(lease) else {
            return Err(E::OrderNotWhole.into());
        };
        if now - since > ACCEPT_SECS {
            return Err(E::AcceptTooLate.into());
        }
        // The place of a replacement was vacant when it was matched, whatever has happened to others since.
        let closed = match order.state {
            ACTIVE => (now >= order.end).then_some(E::OrderNotOpen),
            _ => order.taken(now),
        };
        if let Some(error) = closed {
            return Err(error.into());
        }
        let mark = order.spoiled + order.whole_now(now);
        let state = order.state;
        let lease = order.leases.get_mut(&device).unwrap();
        lease.state = ACCEPTED;
        (lease.accepted, lease.accepted_slot, lease.mark) = (now, slot, mark);
        if state == ACTIVE {
            lease.started = now;
        }
        let part = lease.part;
        order.parts[part].accepted += lease.gpus;
        let all = order.parts.iter().all(|part| part.accepted == part.gpus);
        if state != ACTIVE && all {
            order.state = ACTIVE;
            (order.started, order.whole_since) = (now, 0);
            order.funded = now + i64::from(order.hours) * HOUR;
            order.booked_end = order.funded;
            order.rates[0].from = now;
            order.reach(now);
        }
        // Who accepted before counts with its first settlement.
        let counts = order.state == ACTIVE;
        order.leases.get_mut(&device).unwrap().counted = counts;
        self.devices[device].leases += 1;
        if counts {
            self.change(device, |one| one.serving = true);
        }
        Ok(())
    }

    /// A lease that waits for its device ends.
    fn unmatch(&mut self, id: u64, device: usize) {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        let lease = order.leases.remove(&device).unwrap();
        if order.waits() || order.state == ACTIVE {
            order.unmatch(lease.part, lease.gpus, now);
        }
        order.bar(device);
        self.free(id, device);
    }

    pub fn decline(&mut self, id: u64, device: usize, by: By) -> Step {
        let now = self.now;
        let order = &self.orders[&id];
        let lease = &order.leases[&device];
        if lease.state != ASKED {
            return Err(E::LeaseNotMatched.into());
        }
        if by != By::Device {
            return Err(E::NotDeviceKey.into());
        }
        let late = order.asked_for(lease, now) > DECLINE_SECS || order.unanswered;
        let one = &mut self.devices[device];
        if late || (order.state == MATCHED && !one.may_decline(now)) {
            one.rest(false, now);
        }
        one.declined += 1;
        self.unmatch(id, device);
        Ok(())
    }

    /// Frees the place of a device that gave no answer, or whose order is over.
    pub fn skip(&mut self, id: u64, device: usize) -> Step {
        let now = self.now;
        let order = &self.orders[&id];
        let lease = &order.leases[&device];
        if lease.state != ASKED {
            return Err(E::LeaseNotMatched.into());
        }
        let over = !order.waits() && order.state != ACTIVE;
        if !over && !order.ignored(lease, now) {
            return Err(E::AcceptStillOpen.into());
        }
        if !over || order.unanswered {
            let silent = self.devices[device].sign.0 < lease.matched;
            self.devices[device].rest(silent, now);
        }
        self.unmatch(id, device);
        Ok(())
    }

    /// A device that accepted leaves an order that does not start.
    pub fn walk_away(&mut self, id: u64, device: usize) -> Step {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        let lease = order.leases.get_mut(&device).unwrap();
        if lease.state != ACCEPTED {
            return Err(E::LeaseNotRunning.into());
        }
        if now - lease.accepted <= ACCEPT_SECS {
            return Err(E::AgreedToServe.into());
        }
        lease.state = SETTLED;
        (lease.ends, lease.stopped, lease.place) = (now, now, None);
        let (part, gpus) = (lease.part, lease.gpus);
        // Going while it is whole keeps it from starting, as no answer does, unless another gave none.
        if order.state == MATCHED && !order.ignored(&Lease::default(), now) {
            self.devices[device].rest(false, now);
        }
        order.parts[part].accepted -= gpus;
        order.unmatch(part, gpus, now);
        order.bar(device);
        self.free(id, device);
        Ok(())
    }

    pub fn cancel(&mut self, id: u64) -> Step {
        self.take_back(id, true)
    }

    pub fn expire(&mut self, id: u64) -> Step {
        if self.now < self.orders[&id].expires {
            return Err(E::OrderNotExpired.into());
        }
        self.take_back(id, false)
    }

    fn take_back(&mut self, id: u64, by_renter: bool) -> Step {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        if !order.waits() {
            return Err(E::OrderNotOpen.into());
        }
        if order.state == MATCHED {
            order.unanswered = order.ignored(&Lease::default(), now);
            // Whoever had not accepted yet may have waited for the expiry.
            if order.unanswered || !by_renter {
                order.spoil(now);
            } else {
                order.waited = order.whole_now(now);
            }
        }
        order.state = EXPIRED;
        order.expires = order.expires.min(now);
        order.spare = 0;
        let accepted = order
            .leases
            .values()
            .filter(|lease| lease.state == ACCEPTED);
        let hourly: u64 = accepted.map(|lease| lease.hourly(&order.rates[0]).0).sum();
        let secs = (order.spoiled + order.waited).min(HELD_SECS);
        let rent = part_of(hourly, u64::try_from(secs).unwrap(), 3_600);
        let refunded = order.escrowed - order.fees_up(rent);
        order.book(&Moved {
            refunded,
            ..Moved::default()
        });
        // In the books of the currency it was never there.
        let books = &mut self.books[order.currency];
        books.deposited -= refunded;
        books.escrowed -= refunded;
        books.refunds_due += refunded;
        Ok(())
    }
}
