//! The market's rules.

use super::{beat_interval, is_active, state};
use iog_client::{
    market::{Earnings, Lease, Occupancy, Order, PriceBook, Rate},
    registry::{Device, HardwareClass},
};
use iog_math::{
    credit,
    pricing::{self, Booking, Location, Terms},
    reputation::{reputation_bps, Record},
    units::HOUR,
};
use solana_pubkey::Pubkey;

/// Numbers of currencies.
pub mod currency {
    pub const IO: u8 = 0;
    pub const USD: u8 = 1;
    /// IOSD.
    pub const CREDIT: u8 = 2;
}

/// A matched device that has not accepted within this time may be skipped.
pub const ACCEPT_SECS: i64 = 180;
/// A device that has been silent for more whole ten-minute intervals has timed out.
const SILENT_INTERVALS: i64 = 3;
/// After this time without a decision the rule decides a dispute.
pub const RESOLVE_SECS: i64 = 259_200;

pub fn is_hired(occupancy: &Occupancy) -> bool {
    occupancy.lease != Pubkey::default()
}

pub fn is_listed(occupancy: &Occupancy) -> bool {
    occupancy.listed_gpus > 0
}

pub fn reputation(occupancy: &Occupancy) -> u16 {
    reputation_bps(&Record {
        served: occupancy.hours_served,
        missed: occupancy.hours_missed,
        skipped: occupancy.skipped,
        timeouts: occupancy.timeouts,
        disputes_lost: occupancy.disputes_lost,
    })
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

/// Whether the order takes devices of this class. 0 stands for none.
pub fn names(order: &Order, class_id: u16) -> bool {
    class_id != 0 && order.class_ids.contains(&class_id)
}

/// An order that may still get or keep devices before it starts.
pub fn is_waiting(order: &Order) -> bool {
    matches!(order.state, state::ORDER_OPEN | state::ORDER_MATCHED)
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

/// Running at `now`: jobs may run and heartbeats count. An order that its renter has ended runs on to the end of what is billed,
/// and a device that stopped proving its service before that would not be paid.
pub fn is_running(order: &Order, now: i64) -> bool {
    matches!(order.state, state::ORDER_ACTIVE | state::ORDER_ENDED) && now < order.end_ts
}

/// Nothing more can be earned: never started, or at its end with every lease closed.
pub fn is_over(order: &Order, now: i64) -> bool {
    let ended = match order.state {
        state::ORDER_COMPLETED | state::ORDER_ENDED => true,
        state::ORDER_ACTIVE => now >= order.end_ts,
        _ => false,
    };
    order.state == state::ORDER_EXPIRED || (ended && order.leases == 0)
}

/// The price that holds at `ts`, and when the next one begins.
pub fn rate_at(order: &Order, ts: i64) -> (Rate, i64) {
    let [first, ..] = order.rates;
    let in_use = order.rates.iter().take(order.rate_count.into());
    in_use.fold((first, i64::MAX), |(rate, next), other| {
        if other.from_ts <= ts {
            (*other, next)
        } else {
            (rate, next.min(other.from_ts))
        }
    })
}

/// The lowest price from `now` to the end: a device takes all of them.
pub fn lowest_price(order: &Order, now: i64) -> u64 {
    let in_use = order.rates.iter().take(order.rate_count.into());
    let later = in_use.filter(|rate| rate.from_ts > now);
    let (rate, _) = rate_at(order, now);
    let prices = later.map(|rate| rate.price_usd6);
    prices.fold(rate.price_usd6, u64::min)
}

/// What a GPU-hour of a class costs an order like this one if it were made now, in millionths of a dollar.
pub fn quote(book: &PriceBook, class: &HardwareClass, order: &Order, now: i64) -> Option<u64> {
    if class.enabled != 1 || class.base_price_usd6 == 0 {
        return None;
    }
    let terms = Terms {
        base_usd6: class.base_price_usd6,
        kink_bps: book.kink_bps,
        slope1_bps: book.slope1_bps,
        slope2_bps: book.slope2_bps,
        tier_bps: book.tier_bps,
        peak_bps: book.peak_bps,
        peak_hours: book.peak_hours,
        commitment_bps: book.commitment_bps,
        locations: book.locations.map(|location| Location {
            country: location.country,
            factor_bps: location.factor_bps,
        }),
    };
    let (hired, online) = (book.hired_gpus, book.online_gpus);
    let utilisation =
        pricing::utilisation_at(book.utilisation_bps, book.moved_ts, hired, online, now).ok()?;
    let booking = Booking {
        hours: order.hours,
        min_tier: order.min_tier,
        countries: &order.countries,
        now,
    };
    pricing::quote(&terms, utilisation, &booking).ok()
}

/// Whether the device has let its time to accept pass.
pub fn is_late(lease: &Lease, now: i64) -> bool {
    now.saturating_sub(lease.matched_ts) > ACCEPT_SECS
}

/// From where a lease is not settled yet.
pub fn unsettled_from(lease: &Lease, order: &Order) -> i64 {
    lease.settled_until_ts.max(order.started_ts)
}

/// When the next hour of a lease can be settled; `None` if no further one will be.
pub fn hour_due(lease: &Lease, order: &Order) -> Option<i64> {
    let settles = matches!(order.state, state::ORDER_ACTIVE | state::ORDER_ENDED);
    if !settles || lease.state != state::LEASE_ACCEPTED {
        return None;
    }
    let from = unsettled_from(lease, order);
    let (_, price_ends) = rate_at(order, from);
    let hour = from.saturating_add(HOUR);
    Some(hour.min(price_ends).min(order.end_ts))
}

/// When what the lease holds can no longer be disputed; `None` if it holds nothing, or is in dispute.
pub fn release_due(lease: &Lease, order: &Order) -> Option<i64> {
    let holds = lease.held_units > 0 && lease.state != state::LEASE_DISPUTED;
    let window = i64::from(order.dispute_secs);
    holds.then(|| lease.held_ts.saturating_add(window))
}

/// Since when the lease of this device can be ended because it is silent; hours that have ended must be settled before.
pub fn timed_out_since(lease: &Lease, order: &Order, device: &Device) -> Option<i64> {
    if order.state != state::ORDER_ACTIVE || lease.state != state::LEASE_ACCEPTED {
        return None;
    }
    let settled = unsettled_from(lease, order);
    if !is_active(device) {
        return Some(settled);
    }
    let last_sign = device.beat_head.max(beat_interval(settled));
    let silent = last_sign.saturating_add(SILENT_INTERVALS).saturating_add(1);
    Some(silent.saturating_mul(super::BEAT_SECS))
}

/// What of a supplier's claim the line has come to.
pub fn payable(earnings: &Earnings, funded_units: u64) -> u64 {
    credit::payable(
        funded_units,
        earnings.claim_start_units,
        earnings.claim_units,
        earnings.claim_paid_units,
    )
    .unwrap_or(0)
}
