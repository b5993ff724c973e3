//! One event for every movement of value, with totals before and after, in base units of the currency.

use anchor_lang::prelude::*;

#[event]
pub struct FeeCollected {
    pub mint: Address,
    pub amount: u64,
    /// Part of it that is kept for supplier incentives.
    pub kept: u64,
    pub booked_before: u64,
    pub booked_after: u64,
    pub kept_before: u64,
    pub kept_after: u64,
}

#[event]
pub struct FeesBurned {
    pub mint: Address,
    pub amount: u64,
    pub burned_before: u64,
    pub burned_after: u64,
}

#[event]
pub struct IncentivePaid {
    pub mint: Address,
    pub destination: Address,
    pub amount: u64,
    pub kept_before: u64,
    pub kept_after: u64,
}

/// What was kept goes to be burned, since no supplier waits for it.
#[event]
pub struct KeptReleased {
    pub mint: Address,
    pub amount: u64,
    pub booked_before: u64,
    pub booked_after: u64,
    pub kept_before: u64,
    pub kept_after: u64,
}

#[event]
pub struct AuctionOpened {
    pub mint: Address,
    pub round: u64,
    /// What the auction may spend, and the fees that it is taken from.
    pub lot: u64,
    pub booked: u64,
    pub opened_ts: i64,
    pub length_secs: i64,
    pub discount_bps: u64,
    pub premium_bps: u64,
}

/// IO bought and burned.
#[event]
pub struct IoBought {
    pub mint: Address,
    pub round: u64,
    pub seller: Address,
    pub io: u64,
    pub usdc: u64,
    /// The offer as a share of the price.
    pub factor_bps: u64,
    pub booked_before: u64,
    pub booked_after: u64,
    pub spent_before: u64,
    pub spent_after: u64,
}

/// The lot is sold, or the time is over and the next auction begins.
#[event]
pub struct AuctionClosed {
    pub mint: Address,
    pub round: u64,
    pub spent: u64,
    pub unspent: u64,
    pub io_burned: u64,
}
