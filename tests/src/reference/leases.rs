//! Working through the hours of leases, in plain integers.

use iog_client::market::MarketError as E;

use super::orders::{
    Held, Lease, Order, ACCEPTED, ACTIVE, ASKED, DISPUTED, EXPIRED, HOUR, SETTLED,
};
use super::{part_of, By, Device, Model, Moved, Step};

/// Hours that one settlement judges, and releases.
const BATCH: u32 = 24;
/// A device with less than half of its slots proved hardly serves, in an hour in which so many began.
const LEAST_SLOTS: i64 = 3;
/// A chain that stood still for so long accuses nobody.
const HALT_SECS: i64 = 1_800;
/// For each GPU, for whoever matched it.
const LAMPORTS: u64 = 20_000;

/// What a settlement did.
#[derive(Default)]
struct Worked {
    moved: Moved,
    hours: u32,
    served: u64,
    missed: u64,
    minutes: u64,
}

impl Lease {
    /// Pays hours whose time to be disputed is over.
    fn release(&mut self, order: &Order, worked: &mut Worked, now: i64) {
        for _ in 0..BATCH {
            let due = self.held.front().copied();
            let due = due.filter(|hour| now >= hour.until + order.window);
            let Some(hour) = due.filter(|_| self.state != DISPUTED) else {
                return;
            };
            self.held.pop_front();
            self.released = (hour.until, self.released.1 + 1);
            worked.moved.add(&order.earned(hour.units, hour.usd6));
            worked.hours += 1;
        }
    }

    /// Judges hours whose last slot is over: what nobody proved goes back.
    fn judge(&mut self, order: &Order, device: &Device, worked: &mut Worked, now: i64) {
        for _ in 0..BATCH {
            let from = self.judged_until(order);
            let hour = self.hour(order, from);
            if self.is_judged(order) || !self.has_room() || hour.judged_from() > now {
                return;
            }
            let verdict = hour.judge(device, self.may_forgive(order, from));
            if verdict.forgiven {
                *self.forgiven.entry(self.day_of(order, from)).or_default() += 1;
            }
            self.poor = hour.begun >= LEAST_SLOTS && 2 * verdict.proved < hour.begun;
            self.rent += hour.units;
            let units = part_of(hour.units, verdict.paid, hour.parts());
            self.held.push_back(Held {
                until: hour.until,
                units,
                usd6: part_of(hour.usd6, verdict.paid, hour.parts()),
                slots: u8::try_from(verdict.paid).unwrap(),
                full: (hour.units, hour.usd6),
                parts: hour.parts(),
                first: hour.first,
                looked_at: u32::try_from(hour.looked_at()).unwrap(),
                answered: 0,
            });
            self.judged = (hour.until, self.judged.1 + 1);
            worked.moved.refunded += hour.units - units;
            worked.hours += 1;
            if from < self.stop(order) {
                worked.served += hour.parts() - verdict.missing;
                worked.missed += verdict.missing;
            }
            let minutes = u64::try_from((hour.until - from) / 60).unwrap();
            let minutes = part_of(minutes, verdict.paid, hour.parts());
            worked.minutes += minutes * u64::from(self.gpus);
        }
    }

    /// Its share of the discount that an early end did not reach, once, as far as its rent was proved.
    pub fn share(&mut self, order: &Order, refunding: u64) -> Moved {
        if order.rerate == 0 || self.ends != 0 || self.shared {
            return Moved::default();
        }
        self.shared = true;
        let gpus = u64::from(order.rerate_gpus);
        let share = part_of(order.rerate, self.gpus.into(), gpus);
        let proved = self.rent - self.refunded - refunding;
        order.earned(part_of(share, proved, self.rent.max(1)), 0)
    }

    pub fn count(&mut self, moved: &Moved) {
        self.paid += moved.paid;
        self.paid_usd6 += moved.usd6;
        self.refunded += moved.refunded;
    }

    /// Whether the chain stood still for half an hour since the last judgement: nobody could beat then.
    fn has_halted(&self, now: i64, slot: u64) -> bool {
        let slots = slot - self.judged_at.1.max(self.accepted_slot);
        let ran = i64::try_from(slots * 2 / 5).unwrap();
        now - self.judged_at.0.max(self.accepted) - ran >= HALT_SECS
    }

    fn work(&mut self, order: &Order, device: &Device, (now, slot): (i64, u64)) -> Worked {
        let mut worked = Worked::default();
        if self.state != SETTLED {
            let (halted, hours) = (self.has_halted(now, slot), self.judged.1);
            self.judge(order, device, &mut worked, now);
            if self.judged.1 > hours {
                self.judged_at = (now, slot);
                self.poor &= !halted;
            }
        }
        // Behind it: of hours that ended long ago the time is over, too.
        self.release(order, &mut worked, now);
        if self.state == ACCEPTED && self.is_judged(order) {
            self.state = SETTLED;
            worked.moved.add(&self.share(order, worked.moved.refunded));
        }
        self.count(&worked.moved);
        worked
    }
}

impl Model {
    /// Counts a device as hired that serves, and frees one whose lease has ended: whether it did either.
    fn follow(&mut self, id: u64, device: usize) -> bool {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        if self.devices[device].order != Some(id) || order.started == 0 {
            return false;
        }
        let end = order.leases[&device].end(order);
        let lease = order.leases.get_mut(&device).unwrap();
        let accepted = lease.state == ACCEPTED;
        if now >= end {
            if accepted && self.devices[device].sign.0 >= end - HOUR {
                self.devices[device].served_until = end;
            }
            self.free(id, device);
            return true;
        }
        if lease.counted || !accepted {
            return false;
        }
        lease.counted = true;
        self.change(device, |one| one.serving = true);
        true
    }

    pub fn settle(&mut self, id: u64, device: usize) -> Step {
        let now = self.now;
        let followed = self.follow(id, device);
        let order = &self.orders[&id];
        let mut lease = order.leases[&device].clone();
        let before = lease.state;
        let worked = if order.started > 0 && before != ASKED {
            lease.work(order, &self.devices[device], (now, self.slot))
        } else {
            Worked::default()
        };
        if !followed && worked.hours == 0 && lease.state == before {
            return Err(E::NothingToSettle.into());
        }
        let renter = order.renter;
        let order = self.orders.get_mut(&id).unwrap();
        order.leases.insert(device, lease);
        self.devices[device].served += worked.served;
        self.devices[device].missed += worked.missed;
        self.renters[renter].gpu_minutes += worked.minutes;
        self.pay_out(id, device, &worked.moved);
        Ok(())
    }

    /// For leases that are over and hold nothing, and those of orders that never started.
    pub fn close_lease(&mut self, id: u64, device: usize) -> Step {
        let now = self.now;
        let order = &self.orders[&id];
        let lease = order.leases[&device].clone();
        let over = lease.state == SETTLED && lease.held.is_empty();
        let expired = order.state == EXPIRED;
        let unused = lease.state == ASKED && !order.waits() && order.state != ACTIVE;
        if !over && !expired && !unused {
            return Err(E::LeaseNotSettled.into());
        }
        if expired && lease.state == ACCEPTED {
            let held = order.held_time(&lease);
            self.pay_out(id, device, &held);
        } else if lease.accepted == 0 && order.unanswered {
            let silent = self.devices[device].sign.0 < lease.matched;
            self.devices[device].rest(silent, now);
        }
        let order = self.orders.get_mut(&id).unwrap();
        order.leases.remove(&device);
        if lease.accepted > 0 && lease.began_with(order) {
            let earned = order.lamports.min(LAMPORTS * u64::from(lease.gpus));
            order.lamports -= earned;
            let renter = order.renter;
            let keeper = self.renters.len();
            let matcher = match lease.by {
                By::Renter => renter,
                _ => keeper,
            };
            let earned = i64::try_from(earned).unwrap();
            self.lamports[renter] -= earned;
            self.lamports[matcher] += earned;
        }
        self.free(id, device);
        Ok(())
    }
}
