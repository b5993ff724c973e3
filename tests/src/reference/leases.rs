//! The rules of running leases in plain integers: hour by hour, what is proved, held, released and refunded.

use iog_client::market::MarketError as E;

use super::orders::{Lease, Order, ACTIVE, COMPLETED, ENDED, EXPIRED, HOUR};
use super::{ceil_bps, minutes_of, Device, Model, Moved, Step};

/// Hours that one settlement works through.
const BATCH: u64 = 24;
/// Seconds of a heartbeat's slot, and how many slots a device's account remembers.
const SLOT: i64 = 600;
const SLOTS: i64 = 768;

impl Lease {
    pub fn from(&self, order: &Order) -> i64 {
        self.until.max(order.started)
    }

    /// The end of the interval that begins at `from`.
    fn ends(order: &Order, from: i64) -> i64 {
        let (_, next) = order.rate_at(from);
        (from + HOUR).min(order.end).min(next)
    }

    /// Every hour that has ended is worked through.
    pub fn is_settled(&self, order: &Order, now: i64) -> bool {
        Self::ends(order, self.from(order)) > now
    }

    /// Rent, and the same in dollars.
    pub fn rent(&self, order: &Order, from: i64, secs: i64) -> (u64, u64) {
        let (rate, _) = order.rate_at(from);
        let gpus = u64::from(self.gpus);
        let of = |price: u64| minutes_of(price * gpus, secs / 60);
        (of(rate.units), of(rate.usd6))
    }

    /// Pays `earned` of what is held and gives the rest back.
    pub fn split(&mut self, order: &Order, earned: u64) -> Moved {
        let (held, usd6) = (self.held, self.held_usd6);
        let fee = ceil_bps(earned, order.fee_bps);
        let share = if earned == held {
            usd6
        } else {
            let share = u128::from(usd6) * u128::from(earned) / u128::from(held);
            u64::try_from(share).unwrap()
        };
        self.held = 0;
        self.held_usd6 = 0;
        self.paid += earned - fee;
        self.refunded += held - earned;
        Moved {
            paid: earned - fee,
            refunded: held - earned,
            fee,
            usd6: share,
        }
    }

    fn release(&mut self, order: &Order, now: i64) -> Moved {
        if self.held == 0 || now < self.held_at + order.window {
            return Moved::default();
        }
        self.split(order, self.held)
    }
}

/// Of six slots begun one may be without a heartbeat; one at least has one.
pub fn proved(device: &Device, from: i64, secs: i64) -> bool {
    let slots = (secs / SLOT).max(1);
    let head = device.beats.last().copied().unwrap_or(0);
    let first = from / SLOT;
    let beats = (first..first + slots)
        .filter(|slot| *slot > head - SLOTS && device.beats.contains(slot))
        .count();
    i64::try_from(beats).unwrap() >= (slots - (slots + 5) / 6).max(1)
}

/// What a settlement did.
#[derive(Default)]
struct Worked {
    served: u64,
    missed: u64,
    minutes: u64,
    refunded: u64,
}

fn work(lease: &mut Lease, order: &Order, device: &Device, now: i64) -> Worked {
    let mut worked = Worked::default();
    let mut from = lease.from(order);
    while worked.served + worked.missed < BATCH {
        let until = Lease::ends(order, from);
        if until > now || until <= from {
            break;
        }
        let (rent, usd6) = lease.rent(order, from, until - from);
        if proved(device, from, until - from) {
            lease.held += rent;
            lease.held_usd6 += usd6;
            lease.held_at = until;
            worked.served += 1;
            let minutes = u64::try_from((until - from) / 60).unwrap();
            worked.minutes += minutes * u64::from(lease.gpus);
        } else {
            worked.refunded += rent;
            worked.missed += 1;
        }
        from = until;
    }
    lease.until = from;
    lease.refunded += worked.refunded;
    if from >= order.end {
        lease.state = 2;
    }
    worked
}

impl Model {
    pub fn settle(&mut self, id: u64, device: usize) -> Step {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        let mut lease = order.leases[&device];
        if lease.state == 3 {
            return Err(E::NothingToSettle.into());
        }
        let mut moved = lease.release(order, now);
        let released = moved.paid + moved.fee > 0;
        let mut worked = Worked::default();
        if lease.state == 1 && (order.state == ACTIVE || order.state == ENDED) {
            worked = work(&mut lease, order, &self.devices[device], now);
            moved.refunded += worked.refunded;
            let more = lease.release(order, now);
            moved.paid += more.paid;
            moved.fee += more.fee;
            moved.usd6 += more.usd6;
        }
        let over = lease.state == 2 && order.leases[&device].state == 1;
        if !released && worked.served + worked.missed == 0 && !over {
            return Err(E::NothingToSettle.into());
        }
        order.leases.insert(device, lease);
        if over {
            order.running -= 1;
            if order.running == 0 && order.state == ACTIVE && now >= order.end {
                order.state = COMPLETED;
            }
        }
        let renter = order.renter;
        self.devices[device].served += worked.served;
        self.devices[device].missed += worked.missed;
        self.renters[renter].gpu_minutes += worked.minutes;
        if over {
            self.free(id, device);
        }
        self.pay_out(id, device, moved);
        Ok(())
    }

    pub fn close_lease(&mut self, id: u64, device: usize) -> Step {
        let order = self.orders.get_mut(&id).unwrap();
        let lease = order.leases[&device];
        let over = lease.state == 2 && lease.held == 0;
        if !over && order.state != EXPIRED {
            return Err(E::LeaseNotSettled.into());
        }
        if order.ignored(&lease) {
            self.devices[device].skip(self.now);
        }
        order.leases.remove(&device);
        self.free(id, device);
        Ok(())
    }
}
