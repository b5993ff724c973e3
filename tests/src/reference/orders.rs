//! The rules of orders in plain integers, up to their start.

use std::collections::BTreeMap;

use iog_client::market::MarketError as E;

use super::{Model, Step};

pub const OPEN: u8 = 0;
pub const MATCHED: u8 = 1;
pub const ACTIVE: u8 = 2;
pub const COMPLETED: u8 = 3;
pub const ENDED: u8 = 4;
pub const EXPIRED: u8 = 5;

pub const HOUR: i64 = 3_600;
/// A matched device accepts within this time.
pub const ACCEPT_SECS: i64 = 180;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    pub from: i64,
    pub units: u64,
    pub usd6: u64,
}

/// 0 matched, 1 accepted, 2 settled, 3 disputed.
#[derive(Clone, Copy, Default)]
pub struct Lease {
    pub state: u8,
    pub gpus: u32,
    pub matched: i64,
    pub until: i64,
    pub agreed: i64,
    pub held_at: i64,
    pub paid: u64,
    pub refunded: u64,
    pub held: u64,
    pub held_usd6: u64,
    pub rule: u64,
}

#[derive(Clone)]
pub struct Order {
    pub renter: usize,
    pub currency: usize,
    pub class: usize,
    pub either: bool,
    pub gpus: u32,
    pub hours: u32,
    pub state: u8,
    pub rates: Vec<Rate>,
    pub fee_bps: u64,
    pub window: i64,
    pub deposited: u64,
    pub escrowed: u64,
    pub paid: u64,
    pub refunded: u64,
    pub fees: u64,
    pub pending: u64,
    pub due: u64,
    pub expires: i64,
    pub started: i64,
    pub end: i64,
    pub booked_end: i64,
    pub vacant: i64,
    pub matched: u32,
    pub accepted: u32,
    pub running: u32,
    pub leases: BTreeMap<usize, Lease>,
}

impl Order {
    /// The price at a moment, and when the next begins.
    pub fn rate_at(&self, ts: i64) -> (Rate, i64) {
        let next = self
            .rates
            .iter()
            .map(|rate| rate.from)
            .find(|from| *from > ts);
        let now = self.rates.iter().rfind(|rate| rate.from <= ts);
        (*now.unwrap_or(&self.rates[0]), next.unwrap_or(i64::MAX))
    }

    /// The lowest price from a moment to the end, in dollars.
    fn lowest(&self, now: i64) -> u64 {
        let current = self.rates.iter().rposition(|rate| rate.from <= now);
        let left = &self.rates[current.unwrap_or(0)..];
        left.iter().map(|rate| rate.usd6).min().unwrap()
    }

    /// Why no device can join now, if none can.
    fn taken(&self, now: i64) -> Option<E> {
        match self.state {
            ACTIVE if now < self.vacant => Some(E::NotVacantYet),
            ACTIVE if now > self.end - HOUR => Some(E::OrderNotOpen),
            ACTIVE => None,
            OPEN | MATCHED if now >= self.expires => Some(E::OrderExpired),
            OPEN | MATCHED => None,
            _ => Some(E::OrderNotOpen),
        }
    }

    /// A matched device had three minutes in which it could have accepted, and did not.
    pub fn ignored(&self, lease: &Lease) -> bool {
        let closes = match self.state {
            ACTIVE => self.end - HOUR + 1,
            COMPLETED | ENDED => return false,
            _ => self.expires,
        };
        lease.state == 0 && self.vacant <= lease.matched && closes - lease.matched > ACCEPT_SECS
    }

    pub fn is_over(&self, now: i64) -> bool {
        let ended = self.state == COMPLETED
            || self.state == ENDED
            || (self.state == ACTIVE && now >= self.end);
        self.state == EXPIRED || (ended && self.leases.is_empty())
    }

    /// The place of a device is free from `from` on.
    pub fn vacate(&mut self, gpus: u32, from: i64) {
        self.matched -= gpus;
        self.accepted -= gpus;
        self.running -= 1;
        self.vacant = self.vacant.max(from);
    }
}

fn refuse<T>(error: E) -> Result<T, crate::Code> {
    Err(error.into())
}

impl Model {
    pub fn match_device(&mut self, id: u64, device: usize) -> Step {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        let one = &mut self.devices[device];
        let lowest = order.lowest(now);
        let other = one.class != order.class;
        let refused = if !one.active {
            Some(E::DeviceNotActive)
        } else if !one.listed {
            Some(E::NotListed)
        } else if now < one.resting {
            Some(E::DeviceRests)
        } else if other && !order.either {
            Some(E::WrongClass)
        } else if !one.staked {
            Some(E::NotStaked)
        } else if lowest < one.floor {
            Some(E::PriceBelowFloor)
        } else if other && lowest < self.base[one.class] {
            Some(E::PriceTooLow)
        } else if one.order.is_some() {
            Some(E::DeviceHired)
        } else if order.state == MATCHED {
            Some(E::OrderNotOpen)
        } else if let Some(error) = order.taken(now) {
            Some(error)
        } else if order.matched + one.gpus > order.gpus {
            Some(E::TooManyGpus)
        } else {
            None
        };
        if let Some(error) = refused {
            return refuse(error);
        }
        one.order = Some(id);
        order.matched += one.gpus;
        order.running += 1;
        if order.state == OPEN && order.matched == order.gpus {
            order.state = MATCHED;
        }
        let lease = Lease {
            matched: now,
            gpus: one.gpus,
            agreed: order.end,
            ..Lease::default()
        };
        order.leases.insert(device, lease);
        Ok(())
    }

    pub fn accept(&mut self, id: u64, device: usize) -> Step {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        let one = &mut self.devices[device];
        let state = order.state;
        let lease = order.leases[&device];
        let refused = if !one.active {
            Some(E::DeviceNotActive)
        } else if lease.state != 0 {
            Some(E::LeaseNotMatched)
        } else if now - lease.matched > ACCEPT_SECS {
            Some(E::AcceptTooLate)
        } else {
            order.taken(now)
        };
        if let Some(error) = refused {
            return refuse(error);
        }
        let lease = order.leases.get_mut(&device).unwrap();
        lease.state = 1;
        if state == ACTIVE {
            lease.until = now;
        }
        one.hired = true;
        one.leases += 1;
        order.accepted += one.gpus;
        if order.state != ACTIVE && order.accepted == order.gpus {
            order.state = ACTIVE;
            order.started = now;
            order.end = now + i64::from(order.hours) * HOUR;
            order.booked_end = order.end;
            order.rates[0].from = now;
        }
        Ok(())
    }

    pub fn skip(&mut self, id: u64, device: usize) -> Step {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        let lease = order.leases[&device];
        if lease.state != 0 || order.state == EXPIRED {
            return refuse(E::LeaseNotMatched);
        }
        if now - lease.matched <= ACCEPT_SECS {
            return refuse(E::AcceptStillOpen);
        }
        let ignored = order.ignored(&lease);
        order.leases.remove(&device);
        order.matched -= lease.gpus;
        order.running -= 1;
        if order.state == MATCHED {
            order.state = OPEN;
        }
        if ignored {
            self.devices[device].skip(now);
        }
        self.free(id, device);
        Ok(())
    }

    pub fn cancel(&mut self, id: u64) -> Step {
        if self.orders[&id].accepted > 0 {
            return refuse(E::AlreadyAccepted);
        }
        self.take_back(id)
    }

    pub fn expire(&mut self, id: u64) -> Step {
        if self.now < self.orders[&id].expires {
            return refuse(E::OrderNotExpired);
        }
        self.take_back(id)
    }

    fn take_back(&mut self, id: u64) -> Step {
        let order = self.orders.get_mut(&id).unwrap();
        if order.state > MATCHED {
            return refuse(E::OrderNotOpen);
        }
        order.state = EXPIRED;
        order.expires = order.expires.min(self.now);
        order.pending = 0;
        let refunded = order.escrowed;
        order.escrowed = 0;
        order.refunded += refunded;
        order.due += refunded;
        // In the books of the currency it was never there.
        let books = &mut self.books[order.currency];
        books.deposited -= refunded;
        books.escrowed -= refunded;
        books.refunds_due += refunded;
        Ok(())
    }
}
