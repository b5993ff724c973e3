//! The one transfer of tokens.

use anchor_lang::{cpi::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed, CpiHandle};
use anchor_spl::{mint::Mint, token::TokenAccount};

/// Number of SPL Token's instruction `TransferChecked`.
const TRANSFER_CHECKED: u8 = 12;

/// Moves `amount` from one token account to another, as `authority` signs for, itself or by `seeds`.
///
/// anchor-spl builds the same ten bytes with Token-2022's instruction builder and looks every account up again, which costs 6,500
/// compute units. A refusal by the token program ends the transaction, here as there.
pub fn transfer<A: AnchorAccount>(
    program: &Program<Token>,
    from: &mut Account<TokenAccount>,
    mint: &Account<Mint>,
    to: &mut Account<TokenAccount>,
    authority: &A,
    seeds: &[&[&[u8]]],
    amount: u64,
) -> Result<()> {
    let [a, b, c, d, e, f, g, h] = amount.to_le_bytes();
    let data = [TRANSFER_CHECKED, a, b, c, d, e, f, g, h, mint.decimals()];
    let (from_address, to_address) = (*from.account().address(), *to.account().address());
    let handles: [CpiHandle; 4] = [
        from.cpi_handle_mut().into(),
        mint.cpi_handle(),
        to.cpi_handle_mut().into(),
        authority.cpi_handle(),
    ];
    let metas = [
        InstructionAccount::writable(&from_address),
        InstructionAccount::readonly(mint.account().address()),
        InstructionAccount::writable(&to_address),
        InstructionAccount::readonly_signer(authority.account().address()),
    ];
    unchecked_invoke_signed_fixed(program.address(), &data, &metas, &handles, seeds);
    Ok(())
}
