//! The hours of a lease and the ten-minute slots that decide about them, in plain integers.

use super::devices::SLOT;
use super::matching::AGREED_SECS;
use super::orders::{Lease, Order, Rate, ACCEPTED, ACTIVE, DISPUTED, HOUR};
use super::{part_of, rent_of, Device};

/// A heartbeat that was due for less than this when a lease was stopped is not asked for.
const GRACE_SECS: i64 = 120;
/// Hours that a lease remembers between judgement and release.
const REMEMBERED: usize = 32;
/// Slots that are paid without a heartbeat in one day of a lease.
const FORGIVEN: u8 = 4;

/// An hour of a lease, or what a price or an end leaves of it.
pub struct Hour {
    pub from: i64,
    pub until: i64,
    pub units: u64,
    pub usd6: u64,
    /// Slots that begin in it.
    pub begun: i64,
    /// The first that is looked at.
    pub first: i64,
}

/// How an hour was judged, in slots.
pub struct Judged {
    pub paid: u64,
    pub proved: i64,
    pub missing: u64,
    pub forgiven: bool,
}

impl Hour {
    /// Slots that are looked at: those that begin in it, or the one that it lies in and the next.
    pub fn looked_at(&self) -> i64 {
        match self.begun {
            0 => 2,
            begun => begun,
        }
    }

    /// What its rent is divided by.
    pub fn parts(&self) -> u64 {
        u64::try_from(self.begun.max(1)).unwrap()
    }

    /// It is judged when the last slot is over.
    pub fn judged_from(&self) -> i64 {
        (self.first + self.looked_at()) * SLOT
    }

    /// One slot is forgiven where all others are proved and there is one at least.
    pub fn judge(&self, device: &Device, may_forgive: bool) -> Judged {
        let slots = self.first..self.first + self.looked_at();
        let beats = slots.filter(|slot| device.beat_in(*slot)).count();
        let proved = i64::try_from(beats).unwrap();
        let counted = u64::try_from(proved).unwrap().min(self.parts());
        let missing = self.parts() - counted;
        let forgiven = self.begun > 0 && missing == 1 && proved > 0 && may_forgive;
        Judged {
            paid: counted + u64::from(forgiven),
            proved,
            missing,
            forgiven,
        }
    }
}

/// The first slot that begins at a moment or later.
fn slot_from(ts: i64) -> i64 {
    (ts + SLOT - 1).div_euclid(SLOT)
}

impl Lease {
    pub fn start(&self, order: &Order) -> i64 {
        self.started.max(order.started)
    }

    pub fn end(&self, order: &Order) -> i64 {
        match self.ends {
            0 => order.end,
            ends => ends.min(order.end),
        }
    }

    /// From then on no heartbeat is asked for.
    pub fn stop(&self, order: &Order) -> i64 {
        let stops = [self.stopped, order.stopped];
        let stops = stops.into_iter().filter(|ts| *ts != 0);
        stops.min().unwrap_or(i64::MAX)
    }

    pub fn judged_until(&self, order: &Order) -> i64 {
        self.judged.0.max(self.start(order))
    }

    pub fn is_judged(&self, order: &Order) -> bool {
        self.judged_until(order) >= self.end(order)
    }

    /// Until when the supplier has agreed to serve.
    pub fn agreed_until(&self, order: &Order) -> i64 {
        match self.agreed {
            0 => order.booked_end.min(order.started + AGREED_SECS),
            agreed => agreed,
        }
    }

    /// It was there when its order started.
    pub fn began_with(&self, order: &Order) -> bool {
        let left = self.ends != 0 && self.ends <= order.started;
        order.started > 0 && self.started == 0 && !left
    }

    /// Dollars that it is paid for a GPU-hour at a rate.
    pub fn pay_at(&self, rate: &Rate) -> u64 {
        let own = part_of(rate.usd6[self.part], self.pay, self.full);
        own.min(self.cap)
    }

    /// What an hour of all its GPUs costs: units, and dollars.
    pub fn hourly(&self, rate: &Rate) -> (u64, u64) {
        let (pay, full) = (self.pay_at(rate), rate.usd6[self.part]);
        let units = part_of(rate.units[self.part], pay, full);
        let gpus = u64::from(self.gpus);
        (units * gpus, pay * gpus)
    }

    /// The hour that begins at `from`.
    pub fn hour(&self, order: &Order, from: i64) -> Hour {
        let (rate, next) = order.rate_at(from);
        let until = (from + HOUR).min(self.end(order)).min(next).max(from);
        let asked = until.min(self.stop(order) - GRACE_SECS).max(from);
        let begun = slot_from(asked) - slot_from(from);
        let (units, usd6) = self.hourly(&rate);
        Hour {
            from,
            until,
            units: rent_of(units, until - from),
            usd6: rent_of(usd6, until - from),
            begun,
            first: if begun == 0 {
                from / SLOT
            } else {
                slot_from(from)
            },
        }
    }

    /// Whether the day of the lease that a moment lies in has a slot to forgive left.
    pub fn may_forgive(&self, order: &Order, from: i64) -> bool {
        let day = self.day_of(order, from);
        self.forgiven.get(&day).is_none_or(|n| *n < FORGIVEN)
    }

    pub fn day_of(&self, order: &Order, from: i64) -> i64 {
        (from - self.start(order)) / 86_400
    }

    /// Whether an hour could be judged or released now.
    pub fn is_due(&self, order: &Order, now: i64) -> bool {
        let first = self.held.front();
        let released = first.is_some_and(|hour| now >= hour.until + order.window);
        let next = self.hour(order, self.judged_until(order));
        (released && self.state != DISPUTED)
            || (!self.is_judged(order) && self.has_room() && next.judged_from() <= now)
    }

    /// Whether another hour can be judged before one is released.
    pub fn has_room(&self) -> bool {
        self.held.len() < REMEMBERED
    }

    /// It runs, and nobody has ended it.
    pub fn runs(&self, order: &Order, now: i64) -> bool {
        order.state == ACTIVE && self.state == ACCEPTED && self.ends == 0 && now < order.end
    }

    pub fn held_units(&self) -> u64 {
        self.held.iter().map(|hour| hour.units).sum()
    }

    pub fn held_usd6(&self) -> u64 {
        self.held.iter().map(|hour| hour.usd6).sum()
    }
}
