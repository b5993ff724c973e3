//! Who can be hired, and what for.

use super::{
    currency, failures, is_proved_class, lowest_usd6, proved_within, rate_at, sign_in_last_hours,
    usd6, FAILURE_WINDOW_HOURS, MAX_FAILURES,
};
use iog_client::{
    market::{CreditLine, Earnings, Lease, Occupancy, Order, PriceBook},
    registry::{Device, HardwareClass},
};
use iog_math::{
    credit,
    pricing::{self, Booking, Location, Terms},
    reputation::{reputation_bps, Record},
    units::{mul_div_floor, BPS},
};
use solana_pubkey::Pubkey;

/// A match of an order that is not whole keeps the device from other orders for this long only (market's `MATCH_HOLD_SECS`).
pub const MATCH_HOLD_SECS: i64 = 30;
/// An older pass will do for this long after a lease that the device served (market's `AFTER_LEASE_SECS`, `AFTER_LEASE_PROOF_HOURS`).
const AFTER_LEASE_SECS: i64 = 7_200;
const AFTER_LEASE_PROOF_HOURS: u64 = 24;
/// Anyone may take an idle device off the market after this long without a sign of life, or a pass (market's `STALE_SIGN_SECS`,
/// `STALE_PROOF_HOURS`).
const STALE_SIGN_SECS: i64 = 21_600;
/// What a dollar of IOSD is worth to suppliers is believed for this long (market's `COVER_AGE_SECS`).
const COVER_AGE_SECS: i64 = 21_600;
const STALE_PROOF_HOURS: u64 = 24;

/// In a lease, running or not.
pub fn is_hired(place: &Occupancy) -> bool {
    place.lease != Pubkey::default()
}

pub fn is_listed(place: &Occupancy) -> bool {
    place.listed_gpus > 0
}

pub fn rests(place: &Occupancy, now: i64) -> bool {
    now < place.resting_until_ts
}

/// Whether the device's owner takes a currency for it.
pub fn takes(place: &Occupancy, currency: u8) -> bool {
    let bit = 1u8.checked_shl(currency.into()).unwrap_or(0);
    place.currencies & bit != 0
}

pub fn reputation(place: &Occupancy) -> u16 {
    reputation_bps(&Record {
        slots_served: place.slots_served,
        slots_missed: place.slots_missed,
        skipped: place.skipped,
        timeouts: place.timeouts,
        disputes_lost: place.disputes_lost,
    })
}

/// The device is alive and is what it claims: it showed a sign of life lately, and passed a proof.
pub fn is_hireable(
    device: &Device,
    class: &HardwareClass,
    place: &Occupancy,
    epoch: u64,
    now: i64,
) -> bool {
    if !sign_in_last_hours(device, now) {
        return false;
    }
    let after_lease = now.saturating_sub(place.served_until_ts) < AFTER_LEASE_SECS;
    let proved = proved_within(device, epoch, class.proof_valid_hours.into())
        || (after_lease && proved_within(device, epoch, AFTER_LEASE_PROOF_HOURS));
    let failed = failures(device, epoch, FAILURE_WINDOW_HOURS) >= MAX_FAILURES;
    !is_proved_class(class) || (proved && !failed)
}

/// Whether anyone may take the idle device off the market: what cannot be hired must not count as online.
pub fn is_stale(
    device: &Device,
    class: &HardwareClass,
    place: &Occupancy,
    epoch: u64,
    now: i64,
) -> bool {
    let silent = now.saturating_sub(device.last_sign_ts) > STALE_SIGN_SECS;
    let served = now.saturating_sub(place.served_until_ts) <= STALE_SIGN_SECS;
    let unproved =
        is_proved_class(class) && !served && !proved_within(device, epoch, STALE_PROOF_HOURS);
    rests(place, now) || silent || unproved
}

/// What a GPU-hour of a class that is offered costs an order like this one, in millionths of a dollar: with its hours and its hour of the
/// day, as busy as the class is at `now`.
pub fn quote(book: &PriceBook, class: &HardwareClass, order: &Order, now: i64) -> Option<u64> {
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
    let [booked, ..] = &order.rates;
    let (hired, online) = (book.hired_gpus, book.online_gpus);
    let utilisation =
        pricing::utilisation_at(book.utilisation_bps, book.moved_ts, hired, online, now).ok()?;
    let booking = Booking {
        hours: booked.booked_hours,
        min_tier: order.min_tier,
        countries: &order.countries,
        now: order.created_ts,
    };
    let offered = class.enabled == 1 && class.base_price_usd6 > 0;
    offered
        .then(|| pricing::quote(&terms, utilisation, &booking).ok())
        .flatten()
}

/// What a lease of this device in a part at `part_usd6` would be paid for a GPU-hour, where a class's own quote is `quote_usd6`; a device
/// that left another lease gets no more than it had there. `None` if that is less than its owner asks, to the order's end; what it is to the
/// owner is asked of [`worth`].
pub fn pay_usd6(
    order: &Order,
    part: usize,
    part_usd6: u64,
    quote_usd6: u64,
    place: &Occupancy,
    line: Option<&CreditLine>,
    now: i64,
) -> Option<u64> {
    let cap = match now < place.cap_until_ts {
        true => place.cap_usd6,
        false => u64::MAX,
    };
    let pay = part_usd6.min(quote_usd6);
    let lowest = mul_div_floor(lowest_usd6(order, part, now), pay, part_usd6.max(1)).ok()?;
    let worth = worth(order, place, line, lowest.min(cap), now)?;
    (worth >= place.floor_usd6).then_some(pay.min(cap))
}

/// What `usd6` of the order's currency are to the device's owner: of IOSD as much as suppliers get for it, as far as somebody has told the
/// market lately. Who asks for nothing need not know.
fn worth(
    order: &Order,
    place: &Occupancy,
    line: Option<&CreditLine>,
    usd6: u64,
    now: i64,
) -> Option<u64> {
    if order.currency != currency::CREDIT || place.floor_usd6 == 0 {
        return Some(usd6);
    }
    let line = line.filter(|line| is_cover_known(line, now))?;
    mul_div_floor(usd6, line.cover_bps.into(), BPS).ok()
}

/// Whether the market knows what a dollar of IOSD is worth to suppliers.
fn is_cover_known(line: &CreditLine, now: i64) -> bool {
    line.cover_ts != 0 && now.saturating_sub(line.cover_ts) <= COVER_AGE_SECS
}

/// What a lease is paid for a GPU-hour at the prices of `now`, in millionths of a dollar.
pub fn paid_usd6(lease: &Lease, order: &Order, now: i64) -> u64 {
    let (rate, _) = rate_at(order, now);
    let price = usd6(&rate, lease.part.into());
    let own = match lease.pay_usd6 >= lease.part_usd6 {
        true => price,
        false => mul_div_floor(price, lease.pay_usd6, lease.part_usd6).unwrap_or(0),
    };
    own.min(lease.cap_usd6)
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
