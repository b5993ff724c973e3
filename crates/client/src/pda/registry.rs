//! The registry's addresses.

use solana_pubkey::Pubkey;

use super::find;
use crate::registry::ID;

pub const CONFIG_SEED: &[u8] = b"config";
pub const WINDOWS_SEED: &[u8] = b"windows";
pub const CLASS_SEED: &[u8] = b"class";
pub const OPERATOR_SEED: &[u8] = b"operator";
pub const DEVICE_SEED: &[u8] = b"device";
pub const ATTESTATION_SEED: &[u8] = b"attestation";
pub const MEASUREMENTS_SEED: &[u8] = b"measurements";

/// Roles and time base.
pub fn config() -> Pubkey {
    find(&[CONFIG_SEED], &ID)
}

/// The ring of hourly windows.
pub fn windows() -> Pubkey {
    find(&[WINDOWS_SEED], &ID)
}

/// A hardware class.
pub fn class(id: u16) -> Pubkey {
    find(&[CLASS_SEED, &id.to_le_bytes()], &ID)
}

/// The operator account of a wallet.
pub fn operator(authority: &Pubkey) -> Pubkey {
    find(&[OPERATOR_SEED, authority.as_ref()], &ID)
}

/// The device with this key.
pub fn device(device_key: &Pubkey) -> Pubkey {
    find(&[DEVICE_SEED, device_key.as_ref()], &ID)
}

/// A device's proof of the hour; `device` is the account, not the key.
pub fn attestation(device: &Pubkey) -> Pubkey {
    find(&[ATTESTATION_SEED, device.as_ref()], &ID)
}

/// What the measurers found of a device's connection; `device` is the account, not the key.
pub fn measurements(device: &Pubkey) -> Pubkey {
    find(&[MEASUREMENTS_SEED, device.as_ref()], &ID)
}
