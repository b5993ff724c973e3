//! The Dutch auction in which the treasury buys IO with USDC.
//!
//! The offer starts below the oracle's price and rises to a bounded premium over it. Whoever sells first takes it, so that the
//! treasury pays about what the market asks without an order book, and never more than the premium.

use crate::{
    oracle::PricePoint,
    units::{div_ceil, mul_div_floor, narrow, BPS},
    MathError, Result,
};

/// How the offer of an auction rises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What the first offer is below the reference price, less than one whole.
    pub discount_bps: u64,
    /// What the last offer is above the reference price.
    pub premium_bps: u64,
    /// Seconds from the first offer to the last, which then stands.
    pub length_secs: i64,
}

impl Terms {
    /// Refuses terms that start with an offer of nothing or take no time.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`].
    pub fn validate(&self) -> Result<()> {
        if self.discount_bps >= BPS || self.length_secs <= 0 {
            return Err(MathError::OutOfRange);
        }
        Ok(())
    }

    /// The offer as a share of the reference price, `elapsed_secs` after the start; a time before the start counts as the start.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for terms that [`Terms::validate`] refuses.
    pub fn factor_bps(&self, elapsed_secs: i64) -> Result<u64> {
        self.validate()?;
        let elapsed_secs = elapsed_secs.max(0).min(self.length_secs);
        let elapsed = u64::try_from(elapsed_secs).map_err(|_| MathError::OutOfRange)?;
        let length = u64::try_from(self.length_secs).map_err(|_| MathError::OutOfRange)?;
        let rise = self
            .discount_bps
            .checked_add(self.premium_bps)
            .ok_or(MathError::Overflow)?;
        // floor: the seller is paid
        let risen = mul_div_floor(rise, elapsed, length)?;
        BPS.checked_sub(self.discount_bps)
            .and_then(|first| first.checked_add(risen))
            .ok_or(MathError::Overflow)
    }
}

/// What changes hands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fill {
    /// Base units of IO (8 decimals) that the seller gives, the least that buy `usdc`.
    pub io: u64,
    /// Base units of USDC (6 decimals) that the treasury pays.
    pub usdc: u64,
}

/// Sells at most `io` base units at `factor_bps` of [`PricePoint::reference`] to a treasury that has `usdc_left` to spend.
///
/// Pays `io * reference * factor`, at most `usdc_left`, and takes the least IO that buys this: what the money does not reach
/// for, and what is too little for a further unit of USDC, stays with the seller. Both parts are 0 when nothing comes out.
///
/// # Errors
/// [`MathError::OutOfRange`] for a price of 0 or an exponent above 0 or below -18; [`MathError::Overflow`] when the product of
/// amount, price and factor passes 128 bits.
pub fn fill(price: &PricePoint, factor_bps: u64, io: u64, usdc_left: u64) -> Result<Fill> {
    let offer = u128::from(price.reference()?)
        .checked_mul(u128::from(factor_bps))
        .ok_or(MathError::Overflow)?;
    let scale = price
        .scale()?
        .checked_mul(u128::from(BPS))
        .ok_or(MathError::Overflow)?;
    // floor, once for the price and the factor together: the seller is paid
    let worth = u128::from(io)
        .checked_mul(offer)
        .ok_or(MathError::Overflow)?
        .checked_div(scale)
        .ok_or(MathError::DivisionByZero)?;
    let usdc = worth.min(u128::from(usdc_left));
    if usdc == 0 {
        return Ok(Fill::default());
    }
    // `usdc * scale <= io * offer`: the least amount is at most what was offered.
    let cost = usdc.checked_mul(scale).ok_or(MathError::Overflow)?;
    Ok(Fill {
        // ceil: the seller gives it
        io: narrow(div_ceil(cost, offer)?)?,
        usdc: narrow(usdc)?,
    })
}
