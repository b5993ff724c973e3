//! What a dispute is about, as anyone reckons it who reads the chain.

use iog_client::market::{Lease, Order};
use iog_client::pda;
use iog_math::market::interval_rent;
use iog_math::slots::{slot_rent, Slots};
use solana_pubkey::Pubkey;

use crate::world::{Supplier, World};

const HOUR: i64 = 3_600;
/// A slot that began less than this before a stop is not asked for.
const GRACE_SECS: i64 = 120;

/// `a * b / c`, rounded down.
fn part(a: u64, b: u64, c: u64) -> u64 {
    u64::try_from(u128::from(a) * u128::from(b) / u128::from(c.max(1))).unwrap()
}

/// What all its GPUs cost an hour at `ts`, and when the next price begins.
fn hourly(order: &Order, lease: &Lease, ts: i64) -> (u64, i64) {
    let rates = &order.rates[..usize::from(order.rate_count)];
    let past = rates.iter().rposition(|rate| rate.from_ts <= ts);
    let now = past.unwrap_or(0);
    let next = rates.get(now + 1).map_or(i64::MAX, |rate| rate.from_ts);
    let at = usize::from(lease.part);
    let (units, usd6) = (
        rates[now].price_per_gpu_hour_units[at],
        rates[now].price_usd6[at],
    );
    let own = if lease.pay_usd6 < lease.part_usd6 {
        part(usd6, lease.pay_usd6, lease.part_usd6)
    } else {
        usd6
    };
    let own = own.min(lease.cap_usd6);
    let units = if own < usd6 {
        part(units, own, usd6)
    } else {
        units
    };
    (units * u64::from(lease.gpus), next)
}

fn or_never(ts: i64) -> i64 {
    if ts == 0 {
        i64::MAX
    } else {
        ts
    }
}

impl World {
    /// Rent of the slots of a lease that are held, paid and not answered; nothing of one that is not there.
    pub fn in_dispute(&self, order: &Pubkey, supplier: &Supplier) -> u64 {
        let address = pda::market::lease(order, &supplier.device);
        if self.find(&address).is_none() {
            return 0;
        }
        let (order, lease) = (self.order(order), self.lease(order, supplier));
        let end = or_never(lease.ends_ts).min(order.end_ts);
        let stop = or_never(lease.stopped_ts).min(or_never(order.stopped_ts));
        let started = lease.started_ts.max(order.started_ts);
        let mut from = lease.released_until_ts.max(started);
        let mut left = 0;
        for number in lease.released_count..lease.settled_count {
            let (units, next) = hourly(&order, &lease, from);
            let until = (from + HOUR).min(end).min(next);
            let asked = until.min(stop.saturating_sub(GRACE_SECS)).max(from);
            let slots = Slots::of(from, asked).unwrap();
            let rent = interval_rent(units, until - from).unwrap();
            let place = usize::try_from(number % 32).unwrap();
            let paid = u32::from(lease.paid_slots[place]);
            let answered = lease.answered_slots[place].count_ones().min(paid);
            let worth = |slots_paid| slot_rent(rent, slots_paid, slots.parts()).unwrap();
            left += worth(paid) - worth(answered);
            from = until;
        }
        left
    }
}
