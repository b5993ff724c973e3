//! The line in which suppliers of IOSD orders wait for IO: what a claim is worth, and its place, first come, first served.

use crate::{
    oracle::PricePoint,
    units::{div_ceil, mul_div_floor, narrow, BPS},
    MathError, Result,
};

/// What all claims share: IO that was burned for IOSD, against the IOSD that can still ask for it.
///
/// `rate = (burned - claimed) / (made - earned)`, IO for a dollar. A claim at the rate leaves it as it is, a smaller one raises it, and
/// IOSD that is made moves it towards its own IO for a dollar. So `claimed <= burned` whatever prices say, and the rate is never below the
/// worst that IOSD was ever made at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    /// IO ever burned for IOSD, and paid in by the treasury.
    pub burned_units: u64,
    /// IO ever claimed.
    pub claimed_units: u64,
    /// IOSD ever made by burning. A refund gives IOSD back and makes none.
    pub made_usd6: u64,
    /// IOSD ever turned into claims or earned as fees, which claim nothing: their IO stays for the others.
    pub earned_usd6: u64,
}

impl Pool {
    /// What a supplier gets for `usd6` that it earned: IO at [`PricePoint::high`], and no more than the pool holds for so many dollars.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for a price that is none, or more dollars than were made; [`MathError::Overflow`] for books that do not add up.
    pub fn claim(&self, usd6: u64, price: &PricePoint) -> Result<u64> {
        let share = self.share(usd6)?;
        match price.io_for_credit(usd6) {
            Ok(io) => Ok(io.min(share)),
            // A price so low that the IO has no number: the pool bounds it all the same.
            Err(MathError::Overflow) => Ok(share),
            Err(other) => Err(other),
        }
    }

    /// How much of a claim at the price of now the pool holds, at most one whole: the covered dollar, as suppliers reckon with it.
    ///
    /// # Errors
    /// As [`Self::claim`].
    pub fn cover_bps(&self, price: &PricePoint) -> Result<u64> {
        let (units, usd6) = self.left()?;
        let scaled = u128::from(usd6)
            .checked_mul(price.scale()?)
            .ok_or(MathError::Overflow)?;
        // ceil: covers less
        let asked = div_ceil(scaled, u128::from(price.high()?))?;
        // floor: covers less
        let cover = u128::from(units)
            .checked_mul(u128::from(BPS))
            .ok_or(MathError::Overflow)?
            .checked_div(asked);
        // Nobody is left to claim: whoever makes IOSD now brings the IO for it.
        narrow(cover.unwrap_or(u128::from(BPS)).min(u128::from(BPS)))
    }

    fn share(&self, usd6: u64) -> Result<u64> {
        let (units, left_usd6) = self.left()?;
        if usd6 > left_usd6 {
            return Err(MathError::OutOfRange);
        }
        if usd6 == 0 {
            return Ok(0);
        }
        // floor: the others
        mul_div_floor(units, usd6, left_usd6)
    }

    /// IO that is not claimed, and the IOSD that can claim it.
    fn left(&self) -> Result<(u64, u64)> {
        let units = self.burned_units.checked_sub(self.claimed_units);
        let usd6 = self.made_usd6.checked_sub(self.earned_usd6);
        units.zip(usd6).ok_or(MathError::Overflow)
    }
}

/// What may be paid out now on a claim that begins at `start_units` of the line, of which `paid_units` are paid already: the part
/// of the claim that everything funded so far reaches. Exact: nothing is divided.
///
/// # Errors
/// [`MathError::Overflow`] when more was paid than is covered, which a counter that only rises cannot bring about.
pub fn payable(
    funded_units: u64,
    start_units: u64,
    claim_units: u64,
    paid_units: u64,
) -> Result<u64> {
    funded_units
        .saturating_sub(start_units)
        .min(claim_units)
        .checked_sub(paid_units)
        .ok_or(MathError::Overflow)
}
