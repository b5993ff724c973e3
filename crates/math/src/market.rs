//! What an order costs, what a supplier is paid, and what an early end gives back.

use crate::{
    units::{bps_ceil, bps_floor, mul_div_floor, share, whole_periods, HOUR},
    MathError, Result,
};

/// Reservation fee of the renter, on top of the rent.
pub const RESERVATION_FEE_BPS: u16 = 25;
/// Fee of the supplier, off the payout.
pub const SUPPLIER_FEE_BPS: u16 = 25;
/// What USDC pays further on each side; IO and IOSD do not.
pub const USDC_EXTRA_BPS: u16 = 200;

/// Seconds of a minute, the unit that an early end refunds in.
const MINUTE: i64 = 60;
/// Minutes of an hour.
const HOUR_MINUTES: u64 = 60;

/// What a renter deposits for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderCost {
    /// Price times GPUs times hours.
    pub rent: u64,
    /// Reservation fee, with the extra of the currency in it.
    pub renter_fee: u64,
    /// Network fee, for burning.
    pub network_fee: u64,
    /// All of it.
    pub total: u64,
}

/// The cost of `gpus` for `hours` at `price_per_gpu_hour`; both fees are rounded up, each on the rent alone.
///
/// # Errors
/// [`MathError::OutOfRange`] for a fee above one whole.
pub fn order_cost(
    price_per_gpu_hour: u64,
    gpus: u32,
    hours: u32,
    renter_fee_bps: u16,
    network_fee_bps: u16,
) -> Result<OrderCost> {
    let rate_per_hour = price_per_gpu_hour
        .checked_mul(u64::from(gpus))
        .ok_or(MathError::Overflow)?;
    order_cost_of(rate_per_hour, hours, renter_fee_bps, network_fee_bps)
}

/// The cost of `hours` of what costs `rate_per_hour` in all, as [`order_cost`].
///
/// # Errors
/// [`MathError::OutOfRange`] for a fee above one whole.
pub fn order_cost_of(
    rate_per_hour: u64,
    hours: u32,
    renter_fee_bps: u16,
    network_fee_bps: u16,
) -> Result<OrderCost> {
    let rent = rate_per_hour
        .checked_mul(u64::from(hours))
        .ok_or(MathError::Overflow)?;
    // ceil, both: the renter pays
    let renter_fee = bps_ceil(rent, share(renter_fee_bps)?)?;
    let network_fee = bps_ceil(rent, share(network_fee_bps)?)?;
    let total = rent
        .checked_add(renter_fee)
        .and_then(|total| total.checked_add(network_fee))
        .ok_or(MathError::Overflow)?;
    Ok(OrderCost {
        rent,
        renter_fee,
        network_fee,
        total,
    })
}

/// Splits earned rent: `(to_supplier, fee)`. The parts add up to `rent`.
///
/// # Errors
/// [`MathError::OutOfRange`] for a fee above one whole.
pub fn payout(rent: u64, supplier_fee_bps: u16) -> Result<(u64, u64)> {
    // ceil for the fee; the supplier takes the rest
    let fee = bps_ceil(rent, share(supplier_fee_bps)?)?;
    let to_supplier = rent.checked_sub(fee).ok_or(MathError::Overflow)?;
    Ok((to_supplier, fee))
}

/// Rent of `secs` of a booking at `rate_per_hour`, whole minutes counted.
///
/// # Errors
/// [`MathError::OutOfRange`] for a negative time.
pub fn interval_rent(rate_per_hour: u64, secs: i64) -> Result<u64> {
    // floor: the supplier is paid, the rest goes back to the renter
    mul_div_floor(rate_per_hour, whole_periods(secs, MINUTE)?, HOUR_MINUTES)
}

/// Rent with the fees that are charged on top of it, each rounded `up` or down by itself.
///
/// # Errors
/// [`MathError::OutOfRange`] for a fee above one whole.
pub fn with_fees(rent: u64, renter_fee_bps: u16, network_fee_bps: u16, up: bool) -> Result<u64> {
    let fee = |bps: u16| -> Result<u64> {
        let bps = share(bps)?;
        // ceil: what must be there; floor: what may go
        if up {
            bps_ceil(rent, bps)
        } else {
            bps_floor(rent, bps)
        }
    };
    let network = fee(network_fee_bps)?;
    rent.checked_add(fee(renter_fee_bps)?)
        .and_then(|total| total.checked_add(network))
        .ok_or(MathError::Overflow)
}

/// What an early end gives back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlyEnd {
    /// Whole unused minutes, which are refunded.
    pub unused_minutes: u64,
    /// Refund in the order's currency.
    pub refund: u64,
    /// Second up to which rent is due: the booked end less the refunded minutes.
    pub billed_until_ts: i64,
}

/// A stretch of a booking at one rate: it lasts until the next one, or to the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First second of it, a whole number of minutes before the end.
    pub from_ts: i64,
    /// Rate of the whole order per hour.
    pub rate_per_hour: u64,
}

/// Ends a booking at `now` that starts with the first of `spans` and ends at `end_ts`: whole unused minutes come back, each at the rate of
/// its span.
///
/// The first hour is never refunded, whatever `now` is; a clock before the start counts as the start and one after
/// the end as the end. A booking shorter than an hour refunds nothing.
///
/// # Errors
/// [`MathError::OutOfRange`] unless there is a span, each begins after the one before, and all whole minutes before the end.
pub fn early_end(spans: &[Span], end_ts: i64, now: i64) -> Result<EarlyEnd> {
    let started_ts = spans.first().ok_or(MathError::OutOfRange)?.from_ts;
    let first_hour_end = started_ts.checked_add(HOUR).ok_or(MathError::Overflow)?;
    let used_until_ts = now.max(first_hour_end).min(end_ts);
    let unused_secs = end_ts
        .checked_sub(used_until_ts)
        .ok_or(MathError::Overflow)?;
    // floor: a minute begun is a minute used
    let unused_minutes = whole_periods(unused_secs, MINUTE)?;
    // From the end back: what is unused of a span is what lies before the spans behind it.
    let mut refund = 0_u64;
    let mut behind = 0_u64;
    for span in spans.iter().rev() {
        let minutes = minutes_before(span.from_ts, end_ts)?;
        let length = minutes
            .checked_sub(behind)
            .filter(|length| *length > 0)
            .ok_or(MathError::OutOfRange)?;
        let unused = unused_minutes.saturating_sub(behind).min(length);
        // floor: the renter is paid
        let part = mul_div_floor(span.rate_per_hour, unused, HOUR_MINUTES)?;
        refund = refund.checked_add(part).ok_or(MathError::Overflow)?;
        behind = minutes;
    }
    let billed_until_ts = i64::try_from(unused_minutes)
        .ok()
        .and_then(|minutes| minutes.checked_mul(MINUTE))
        .and_then(|secs| end_ts.checked_sub(secs))
        .ok_or(MathError::Overflow)?;
    Ok(EarlyEnd {
        unused_minutes,
        refund,
        billed_until_ts,
    })
}

/// The minutes from `from_ts` to `end_ts`, which have to be whole ones.
fn minutes_before(from_ts: i64, end_ts: i64) -> Result<u64> {
    let secs = end_ts.checked_sub(from_ts).ok_or(MathError::Overflow)?;
    // exact, or refused
    let minutes = whole_periods(secs, MINUTE)?;
    let whole = minutes.checked_mul(MINUTE.unsigned_abs()) == Some(secs.unsigned_abs());
    whole.then_some(minutes).ok_or(MathError::OutOfRange)
}
