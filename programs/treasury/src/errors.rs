use anchor_lang::prelude::*;

/// Append only: clients know errors by number.
#[error_code]
pub enum TreasuryError {
    #[msg("Only the program's upgrade authority may initialise it")]
    NotUpgradeAuthority,
    #[msg("Only the config's authority may do this")]
    NotAuthority,
    #[msg("Only the market program may collect fees")]
    NotMarket,
    #[msg("The mint does not match the fee vault")]
    WrongMint,
    #[msg("The amount must be greater than zero")]
    ZeroAmount,
    #[msg("There are no fees to burn")]
    NothingToBurn,
    #[msg("A number is out of range")]
    MathOverflow,
}
