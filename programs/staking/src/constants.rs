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
/// In which an appeal is decided, and an unappealed case carried out; afterwards it has lapsed: 30 days.
pub const DECISION_SECS: i64 = 2_592_000;

/// What can be paused: new stakes, offers and co-stakes. Leaving cannot.
pub mod pause {
    pub const STAKING: u8 = 1;
    pub const ALL: u8 = STAKING;
}
