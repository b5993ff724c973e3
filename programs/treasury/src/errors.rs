use anchor_lang::prelude::*;

/// Append only: clients know errors by number.
#[error_code]
pub enum TreasuryError {
    #[msg("Only the program's upgrade authority may initialise it")]
    NotUpgradeAuthority,
    #[msg("Only the config's authority may do this")]
    NotAuthority,
    #[msg("Only the market program may do this")]
    NotMarket,
    #[msg("The mint does not match the fee vault")]
    WrongMint,
    #[msg("The amount must be greater than zero")]
    ZeroAmount,
    #[msg("There are no fees to burn")]
    NothingToBurn,
    #[msg("A number is out of range")]
    MathOverflow,
    #[msg("Auctions spend currencies of US dollars with 6 decimals; IO is burned directly")]
    NotAuctioned,
    #[msg("The fees are below the least lot: wait until more is collected")]
    LotTooSmall,
    #[msg("An auction runs: sell into it, or wait for its end")]
    AuctionRunning,
    #[msg("The last auction began less than an hour ago")]
    AuctionTooSoon,
    #[msg("No auction runs: open one first")]
    NoAuction,
    #[msg("The amount is too small to buy one unit of the currency")]
    AmountTooSmall,
    #[msg("The treasury would pay less than min_usdc: lower it, or wait while the offer rises")]
    PaysLessThanLimit,
    #[msg("The treasury has spent its cap of this hour or day: try again later")]
    SpendCapReached,
    #[msg("More than the share kept for incentives cannot be paid")]
    IncentivesExhausted,
    #[msg("Nothing is kept: there is nothing to release")]
    NothingKept,
}

impl From<iog_math::MathError> for TreasuryError {
    fn from(_: iog_math::MathError) -> Self {
        Self::MathOverflow
    }
}

iog_common::price_errors!();
