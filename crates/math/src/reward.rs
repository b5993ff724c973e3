//! Sharing an hour's emission: pools, reward per score, what is carried on.
//!
//! A pool keeps one number an hour, the reward per score in Q64.64, and every device takes `score * that` whenever it
//! settles. Both are rounded down, so that the claims of an hour never exceed what the pool shared out.

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

/// What a pool has in one hour, and how much of it may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pot {
    /// The pool's part of the hour's emission.
    pub part: u64,
    /// What the hours before left.
    pub carry: u64,
    /// Most of the carry that this hour may share: the pool's part of [`crate::emission::carry_limit`].
    pub carry_limit: u64,
    /// Most that a point of score may get.
    pub max_per_score: u64,
}

/// What an hour shares out and what it leaves; together they are part and carry, to the unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    /// Reward of one point of score, Q64.64.
    pub per_score_x64: u128,
    /// At least what all devices of the hour can claim together.
    pub shared: u64,
    /// Carried to the same pool's next hour, dust included.
    pub carry: u64,
}

impl Pot {
    /// Shares the part and as much of the carry as both limits let, over `total_score`. With a score of 0 all is carried.
    ///
    /// Without limits, who comes first after empty hours would take all of theirs. The limit on the carry makes N empty hours drip
    /// over N hours at least; the one on a point of score bounds what a lone device gets in any hour.
    pub fn share(&self, total_score: u128) -> Result<Shared> {
        let all = self
            .part
            .checked_add(self.carry)
            .ok_or(MathError::Overflow)?;
        if total_score == 0 {
            return Ok(Shared {
                carry: all,
                ..Shared::default()
            });
        }
        let limited = self
            .part
            .checked_add(self.carry.min(self.carry_limit))
            .ok_or(MathError::Overflow)?;
        // No score is so large that its limit must fit: beyond 128 bits it binds nothing.
        let most = u128::from(self.max_per_score).saturating_mul(total_score);
        let amount = narrow(most.min(u128::from(limited)))?;
        let per_score_x64 = per_score_x64(amount, total_score)?;
        let shared = distributed(total_score, per_score_x64)?;
        Ok(Shared {
            per_score_x64,
            shared,
            carry: all.checked_sub(shared).ok_or(MathError::Overflow)?,
        })
    }
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
