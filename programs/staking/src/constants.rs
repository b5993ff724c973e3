//! Seeds and fixed numbers of the staking program. Account constraints spell singletons' seeds out: Anchor then derives
//! their addresses when the program is compiled.

pub const CONFIG_SEED: &[u8] = b"config";
pub const VAULT_SEED: &[u8] = b"vault";
pub const VAULT_AUTHORITY_SEED: &[u8] = b"vault_authority";
pub const STAKE_SEED: &[u8] = b"stake";
pub const OFFER_SEED: &[u8] = b"offer";
pub const OWNER_SEED: &[u8] = b"owner";
pub const CASE_SEED: &[u8] = b"case";
pub const RESTITUTION_SEED: &[u8] = b"restitution";

pub const IO_DECIMALS: u8 = iog_token::constants::IO_DECIMALS;

/// Accepted offers of one owner at a time.
pub const MAX_ACCEPTED: u8 = 2;
/// Cases against one stake within [`CASE_WINDOW_SECS`].
pub const MAX_CASES: usize = 4;
/// What the cap of several cases counts over: 30 days.
pub const CASE_WINDOW_SECS: i64 = 2_592_000;
/// In which the owner or co-staker may appeal: 30 days.
pub const APPEAL_SECS: i64 = 2_592_000;
/// In which an appeal is decided, and then in which a case is carried out; afterwards it has lapsed: 30 days.
pub const DECISION_SECS: i64 = 2_592_000;
/// How long after an appeal a case may be upheld at the earliest, so that a judge who is not the network's can be removed: 3 days.
pub const UPHOLD_AFTER_SECS: i64 = 259_200;

/// What can be paused. Leaving, appealing, acquitting and releasing cannot.
pub mod pause {
    /// New stakes, offers and co-stakes.
    pub const STAKING: u8 = 1;
    /// New cases, those for a renter included.
    pub const PROPOSING: u8 = 2;
    /// Carrying cases out: burning, and booking as owed to a renter. Cases lapse meanwhile as ever.
    pub const TAKING: u8 = 4;
    pub const ALL: u8 = STAKING | PROPOSING | TAKING;
}
