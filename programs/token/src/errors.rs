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
    #[msg("The schedule is not valid: check basis points (at most 10000), periods and seconds (not negative); it must end within 20 years")]
    InvalidSchedule,
    #[msg("Nothing is due yet: call again later")]
    NothingDue,
    #[msg("The token account does not belong to the beneficiary, or the beneficiary is nobody")]
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
    #[msg("The mint must have 8 decimals")]
    WrongDecimals,
    #[msg("The mint's supply is above the genesis supply of 500,000,000 IO")]
    SupplyExceedsGenesis,
    #[msg("The mint's authority must be the signer or this program's mint authority")]
    WrongMintAuthority,
    #[msg("The mint has a freeze authority: give it up first, or any account could be frozen")]
    MintCanFreeze,
    #[msg("The rights name nothing that a minter may do")]
    InvalidRights,
    #[msg("The minter has no right to do this")]
    MissingRight,
    #[msg("The minter is new: it may act 24 hours after it was registered")]
    MinterNotActive,
    #[msg("The mint is not the IOSD mint")]
    WrongIosdMint,
    #[msg("The IOSD account does not belong to the owner who signs")]
    NotOwner,
    #[msg("The amount is too small to make one unit of IOSD")]
    AmountTooSmall,
    #[msg("The IOSD made is below min_out: lower it or wait for a better price")]
    OutputBelowLimit,
    #[msg("More than was spent through this minter, and is neither earned nor refunded, cannot be settled or refunded")]
    RefundExceedsSpent,
    #[msg("The allowance of net emission is spent: it fills with time, 720 hours after IO is burned for IOSD")]
    AllowanceExhausted,
    #[msg("The cap of net emission for this hour is reached: try again in the next hour")]
    NetEmissionCapReached,
    #[msg(
        "The breaker tripped: too much was minted of this in the last 24 hours. Try less, or later"
    )]
    BreakerTripped,
    #[msg("The change waits 24 hours before it can be applied")]
    PriceSourceTooEarly,
    #[msg("No change of the price source waits")]
    NoPriceSourceScheduled,
    #[msg("The receiver must be a program; for the quorum it is the token program, and the account its price feed")]
    InvalidReceiver,
    #[msg("Genesis must lie within 30 days of the initialisation")]
    GenesisTooFar,
    #[msg("The scheduled change has lapsed: it could be applied for 7 days. Schedule it again")]
    PriceSourceLapsed,
    #[msg("There are nine places for reporters, 0 to 8")]
    NoSuchReporter,
    #[msg("This key reports already, or is named for another place")]
    ReporterTwice,
    #[msg("The quorum must be more than half of the reporters named: raise it first")]
    QuorumTooSmall,
    #[msg("A signature is not of a reporter: see iog price reporters")]
    NotReporter,
    #[msg("A reported price is 0 or above 100,000 USD")]
    ReportOutOfRange,
    #[msg("A report is from the future: check the reporter's clock")]
    ReportFromTheFuture,
    #[msg("A report is more than 60 seconds old: fetch a newer one")]
    ReportStale,
    #[msg("Right before report_price must stand an instruction of the Ed25519 program with the reports' signatures")]
    NoSignatures,
    #[msg("A signed message is not a report for this feed: feed address, price and time in 48 bytes, all inside the Ed25519 instruction")]
    NotAReport,
    #[msg("No report is newer than the one that its reporter has on chain")]
    NothingNewer,
    #[msg("The minter has its rights: only a removed one can be restored")]
    MinterHasRights,
    #[msg("The program has not seen a price for long enough: call observe_price, and make IOSD an hour later")]
    PriceNotSeen,
    #[msg("The destination is not the recipient's associated token account: pay there, or let the recipient sign")]
    NotAssociated,
}

impl From<iog_math::MathError> for TokenError {
    fn from(_: iog_math::MathError) -> Self {
        Self::MathOverflow
    }
}

iog_common::price_errors!();
