//! The market's addresses.

use solana_pubkey::Pubkey;

use super::find;
use crate::market::ID;

pub const CONFIG_SEED: &[u8] = b"config";
pub const ESCROW_SEED: &[u8] = b"escrow";
pub const VAULT_SEED: &[u8] = b"vault";
pub const ESCROW_AUTHORITY_SEED: &[u8] = b"escrow_authority";
pub const PRICE_BOOK_SEED: &[u8] = b"price_book";
pub const RENTER_SEED: &[u8] = b"renter";
pub const EARNINGS_SEED: &[u8] = b"earnings";
pub const ORDER_SEED: &[u8] = b"order";
pub const LEASE_SEED: &[u8] = b"lease";
pub const VERDICT_SEED: &[u8] = b"verdict";
pub const OCCUPANCY_SEED: &[u8] = b"occupancy";

/// Roles, fees and the oracle's feed.
pub fn config() -> Pubkey {
    find(&[CONFIG_SEED], &ID)
}

/// Books of what is escrowed in one currency.
pub fn escrow(mint: &Pubkey) -> Pubkey {
    find(&[ESCROW_SEED, mint.as_ref()], &ID)
}

/// Token account that holds all escrows in one currency.
pub fn vault(mint: &Pubkey) -> Pubkey {
    find(&[VAULT_SEED, mint.as_ref()], &ID)
}

/// Signs transfers out of the vaults.
pub fn escrow_authority() -> Pubkey {
    find(&[ESCROW_AUTHORITY_SEED], &ID)
}

/// The price factors and counters of a class.
pub fn price_book(class_id: u16) -> Pubkey {
    find(&[PRICE_BOOK_SEED, &class_id.to_le_bytes()], &ID)
}

/// What a renter has rented.
pub fn renter(wallet: &Pubkey) -> Pubkey {
    find(&[RENTER_SEED, wallet.as_ref()], &ID)
}

/// What a supplier has earned in one currency.
pub fn earnings(mint: &Pubkey, owner: &Pubkey) -> Pubkey {
    find(&[EARNINGS_SEED, mint.as_ref(), owner.as_ref()], &ID)
}

/// The line of suppliers of IOSD orders that wait for IO.
pub fn credit_line() -> Pubkey {
    find(&[b"credit_line"], &ID)
}

/// Token account of the IO that funds the line.
pub fn credit_vault() -> Pubkey {
    find(&[b"credit_vault"], &ID)
}

/// A renter's order; the renter picks `id`.
pub fn order(renter: &Pubkey, id: u64) -> Pubkey {
    find(&[ORDER_SEED, renter.as_ref(), &id.to_le_bytes()], &ID)
}

/// The part of an order that one device serves; both are accounts.
pub fn lease(order: &Pubkey, device: &Pubkey) -> Pubkey {
    find(&[LEASE_SEED, order.as_ref(), device.as_ref()], &ID)
}

/// What the resolver decided about a lease.
pub fn verdict(lease: &Pubkey) -> Pubkey {
    find(&[VERDICT_SEED, lease.as_ref()], &ID)
}

/// Whether a device (its account, not its key) is hired.
pub fn occupancy(device: &Pubkey) -> Pubkey {
    find(&[OCCUPANCY_SEED, device.as_ref()], &ID)
}
