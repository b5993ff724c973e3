//! One event for every movement of value, with totals before and after. Amounts are IO base units (8 decimals).

use anchor_lang::prelude::*;

#[event]
pub struct CheckedIn {
    pub device: Address,
    pub hour: u32,
    pub pool: u8,
    pub score: u64,
    pub total_score: u64,
}

#[event]
pub struct HourClosed {
    pub hour: u32,
    /// What the schedule gives the hour, for both pools.
    pub scheduled: u64,
    /// What the pool shares out of that and of what it carried.
    pub enterprise_amount: u64,
    pub enterprise_score: u64,
    pub enterprise_carry: u64,
    pub community_amount: u64,
    pub community_score: u64,
    pub community_carry: u64,
    pub scheduled_after: u64,
    pub shared_before: u64,
    pub shared_after: u64,
}

#[event]
pub struct DueMinted {
    pub amount: u64,
    pub minted_before: u64,
    pub minted_after: u64,
    /// Shared out and still not minted.
    pub due_after: u64,
}

#[event]
pub struct RewardBooked {
    pub device: Address,
    pub owner_booked_before: u64,
    pub owner_booked_after: u64,
    pub co_booked_before: u64,
    pub co_booked_after: u64,
}

#[event]
pub struct RewardClaimed {
    pub device: Address,
    pub owner: Address,
    pub amount: u64,
    pub claimed_before: u64,
    pub claimed_after: u64,
}

#[event]
pub struct CoRewardClaimed {
    pub device: Address,
    pub co_staker: Address,
    pub amount: u64,
    pub claimed_before: u64,
    pub claimed_after: u64,
}
