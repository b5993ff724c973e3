//! Exact arithmetic to compare with.
#![allow(dead_code)]

use iog_math::{MathError, Result};
use num_bigint::BigUint;
use num_traits::Zero;

pub fn big(value: impl Into<BigUint>) -> BigUint {
    value.into()
}

pub fn floor(numerator: &BigUint, denominator: &BigUint) -> BigUint {
    numerator / denominator
}

pub fn ceil(numerator: &BigUint, denominator: &BigUint) -> BigUint {
    let rest = numerator % denominator;
    numerator / denominator + u8::from(!rest.is_zero())
}

/// What a formula has to say for an exact value: itself, or that it does not fit.
pub fn fits(value: BigUint) -> Result<u64> {
    u64::try_from(value).map_err(|_| MathError::Overflow)
}
