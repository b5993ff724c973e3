use anchor_lang::prelude::*;

/// Append only: clients know errors by number.
#[error_code]
pub enum StakingError {
    #[msg("Only the program's upgrade authority may initialise it")]
    NotUpgradeAuthority,
    #[msg("Only the device's owner may do this")]
    NotOwner,
    #[msg("The account is not this device's class")]
    WrongClass,
    #[msg("The accounts do not belong to the same device")]
    WrongDevice,
    #[msg("The mint is not the IO mint")]
    WrongMint,
    #[msg("The amount must be greater than zero")]
    ZeroAmount,
    #[msg(
        "The stake is below half of the minimum, which is 200 IO * max(1, multiplier) * quantity"
    )]
    BelowMinimum,
    #[msg("The device is terminated: it cannot be staked")]
    DeviceTerminated,
    #[msg("The device is hired: unstake when its lease has ended")]
    DeviceHired,
    #[msg("The stake is cooling down already")]
    CoolingDown,
    #[msg("Request to unstake first")]
    NotRequested,
    #[msg("The cool-down of 14 days has not passed")]
    CoolDownNotOver,
    #[msg("A number is out of range")]
    MathOverflow,
    #[msg("Only the config's authority may do this")]
    NotAuthority,
    #[msg("That much is not above the minimum, or the owner's half, or is held by a slash case")]
    NotOverflow,
    #[msg("The offer asks for more than the owner has staked: a co-staker holds at most half")]
    OfferTooLarge,
    #[msg("The share must be at most 10000 basis points")]
    InvalidShare,
    #[msg("The device has a co-staker already")]
    HasCoStaker,
    #[msg("The owner has two accepted offers: wait until a co-staker has left")]
    TooManyAccepted,
    #[msg("Nobody co-stakes an own device: use a wallet that is neither its owner's nor a device key of the same owner")]
    SelfCoStake,
    #[msg("The offer's terms are not those that were accepted")]
    TermsChanged,
    #[msg("Only the co-staker may do this")]
    NotCoStaker,
    #[msg("The co-staker is leaving already")]
    AlreadyLeaving,
    #[msg("The co-staker's wait and cool-down have not passed")]
    CoStakeLocked,
    #[msg("The rest is held by slash cases until they are closed")]
    HeldByCase,
    #[msg("The token account does not belong to its recipient")]
    WrongRecipient,
    #[msg("Only the slasher may propose")]
    NotSlasher,
    #[msg("Only the appeal authority may decide")]
    NotAppealAuthority,
    #[msg("Slasher and appeal authority must be different keys")]
    RolesEqual,
    #[msg(
        "The amount is above the cap of one case, or of 30 days, or of what is not held already"
    )]
    SlashAboveCap,
    #[msg("There are four cases against this stake in 30 days")]
    TooManyCases,
    #[msg("Only the device's owner or co-staker may appeal")]
    NotAppellant,
    #[msg("The case is not open to this: it was appealed, decided, or its time is over")]
    WrongCaseState,
    #[msg("The case cannot be closed yet: the time for an appeal or a decision runs")]
    CaseRuns,
    #[msg("The case is against another stake")]
    WrongCase,
    #[msg("The account is not a verdict of the market: pass the record of a dispute that its resolver decided against the supplier")]
    NotVerdict,
    #[msg("The verdict is about another device, or about an earlier owner of this one")]
    WrongVerdict,
    #[msg("Resolver of the dispute, slasher and appeal authority must be three different keys")]
    ResolverHasRole,
    #[msg("The verdict is older than 180 days: nothing more can be claimed from it")]
    ClaimTooLate,
    #[msg("That is worth more than the lease was paid less what other cases of this verdict claim: propose less")]
    AboveRentPaid,
    #[msg("The case pays a renter: close it with finalize_restitution")]
    PaysRenter,
    #[msg("The case pays no renter: close it with finalize_slash")]
    PaysNoRenter,
    #[msg("The restitution belongs to another verdict or to another case")]
    WrongRestitution,
    #[msg("Nothing is due to the renter now: wait until a case is carried out")]
    NothingDue,
    #[msg("The restitution is needed: it is owed to the renter, or has an open case, or remembers for 180 days what was claimed")]
    RestitutionNeeded,
    #[msg("Who proposed a case does not decide it: it lapses unless the authority names another appeal authority")]
    JudgeProposed,
    #[msg("A case is upheld three days after its appeal at the earliest: try again then, or reject it now")]
    UpheldTooEarly,
    #[msg("Only slasher, appeal authority or authority may withdraw a case; one that pays a renter only the appeal authority")]
    MayNotWithdraw,
    #[msg("The offence lies in the future: offence_ts is at most the chain's time")]
    OffenceInFuture,
    #[msg("The offer was made for an earlier stake of this device: its owner must retract it and make another")]
    OfferOutlived,
    #[msg("The offer names another co-staker")]
    NotInvited,
    #[msg("Strangers pay into the recipient's associated token account: pass it, and pay into it unless its owner handed it to somebody else")]
    NotAssociated,
}

impl From<iog_math::MathError> for StakingError {
    fn from(_: iog_math::MathError) -> Self {
        Self::MathOverflow
    }
}

iog_common::price_errors!();
