//! One event for every movement of value, with totals before and after, in base units of the currency.

use anchor_lang::prelude::*;

#[event]
pub struct FeeCollected {
    pub mint: Address,
    pub amount: u64,
    pub booked_before: u64,
    pub booked_after: u64,
}

#[event]
pub struct FeesBurned {
    pub mint: Address,
    pub amount: u64,
    pub burned_before: u64,
    pub burned_after: u64,
}
