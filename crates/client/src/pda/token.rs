//! The token program's addresses.

use solana_pubkey::Pubkey;

use super::find;
use crate::token::ID;

pub const CONFIG_SEED: &[u8] = b"config";
pub const IO_MINT_SEED: &[u8] = b"io_mint";
pub const IOSD_MINT_SEED: &[u8] = b"iosd_mint";
pub const IOSD_AUTHORITY_SEED: &[u8] = b"iosd_authority";
pub const MINT_AUTHORITY_SEED: &[u8] = b"mint_authority";
pub const VESTING_VAULT_SEED: &[u8] = b"vesting_vault";
pub const VESTING_AUTHORITY_SEED: &[u8] = b"vesting_authority";
pub const VESTING_SEED: &[u8] = b"vesting";
pub const MINTER_SEED: &[u8] = b"minter";
pub const NET_EMISSION_SEED: &[u8] = b"net_emission";
pub const PRICE_SOURCE_SEED: &[u8] = b"price_source";
pub const PRICE_FEED_SEED: &[u8] = b"price_feed";

/// The program's books.
pub fn config() -> Pubkey {
    find(&[CONFIG_SEED], &ID)
}

/// The IO mint that the program creates. A network on a mint that was handed over has another: the config names it.
pub fn io_mint() -> Pubkey {
    find(&[IO_MINT_SEED], &ID)
}

/// The IOSD mint.
pub fn iosd_mint() -> Pubkey {
    find(&[IOSD_MINT_SEED], &ID)
}

/// Signs mints of IOSD.
pub fn iosd_authority() -> Pubkey {
    find(&[IOSD_AUTHORITY_SEED], &ID)
}

/// Books of what may be minted again.
pub fn net_emission() -> Pubkey {
    find(&[NET_EMISSION_SEED], &ID)
}

/// Where the price of IO comes from.
pub fn price_source() -> Pubkey {
    find(&[PRICE_SOURCE_SEED], &ID)
}

/// Our own price, of a quorum of reporters.
pub fn price_feed() -> Pubkey {
    find(&[PRICE_FEED_SEED], &ID)
}

/// Signs mints of IO.
pub fn mint_authority() -> Pubkey {
    find(&[MINT_AUTHORITY_SEED], &ID)
}

/// Token account that holds what is not yet vested.
pub fn vesting_vault() -> Pubkey {
    find(&[VESTING_VAULT_SEED], &ID)
}

/// Signs transfers out of the vesting vault.
pub fn vesting_authority() -> Pubkey {
    find(&[VESTING_AUTHORITY_SEED], &ID)
}

/// A beneficiary's schedule.
pub fn vesting(id: u8) -> Pubkey {
    find(&[VESTING_SEED, &[id]], &ID)
}

/// The right to mint of the PDA `authority`.
pub fn minter(authority: &Pubkey) -> Pubkey {
    find(&[MINTER_SEED, authority.as_ref()], &ID)
}
