//! Calls of the token and treasury programs by their wire format: a `CpiContext` copies accounts and data to the heap, which costs 3,500
//! compute units.

use crate::constants::ESCROW_AUTHORITY_SEED;
use anchor_lang::{
    cpi::InstructionAccount, prelude::*, unchecked_invoke_signed_fixed, CpiHandle, Discriminator,
};
use iog_token::{instruction as token, IogToken};

/// A call that the market's escrow authority signs.
pub struct Call<'a> {
    pub program: &'a Address,
    /// Of the escrow authority.
    pub bump: u8,
}

impl Call<'_> {
    /// Accounts as their handles say: writable, and signing where they signed the transaction or are marked. A refusal by the program ends
    /// the transaction.
    pub fn invoke<const N: usize>(&self, data: &[u8], handles: &[CpiHandle<'_>; N]) {
        let metas = handles.each_ref().map(|handle| {
            InstructionAccount::new(handle.address(), handle.is_writable(), handle.is_signer())
        });
        unchecked_invoke_signed_fixed(
            self.program,
            data,
            &metas,
            handles,
            &[&[ESCROW_AUTHORITY_SEED, &[self.bump]]],
        );
    }

    /// An instruction whose only argument is an amount.
    pub fn move_amount<I: Discriminator, const N: usize>(
        &self,
        amount: u64,
        handles: &[CpiHandle<'_>; N],
    ) {
        let mut data = [0; 16];
        let (discriminator, argument) = data.split_at_mut(8);
        discriminator.copy_from_slice(I::DISCRIMINATOR);
        argument.copy_from_slice(&amount.to_le_bytes());
        self.invoke(&data, handles);
    }
}

/// The accounts that spending IOSD takes: whatever it is spent on, it is burned at once.
pub struct Spend<'a> {
    pub program: &'a Program<IogToken>,
    pub bump: u8,
    pub escrow_authority: &'a UncheckedAccount,
    pub minter: &'a mut Account<iog_token::Minter>,
    pub renter: &'a Signer,
    pub token_config: &'a mut Account<iog_token::Config>,
    pub iosd_mint: &'a mut UncheckedAccount,
    pub renter_token: &'a mut UncheckedAccount,
    pub token_2022_program: &'a Program<Token2022>,
}

impl Spend<'_> {
    pub fn burn(self, amount: u64) {
        Call {
            program: self.program.address(),
            bump: self.bump,
        }
        .move_amount::<token::BurnIosd, 7>(
            amount,
            &[
                self.escrow_authority.cpi_handle().as_signer(),
                self.minter.cpi_handle_mut().into(),
                self.renter.cpi_handle(),
                self.token_config.cpi_handle_mut().into(),
                self.iosd_mint.cpi_handle_mut().into(),
                self.renter_token.cpi_handle_mut().into(),
                self.token_2022_program.cpi_handle(),
            ],
        );
    }
}
