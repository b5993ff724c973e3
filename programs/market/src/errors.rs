use anchor_lang::prelude::*;

/// Append only: clients know errors by number.
#[error_code]
pub enum MarketError {
    #[msg("Only the program's upgrade authority may initialise it")]
    NotUpgradeAuthority,
    #[msg("Only the config's authority may do this")]
    NotAuthority,
    #[msg("Only the renter may do this")]
    NotRenter,
    #[msg("The signer is not the device's key")]
    NotDeviceKey,
    #[msg("The mint does not match")]
    WrongMint,
    #[msg("The token account does not belong to its recipient")]
    WrongRecipient,
    #[msg("The account is not the order's class")]
    WrongClass,
    #[msg("The accounts do not belong to the same device")]
    WrongDevice,
    #[msg("The accounts do not belong to the same order")]
    WrongOrder,
    #[msg("The class is not offered: it is disabled or has no price")]
    ClassNotOffered,
    #[msg("GPUs must be between 1 and 4096")]
    InvalidGpus,
    #[msg("Hours must be between 1 and 87600")]
    InvalidHours,
    #[msg("The tier must be between 0 and 4")]
    InvalidTier,
    #[msg("The total is above max_total: raise it or book less")]
    TotalAboveLimit,
    #[msg("The order takes no more devices")]
    OrderNotOpen,
    #[msg("The order has expired")]
    OrderExpired,
    #[msg("The order has not expired yet")]
    OrderNotExpired,
    #[msg("The order is not running")]
    OrderNotActive,
    #[msg("The order still runs or has leases")]
    OrderNotFinished,
    #[msg("The device is not active")]
    DeviceNotActive,
    #[msg("The device is in another lease")]
    DeviceHired,
    #[msg("The device's connectivity is below the order's tier")]
    TierTooLow,
    #[msg("The device's country is not allowed by the order")]
    CountryNotAllowed,
    #[msg("The device has more GPUs than the order still needs")]
    TooManyGpus,
    #[msg("The device's stake does not cover the minimum")]
    NotStaked,
    #[msg("The lease does not wait for acceptance")]
    LeaseNotMatched,
    #[msg("Nothing is due: the running hour has not ended")]
    NothingToSettle,
    #[msg("The lease is not settled yet")]
    LeaseNotSettled,
    #[msg("A number is out of range")]
    MathOverflow,
}

impl From<iog_math::MathError> for MarketError {
    fn from(_: iog_math::MathError) -> Self {
        Self::MathOverflow
    }
}

iog_common::price_errors!();
