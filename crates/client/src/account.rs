//! Accounts to and from bytes.

use borsh::{BorshDeserialize, BorshSerialize};
use solana_pubkey::Pubkey;

/// An account that one of the programs keeps: eight bytes of discriminator, then the fields in order, little-endian.
///
/// On chain most accounts are read in place as `repr(C)` structs without padding, so their bytes are those of borsh.
pub trait AccountData: BorshDeserialize + BorshSerialize {
    /// Name in the IDL.
    const NAME: &'static str;
    /// The program that owns such accounts.
    const OWNER: Pubkey;
    /// The account's first bytes.
    const DISCRIMINATOR: [u8; 8];
}

/// Why an account's data cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The data begins with another discriminator, or is too short to have one.
    #[error("this is not a {expected} account: pass another address")]
    Discriminator {
        /// Name of the account that was asked for.
        expected: &'static str,
    },
    /// The data ends early or holds a value that the type does not have.
    #[error("the {account} account cannot be read: the program may be newer than this client ({source})")]
    Malformed {
        /// Name of the account that was asked for.
        account: &'static str,
        /// What borsh says.
        source: std::io::Error,
    },
}

/// Reads an account's data. The owner is the caller's to check: whoever fetched the account knows it.
///
/// # Errors
/// If the discriminator is another account's, or the data is too short. Bytes behind the fields are ignored.
pub fn decode<T: AccountData>(data: &[u8]) -> Result<T, DecodeError> {
    let mut fields = data
        .strip_prefix(&T::DISCRIMINATOR)
        .ok_or(DecodeError::Discriminator { expected: T::NAME })?;
    T::deserialize(&mut fields).map_err(|source| DecodeError::Malformed {
        account: T::NAME,
        source,
    })
}

/// An account's data as the program would keep it: for tests that start from a state of their own.
pub fn encode<T: AccountData>(account: &T) -> Vec<u8> {
    let mut data = T::DISCRIMINATOR.to_vec();
    put(&mut data, account);
    data
}

/// Appends a value as borsh.
pub(crate) fn put<T: BorshSerialize>(data: &mut Vec<u8>, value: &T) {
    // A vector takes every byte; only a list of more than 2^32 items fails, which no transaction or account holds.
    let _ = value.serialize(data);
}
