//! Lamports that an account of ours holds.

use anchor_lang::{cpi::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed};

/// Lamports that an account must keep.
pub fn rent_of(account: &AccountView) -> Result<u64> {
    anchor_lang::cpi::rent_exempt_lamports(account.data_len())
}

/// Moves lamports out of an account of ours.
pub fn move_lamports(from: &mut AccountView, to: &mut AccountView, amount: u64) -> Result<()> {
    let left = from.lamports().checked_sub(amount);
    let more = to.lamports().checked_add(amount);
    let (left, more) = left.zip(more).ok_or(crate::MarketError::MathOverflow)?;
    from.set_lamports(left);
    to.set_lamports(more);
    Ok(())
}

/// Number of the system program's transfer.
const SYSTEM_TRANSFER: u8 = 2;

/// A signer's lamports on their way into an account of ours.
pub fn deposit_lamports<A: AnchorAccount, B: AnchorAccount>(
    program: &Program<System>,
    from: &mut A,
    to: &mut B,
    amount: u64,
) -> Result<()> {
    let (from_address, to_address) = (*from.account().address(), *to.account().address());
    let [a, b, c, d, e, f, g, h] = amount.to_le_bytes();
    let data = [SYSTEM_TRANSFER, 0, 0, 0, a, b, c, d, e, f, g, h];
    unchecked_invoke_signed_fixed(
        program.address(),
        &data,
        &[
            InstructionAccount::writable_signer(&from_address),
            InstructionAccount::writable(&to_address),
        ],
        &[from.cpi_handle_mut().into(), to.cpi_handle_mut().into()],
        &[],
    );
    Ok(())
}
