//! The price of a GPU-hour.

mod terms;
mod utilisation;

pub use terms::{
    step_allowed, Location, Terms, MAX_FACTOR_BPS, MAX_LOCATIONS, MAX_SLOPE_BPS,
    MAX_SLOPE_STEP_BPS, MAX_STEP_BPS, MIN_FACTOR_BPS,
};
pub use utilisation::{utilisation_at, utilisation_step, UTILISATION_STEP_SECS};

use crate::{
    units::{div_ceil, narrow, whole_periods, BPS, HOUR},
    MathError, Result,
};
use terms::{DAY_HOURS, NOWHERE, ONE_BPS};

/// Least hours of the three commitments: a day, a week, a month of 30 days.
pub const COMMITMENT_HOURS: [u32; 3] = [24, 168, 720];

/// What a renter asks for, as far as the price depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Booking<'a> {
    /// Booked hours.
    pub hours: u32,
    /// Least connectivity tier, 0 to 4.
    pub min_tier: u8,
    /// Allowed countries; zeros are ignored, and none named is anywhere.
    pub countries: &'a [[u8; 2]],
    /// Time of the booking, which decides on peak hours.
    pub now: i64,
}

/// What a quote is made of. Every factor is in basis points, 10,000 being one; their bounds are the program's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuoteInput {
    /// Base price of the class in millionths of a dollar per GPU-hour.
    pub base_usd6: u64,
    /// Hired over online devices of the class, at most 10,000.
    pub utilisation_bps: u16,
    /// Utilisation at which the curve bends, at most 10,000.
    pub kink_bps: u16,
    /// Price added per whole of utilisation below the kink; 0 makes the curve flat up to it.
    pub slope1_bps: u16,
    /// Price added per whole of utilisation above the kink.
    pub slope2_bps: u16,
    /// Factor of the connectivity tier.
    pub tier_bps: u16,
    /// Factor of the location.
    pub location_bps: u16,
    /// Factor of the time of day.
    pub peak_bps: u16,
    /// Factor of the booked length: a discount is below 10,000.
    pub commitment_bps: u16,
}

/// The utilisation factor times `10^8`, exactly: not rounded before the quote is.
///
/// `1 + slope1 * min(u, kink) + slope2 * max(0, u - kink)`: the curve of two slopes known from lending markets. The
/// default of `slope1` is 0, which is the "flat to a kink and then linear" of the economics; a class that wants
/// a gentle rise before the kink sets it.
///
/// # Errors
/// [`MathError::OutOfRange`] when the utilisation or the kink is above one whole.
pub fn utilisation_factor_x1e8(
    utilisation_bps: u16,
    kink_bps: u16,
    slope1_bps: u16,
    slope2_bps: u16,
) -> Result<u128> {
    if u64::from(utilisation_bps) > BPS || u64::from(kink_bps) > BPS {
        return Err(MathError::OutOfRange);
    }
    let below = u128::from(utilisation_bps.min(kink_bps));
    let above = u128::from(utilisation_bps.saturating_sub(kink_bps));
    let one = u128::from(BPS)
        .checked_mul(u128::from(BPS))
        .ok_or(MathError::Overflow)?;
    let first = below.checked_mul(u128::from(slope1_bps));
    let second = above.checked_mul(u128::from(slope2_bps));
    first
        .zip(second)
        .and_then(|(first, second)| first.checked_add(second))
        .and_then(|rise| rise.checked_add(one))
        .ok_or(MathError::Overflow)
}

/// The price in millionths of a dollar per GPU-hour, rounded up once at the end.
///
/// # Errors
/// [`MathError::OutOfRange`] for a utilisation or kink above one whole, [`MathError::Overflow`] for absurd products.
pub fn hourly_quote(input: QuoteInput) -> Result<u64> {
    let utilisation_x1e8 = utilisation_factor_x1e8(
        input.utilisation_bps,
        input.kink_bps,
        input.slope1_bps,
        input.slope2_bps,
    )?;
    let factors = [
        input.tier_bps,
        input.location_bps,
        input.peak_bps,
        input.commitment_bps,
    ];
    let mut price = u128::from(input.base_usd6)
        .checked_mul(utilisation_x1e8)
        .ok_or(MathError::Overflow)?;
    // 10^8 of the utilisation factor, then 10^4 of each other: 10^24 fits u128.
    let mut scale = u128::from(BPS)
        .checked_mul(u128::from(BPS))
        .ok_or(MathError::Overflow)?;
    // One whole changes nothing and costs a multiplication of 128 bits.
    let counts = factors
        .into_iter()
        .filter(|factor| u64::from(*factor) != BPS);
    for factor in counts {
        price = price
            .checked_mul(u128::from(factor))
            .ok_or(MathError::Overflow)?;
        scale = scale
            .checked_mul(u128::from(BPS))
            .ok_or(MathError::Overflow)?;
    }
    // ceil: the renter pays
    narrow(div_ceil(price, scale)?)
}

/// The price of a booking in millionths of a dollar per GPU-hour, rounded up once.
///
/// Several allowed countries cost what the dearest of them does, so that naming a cheap one beside it saves nothing. The hour in which it
/// is booked decides whether the peak factor applies.
///
/// # Errors
/// [`MathError::OutOfRange`] for a tier above 4, a time before 1970 or a utilisation above one whole, [`MathError::Overflow`] for
/// absurd products.
pub fn quote(terms: &Terms, utilisation_bps: u16, booking: &Booking) -> Result<u64> {
    let tier_bps = terms
        .tier_bps
        .get(usize::from(booking.min_tier))
        .ok_or(MathError::OutOfRange)?;
    let location_bps = booking
        .countries
        .iter()
        .filter(|country| **country != NOWHERE)
        .map(|country| terms.location_bps(*country))
        .max()
        .unwrap_or(ONE_BPS);
    let commitment_bps = commitment_bps(terms.commitment_bps, booking.hours);
    hourly_quote(QuoteInput {
        base_usd6: terms.base_usd6,
        utilisation_bps,
        kink_bps: terms.kink_bps,
        slope1_bps: terms.slope1_bps,
        slope2_bps: terms.slope2_bps,
        tier_bps: *tier_bps,
        location_bps,
        peak_bps: peak_bps(terms, booking.now)?,
        commitment_bps,
    })
}

/// The factor of a booking of `hours`, of those of a day, a week and a month; 10,000 below a day.
pub fn commitment_bps(factors: [u16; 3], hours: u32) -> u16 {
    COMMITMENT_HOURS
        .iter()
        .zip(factors)
        .rfind(|(least, _)| hours >= **least)
        .map_or(ONE_BPS, |(_, factor)| factor)
}

/// The peak factor in a peak hour of the UTC day, 10,000 in any other.
fn peak_bps(terms: &Terms, now: i64) -> Result<u16> {
    // floor: an hour begins at its first second
    let hour = whole_periods(now, HOUR)?
        .checked_rem(u64::from(DAY_HOURS))
        .ok_or(MathError::DivisionByZero)?;
    let hour = u32::try_from(hour).map_err(|_| MathError::Overflow)?;
    let peak = terms.peak_hours.checked_shr(hour).unwrap_or(0) & 1 == 1;
    Ok(if peak { terms.peak_bps } else { ONE_BPS })
}
