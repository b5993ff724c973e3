//! The treasury's addresses.

use solana_pubkey::Pubkey;

use super::find;
use crate::treasury::ID;

pub const CONFIG_SEED: &[u8] = b"config";
pub const FEES_SEED: &[u8] = b"fees";
pub const VAULT_SEED: &[u8] = b"vault";
pub const VAULT_AUTHORITY_SEED: &[u8] = b"vault_authority";
pub const AUCTION_SEED: &[u8] = b"auction";
pub const MARKET_ESCROW_AUTHORITY_SEED: &[u8] = b"escrow_authority";

/// Roles.
pub fn config() -> Pubkey {
    find(&[CONFIG_SEED], &ID)
}

/// Books of the fees in one currency.
pub fn fees(mint: &Pubkey) -> Pubkey {
    find(&[FEES_SEED, mint.as_ref()], &ID)
}

/// Token account that holds the fees in one currency.
pub fn vault(mint: &Pubkey) -> Pubkey {
    find(&[VAULT_SEED, mint.as_ref()], &ID)
}

/// The auction that spends the fees in one currency.
pub fn auction(mint: &Pubkey) -> Pubkey {
    find(&[AUCTION_SEED, mint.as_ref()], &ID)
}

/// Signs transfers and burns out of the vaults.
pub fn vault_authority() -> Pubkey {
    find(&[VAULT_AUTHORITY_SEED], &ID)
}
