//! The stake a device needs, and the waits around it.

use crate::{
    units::{div_ceil, narrow, IO},
    MathError, Result,
};

/// Cool-down of a request to unstake: 14 days without rewards, still slashable.
pub const UNSTAKE_COOLDOWN_SECS: i64 = 1_209_600;
/// Wait of a co-staker who leaves first: 7 days, before the cool-down begins.
pub const CO_STAKER_WAIT_SECS: i64 = 604_800;

/// Stake of one GPU whose multiplier is one or less: 200 IO.
const PER_GPU: u128 = 200;
/// The multiplier one, and the least that counts for the stake.
const MULTIPLIER_ONE_X100: u32 = 100;

/// `200 IO * max(100, multiplier_x100) / 100 * quantity`, rounded up, in base units.
pub fn minimum(multiplier_x100: u32, quantity: u32) -> Result<u64> {
    let multiplier_x100 = u128::from(multiplier_x100.max(MULTIPLIER_ONE_X100));
    let product = PER_GPU
        .checked_mul(u128::from(IO))
        .and_then(|stake| stake.checked_mul(multiplier_x100))
        .and_then(|stake| stake.checked_mul(u128::from(quantity)))
        .ok_or(MathError::Overflow)?;
    // ceil; exact with today's constants, 200 IO being a multiple of 100 base units
    narrow(div_ceil(product, u128::from(MULTIPLIER_ONE_X100))?)
}
