//! Receipts and answers to disputes, in plain integers.

use iog_client::market::MarketError as E;

use super::devices::Device;
use super::orders::{Held, Lease, DISPUTED, SETTLED};
use super::{part_of, Model, Step};

/// Hours that one receipt speaks of.
const HOURS: u32 = 24;

impl Held {
    /// What is answered of it: units and dollars. No more than is paid of it.
    fn answered(&self) -> (u64, u64) {
        let slots = u64::from(self.answered.count_ones()).min(self.slots.into());
        let (units, usd6) = self.full;
        let parts = self.parts.max(1);
        (part_of(units, slots, parts), part_of(usd6, slots, parts))
    }

    /// Marks slots that were acknowledged, and in which the device beat.
    fn acknowledge(&mut self, device: &Device, mask: u8) {
        for slot in 0..self.looked_at {
            let proved = device.beat_in(self.first + i64::from(slot));
            if mask >> slot & 1 == 1 && proved {
                self.answered |= 1 << slot;
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
    /// A receipt that acknowledges the slots of `mask` in each of 24 hours from hour `first` of the lease on.
    pub fn answer(&mut self, id: u64, device: usize, first: u32, mask: u8) -> Step {
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
        for (number, hour) in (lease.released.1..).zip(&mut lease.held) {
            if (first..first.saturating_add(HOURS)).contains(&number) {
                hour.acknowledge(one, mask);
            }
        }
        let after = lease.answered();
        let (units, usd6) = (after.0 - before.0, after.1 - before.1);
        if units == 0 {
            return Err(E::NothingAnswered.into());
        }
        let mut moved = order.earned(units, usd6);
        let deposit = part_of(lease.deposit, units, disputed);
        lease.deposit -= deposit;
        moved.paid += deposit;
        if units == disputed {
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
