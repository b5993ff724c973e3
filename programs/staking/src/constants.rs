//! Seeds and fixed numbers of the staking program.

pub const CONFIG_SEED: &[u8] = b"config";
pub const VAULT_SEED: &[u8] = b"vault";
pub const VAULT_AUTHORITY_SEED: &[u8] = b"vault_authority";
pub const STAKE_SEED: &[u8] = b"stake";

pub const IO_DECIMALS: u8 = iog_token::constants::IO_DECIMALS;

/// What can be paused: new stakes. Leaving cannot.
pub mod pause {
    pub const STAKING: u8 = 1;
    pub const ALL: u8 = STAKING;
}
