//! Calls of SPL Token and Token-2022 by their wire format.

use anchor_lang::{cpi::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed, CpiHandle};

/// Numbers of the instructions that both programs have in common.
pub mod instruction {
    pub const TRANSFER_CHECKED: u8 = 12;
    pub const MINT_TO_CHECKED: u8 = 14;
    pub const BURN_CHECKED: u8 = 15;
}

/// Calls an instruction that takes an amount and decimals.
///
/// anchor-spl builds the same ten bytes with Token-2022's instruction builder and looks every account up again, which costs 6,500
/// compute units. A refusal by the token program ends the transaction, here as there.
pub fn call_checked<'a, const N: usize>(
    program: &'a Address,
    instruction: u8,
    amount: u64,
    decimals: u8,
    metas: &[InstructionAccount<'a>; N],
    handles: &[CpiHandle<'a>; N],
    seeds: &'a [&'a [&'a [u8]]],
) {
    let [a, b, c, d, e, f, g, h] = amount.to_le_bytes();
    let data = [instruction, a, b, c, d, e, f, g, h, decimals];
    unchecked_invoke_signed_fixed(program, &data, metas, handles, seeds);
}
