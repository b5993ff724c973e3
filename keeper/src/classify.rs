//! What a refusal means for the action.

use iog_client::{
    emission::{self, EmissionError},
    market::{self, MarketError},
    registry::{self, RegistryError},
    token::{self, TokenError},
    treasury::{self, TreasuryError},
};
use iog_tx::Rejection;
use solana_pubkey::Pubkey;
use solana_sdk_ids::system_program;

/// What to do after a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The work is done already, by somebody else or by an earlier sending.
    Raced,
    /// The moment has not come or has just passed: the next snapshot decides.
    Retry,
    /// It will not pass by itself; tried again after a growing while.
    Refused,
}

/// "Account already in use": the account that the action creates exists.
const SYSTEM_IN_USE: u32 = 0;

/// The runtime's words for compute that did not suffice: others changed what there was to do since the simulation, which the next one measures.
const SHORT: &str = "Computational budget exceeded";
/// The runtime's words for an account that does not exist where a program expects one of its own.
const GONE: &str = "requires an initialized account";

pub fn classify(rejection: &Rejection) -> Class {
    let words = rejection.error.to_string();
    match (rejection.program, rejection.code) {
        (Some(program), Some(code)) => custom(&program, code),
        // Somebody closed the account between snapshot and sending.
        _ if words.ends_with(GONE) || words.ends_with(SHORT) => Class::Retry,
        _ => Class::Refused,
    }
}

fn custom(program: &Pubkey, code: u32) -> Class {
    match *program {
        registry::ID => RegistryError::from_code(code).map(of_registry),
        emission::ID => EmissionError::from_code(code).map(of_emission),
        market::ID => MarketError::from_code(code).map(of_market),
        treasury::ID => TreasuryError::from_code(code).map(|error| match error {
            TreasuryError::NothingToBurn
            | TreasuryError::NothingKept
            | TreasuryError::AuctionRunning
            | TreasuryError::AuctionTooSoon => Class::Raced,
            TreasuryError::LotTooSmall | TreasuryError::SpendCapReached => Class::Retry,
            _ => Class::Refused,
        }),
        token::ID => TokenError::from_code(code).map(|error| match error {
            TokenError::NothingNewer => Class::Raced,
            TokenError::ReportStale
            | TokenError::ReportFromTheFuture
            | TokenError::PriceStale
            | TokenError::PriceFromTheFuture
            | TokenError::PriceUncertain
            | TokenError::PriceDeviates
            | TokenError::MinterCapReached
            | TokenError::NetEmissionCapReached
            | TokenError::AllowanceExhausted
            | TokenError::BreakerTripped => Class::Retry,
            _ => Class::Refused,
        }),
        system_program::ID => (code == SYSTEM_IN_USE).then_some(Class::Raced),
        _ => None,
    }
    .unwrap_or(Class::Refused)
}

fn of_registry(error: RegistryError) -> Class {
    match error {
        RegistryError::WindowAlreadyOpen
        | RegistryError::AlreadyCommitted
        // Somebody recorded the challenge or the end meanwhile.
        | RegistryError::NoCommit
        | RegistryError::NoChallenge
        | RegistryError::OpeningProvedAlready
        | RegistryError::NothingScheduled => Class::Raced,
        // The hour or the deadline has just passed, or the next slot is not there yet.
        RegistryError::WindowNotOpen
        // Somebody anchored it meanwhile: the next snapshot says when it opens.
        | RegistryError::WindowNotDue
        | RegistryError::LateCommit
        | RegistryError::LateReveal
        | RegistryError::ChallengeNotYet
        | RegistryError::ChallengeForgotten
        | RegistryError::NotFinal
        | RegistryError::BeforeGenesis => Class::Retry,
        _ => Class::Refused,
    }
}

fn of_emission(error: EmissionError) -> Class {
    match error {
        EmissionError::AlreadyCheckedIn
        | EmissionError::NothingToClose
        | EmissionError::NothingDue
        | EmissionError::NothingToClaim => Class::Raced,
        // An hour began or was closed between snapshot and sending.
        EmissionError::WrongPage
        | EmissionError::PageMissing
        | EmissionError::HoursNotClosed
        | EmissionError::NoProofOfWork
        | EmissionError::CoHoursPending
        | EmissionError::CoRewardsUnclaimed
        | EmissionError::NotMintedYet
        // It was matched, or its lease was closed, meanwhile.
        | EmissionError::LeaseMissing
        | EmissionError::WrongLease
        | EmissionError::BeforeGenesis => Class::Retry,
        _ => Class::Refused,
    }
}

fn of_market(error: MarketError) -> Class {
    match error {
        MarketError::OrderNotOpen
        | MarketError::DeviceHired
        | MarketError::TooManyGpus
        | MarketError::LeaseNotMatched
        | MarketError::LeaseNotRunning
        | MarketError::NothingToSettle
        | MarketError::NotDisputed
        | MarketError::NotListed
        // Somebody sent the receipt.
        | MarketError::NothingAnswered
        | MarketError::NoStepDue
        | MarketError::NothingDue => Class::Raced,
        MarketError::OrderExpired
        | MarketError::OrderNotExpired
        | MarketError::OrderNotActive
        | MarketError::OrderNotFinished
        | MarketError::LeaseNotSettled
        | MarketError::NotVacantYet
        | MarketError::AcceptTooLate
        | MarketError::AcceptStillOpen
        // Somebody else settled or reported, the device beat, or its owner paused it.
        | MarketError::SettleFirst
        | MarketError::DeviceServes
        | MarketError::DeviceNotActive
        | MarketError::ListingStands
        | MarketError::ResolverMayDecide
        | MarketError::DeviceRests
        // A device said no, a place fell vacant, or another match took the one that held nobody.
        | MarketError::OrderNotWhole
        | MarketError::DeviceBarred
        | MarketError::MatchHolds
        | MarketError::WrongOrder
        | MarketError::AgreedToServe
        // The hour began, a proof failed, or the owner listed it otherwise.
        | MarketError::RenterMatchesFirst
        | MarketError::NoSignOfLife
        | MarketError::DeviceStale
        | MarketError::NotProved
        | MarketError::TooManyFailures
        | MarketError::CurrencyNotTaken
        | MarketError::PlatformNotAsked
        // Utilisation, floor, record or tier moved between snapshot and sending.
        | MarketError::PriceTooLow
        | MarketError::PriceBelowFloor
        | MarketError::ReputationTooLow
        | MarketError::TierTooLow
        // The feed is behind for the moment.
        | MarketError::PriceStale
        | MarketError::PriceFromTheFuture
        | MarketError::PriceUncertain
        | MarketError::PriceDeviates
        | MarketError::PriceOlder
        | MarketError::CoverStale
        // Somebody claimed meanwhile, or others were given back what the window lets pass.
        | MarketError::ClaimsWait
        | MarketError::RefundsWait => Class::Retry,
        _ => Class::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn already_done_is_a_success_and_the_rest_is_not() {
        let cases = [
            (
                registry::ID,
                RegistryError::AlreadyCommitted as u32,
                Class::Raced,
            ),
            (
                registry::ID,
                RegistryError::WindowAlreadyOpen as u32,
                Class::Raced,
            ),
            (
                registry::ID,
                RegistryError::WindowNotDue as u32,
                Class::Retry,
            ),
            (
                registry::ID,
                RegistryError::ChallengeNotYet as u32,
                Class::Retry,
            ),
            (
                registry::ID,
                RegistryError::OpeningPath as u32,
                Class::Refused,
            ),
            (
                registry::ID,
                RegistryError::OpeningProvedAlready as u32,
                Class::Raced,
            ),
            (
                emission::ID,
                EmissionError::AlreadyCheckedIn as u32,
                Class::Raced,
            ),
            (
                emission::ID,
                EmissionError::NothingToClose as u32,
                Class::Raced,
            ),
            (
                emission::ID,
                EmissionError::TooManyFailures as u32,
                Class::Refused,
            ),
            (market::ID, MarketError::DeviceHired as u32, Class::Raced),
            (market::ID, MarketError::NotStaked as u32, Class::Refused),
            (market::ID, MarketError::NothingDue as u32, Class::Raced),
            (market::ID, MarketError::NotDisputed as u32, Class::Raced),
            (market::ID, MarketError::SettleFirst as u32, Class::Retry),
            (market::ID, MarketError::DeviceServes as u32, Class::Retry),
            (
                market::ID,
                MarketError::AcceptStillOpen as u32,
                Class::Retry,
            ),
            (market::ID, MarketError::PriceTooLow as u32, Class::Retry),
            (market::ID, MarketError::MatchHolds as u32, Class::Retry),
            (market::ID, MarketError::PriceStale as u32, Class::Retry),
            (market::ID, MarketError::NoStepDue as u32, Class::Raced),
            (
                market::ID,
                MarketError::NothingAnswered as u32,
                Class::Raced,
            ),
            (
                market::ID,
                MarketError::PlatformNotAsked as u32,
                Class::Retry,
            ),
            (
                market::ID,
                MarketError::NotAssociated as u32,
                Class::Refused,
            ),
            (
                emission::ID,
                EmissionError::NotMintedYet as u32,
                Class::Retry,
            ),
            (emission::ID, EmissionError::NothingDue as u32, Class::Raced),
            (
                market::ID,
                MarketError::WrongRecipient as u32,
                Class::Refused,
            ),
            (market::ID, MarketError::MathOverflow as u32, Class::Refused),
            (token::ID, TokenError::BreakerTripped as u32, Class::Retry),
            (
                token::ID,
                TokenError::NetEmissionCapReached as u32,
                Class::Retry,
            ),
            (
                treasury::ID,
                TreasuryError::NothingToBurn as u32,
                Class::Raced,
            ),
            (
                treasury::ID,
                TreasuryError::AuctionRunning as u32,
                Class::Raced,
            ),
            (
                treasury::ID,
                TreasuryError::SpendCapReached as u32,
                Class::Retry,
            ),
            (token::ID, TokenError::MinterCapReached as u32, Class::Retry),
            (token::ID, TokenError::NothingNewer as u32, Class::Raced),
            (token::ID, TokenError::ReportStale as u32, Class::Retry),
            (token::ID, TokenError::NotReporter as u32, Class::Refused),
            (token::ID, TokenError::PriceStale as u32, Class::Retry),
            (market::ID, MarketError::RefundsWait as u32, Class::Retry),
            (market::ID, MarketError::ClaimsWait as u32, Class::Retry),
            (
                treasury::ID,
                TreasuryError::NothingKept as u32,
                Class::Raced,
            ),
            (system_program::ID, SYSTEM_IN_USE, Class::Raced),
            (system_program::ID, 1, Class::Refused),
            (Pubkey::new_from_array([9; 32]), 6_014, Class::Refused),
        ];
        for (program, code, class) in cases {
            assert_eq!(custom(&program, code), class, "{program} {code}");
        }
    }
}
