//! The Instructions sysvar: what else stands in the transaction that runs, in the runtime's published layout: u16 count, a u16 offset for
//! each instruction, the instructions, and the u16 index of the one that runs. An instruction: u16 count of accounts, 33 bytes each,
//! 32 bytes of program, u16 length, data.

use anchor_lang::prelude::*;

pub const INSTRUCTIONS: Address =
    anchor_lang::address!("Sysvar1nstructions1111111111111111111111111");
const ACCOUNT_LEN: usize = 33;

fn u16_at(data: &[u8], at: usize) -> Option<usize> {
    let bytes = data.get(at..)?.first_chunk::<2>()?;
    Some(usize::from(u16::from_le_bytes(*bytes)))
}

/// Program and data of the instruction right before the one that runs; `None` for the first.
pub fn previous(data: &[u8]) -> Option<(Address, &[u8])> {
    let current = u16_at(data, data.len().checked_sub(2)?)?;
    let entry = current.checked_sub(1)?.checked_add(1)?.checked_mul(2)?;
    let start = u16_at(data, entry)?;
    let accounts = u16_at(data, start)?.checked_mul(ACCOUNT_LEN)?;
    let program_at = start.checked_add(2)?.checked_add(accounts)?;
    let program = data.get(program_at..)?.first_chunk::<32>()?;
    let len_at = program_at.checked_add(32)?;
    let from = len_at.checked_add(2)?;
    let to = from.checked_add(u16_at(data, len_at)?)?;
    Some((Address::new_from_array(*program), data.get(from..to)?))
}
