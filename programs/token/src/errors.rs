use anchor_lang::prelude::*;

/// Append only: clients know errors by number.
#[error_code]
pub enum TokenError {
    #[msg("Only the program's upgrade authority may initialise it")]
    NotUpgradeAuthority,
    #[msg("Only the config's authority may do this")]
    NotAuthority,
    #[msg("The amount must be greater than zero")]
    ZeroAmount,
    #[msg("The allocation is larger than what is left of the genesis supply")]
    AllocationExceedsGenesis,
    #[msg("The schedule is not valid: check basis points (at most 10000), periods and seconds (not negative)")]
    InvalidSchedule,
    #[msg("Nothing is due yet: call again later")]
    NothingDue,
    #[msg("The token account does not belong to the beneficiary")]
    NotBeneficiary,
    #[msg("The mint is not the IO mint")]
    WrongMint,
    #[msg("The signer is not this minter's authority")]
    NotMinter,
    #[msg("The minter's cap for this hour is reached: try again in the next hour")]
    MinterCapReached,
    #[msg("All of the emission has been minted")]
    EmissionExhausted,
    #[msg("The supply would pass the hard cap")]
    CapExceeded,
    #[msg("A number is out of range")]
    MathOverflow,
}

impl From<iog_math::MathError> for TokenError {
    fn from(_: iog_math::MathError) -> Self {
        Self::MathOverflow
    }
}
