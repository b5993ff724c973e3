//! The hours of a lease and their ten-minute slots, as the program has them (`state/lease/hours.rs`).

use super::life::{end, started};
use crate::market::order::{rate_at, units};
use iog_client::market::{
    accounts::{Lease, Order},
    types::Rate,
};
use iog_math::{
    market::interval_rent,
    slots::{slot_rent, Slots},
    units::{mul_div_floor, HOUR},
    MathError, Result,
};

/// Hours that a lease can have judged and not released (`HELD_HOURS` of the program's constants.rs).
pub const HELD_HOURS: u32 = 32;
/// A heartbeat that was due for less than this when a lease was stopped is not asked for (`STOP_GRACE_SECS`).
const STOP_GRACE_SECS: i64 = 120;

/// An hour of a lease, or the part of one that ends where the order, the lease or its price does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hour {
    pub from: i64,
    pub until: i64,
    pub slots: Slots,
    /// Its whole rent.
    pub units: u64,
    /// Slots that are paid; `None` while it is not judged.
    pub paid: Option<u32>,
}

impl Hour {
    /// What the slots that are paid are worth; nothing before it is judged.
    pub fn worth(&self) -> Result<u64> {
        slot_rent(self.units, self.paid.unwrap_or(0), self.slots.parts())
    }
}

/// What it is paid for a GPU-hour at a rate, US dollars with 6 decimals: an alternative, or a device that left another lease, is paid less
/// than its part's price.
pub fn pay_usd6_at(lease: &Lease, rate: &Rate) -> Result<u64> {
    let price = rate.price_usd6.get(usize::from(lease.part));
    let price = price.copied().unwrap_or(0);
    let own = if lease.pay_usd6 >= lease.part_usd6 {
        price
    } else {
        mul_div_floor(price, lease.pay_usd6, lease.part_usd6)?
    };
    Ok(own.min(lease.cap_usd6))
}

/// What an hour of all its GPUs costs: units follow the dollars that it is paid.
pub fn hourly(order: &Order, lease: &Lease, from: i64) -> Result<u64> {
    let (rate, _) = rate_at(order, from);
    let price_usd6 = rate.price_usd6.get(usize::from(lease.part));
    let price_usd6 = price_usd6.copied().unwrap_or(0);
    let pay_usd6 = pay_usd6_at(lease, &rate)?;
    let price = units(&rate, lease.part);
    let own = if pay_usd6 >= price_usd6 {
        price
    } else {
        mul_div_floor(price, pay_usd6, price_usd6)?
    };
    own.checked_mul(u64::from(lease.gpus))
        .ok_or(MathError::Overflow)
}

/// Heartbeats after this are not asked for.
fn stop(order: &Order, lease: &Lease) -> i64 {
    let of = |ts: i64| if ts == 0 { i64::MAX } else { ts };
    of(lease.stopped_ts).min(of(order.stopped_ts))
}

/// The hour that begins at `from`.
pub fn hour(order: &Order, lease: &Lease, from: i64) -> Result<Hour> {
    let (_, price_ends) = rate_at(order, from);
    let until = from
        .saturating_add(HOUR)
        .min(end(order, lease))
        .min(price_ends)
        .max(from);
    let stop = stop(order, lease).saturating_sub(STOP_GRACE_SECS);
    let asked_until = until.min(stop).max(from);
    Ok(Hour {
        from,
        until,
        slots: Slots::of(from, asked_until)?,
        units: interval_rent(hourly(order, lease, from)?, until.saturating_sub(from))?,
        paid: None,
    })
}

/// From when on the hour that begins at `from` can be judged: the end of its last slot.
pub fn judged_ts(order: &Order, lease: &Lease, from: i64) -> Result<i64> {
    hour(order, lease, from)?.slots.judged_ts()
}

/// The hours that are judged and not released, oldest first.
pub fn hours(order: &Order, lease: &Lease) -> Result<Vec<Hour>> {
    let mut from = lease.released_until_ts.max(started(order, lease));
    let mut found = Vec::new();
    for number in lease.released_count..lease.settled_count {
        let place = usize::try_from(number % HELD_HOURS).unwrap_or(0);
        let paid = lease.paid_slots.get(place).copied().unwrap_or(0);
        let judged = Hour {
            paid: Some(u32::from(paid)),
            ..hour(order, lease, from)?
        };
        from = judged.until;
        found.push(judged);
    }
    Ok(found)
}

/// Everything that is held, and where the last hour of it ends.
pub fn held(order: &Order, lease: &Lease) -> Result<(u64, i64)> {
    let mut until = lease.released_until_ts.max(started(order, lease));
    let mut units = 0u64;
    for judged in hours(order, lease)? {
        units = units
            .checked_add(judged.worth()?)
            .ok_or(MathError::Overflow)?;
        until = judged.until;
    }
    Ok((units, until))
}

/// What of it receipts have answered, and is paid: no more of an hour than is paid of it.
pub fn answered(order: &Order, lease: &Lease) -> Result<u64> {
    let numbers = lease.released_count..lease.settled_count;
    let mut units = 0u64;
    for (number, judged) in numbers.zip(hours(order, lease)?) {
        let place = usize::try_from(number % HELD_HOURS).unwrap_or(0);
        let mask = lease.answered_slots.get(place).copied().unwrap_or(0);
        let slots = mask.count_ones().min(judged.paid.unwrap_or(0));
        let worth = slot_rent(judged.units, slots, judged.slots.parts())?;
        units = units.checked_add(worth).ok_or(MathError::Overflow)?;
    }
    Ok(units)
}

/// What is held and not answered: what a dispute is still about.
pub fn in_dispute(order: &Order, lease: &Lease) -> Result<u64> {
    let (held, _) = held(order, lease)?;
    Ok(held.saturating_sub(answered(order, lease)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::lease::life::tests::running;

    #[test]
    fn hours_are_worth_their_slots() {
        let (order, mut lease) = running(5);
        // Six of six, five of six, and the first four of the third
        (lease.settled_count, lease.settled_until_ts) = (3, order.started_ts + 3 * HOUR);
        (
            lease.paid_slots[0],
            lease.paid_slots[1],
            lease.paid_slots[2],
        ) = (6, 5, 4);
        let found = hours(&order, &lease).unwrap();
        let worth: Vec<u64> = found.iter().map(|hour| hour.worth().unwrap()).collect();
        assert_eq!(worth, [6_000, 5_000, 4_000]);
        assert_eq!(found[1].from, order.started_ts + HOUR);
        assert_eq!(
            held(&order, &lease),
            Ok((15_000, order.started_ts + 3 * HOUR))
        );
        // Three slots of the first hour are answered, and all six of the third, of which four are paid.
        (lease.answered_slots[0], lease.answered_slots[2]) = (0b111, 0b11_1111);
        assert_eq!(answered(&order, &lease), Ok(7_000));
        assert_eq!(in_dispute(&order, &lease), Ok(8_000));
        // The oldest is released; the ring goes on at its place.
        (lease.released_count, lease.released_until_ts) = (1, order.started_ts + HOUR);
        assert_eq!(held(&order, &lease).unwrap().0, 9_000);
    }

    #[test]
    fn an_alternative_is_paid_its_own_price() {
        let (order, mut lease) = running(5);
        (lease.pay_usd6, lease.part_usd6) = (75, 100);
        let first = |lease: &Lease| hour(&order, lease, order.started_ts).unwrap().units;
        assert_eq!(first(&lease), 4_500);
        // A device that left another lease for 0.60 of the part's 1.00 USD is paid no more.
        lease.cap_usd6 = 600_000;
        assert_eq!(first(&lease), 3_600);
    }

    #[test]
    fn a_slot_that_had_just_begun_at_the_stop_is_not_asked_for() {
        let (mut order, lease) = running(5);
        order.stopped_ts = order.started_ts + 2 * HOUR + 720;
        let third = hour(&order, &lease, order.started_ts + 2 * HOUR).unwrap();
        assert_eq!(third.slots.begun, 1);
        order.stopped_ts += 1;
        let third = hour(&order, &lease, order.started_ts + 2 * HOUR).unwrap();
        assert_eq!(third.slots.begun, 2);
    }
}
