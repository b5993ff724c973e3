//! How an order stands: its parts, its prices, and whom it asks.

use super::{currency, state};
use iog_client::market::{Order, Part, Rate};
use iog_math::units::HOUR;
use solana_pubkey::Pubkey;

/// For this long after its creation only the renter matches (market's `RENTER_MATCH_SECS`).
pub const RENTER_MATCH_SECS: i64 = 30;
/// Time to accept from the moment when a device is asked (market's `ACCEPT_SECS`).
pub const ACCEPT_SECS: i64 = 90;

/// An order that may still get or keep devices before it starts.
pub fn is_waiting(order: &Order) -> bool {
    matches!(order.state, state::ORDER_OPEN | state::ORDER_MATCHED)
}

/// It has begun: its leases can be settled.
pub fn has_started(order: &Order) -> bool {
    order.started_ts > 0
}

/// Whether devices can join: before the start, or in the place of one that dropped out with an hour left at least.
pub fn is_joinable(order: &Order, now: i64) -> bool {
    match order.state {
        state::ORDER_ACTIVE => {
            now >= order.vacant_from_ts && now <= order.end_ts.saturating_sub(HOUR)
        }
        _ => is_waiting(order) && now < order.expires_ts,
    }
}

/// Since when a device that was matched at `matched_ts` is asked: since the order is whole, or since its own match to one that runs.
pub fn asked_since(order: &Order, matched_ts: i64) -> Option<i64> {
    match order.state {
        state::ORDER_ACTIVE => Some(matched_ts),
        state::ORDER_MATCHED => Some(order.whole_since_ts),
        _ => None,
    }
}

/// Whether a device that was matched at `matched_ts` has let its time to accept pass. Behind the order's expiry nobody can accept.
pub fn is_unanswered(order: &Order, matched_ts: i64, now: i64) -> bool {
    let asked = match is_waiting(order) {
        true => now.min(order.expires_ts),
        false => now,
    };
    asked_since(order, matched_ts).is_some_and(|since| asked.saturating_sub(since) > ACCEPT_SECS)
}

/// A match in it can come to nothing any more: not waiting, and not running.
pub fn is_past(order: &Order) -> bool {
    !is_waiting(order) && order.state != state::ORDER_ACTIVE
}

/// Nothing more can be earned: at its end, or expired, with every lease closed.
pub fn is_over(order: &Order, now: i64) -> bool {
    let ended = match order.state {
        state::ORDER_COMPLETED | state::ORDER_ENDED | state::ORDER_EXPIRED => true,
        state::ORDER_ACTIVE => now >= order.end_ts,
        _ => false,
    };
    ended && order.leases == 0
}

/// GPUs of a part that no device is matched to.
pub fn vacant(part: &Part) -> u32 {
    part.gpus.saturating_sub(part.matched)
}

pub fn gpus(order: &Order) -> u32 {
    let gpus = order.parts.iter().map(|part| part.gpus);
    gpus.fold(0, u32::saturating_add)
}

/// GPUs that the order lacks.
pub fn missing(order: &Order) -> u32 {
    order.parts.iter().map(vacant).fold(0, u32::saturating_add)
}

/// Classes that will do for a part: its own, and those of the alternatives behind it.
pub fn classes(order: &Order, index: usize) -> impl Iterator<Item = u16> + '_ {
    let own = order.parts.iter().skip(index).take(1);
    let behind = order.parts.iter().skip(index.saturating_add(1));
    // A part that was given back whole keeps a machine's size and so is none.
    let alternatives =
        behind.take_while(|part| part.class_id != 0 && part.gpus == 0 && part.per_machine == 0);
    own.chain(alternatives).map(|part| part.class_id)
}

/// Countries that the order names.
pub fn countries(order: &Order) -> impl Iterator<Item = [u8; 2]> + '_ {
    let named = order.countries.iter().copied();
    named.filter(|country| *country != [0; 2])
}

/// Whether the order takes devices of this country.
pub fn allows(order: &Order, country: [u8; 2]) -> bool {
    countries(order).next().is_none() || countries(order).any(|named| named == country)
}

/// Whether the order takes devices of this owner; zeros take anybody's.
pub fn takes_owner(order: &Order, owner: &Pubkey) -> bool {
    order.owner == Pubkey::default() || order.owner == *owner
}

/// Whether the order takes machines of this platform; 0 takes any.
pub fn runs_on(order: &Order, platform: u8) -> bool {
    order.platform == 0 || order.platform == platform
}

/// Whether the order does not take the device again: it declined, did not answer, left, or is disputed.
pub fn is_barred(order: &Order, device: &Pubkey) -> bool {
    let bar = device.as_ref().first_chunk::<8>();
    bar.is_some_and(|bar| order.bars.contains(bar))
}

fn rates(order: &Order) -> impl Iterator<Item = &Rate> + Clone {
    order.rates.iter().take(order.rate_count.into())
}

/// The prices that hold at `ts`, and when the next ones begin.
pub fn rate_at(order: &Order, ts: i64) -> (Rate, i64) {
    let [first, ..] = order.rates;
    rates(order).fold((first, i64::MAX), |(rate, next), other| {
        if other.from_ts <= ts {
            (*other, next)
        } else {
            (rate, next.min(other.from_ts))
        }
    })
}

/// What a part's GPU-hour costs by a rate, in millionths of a dollar.
pub fn usd6(rate: &Rate, part: usize) -> u64 {
    rate.price_usd6.get(part).copied().unwrap_or(0)
}

/// The lowest price of a part from `now` to the end: a device takes all of them.
pub fn lowest_usd6(order: &Order, part: usize, now: i64) -> u64 {
    let past = rates(order).skip(1).take_while(|rate| rate.from_ts <= now);
    let left = rates(order).skip(past.count());
    left.map(|rate| usd6(rate, part)).min().unwrap_or(0)
}

/// What the order is worth in all, in millionths of a dollar.
pub fn worth_usd6(order: &Order) -> u64 {
    let [booked, ..] = order.rates;
    let parts = order.parts.iter().zip(booked.price_usd6);
    let hourly = parts
        .map(|(part, price)| price.saturating_mul(part.gpus.into()))
        .fold(0, u64::saturating_add);
    hourly.saturating_mul(order.hours.into())
}

/// Whether IO for a dollar may be taken anew.
pub fn step_due(order: &Order, now: i64) -> bool {
    order.state == state::ORDER_ACTIVE
        && order.currency == currency::IO
        && order.step_ts > 0
        && (order.step_ts..order.end_ts).contains(&now)
}
