//! What an end before its time gives back and costs, as the program reckons it (`state/order/ends.rs`). The program decides: these are
//! for saying it beforehand.

use super::{counts, hourly, ACCEPT_SECS, MATCHED, MAX_HELD_SECS};
use iog_client::market::{accounts::Order, types::Rate};
use iog_math::{
    market::{early_end, interval_rent, with_fees, Span},
    pricing::commitment_bps,
    units::{mul_div_floor, whole_periods, HOUR},
    MathError, Result,
};

/// What an early end at some moment comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    pub refund: u64,
    /// Kept out of what comes back: the discount of the length that was booked and is not reached.
    pub rerated: u64,
    pub unused_minutes: u64,
}

/// What taking an order back before its start comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled {
    pub refund: u64,
    /// Kept until the leases close: what devices that had accepted were held for, at most.
    pub held: u64,
}

/// Rent of `hourly` for the longest time that an order which never starts pays for, with the renter's fees.
pub fn held_at_most(hourly: u64, renter_fee_bps: u16, network_fee_bps: u16) -> Result<u64> {
    with_fees(
        held_rent(hourly, MAX_HELD_SECS)?,
        renter_fee_bps,
        network_fee_bps,
        true,
    )
}

fn held_rent(hourly: u64, secs: u32) -> Result<u64> {
    mul_div_floor(hourly, u64::from(secs), HOUR.unsigned_abs())
}

fn fees(order: &Order, rent: u64, up: bool) -> Result<u64> {
    with_fees(rent, order.renter_fee_bps, order.network_fee_bps, up)
}

pub fn cancelled(order: &Order, now: i64) -> Result<Cancelled> {
    let whole = match order.state {
        MATCHED => now
            .min(order.expires_ts)
            .saturating_sub(order.whole_since_ts)
            .clamp(0, ACCEPT_SECS),
        _ => 0,
    };
    let secs = order
        .whole_secs
        .saturating_add(order.renter_secs)
        .saturating_add(u32::try_from(whole).unwrap_or(0))
        .min(MAX_HELD_SECS);
    let held = fees(order, held_rent(order.accepted_hourly_units, secs)?, true)?;
    Ok(Cancelled {
        refund: order.escrowed_units.saturating_sub(held),
        held: held.min(order.escrowed_units),
    })
}

fn rates(order: &Order) -> &[Rate] {
    let count = usize::from(order.rate_count);
    order.rates.get(..count).unwrap_or(&order.rates)
}

pub fn ended(order: &Order, now: i64) -> Result<Ended> {
    let counts = counts(order);
    let mut spans = rates(order)
        .iter()
        .map(|rate| {
            Ok(Span {
                from_ts: rate.from_ts,
                rate_per_hour: hourly(rate, &counts)?,
            })
        })
        .collect::<Result<Vec<Span>>>()?;
    if let Some(first) = spans.first_mut().filter(|_| order.broken == 1) {
        // A device left in the order's first hour: the hour that is kept lies before the start then.
        first.from_ts = first.from_ts.saturating_sub(HOUR);
    }
    let end = early_end(&spans, order.funded_until_ts, now)?;
    let back = fees(order, end.refund, false)?;
    let end_ts = order.end_ts.min(end.billed_until_ts);
    let missed = missed_at(order, end_ts)?;
    // What an end for want of money has set aside before is not taken twice.
    let before = fees(order, order.rerate_units, true)?;
    let rerated = fees(order, missed, true)?.saturating_sub(before).min(back);
    Ok(Ended {
        refund: back.saturating_sub(rerated),
        rerated,
        unused_minutes: end.unused_minutes,
    })
}

/// The discount that an end at `end_ts` does not reach, of the devices that run. Where none does it is reckoned for all GPUs and the
/// treasury's, and no more than what was paid for the rest.
fn missed_at(order: &Order, end_ts: i64) -> Result<u64> {
    let running = order.parts.map(|part| part.accepted);
    if running.iter().any(|gpus| *gpus > 0) {
        return missed_discount(order, &running, order.started_ts, end_ts);
    }
    let missed = missed_discount(order, &counts(order), order.started_ts, end_ts)?;
    Ok(missed.min(order.paid_units))
}

/// What `counts` of GPUs would have cost more from `since` to `until` at the discount of the length that was reached, booking by booking.
pub fn missed_discount(order: &Order, counts: &[u32; 4], since: i64, until: i64) -> Result<u64> {
    let rates = rates(order);
    let mut sum = 0u64;
    for (index, rate) in rates.iter().enumerate() {
        let begin = usize::try_from(rate.booking).unwrap_or(0);
        let booked_from = rates.get(begin).map_or(rate.from_ts, |first| first.from_ts);
        let reached = whole_periods(until.saturating_sub(booked_from).max(0), HOUR)?;
        let reached = u32::try_from(reached).map_err(|_| MathError::Overflow)?;
        if reached >= rate.booked_hours {
            continue;
        }
        let next = rates.get(index.saturating_add(1)).map(|next| next.from_ts);
        let rate_until = next.unwrap_or(until).min(until);
        let secs = rate_until.saturating_sub(rate.from_ts.max(since)).max(0);
        let more = more_an_hour(rate, counts, reached)?;
        sum = sum
            .checked_add(interval_rent(more, secs)?)
            .ok_or(MathError::Overflow)?;
    }
    Ok(sum)
}

/// What `counts` of GPUs would cost more an hour at the discount of `reached` hours.
fn more_an_hour(rate: &Rate, counts: &[u32; 4], reached: u32) -> Result<u64> {
    let prices = rate.price_per_gpu_hour_units.iter();
    let priced = prices.zip(&rate.commitment_bps).zip(counts);
    priced
        .map(|((price, factors), gpus)| {
            let given = commitment_bps(*factors, rate.booked_hours);
            let due = commitment_bps(*factors, reached);
            let more = u64::from(due.saturating_sub(given));
            let more = mul_div_floor(*price, more, u64::from(given.max(1)))?;
            more.checked_mul(u64::from(*gpus))
                .ok_or(MathError::Overflow)
        })
        .try_fold(0u64, |sum, more| {
            sum.checked_add(more?).ok_or(MathError::Overflow)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    /// A GPU at 1,000 units an hour, booked for 24 hours with 2 % off.
    fn day() -> Order {
        let mut order: Order = blank();
        order.rate_count = 1;
        order.rates[0].price_per_gpu_hour_units[0] = 980;
        order.rates[0].commitment_bps[0] = [9_800, 9_500, 9_000];
        order.rates[0].booked_hours = 24;
        order.rates[0].from_ts = 3_600;
        order.parts[0].class_id = 1;
        order.parts[0].gpus = 1;
        order.parts[0].accepted = 1;
        (order.started_ts, order.state) = (3_600, 2);
        order.funded_until_ts = 25 * 3_600;
        order.end_ts = order.funded_until_ts;
        order.renter_fee_bps = 25;
        order.deposited_units = 23_579;
        order.escrowed_units = 23_579;
        order
    }

    #[test]
    fn an_early_end_gives_the_discount_back() {
        // Ten hours used of 24: 14 x 980 = 13,720 and 34 of fees come back, less 10 x 20 and a fee of 1
        let end = ended(&day(), 11 * 3_600).unwrap();
        assert_eq!((end.refund, end.rerated), (13_720 + 34 - 201, 201));
        assert_eq!(end.unused_minutes, 14 * 60);
        // The whole day: nothing back and nothing missed
        let whole = ended(&day(), 25 * 3_600).unwrap();
        assert_eq!(whole, Ended::default());
        // The first hour is kept
        let first = ended(&day(), 3_601).unwrap();
        assert_eq!(first.unused_minutes, 23 * 60);
        // ... but not where a device left in it.
        let mut broken = day();
        broken.broken = 1;
        assert_eq!(ended(&broken, 3_660).unwrap().unused_minutes, 24 * 60 - 1);
    }

    #[test]
    fn a_discount_is_missed_once_and_not_for_time_that_nobody_served() {
        let mut order = day();
        // 201 with the fee were set aside by an end for want of money
        order.rerate_units = 200;
        assert_eq!(ended(&order, 11 * 3_600).unwrap().rerated, 0);
        // No device runs any more: at most what was paid, 150 and a fee of 1
        (order.rerate_units, order.parts[0].accepted) = (0, 0);
        order.paid_units = 150;
        assert_eq!(ended(&order, 11 * 3_600).unwrap().rerated, 151);
    }

    #[test]
    fn taking_an_order_back_costs_held_time_only() {
        let mut order = day();
        (order.state, order.started_ts, order.expires_ts) = (0, 0, 1_200);
        let free = cancelled(&order, 100).unwrap();
        assert_eq!((free.refund, free.held), (23_579, 0));
        // Whole for 60 s, all of it after the acceptance: 980 x 60 / 3,600 and a fee of 1
        (order.state, order.whole_since_ts) = (1, 40);
        order.accepted_hourly_units = 980;
        let held = cancelled(&order, 100).unwrap();
        assert_eq!((held.refund, held.held), (23_579 - 17, 17));
        // However long it was whole: five minutes, 81 and a fee of 1
        order.whole_secs = 10_000;
        assert_eq!(cancelled(&order, 100).unwrap().held, 82);
        assert_eq!(held_at_most(980, 25, 0), Ok(82));
    }
}
