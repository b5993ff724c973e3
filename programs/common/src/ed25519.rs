//! Signatures that the native Ed25519 program has checked, read out of its instruction: a count, a byte of padding, 7 numbers of 16 bits for
//! each signature, and the bytes that they point at.

use anchor_lang::prelude::*;

/// The native program. A transaction in which one signature is wrong does not run at all.
pub const ED25519: Address = anchor_lang::address!("Ed25519SigVerify111111111111111111111111111");
const HEADER_LEN: usize = 2;
const OFFSETS_LEN: usize = 14;
/// Says that the bytes lie in the Ed25519 instruction itself.
const SAME_INSTRUCTION: u16 = u16::MAX;

/// How many signatures an instruction of the Ed25519 program checks.
pub fn count(data: &[u8]) -> u8 {
    data.first().copied().unwrap_or(0)
}

/// Key and message of signature `index`, if the message has this length and all bytes lie in the same instruction: elsewhere they would be
/// others than those that were checked.
pub fn signed<const LEN: usize>(data: &[u8], index: usize) -> Option<(Address, &[u8; LEN])> {
    let start = index.checked_mul(OFFSETS_LEN)?.checked_add(HEADER_LEN)?;
    let offsets = data.get(start..)?.first_chunk::<OFFSETS_LEN>()?;
    let number = |at: usize| -> Option<u16> {
        let bytes = offsets.get(at..)?.first_chunk::<2>()?;
        Some(u16::from_le_bytes(*bytes))
    };
    // signature at 0 (in instruction at 2), key at 4 (6), message at 8, its length at 10 (12)
    let inside = |at: usize| number(at) == Some(SAME_INSTRUCTION);
    if !(inside(2) && inside(6) && inside(12)) || usize::from(number(10)?) != LEN {
        return None;
    }
    let key = data.get(usize::from(number(4)?)..)?.first_chunk::<32>()?;
    let message = data.get(usize::from(number(8)?)..)?.first_chunk::<LEN>()?;
    Some((Address::new_from_array(*key), message))
}
