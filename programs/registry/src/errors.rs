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
    #[msg("Only the attestor may set connectivity")]
    NotAttestor,
    #[msg("Only the device's owner may do this")]
    NotOwner,
    #[msg("The signer is not the device's key")]
    NotDeviceKey,
    #[msg("The class is not valid: check pool (0 or 1), proof shape and deadlines (greater than zero)")]
    InvalidClass,
    #[msg("The class takes no new devices")]
    ClassDisabled,
    #[msg("The account is not this device's class")]
    WrongClass,
    #[msg("The quantity must be between 1 and 4096")]
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
    #[msg("One root for each wave of the class is needed")]
    WrongRootCount,
    #[msg("There is no commit that waits for a challenge")]
    NoCommit,
    #[msg("No slot hash after the commit is recorded yet: try again in the next slot")]
    ChallengeNotYet,
    #[msg("The slot hash after the commit is forgotten: the proof fails at its deadline")]
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
    #[msg("The opening's lane does not lead to the committed root")]
    OpeningLane,
    #[msg("The opening's leaf does not lead to its tile root")]
    OpeningTile,
    #[msg("The opening's entry is not the product of its rows")]
    OpeningEntry,
    #[msg("Openings are missing and the deadline has not passed")]
    NotFinal,
    #[msg("A number is out of range")]
    MathOverflow,
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
            OpeningError::Roots => Self::WrongRootCount,
            OpeningError::Lane => Self::OpeningLane,
            OpeningError::Tile => Self::OpeningTile,
            OpeningError::Entry => Self::OpeningEntry,
        }
    }
}
