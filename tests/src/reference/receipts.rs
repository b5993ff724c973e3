//! Receipts and answers to disputes, in plain integers.

use iog_client::market::MarketError as E;

use super::devices::Device;
use super::orders::{Held, Lease, DISPUTED, SETTLED};
use super::{part_of, Model, Step};

/// Slots that one receipt speaks of: a day of them.
const SLOTS: i64 = 144;

/// Slots of unix time that a receipt acknowledges: from `first` on, eight after eight as the bits of `pattern` say.
#[derive(Clone, Copy)]
struct Named {
    first: u32,
    pattern: u8,
}

impl Named {
    fn contains(self, slot: i64) -> bool {
        let at = slot - i64::from(self.first);
        (0..SLOTS).contains(&at) && self.pattern >> (at % 8) & 1 == 1
    }
}

impl Held {
    /// What is answered of it: units and dollars. No more than is paid of it.
    pub fn answered(&self) -> (u64, u64) {
        let slots = u64::from(self.answered_slots());
        let (units, usd6) = self.full;
        let parts = self.parts.max(1);
        (part_of(units, slots, parts), part_of(usd6, slots, parts))
    }

    fn answered_slots(&self) -> u32 {
        self.answered.count_ones().min(self.slots.into())
    }

    /// Somebody may still be asked to look at it: it cost something, and nothing of it is acknowledged.
    fn waits_for_a_look(&self) -> bool {
        self.full.0 > 0 && self.answered_slots() == 0
    }

    /// Marks slots that were acknowledged, and in which the device beat.
    fn acknowledge(&mut self, device: &Device, named: Named) {
        for place in 0..self.looked_at {
            let slot = self.first + i64::from(place);
            if named.contains(slot) && device.beat_in(slot) {
                self.answered |= 1 << place;
            }
        }
    }
}

impl Lease {
    /// Of what is held, what receipts have answered.
    pub fn answered(&self) -> (u64, u64) {
        let hours = self.held.iter().map(Held::answered);
        hours.fold((0, 0), |sum, hour| (sum.0 + hour.0, sum.1 + hour.1))
    }

    /// What is still in dispute.
    pub fn disputed_units(&self) -> u64 {
        self.held_units() - self.answered().0
    }
}

impl Model {
    /// A receipt of the day from slot `first` of unix time on, that acknowledges of each eight slots those of `pattern`.
    pub fn answer(&mut self, id: u64, device: usize, first: u32, pattern: u8) -> Step {
        let order = &self.orders[&id];
        let mut lease = order.leases[&device].clone();
        if lease.state != DISPUTED {
            return Err(E::NotDisputed.into());
        }
        if !lease.is_judged(order) {
            return Err(E::SettleFirst.into());
        }
        let (disputed, before) = (lease.disputed_units(), lease.answered());
        let one = &self.devices[device];
        for hour in &mut lease.held {
            hour.acknowledge(one, Named { first, pattern });
        }
        let after = lease.answered();
        let (units, usd6) = (after.0 - before.0, after.1 - before.1);
        if units == 0 {
            return Err(E::NothingAnswered.into());
        }
        let mut moved = order.earned(units, usd6);
        // What holds nothing is answered by nothing: somebody was asked to look at it, and its part of the deposit waits with it.
        let over = units == disputed && !lease.held.iter().any(Held::waits_for_a_look);
        let rent: u64 = lease.held.iter().map(|hour| hour.full.0).sum();
        let deposit = if over {
            lease.deposit
        } else {
            part_of(lease.deposit, units, rent - before.0)
        };
        lease.deposit -= deposit;
        moved.paid += deposit;
        if over {
            moved.add(&lease.share(order, 0));
            lease.end_dispute(order);
        }
        lease.count(&moved);
        let order = self.orders.get_mut(&id).unwrap();
        order.leases.insert(device, lease);
        self.pay_out(id, device, &moved);
        Ok(())
    }
}

impl Lease {
    /// Nothing is held any more.
    pub fn end_dispute(&mut self, order: &super::orders::Order) {
        self.state = SETTLED;
        self.held.clear();
        self.released = (self.judged_until(order), self.judged.1);
    }
}
