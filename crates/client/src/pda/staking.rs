//! The staking program's addresses.

use solana_pubkey::Pubkey;

use super::find;
use crate::staking::ID;

pub const CONFIG_SEED: &[u8] = b"config";
pub const VAULT_SEED: &[u8] = b"vault";
pub const VAULT_AUTHORITY_SEED: &[u8] = b"vault_authority";
pub const STAKE_SEED: &[u8] = b"stake";
pub const OFFER_SEED: &[u8] = b"offer";
pub const OWNER_SEED: &[u8] = b"owner";
pub const CASE_SEED: &[u8] = b"case";
pub const RESTITUTION_SEED: &[u8] = b"restitution";

/// The program's books.
pub fn config() -> Pubkey {
    find(&[CONFIG_SEED], &ID)
}

/// Token account that holds all stakes.
pub fn vault() -> Pubkey {
    find(&[VAULT_SEED], &ID)
}

/// Signs transfers out of the vault.
pub fn vault_authority() -> Pubkey {
    find(&[VAULT_AUTHORITY_SEED], &ID)
}

/// The stake on a device (its account, not its key).
pub fn stake(device: &Pubkey) -> Pubkey {
    find(&[STAKE_SEED, device.as_ref()], &ID)
}

/// The owner's offer to co-stake the device account `device`.
pub fn offer(device: &Pubkey) -> Pubkey {
    find(&[OFFER_SEED, device.as_ref()], &ID)
}

/// How many accepted offers an owner has.
pub fn owner_book(owner: &Pubkey) -> Pubkey {
    find(&[OWNER_SEED, owner.as_ref()], &ID)
}

/// A slash case, by its number.
pub fn slash_case(number: u64) -> Pubkey {
    find(&[CASE_SEED, &number.to_le_bytes()], &ID)
}

/// What a renter gets out of a stake for one verdict of the market.
pub fn restitution(verdict: &Pubkey) -> Pubkey {
    find(&[RESTITUTION_SEED, verdict.as_ref()], &ID)
}
