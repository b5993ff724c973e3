//! Seeds and fixed numbers of the treasury. Account constraints spell their seeds out: Anchor then derives the addresses when
//! the program is compiled.

pub const CONFIG_SEED: &[u8] = b"config";
pub const FEES_SEED: &[u8] = b"fees";
pub const VAULT_SEED: &[u8] = b"vault";
pub const VAULT_AUTHORITY_SEED: &[u8] = b"vault_authority";
pub const AUCTION_SEED: &[u8] = b"auction";
/// Seed of the market's PDA that owns its escrow vaults and signs `collect` and `pay_incentive`.
pub const MARKET_ESCROW_AUTHORITY_SEED: &[u8] = b"escrow_authority";

/// Decimals of a currency that auctions take for US dollars.
pub const USD_DECIMALS: u8 = 6;
/// One auction begins at most once an hour.
pub const AUCTION_PERIOD_SECS: i64 = 3_600;

/// What can be paused: auctions. Collecting fees cannot, since settlements depend on it.
pub mod pause {
    pub const AUCTIONS: u8 = 1;
    pub const ALL: u8 = AUCTIONS;
}
