//! The emission's addresses.

use solana_pubkey::Pubkey;

use super::find;
use crate::emission::ID;

pub const CONFIG_SEED: &[u8] = b"config";
pub const VAULT_SEED: &[u8] = b"vault";
pub const VAULT_AUTHORITY_SEED: &[u8] = b"vault_authority";
pub const MINTER_AUTHORITY_SEED: &[u8] = b"minter_authority";
pub const PAGE_SEED: &[u8] = b"page";
pub const REWARDS_SEED: &[u8] = b"rewards";

/// The emission's books.
pub fn config() -> Pubkey {
    find(&[CONFIG_SEED], &ID)
}

/// Token account that holds what is minted and not yet claimed.
pub fn vault() -> Pubkey {
    find(&[VAULT_SEED], &ID)
}

/// Signs transfers out of the vault.
pub fn vault_authority() -> Pubkey {
    find(&[VAULT_AUTHORITY_SEED], &ID)
}

/// The minter that the token program knows.
pub fn minter_authority() -> Pubkey {
    find(&[MINTER_AUTHORITY_SEED], &ID)
}

/// A page of the ledger: the 128 hours from `128 * index + 1` on.
pub fn page(index: u32) -> Pubkey {
    find(&[PAGE_SEED, &index.to_le_bytes()], &ID)
}

/// What a device (its account, not its key) has earned.
pub fn rewards(device: &Pubkey) -> Pubkey {
    find(&[REWARDS_SEED, device.as_ref()], &ID)
}
