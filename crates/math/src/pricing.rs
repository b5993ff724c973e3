//! The price of a GPU-hour.

use crate::{
    units::{div_ceil, narrow, BPS},
    MathError, Result,
};

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
    for factor in factors {
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
