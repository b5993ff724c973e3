use anchor_lang::prelude::*;
use iog_common::slot_hashes::Missing;
use iog_pow::OpeningError;

/// Append only: clients know errors by number.
#[error_code]
pub enum RegistryError {
    #[msg("Only the program's upgrade authority may initialise it")]
    NotUpgradeAuthority,
    #[msg("Only the config's authority may do this")]
    NotAuthority,
    #[msg("Only the attestor may attest security")]
    NotAttestor,
    #[msg("Only the device's owner may do this")]
    NotOwner,
    #[msg("The signer is not the device's key")]
    NotDeviceKey,
    #[msg("The class is not valid: check pool (0 or 1), proof shape (2^15 to 2^20 tiles, fewer only below 2^16 rows, and 256 rows for each; 1 to 131072 waves), cards (1 to 8), deadlines (1 to 9000 slots) and hours that a proof is valid (3 to 168; 0 for good, with multiplier 0, where nothing is proved)")]
    InvalidClass,
    #[msg("The class takes no new devices")]
    ClassDisabled,
    #[msg("The account is not this device's class")]
    WrongClass,
    #[msg("The quantity must be 1 to the class's max_cards where it is proved (one key proves so many cards that walk together: register more under another key) and 1 to 4096 in others")]
    InvalidQuantity,
    #[msg("The tier must be between 0 and 4")]
    InvalidTier,
    #[msg("The state must be 0 (active), 1 (paused) or 2 (terminated)")]
    InvalidState,
    #[msg("The device is not active: resume it first")]
    DeviceNotActive,
    #[msg("The device is terminated for good: register a new device key")]
    DeviceTerminated,
    #[msg("The network has not started yet")]
    BeforeGenesis,
    #[msg("This hour's window is open already")]
    WindowAlreadyOpen,
    #[msg("This hour's window is not open yet: call open_window first")]
    WindowNotOpen,
    #[msg("The deadline for this hour's commit has passed")]
    LateCommit,
    #[msg("The device has committed in this hour already")]
    AlreadyCommitted,
    #[msg("There is no commit that waits for a challenge")]
    NoCommit,
    #[msg("The two slots of the challenge, up to 64 after the commit, are not recorded yet: try again in the next slot")]
    ChallengeNotYet,
    #[msg("The challenge comes too late, after its slot hash was forgotten or its openings were due: the proof fails, finalize it")]
    ChallengeForgotten,
    #[msg("The slot hashes sysvar cannot be read")]
    SlotHashesMalformed,
    #[msg("There is no open challenge")]
    NoChallenge,
    #[msg("The deadline for openings has passed")]
    LateReveal,
    #[msg("The opening's number must be less than 8")]
    OpeningIndex,
    #[msg("The opening has the wrong length for the class")]
    OpeningLength,
    #[msg("The opening's leaf and its path do not lead to the commit")]
    OpeningPath,
    #[msg("The opening's entry is not the product of its rows")]
    OpeningEntry,
    #[msg("Openings are missing and the deadline has not passed")]
    NotFinal,
    #[msg("A number is out of range")]
    MathOverflow,
    #[msg("This hour's window is anchored and opens later: call again from its opens_ts on")]
    WindowNotDue,
    #[msg("The speed test's time lies in the future: measure again")]
    SpeedTestInFuture,
    #[msg("The speed test is more than an hour old: measure again")]
    SpeedTestTooOld,
    #[msg("The speed test is not newer than the measurer's last one: measure again")]
    SpeedTestReplayed,
    #[msg("The country must be two upper-case letters (ISO 3166-1)")]
    InvalidCountry,
    #[msg("Owner, device key and tunnel key must be different keys")]
    KeysEqual,
    #[msg("Only the catalogue's authority or the config's authority may do this")]
    NotCatalogAuthority,
    #[msg(
        "A multiplier is 0.05 to 100 and a price 0.001 to 1000 USD an hour, where they are not 0"
    )]
    RateOutOfBounds,
    #[msg("A multiplier or price moves by at most a fifth: take a smaller step")]
    RateMovesTooFar,
    #[msg("Only the config's authority gives a class its first multiplier or price")]
    RateNotSet,
    #[msg("The device is not terminated: terminate it first")]
    DeviceNotTerminated,
    #[msg("A proof of the device is open: finalize it first")]
    ProofOpen,
    #[msg("A price moves once in 24 hours: wait")]
    RateMovesTooSoon,
    #[msg("Only a measurer may post a speed test, and who is named for 24 hours becomes one with apply_measurer")]
    NotMeasurer,
    #[msg("A measurer's place is 0 to 8, and no key is named in two: remove it there first")]
    InvalidMeasurer,
    #[msg("The quorum is 3 to 9 and more than half of the measurers named: raise it, or remove one first")]
    InvalidQuorum,
    #[msg("The class is never proved: its devices commit nothing")]
    ClassNotProved,
    #[msg("This opening is proved already: send the others, or finalize")]
    OpeningProvedAlready,
    #[msg("The platform is 0 (unknown), 1 (linux/amd64) or 2 (linux/arm64)")]
    InvalidPlatform,
}

impl From<Missing> for RegistryError {
    fn from(missing: Missing) -> Self {
        match missing {
            Missing::NotYet => Self::ChallengeNotYet,
            Missing::Forgotten => Self::ChallengeForgotten,
            Missing::Malformed => Self::SlotHashesMalformed,
        }
    }
}

impl From<OpeningError> for RegistryError {
    fn from(error: OpeningError) -> Self {
        match error {
            OpeningError::Length => Self::OpeningLength,
            OpeningError::Pick => Self::MathOverflow,
            OpeningError::Path => Self::OpeningPath,
            OpeningError::Entry => Self::OpeningEntry,
        }
    }
}
