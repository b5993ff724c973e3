use anchor_lang::prelude::*;

/// Append only: clients know errors by number.
#[error_code]
pub enum EmissionError {
    #[msg("Only the program's upgrade authority may initialise it")]
    NotUpgradeAuthority,
    #[msg("The mint is not the IO mint")]
    WrongMint,
    #[msg("The accounts do not belong to the same device")]
    WrongDevice,
    #[msg("The account is not this device's class")]
    WrongClass,
    #[msg("The ledger page does not hold this hour")]
    WrongPage,
    #[msg("The page lies too far ahead: open it when its hours come")]
    PageTooEarly,
    #[msg("The network has not started yet")]
    BeforeGenesis,
    #[msg("The device is not active: resume it")]
    DeviceNotActive,
    #[msg("The device's class earns nothing")]
    ClassEarnsNothing,
    #[msg("The device has no connectivity tier")]
    NoConnectivity,
    #[msg("The device's proof of work of this hour has not passed")]
    NoProofOfWork,
    #[msg("The stake does not cover the minimum, or is cooling down")]
    NotStaked,
    #[msg("The device failed 4 proofs in the last 12 hours: wait until fewer count")]
    TooManyFailures,
    #[msg("The device is too new: it earns 12 hours after its registration")]
    TooNew,
    #[msg("The device has checked in this hour")]
    AlreadyCheckedIn,
    #[msg("The device's oldest pending hour is not closed: call close_hour first")]
    HoursNotClosed,
    #[msg("A page that holds a closed pending hour is missing")]
    PageMissing,
    #[msg("No hour is over that is not closed")]
    NothingToClose,
    #[msg("Nothing is booked")]
    NothingToClaim,
    #[msg("The token account does not belong to its recipient")]
    WrongRecipient,
    #[msg("A number is out of range")]
    MathOverflow,
    #[msg("The device is hired: pass its lease and order")]
    LeaseMissing,
    #[msg("The lease or order is not the one that the device is in")]
    WrongLease,
    #[msg("Only the config's authority may do this")]
    NotAuthority,
    #[msg(
        "The device was not up in the hours before: send a heartbeat or prove every hour, and while hired 5 heartbeats of 6"
    )]
    NotUp,
    #[msg(
        "Two former co-stakers are not paid: pay the older one first, with mint_due and claim_co"
    )]
    CoRewardsUnclaimed,
    #[msg("The former co-staker's hours are not closed: call close_hour first")]
    CoHoursPending,
    #[msg("What is booked is not minted yet: call mint_due, or wait for the hour's cap")]
    NotMintedYet,
    #[msg("Nothing can be minted now: nothing is due, or the hour's cap or the breaker is used up. Call again in the next hour")]
    NothingDue,
    #[msg("Strangers pay into the recipient's associated token account: pass it, and pay into it unless its owner handed it to somebody else")]
    NotAssociated,
}

impl From<iog_math::MathError> for EmissionError {
    fn from(_: iog_math::MathError) -> Self {
        Self::MathOverflow
    }
}
