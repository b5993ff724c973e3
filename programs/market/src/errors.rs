use anchor_lang::prelude::*;
use iog_common::pyth::Refusal;

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
    #[msg("A fee is above 500 basis points")]
    FeeTooHigh,
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
    #[msg("The price account is not a Pyth price update")]
    PriceNotPyth,
    #[msg("The price account is of another feed")]
    PriceWrongFeed,
    #[msg("The price update is not fully verified")]
    PriceNotVerified,
    #[msg("The price is older than 60 seconds: post a fresh one and try again")]
    PriceStale,
    #[msg("The price is from the future")]
    PriceFromTheFuture,
    #[msg("The price is not positive")]
    PriceNotPositive,
    #[msg("The price is too uncertain: its confidence is above 2 percent")]
    PriceUncertain,
    #[msg("The price's exponent is out of range")]
    PriceExponent,
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

impl From<Refusal> for MarketError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotPyth => Self::PriceNotPyth,
            Refusal::WrongFeed => Self::PriceWrongFeed,
            Refusal::NotFullyVerified => Self::PriceNotVerified,
            Refusal::Stale => Self::PriceStale,
            Refusal::FromTheFuture => Self::PriceFromTheFuture,
            Refusal::NotPositive => Self::PriceNotPositive,
            Refusal::Uncertain => Self::PriceUncertain,
            Refusal::ExponentOutOfRange => Self::PriceExponent,
        }
    }
}

impl From<iog_math::MathError> for MarketError {
    fn from(_: iog_math::MathError) -> Self {
        Self::MathOverflow
    }
}
