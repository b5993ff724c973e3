//! The one way out of the vault.

use crate::constants::{IO_DECIMALS, VAULT_AUTHORITY_SEED};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;

/// Accounts that every payment needs, by the names they have in the lists of accounts.
pub struct Vault<'a> {
    pub vault: &'a mut Account<TokenAccount>,
    pub vault_authority: &'a UncheckedAccount,
    pub io_mint: &'a Account<Mint>,
    pub token_program: &'a Program<Token>,
    /// Of the vault's authority.
    pub bump: u8,
}

impl Vault<'_> {
    pub fn pay(self, to: &mut Account<TokenAccount>, amount: u64) {
        Call {
            program: self.token_program,
            authority: self.vault_authority,
            seeds: &[&[VAULT_AUTHORITY_SEED, &[self.bump]]],
            amount,
            decimals: IO_DECIMALS,
        }
        .transfer(self.vault, self.io_mint, to);
    }
}
