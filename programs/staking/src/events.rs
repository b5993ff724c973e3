//! One event for every movement of value, with totals before and after. Amounts are IO base units (8 decimals).

use anchor_lang::prelude::*;

#[event]
pub struct Staked {
    pub device: Address,
    pub owner: Address,
    pub amount: u64,
    pub stake_before: u64,
    pub stake_after: u64,
}

#[event]
pub struct UnstakeRequested {
    pub device: Address,
    pub owner: Address,
    pub amount: u64,
    pub unlock_ts: i64,
}

#[event]
pub struct Withdrawn {
    pub device: Address,
    pub owner: Address,
    pub amount: u64,
    pub staked_before: u64,
    pub staked_after: u64,
}
