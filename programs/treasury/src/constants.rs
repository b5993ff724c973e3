//! Seeds of the treasury.

pub const CONFIG_SEED: &[u8] = b"config";
pub const FEES_SEED: &[u8] = b"fees";
pub const VAULT_SEED: &[u8] = b"vault";
pub const VAULT_AUTHORITY_SEED: &[u8] = b"vault_authority";
/// Seed of the market's PDA that owns its escrow vaults and signs `collect`.
pub const MARKET_ESCROW_AUTHORITY_SEED: &[u8] = b"escrow_authority";
