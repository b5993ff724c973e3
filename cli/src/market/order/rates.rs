//! What a GPU-hour of an order costs, as the program has it (`state/order/rates.rs`).

use iog_client::market::{accounts::Order, types::Rate};
use iog_math::{MathError, Result};

fn in_use(order: &Order) -> impl Iterator<Item = &Rate> {
    order.rates.iter().take(usize::from(order.rate_count))
}

/// The rate that holds at `ts`, and the moment when the next one begins.
pub fn rate_at(order: &Order, ts: i64) -> (Rate, i64) {
    let [first, ..] = order.rates;
    in_use(order).fold((first, i64::MAX), |(rate, next), other| {
        if other.from_ts <= ts {
            (*other, next)
        } else {
            (rate, next.min(other.from_ts))
        }
    })
}

/// The price of a part in the order's currency.
pub fn units(rate: &Rate, part: u8) -> u64 {
    let price = rate.price_per_gpu_hour_units.get(usize::from(part));
    price.copied().unwrap_or(0)
}

/// What the GPUs of `counts` cost an hour.
pub fn hourly(rate: &Rate, counts: &[u32; 4]) -> Result<u64> {
    let prices = rate.price_per_gpu_hour_units.iter().zip(counts);
    prices
        .map(|(price, gpus)| price.checked_mul(u64::from(*gpus)))
        .try_fold(0u64, |sum, cost| sum.checked_add(cost?))
        .ok_or(MathError::Overflow)
}

/// The lowest price of a part from `now` to the end, US dollars with 6 decimals: a device takes all of them.
pub fn lowest_usd6(order: &Order, part: u8, now: i64) -> u64 {
    let past = in_use(order).skip(1).take_while(|rate| rate.from_ts <= now);
    let left = in_use(order).skip(past.count());
    let prices = left.map(|rate| rate.price_usd6.get(usize::from(part)).copied());
    prices.map(|price| price.unwrap_or(0)).min().unwrap_or(0)
}
