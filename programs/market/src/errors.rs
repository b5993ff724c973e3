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
    #[msg("The account is not of the order's class")]
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
    #[msg("The order still runs, has leases, or has a refund to pay out")]
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
    #[msg("Nothing is due: the running hour or the dispute window has not ended")]
    NothingToSettle,
    #[msg("The lease is not settled yet")]
    LeaseNotSettled,
    #[msg("A number is out of range")]
    MathOverflow,
    #[msg("Only the device's owner may do this")]
    NotOwner,
    #[msg("Only the resolver may decide, and not in a dispute of its own")]
    NotResolver,
    #[msg("The currency must be 0 (IO) or 1 (a US dollar token with 6 decimals)")]
    InvalidCurrency,
    #[msg("This order is paid in another currency: use the instruction for it")]
    WrongCurrency,
    #[msg("A factor of the price book is out of its bounds")]
    InvalidPriceBook,
    #[msg("The price book was changed in the last 24 hours")]
    PriceChangedLately,
    #[msg("A factor moves too far at once: take several steps, one a day")]
    PriceStepTooLarge,
    #[msg("The kind must be 0 (general), 1 (train) or 2 (inference)")]
    InvalidKind,
    #[msg("The reputation must be between 0 and 10000 basis points")]
    InvalidReputation,
    #[msg("The device is not listed: its owner lists it first")]
    NotListed,
    #[msg("The listing stands: the device is active, staked, alive and proved, or it is hired")]
    ListingStands,
    #[msg("The owner asks for more than the order pays")]
    PriceBelowFloor,
    #[msg("The class now costs more than the order pays")]
    PriceTooLow,
    #[msg("The device's reputation is below what the order asks for")]
    ReputationTooLow,
    #[msg("The order takes secure devices only")]
    NotSecure,
    #[msg("Another device cannot begin yet: this hour is in dispute")]
    NotVacantYet,
    #[msg("The time to accept is over: wait for another match")]
    AcceptTooLate,
    #[msg("The device still has time to accept")]
    AcceptStillOpen,
    #[msg("An order has four prices at most: make a new order")]
    TooManyRates,
    #[msg("The lease is not running")]
    LeaseNotRunning,
    #[msg("Settle the hours that have ended first")]
    SettleFirst,
    #[msg("The device serves: it was not silent for half an hour of a running chain, and had 3 slots in its last hour")]
    DeviceServes,
    #[msg("The supplier has agreed to serve until the end that was booked")]
    AgreedToServe,
    #[msg("What was settled can no longer be disputed")]
    DisputeTooLate,
    #[msg("The lease is not in dispute")]
    NotDisputed,
    #[msg("No more than what is disputed can be given to the supplier")]
    BeyondDispute,
    #[msg("The resolver may still decide: the rule applies 72 hours after the dispute")]
    ResolverMayDecide,
    #[msg("The time to decide is over: the rule applies now")]
    DecidedTooLate,
    #[msg("A device has accepted: end the order instead")]
    AlreadyAccepted,
    #[msg("Nothing is due")]
    NothingDue,
    #[msg("The claim before is not paid yet")]
    ClaimWaits,
    #[msg("The claim is below min_io: lower it or wait for another price")]
    BelowMinimum,
    #[msg("The device let a match pass in the last hour: wait until it has rested")]
    DeviceRests,
    #[msg("The order's parts are not right: classes differ, machines divide a part's GPUs, and an alternative follows a part with 0 GPUs")]
    InvalidParts,
    #[msg("The machine has another number of GPUs than this part asks for")]
    WrongMachine,
    #[msg("No device of this class proves so many GPUs together: ask for at most its max_cards on a machine, or for no number per machine")]
    MachineNotProved,
    #[msg("The device has shown no sign of life in this hour or the last: send a heartbeat")]
    NoSignOfLife,
    #[msg("The device has not passed a proof of work lately: prove in the next window")]
    NotProved,
    #[msg("The device failed 4 proofs in the last 12 hours: wait until fewer count")]
    TooManyFailures,
    #[msg("The device declined this order, did not answer, left it, or is disputed in it")]
    DeviceBarred,
    #[msg("For 30 seconds after its creation only the renter matches devices to the order")]
    RenterMatchesFirst,
    #[msg("The order still misses a device: accept when every place is matched")]
    OrderNotWhole,
    #[msg("The owner does not take this currency for the device")]
    CurrencyNotTaken,
    #[msg("An order in IO lasts 672 hours at most, at four prices of 168: make another order")]
    TooLongInIo,
    #[msg("Hours of this order wait for their price in IO: call price_anew first")]
    StepWaits,
    #[msg("No new price in IO is due")]
    NoStepDue,
    #[msg("These GPUs are not vacant, or not whole machines, or all that the order has: end it instead")]
    NotVacant,
    #[msg("No resolver is named: slots alone decide, and settlement does it by itself")]
    NoResolver,
    #[msg("The deposit of a dispute is missing: add 5 % of what is disputed with add_funds")]
    DepositMissing,
    #[msg("Orders, leases or money still count on this account")]
    StillNeeded,
    #[msg("Classes and price books of the order's further parts must follow, in their order")]
    PartsMissing,
    #[msg("Strangers pay into the recipient's associated token account: create it, or let the recipient sign")]
    NotAssociated,
    #[msg("The device's present match holds it: its order is whole, or was matched less than 30 seconds ago")]
    MatchHolds,
    #[msg("The currencies are not those that the market has")]
    InvalidCurrencies,
    #[msg("The device rests, is silent, or has passed no proof for 24 hours: list it when it can be hired")]
    DeviceStale,
    #[msg("The order is paid in IOSD and the owner asks for a price: add the credit line")]
    CreditLineMissing,
    #[msg("What a dollar of IOSD is worth is not known, or was six hours ago: call update_cover first")]
    CoverStale,
    #[msg("Suppliers still wait for IO: what is kept is theirs first")]
    ClaimsWait,
    #[msg("No more IOSD can be given back at the moment: try again later, in parts")]
    RefundsWait,
    #[msg("The platform is 0 (any), 1 (linux/amd64) or 2 (linux/arm64)")]
    InvalidPlatform,
    #[msg("The device runs on another platform than the order asks for")]
    PlatformNotAsked,
    #[msg("The engineer key must differ from the renter's wallet and from the receipt key: make a new one")]
    KeysEqual,
    #[msg("The order is over: its keys open nothing any more")]
    OrderOver,
    #[msg("Let one Ed25519 instruction with the receipt, and nothing else, stand right before this one")]
    NoReceipt,
    #[msg("The receipt is not signed by the order's receipt key, or the order has none")]
    NotReceiptKey,
    #[msg("The receipt is of another network, program, order, lease or match")]
    WrongReceipt,
    #[msg("The receipt acknowledges no slot that is proved and still in dispute")]
    NothingAnswered,
    #[msg("What is in dispute has changed since you looked: look again, and name the amount that you decide about")]
    DisputeChanged,
    #[msg("Answers come first: the resolver may decide from 6 hours and 20 minutes after the opening on")]
    AnswersFirst,
    #[msg("The order takes devices of another owner only")]
    OwnerNotAsked,
}

impl From<iog_math::MathError> for MarketError {
    fn from(_: iog_math::MathError) -> Self {
        Self::MathOverflow
    }
}

iog_common::price_errors!();
