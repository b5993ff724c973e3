use crate::{
    state::{Config, FeeVault},
    TreasuryError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{self, TokenAccount},
};

#[derive(Accounts)]
pub struct AddFeeVault {
    #[account(mut, address = config.authority @ TreasuryError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    pub mint: Account<Mint>,
    #[account(init, payer = authority, seeds = [b"fees", mint.account().address().as_ref()], bump)]
    pub fees: Account<FeeVault>,
    #[account(init, payer = authority, seeds = [b"vault", mint.account().address().as_ref()], bump, token::mint = mint, token::authority = vault_authority)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn add_fee_vault(ctx: &mut Context<AddFeeVault>) -> Result<()> {
    let mint = *ctx.accounts.mint.account().address();
    let fees = &mut ctx.accounts.fees;
    fees.mint = mint;
    fees.decimals = ctx.accounts.mint.decimals();
    fees.version = 1;
    fees.bump = ctx.bumps.fees;
    Ok(())
}
