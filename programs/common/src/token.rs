//! Calls of SPL Token and Token-2022 by their wire format: the one way in which the suite moves, mints and burns tokens.

use anchor_lang::{cpi::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed, CpiHandle};

/// Numbers of the instructions that both programs have in common.
mod instruction {
    pub const TRANSFER_CHECKED: u8 = 12;
    pub const MINT_TO_CHECKED: u8 = 14;
    pub const BURN_CHECKED: u8 = 15;
}

/// Who signs a call, and how much it moves.
pub struct Call<'a, P, A> {
    /// SPL Token or Token-2022.
    pub program: &'a P,
    pub authority: &'a A,
    /// Of an authority that is a PDA; empty where it signed the transaction.
    pub seeds: &'a [&'a [&'a [u8]]],
    pub amount: u64,
    /// Of the mint; the token program refuses others.
    pub decimals: u8,
}

impl<P: AnchorAccount, A: AnchorAccount> Call<'_, P, A> {
    /// Moves tokens from one account to another.
    pub fn transfer<F: AnchorAccount, M: AnchorAccount, T: AnchorAccount>(
        &self,
        from: &mut F,
        mint: &M,
        to: &mut T,
    ) {
        let (source, target) = (*from.account().address(), *to.account().address());
        self.invoke(
            instruction::TRANSFER_CHECKED,
            &[
                InstructionAccount::writable(&source),
                InstructionAccount::readonly(mint.account().address()),
                InstructionAccount::writable(&target),
                InstructionAccount::readonly_signer(self.authority.account().address()),
            ],
            &[
                from.cpi_handle_mut().into(),
                mint.cpi_handle(),
                to.cpi_handle_mut().into(),
                self.authority.cpi_handle(),
            ],
        );
    }

    /// Burns tokens of an account.
    pub fn burn<F: AnchorAccount, M: AnchorAccount>(&self, from: &mut F, mint: &mut M) {
        let (source, minted) = (*from.account().address(), *mint.account().address());
        self.on_mint(
            instruction::BURN_CHECKED,
            [&source, &minted],
            [from.cpi_handle_mut().into(), mint.cpi_handle_mut().into()],
        );
    }

    /// Mints tokens into an account.
    pub fn mint<M: AnchorAccount, T: AnchorAccount>(&self, mint: &mut M, to: &mut T) {
        let (minted, target) = (*mint.account().address(), *to.account().address());
        self.on_mint(
            instruction::MINT_TO_CHECKED,
            [&minted, &target],
            [mint.cpi_handle_mut().into(), to.cpi_handle_mut().into()],
        );
    }

    fn on_mint(&self, instruction: u8, addresses: [&Address; 2], handles: [CpiHandle<'_>; 2]) {
        let [first, second] = addresses;
        let [first_handle, second_handle] = handles;
        self.invoke(
            instruction,
            &[
                InstructionAccount::writable(first),
                InstructionAccount::writable(second),
                InstructionAccount::readonly_signer(self.authority.account().address()),
            ],
            &[first_handle, second_handle, self.authority.cpi_handle()],
        );
    }

    /// anchor-spl builds the same ten bytes with Token-2022's instruction builder and looks every account up again, which costs 6,500
    /// compute units. A refusal by the token program ends the transaction, here as there.
    fn invoke<const N: usize>(
        &self,
        instruction: u8,
        metas: &[InstructionAccount<'_>; N],
        handles: &[CpiHandle<'_>; N],
    ) {
        let [a, b, c, d, e, f, g, h] = self.amount.to_le_bytes();
        let data = [instruction, a, b, c, d, e, f, g, h, self.decimals];
        let program = self.program.account().address();
        unchecked_invoke_signed_fixed(program, &data, metas, handles, self.seeds);
    }
}
