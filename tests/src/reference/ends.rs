//! What ends an order or a lease before its time, and what is left at the end, in plain integers.

use iog_client::market::MarketError as E;

use super::orders::{Held, Lease, Order, Rate, ACTIVE, ENDED, HOUR};
use super::{part_of, rent_of, By, Model, Moved, Step};

/// A device is silent after so many whole intervals of ten minutes without a sign, if the chain made as many slots meanwhile.
const SILENT_INTERVALS: i64 = 3;
const SILENT_SLOTS: u64 = 3_000;

/// What a supplier that stops forfeits: the newest hour that is held, everything, or nothing.
enum Bond {
    Hour,
    All,
    None,
}

impl Order {
    /// Rent of the whole unused minutes of GPUs from a moment on, not of the first hour where all kept it; and where what stays ends.
    fn unused(&self, gpus: [u32; 4], now: i64) -> (u64, i64) {
        let kept = if self.broken { 0 } else { HOUR };
        let used = now.max(self.started + kept).min(self.funded);
        let billed = self.funded - (self.funded - used) / 60 * 60;
        let mut rent = 0;
        let mut end = self.funded;
        for rate in self.rates.iter().rev() {
            let secs = (end - billed.max(rate.from)).max(0);
            rent += rent_of(rate.hourly(gpus), secs);
            end = end.min(rate.from);
        }
        (rent, billed)
    }
}

impl Lease {
    /// Takes what it forfeits out of what is held.
    fn forfeit(&mut self, bond: &Bond) -> u64 {
        let kept = match bond {
            Bond::None => self.held.len(),
            Bond::Hour => self.held.len().saturating_sub(1),
            Bond::All => 0,
        };
        let mut forfeited = 0;
        for hour in self.held.iter_mut().skip(kept) {
            forfeited += hour.units;
            *hour = Held {
                units: 0,
                usd6: 0,
                slots: 0,
                ..*hour
            };
        }
        self.refunded += forfeited;
        forfeited
    }
}

impl Model {
    /// A running lease of which nothing can be judged or released.
    fn running(&self, id: u64, device: usize) -> Step {
        let order = &self.orders[&id];
        let lease = &order.leases[&device];
        if !lease.runs(order, self.now) {
            return Err(E::LeaseNotRunning.into());
        }
        if lease.is_due(order, self.now) {
            return Err(E::SettleFirst.into());
        }
        Ok(())
    }

    /// Ends a lease now. Until the end that it had agreed to no other pays its device more.
    fn drop_out(&mut self, id: u64, device: usize, bond: &Bond, timed_out: bool) {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        let rate: Rate = order.rate_at(now).0;
        let mut lease = order.leases.remove(&device).unwrap();
        let refunded = lease.forfeit(bond);
        (lease.ends, lease.stopped, lease.place) = (now, now, None);
        order.vacate(lease.part, lease.gpus, now);
        order.bar(device);
        let one = &mut self.devices[device];
        let agreed = lease.agreed_until(order);
        one.limit_pay(lease.pay_at(&rate), agreed, now);
        // Who left at once has served nothing, and can be expected to prove.
        if !timed_out && lease.judged.1 > 0 && !lease.poor {
            one.served_until = now;
        }
        // Where nothing is held that it could forfeit, its record and an hour's rest are what it pays.
        if lease.judged.1 == 0 && now < agreed {
            one.timeouts += u64::from(!timed_out);
            one.rest(false, now);
            order.broken |= now < order.started + HOUR;
        }
        order.leases.insert(device, lease);
        self.free(id, device);
        let moved = Moved {
            refunded,
            ..Moved::default()
        };
        self.book(id, &moved);
    }

    pub fn time_out(&mut self, id: u64, device: usize) -> Step {
        self.running(id, device)?;
        let order = &self.orders[&id];
        let lease = &order.leases[&device];
        let one = &self.devices[device];
        let sign = one.sign.0.max(lease.start(order));
        let intervals = self.now / 600 - sign / 600;
        let slots = self.slot - one.sign.1.max(lease.accepted_slot);
        let silent = intervals > SILENT_INTERVALS && slots > SILENT_SLOTS;
        let active = one.state == 0;
        if !silent && !lease.poor && active {
            return Err(E::DeviceServes.into());
        }
        self.devices[device].timeouts += 1;
        let bond = if active { Bond::Hour } else { Bond::All };
        self.drop_out(id, device, &bond, true);
        Ok(())
    }

    pub fn leave(&mut self, id: u64, device: usize, by: By) -> Step {
        if by != By::Owner && by != By::Device {
            return Err(E::NotOwner.into());
        }
        if self.orders[&id].waits() {
            return self.walk_away(id, device);
        }
        self.running(id, device)?;
        let order = &self.orders[&id];
        let agreed = self.now < order.leases[&device].agreed_until(order);
        if agreed && by != By::Owner {
            return Err(E::AgreedToServe.into());
        }
        let bond = if agreed { Bond::All } else { Bond::None };
        self.drop_out(id, device, &bond, false);
        Ok(())
    }

    /// Gives `back`, less what the used hours cost more at the discount that they reached: that is for the leases that run, or the
    /// treasury's where none does.
    pub fn share_out(&mut self, id: u64, back: u64) {
        let order = self.orders.get_mut(&id).unwrap();
        let running: u32 = order.accepted().iter().sum();
        let gpus = if running == 0 {
            order.gpus()
        } else {
            order.accepted()
        };
        let mut missed = order.unreached(gpus, order.started, order.end);
        if running == 0 {
            // Time that nobody proved had no price to be lower.
            missed = missed.min(order.paid);
        }
        // What an end for want of money has set aside before is not taken twice.
        let wanted = order.fees_up(missed);
        let kept = wanted.saturating_sub(order.fees_up(order.rerate)).min(back);
        let mut moved = Moved {
            refunded: back - kept,
            ..Moved::default()
        };
        if running == 0 {
            moved.fee = kept;
        } else {
            let whole = 10_000 + order.fee_bps[0] + order.fee_bps[1];
            // Two units for the two fees' roundings.
            order.rerate += part_of(kept, 10_000, whole).saturating_sub(2);
            order.rerate_gpus = running;
        }
        self.book(id, &moved);
    }

    /// Ends an order now, but not before its first hour; minutes begun are used.
    pub fn end_early(&mut self, id: u64) -> Step {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        if order.state != ACTIVE {
            return Err(E::OrderNotActive.into());
        }
        // An hour in dispute is the dispute's, whatever becomes of the order.
        let (unused, billed) = order.unused(order.gpus(), now.max(order.vacant));
        let back = order.fees_down(unused);
        order.end = order.end.min(billed);
        order.funded = order.end;
        order.step = 0;
        order.stopped = now;
        order.state = ENDED;
        self.share_out(id, back);
        Ok(())
    }

    /// Gives vacant GPUs back for the time that is left.
    pub fn reduce(&mut self, id: u64, index: usize, gpus: u32) -> Step {
        let now = self.now;
        let order = self.orders.get_mut(&id).unwrap();
        if order.state != ACTIVE || now >= order.end {
            return Err(E::OrderNotActive.into());
        }
        let part = &mut order.parts[index];
        if part.class.is_none() {
            return Err(E::WrongClass.into());
        }
        let machines = part.per_machine == 0 || gpus.is_multiple_of(part.per_machine);
        if gpus == 0 || gpus > part.gpus - part.matched || !machines {
            return Err(E::NotVacant.into());
        }
        part.gpus -= gpus;
        if part.gpus == 0 {
            // What had GPUs is no alternative to the part before.
            part.per_machine = part.per_machine.max(1);
        }
        if order.gpus().iter().sum::<u32>() == 0 {
            return Err(E::NotVacant.into());
        }
        let mut back = [0; 4];
        back[index] = gpus;
        let (unused, _) = order.unused(back, now.max(order.vacant));
        let moved = Moved {
            refunded: order.fees_down(unused),
            ..Moved::default()
        };
        self.book(id, &moved);
        Ok(())
    }

    pub fn close_order(&mut self, id: u64) -> Step {
        let order = &self.orders[&id];
        if !order.is_over(self.now) || order.escrowed != 0 || order.due != 0 {
            return Err(E::OrderNotFinished.into());
        }
        self.orders.remove(&id);
        Ok(())
    }
}
