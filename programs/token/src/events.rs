//! One event for every movement of value, with totals before and after. Amounts are IO base units (8 decimals).

use anchor_lang::prelude::*;

#[event]
pub struct GenesisMinted {
    pub mint: Address,
    pub amount: u64,
    pub genesis_ts: i64,
}

#[event]
pub struct VestingCreated {
    pub id: u8,
    pub beneficiary: Address,
    pub total: u64,
    pub allocated_before: u64,
    pub allocated_after: u64,
}

#[event]
pub struct VestingReleased {
    pub id: u8,
    pub beneficiary: Address,
    pub amount: u64,
    pub released_before: u64,
    pub released_after: u64,
}

#[event]
pub struct MinterRegistered {
    pub minter: Address,
    pub cap_per_hour: u64,
}

#[event]
pub struct EmissionMinted {
    pub minter: Address,
    pub amount: u64,
    pub emitted_before: u64,
    pub emitted_after: u64,
}

#[event]
pub struct IoBurned {
    pub owner: Address,
    pub amount: u64,
    pub burned_before: u64,
    pub burned_after: u64,
}
