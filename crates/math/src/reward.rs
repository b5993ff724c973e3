//! Sharing an hour's emission: pools, reward per score, dust.
//!
//! A pool keeps one number an hour, the reward per score in Q64.64, and every device takes `score * that` whenever it
//! settles. Both are rounded down, so that the claims of an hour never exceed what the pool was given.

use crate::{
    units::{bps_floor, narrow, share},
    MathError, Result,
};

/// Share of the emission that the Enterprise pool gets; Community gets the rest.
pub const ENTERPRISE_BPS: u16 = 9_500;

/// Splits an hour's emission: `(enterprise, community)`. The parts add up to `amount`.
pub fn pool_split(amount: u64) -> Result<(u64, u64)> {
    // floor for Enterprise; Community takes the rest
    let enterprise = bps_floor(amount, ENTERPRISE_BPS)?;
    let community = amount.checked_sub(enterprise).ok_or(MathError::Overflow)?;
    Ok((enterprise, community))
}

/// `pool_amount / total_score` in Q64.64, rounded down.
///
/// # Errors
/// [`MathError::DivisionByZero`] when nobody has a score: the pool's share is carried to its next hour.
pub fn per_score_x64(pool_amount: u64, total_score: u128) -> Result<u128> {
    // floor; the shift cannot overflow, an amount has 64 bits
    (u128::from(pool_amount) << 64)
        .checked_div(total_score)
        .ok_or(MathError::DivisionByZero)
}

/// What a device of `score` gets from an hour, rounded down.
pub fn reward(score: u64, per_score_x64: u128) -> Result<u64> {
    let score = u128::from(score);
    let whole = score
        .checked_mul(per_score_x64 >> 64)
        .ok_or(MathError::Overflow)?;
    let fraction_x64 = score
        .checked_mul(per_score_x64 & u128::from(u64::MAX))
        .ok_or(MathError::Overflow)?;
    // floor: the whole part is exact, so that one shift rounds the sum
    let total = whole
        .checked_add(fraction_x64 >> 64)
        .ok_or(MathError::Overflow)?;
    narrow(total)
}

/// An upper bound of what all devices of an hour can claim together: `total_score * per_score`, rounded down.
///
/// Each claim is the floor of its part, and a sum of floors is at most the floor of the sum, so that rounding down is safe
/// here. The difference is less than one base unit a device and stays in the vault.
pub fn distributed(total_score: u128, per_score_x64: u128) -> Result<u64> {
    // For a rate made by [`per_score_x64`] the product is at most `pool_amount << 64` and fits.
    let total_x64 = total_score
        .checked_mul(per_score_x64)
        .ok_or(MathError::Overflow)?;
    // floor
    narrow(total_x64 >> 64)
}

/// What an hour certainly leaves in its pool, to be carried to the same pool's next hour.
///
/// `pool_amount` less [`distributed`]; claims and carried dust together never exceed `pool_amount`.
///
/// # Errors
/// [`MathError::Overflow`] when the rate pays more than the pool has: it was not made from this pool.
pub fn dust(pool_amount: u64, total_score: u128, per_score_x64: u128) -> Result<u64> {
    pool_amount
        .checked_sub(distributed(total_score, per_score_x64)?)
        .ok_or(MathError::Overflow)
}

/// Splits a device's reward: `(owner, co_staker)`. The parts add up to `reward`.
///
/// # Errors
/// [`MathError::OutOfRange`] for a share above one whole.
pub fn split(reward: u64, co_staker_bps: u16) -> Result<(u64, u64)> {
    // floor for the co-staker; the owner takes the rest
    let co_staker = bps_floor(reward, share(co_staker_bps)?)?;
    let owner = reward.checked_sub(co_staker).ok_or(MathError::Overflow)?;
    Ok((owner, co_staker))
}
