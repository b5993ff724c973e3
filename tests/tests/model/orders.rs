//! The rules of orders in plain integers.

use std::collections::{BTreeMap, BTreeSet};

use iog_client::market::MarketError as E;

use super::reference::{Kind, Step};

const OPEN: u8 = 0;
const MATCHED: u8 = 1;
const ACTIVE: u8 = 2;
const COMPLETED: u8 = 3;
const ENDED: u8 = 4;
const EXPIRED: u8 = 5;
const FEE_BPS: u64 = 25;

#[derive(Clone, Copy)]
pub struct Lease {
    /// 0 matched, 1 accepted, 2 settled.
    pub state: u8,
    pub settled_until: i64,
    pub paid: u64,
    pub refunded: u64,
}

#[derive(Clone)]
pub struct Order {
    pub renter: usize,
    pub class: u16,
    pub price: u64,
    pub gpus: u32,
    pub hours: u32,
    pub state: u8,
    pub deposited: u64,
    pub escrowed: u64,
    pub paid: u64,
    pub refunded: u64,
    pub fees: u64,
    pub pending_fee: u64,
    pub expires: i64,
    pub started: i64,
    pub end: i64,
    pub matched: u32,
    pub accepted: u32,
    pub leases: BTreeMap<usize, Lease>,
}

/// What a settlement moves.
#[derive(Default)]
pub struct Moved {
    pub paid: u64,
    pub refunded: u64,
    pub fee: u64,
}

#[derive(Clone, Default)]
pub struct Orders {
    pub live: BTreeMap<u64, Order>,
    /// Tokens of the renters.
    pub renters: Vec<u64>,
    /// The order that a device is in.
    pub hired: Vec<Option<u64>>,
    pub served: Vec<u64>,
    pub missed: Vec<u64>,
    pub beats: Vec<BTreeSet<i64>>,
    pub deposited: u64,
    pub paid: u64,
    pub refunded: u64,
    pub fees: u64,
}

fn ceil_bps(amount: u64) -> u64 {
    u64::try_from((u128::from(amount) * u128::from(FEE_BPS)).div_ceil(10_000)).unwrap()
}

fn minutes_of(rate: u64, minutes: i64) -> u64 {
    let minutes = u128::try_from(minutes).unwrap();
    u64::try_from(u128::from(rate) * minutes / 60).unwrap()
}

impl Order {
    fn rate(&self) -> u64 {
        self.price * u64::from(self.gpus)
    }

    pub fn unsettled(&self) -> u32 {
        let open = self.leases.values().filter(|lease| lease.state != 2);
        u32::try_from(open.count()).unwrap()
    }

    fn move_out(&mut self, moved: &Moved) {
        self.paid += moved.paid;
        self.refunded += moved.refunded;
        self.fees += moved.fee;
        self.escrowed -= moved.paid + moved.refunded + moved.fee;
    }
}

impl Orders {
    pub fn escrowed(&self) -> u64 {
        self.live.values().map(|order| order.escrowed).sum()
    }

    /// Works for an order that has started and not reached its end.
    pub fn serves(&self, device: usize, now: i64) -> bool {
        self.hired[device].is_some_and(|id| {
            let order = &self.live[&id];
            let started = order.state == ACTIVE || order.state == ENDED;
            started && order.leases[&device].state == 1 && now < order.end
        })
    }

    pub fn create(&mut self, id: u64, mut order: Order, now: i64) -> Step {
        let rent = order.price * u64::from(order.gpus) * u64::from(order.hours);
        order.pending_fee = ceil_bps(rent);
        order.deposited = rent + order.pending_fee;
        order.escrowed = order.deposited;
        order.expires = now + 1_200;
        self.renters[order.renter] -= order.deposited;
        self.deposited += order.deposited;
        self.live.insert(id, order);
        Ok(())
    }

    pub fn match_device(
        &mut self,
        id: u64,
        device: usize,
        kind: &Kind,
        staked: bool,
        now: i64,
    ) -> Step {
        let order = self.live.get_mut(&id).unwrap();
        let refused = if kind.class != order.class {
            Some(E::WrongClass)
        } else if !staked {
            Some(E::NotStaked)
        } else if self.hired[device].is_some() {
            Some(E::DeviceHired)
        } else if order.state != OPEN {
            Some(E::OrderNotOpen)
        } else if now >= order.expires {
            Some(E::OrderExpired)
        } else if order.matched + kind.quantity > order.gpus {
            Some(E::TooManyGpus)
        } else {
            None
        };
        if let Some(error) = refused {
            return Err(error.into());
        }
        order.matched += kind.quantity;
        if order.matched == order.gpus {
            order.state = MATCHED;
        }
        let lease = Lease {
            state: 0,
            settled_until: 0,
            paid: 0,
            refunded: 0,
        };
        order.leases.insert(device, lease);
        self.hired[device] = Some(id);
        Ok(())
    }

    pub fn accept(&mut self, id: u64, device: usize, kind: &Kind, now: i64) -> Step {
        let order = self.live.get_mut(&id).unwrap();
        let lease = order.leases.get_mut(&device).unwrap();
        if lease.state != 0 {
            return Err(E::LeaseNotMatched.into());
        }
        if order.state > MATCHED {
            return Err(E::OrderNotOpen.into());
        }
        if now >= order.expires {
            return Err(E::OrderExpired.into());
        }
        lease.state = 1;
        order.accepted += kind.quantity;
        if order.accepted == order.gpus {
            order.state = ACTIVE;
            order.started = now;
            order.end = now + i64::from(order.hours) * 3_600;
        }
        Ok(())
    }

    /// Heartbeats of ten-minute slots, 768 of them remembered.
    fn proved(&self, device: usize, from: i64, secs: i64) -> bool {
        let slots = (secs / 600).max(1);
        let head = self.beats[device].last().copied().unwrap_or(0);
        let first = from / 600;
        let beats = (first..first + slots)
            .filter(|slot| *slot > head - 768 && self.beats[device].contains(slot))
            .count();
        i64::try_from(beats).unwrap() >= slots - slots / 6
    }

    pub fn settle(&mut self, id: u64, device: usize, kind: &Kind, now: i64) -> Result<Moved, E> {
        let order = &self.live[&id];
        if order.state != ACTIVE && order.state != ENDED {
            return Err(E::OrderNotActive);
        }
        let mut lease = order.leases[&device];
        if lease.state != 1 {
            return Err(E::NothingToSettle);
        }
        let rate = order.price * u64::from(kind.quantity);
        let mut moved = Moved::default();
        let mut from = lease.settled_until.max(order.started);
        let (mut served, mut missed) = (0, 0);
        while served + missed < 24 {
            let until = (from + 3_600).min(order.end);
            if until > now || until <= from {
                break;
            }
            let rent = minutes_of(rate, (until - from) / 60);
            if self.proved(device, from, until - from) {
                moved.paid += rent - ceil_bps(rent);
                moved.fee += ceil_bps(rent);
                served += 1;
            } else {
                moved.refunded += rent;
                missed += 1;
            }
            from = until;
        }
        if served + missed == 0 && from != order.end {
            return Err(E::NothingToSettle);
        }
        lease.settled_until = from;
        lease.paid += moved.paid;
        lease.refunded += moved.refunded;
        let done = from == order.end;
        lease.state = if done { 2 } else { 1 };
        let order = self.live.get_mut(&id).unwrap();
        moved.fee += std::mem::take(&mut order.pending_fee);
        order.leases.insert(device, lease);
        order.move_out(&moved);
        if order.state == ACTIVE && order.unsettled() == 0 {
            order.state = COMPLETED;
        }
        if done {
            self.hired[device] = None;
        }
        self.served[device] += served;
        self.missed[device] += missed;
        let renter = order.renter;
        self.book(renter, &moved);
        Ok(moved)
    }

    fn book(&mut self, renter: usize, moved: &Moved) {
        self.paid += moved.paid;
        self.refunded += moved.refunded;
        self.fees += moved.fee;
        self.renters[renter] += moved.refunded;
    }

    fn refund(&mut self, id: u64, refunded: u64) {
        let moved = Moved {
            refunded,
            ..Moved::default()
        };
        let order = self.live.get_mut(&id).unwrap();
        order.move_out(&moved);
        let renter = order.renter;
        self.book(renter, &moved);
    }

    pub fn end_early(&mut self, id: u64, now: i64) -> Step {
        let order = self.live.get_mut(&id).unwrap();
        if order.state != ACTIVE {
            return Err(E::OrderNotActive.into());
        }
        let used = now.max(order.started + 3_600).min(order.end);
        let minutes = (order.end - used) / 60;
        order.end -= minutes * 60;
        order.state = ENDED;
        let refund = minutes_of(order.rate(), minutes);
        self.refund(id, refund);
        Ok(())
    }

    pub fn expire(&mut self, id: u64, now: i64) -> Step {
        let order = self.live.get_mut(&id).unwrap();
        if order.state > MATCHED {
            return Err(E::OrderNotOpen.into());
        }
        if now < order.expires {
            return Err(E::OrderNotExpired.into());
        }
        order.state = EXPIRED;
        order.pending_fee = 0;
        let refund = order.escrowed;
        self.refund(id, refund);
        Ok(())
    }

    pub fn close_lease(&mut self, id: u64, device: usize) -> Step {
        let order = self.live.get_mut(&id).unwrap();
        if order.leases[&device].state != 2 && order.state != EXPIRED {
            return Err(E::LeaseNotSettled.into());
        }
        order.leases.remove(&device);
        if self.hired[device] == Some(id) {
            self.hired[device] = None;
        }
        Ok(())
    }

    pub fn close_order(&mut self, id: u64) -> Step {
        let order = &self.live[&id];
        if order.state < COMPLETED || !order.leases.is_empty() {
            return Err(E::OrderNotFinished.into());
        }
        let dust = order.escrowed;
        self.refund(id, dust);
        self.live.remove(&id);
        Ok(())
    }
}
