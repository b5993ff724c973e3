//! The one transfer of tokens.

use anchor_lang::{cpi::InstructionAccount, prelude::*};
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::{call_checked, instruction::TRANSFER_CHECKED};

/// Moves `amount` from one token account to another, as `authority` signs for, itself or by `seeds`.
pub fn transfer<A: AnchorAccount>(
    program: &Program<Token>,
    from: &mut Account<TokenAccount>,
    mint: &Account<Mint>,
    to: &mut Account<TokenAccount>,
    authority: &A,
    seeds: &[&[&[u8]]],
    amount: u64,
) -> Result<()> {
    let (from_address, to_address) = (*from.account().address(), *to.account().address());
    call_checked(
        program.address(),
        TRANSFER_CHECKED,
        amount,
        mint.decimals(),
        &[
            InstructionAccount::writable(&from_address),
            InstructionAccount::readonly(mint.account().address()),
            InstructionAccount::writable(&to_address),
            InstructionAccount::readonly_signer(authority.account().address()),
        ],
        &[
            from.cpi_handle_mut().into(),
            mint.cpi_handle(),
            to.cpi_handle_mut().into(),
            authority.cpi_handle(),
        ],
        seeds,
    );
    Ok(())
}
