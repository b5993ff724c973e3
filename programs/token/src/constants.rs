//! Seeds and fixed numbers of the token program.

pub const CONFIG_SEED: &[u8] = b"config";
pub const IO_MINT_SEED: &[u8] = b"io_mint";
pub const MINT_AUTHORITY_SEED: &[u8] = b"mint_authority";
pub const VESTING_VAULT_SEED: &[u8] = b"vesting_vault";
pub const VESTING_AUTHORITY_SEED: &[u8] = b"vesting_authority";
pub const VESTING_SEED: &[u8] = b"vesting";
pub const MINTER_SEED: &[u8] = b"minter";

pub const IO_DECIMALS: u8 = 8;
