use crate::{
    constants::*,
    state::{Config, Escrow},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{self, TokenAccount},
};

#[derive(Accounts)]
pub struct AddEscrow {
    #[account(mut, address = config.authority @ MarketError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    pub mint: Account<Mint>,
    #[account(init, payer = authority, seeds = [ESCROW_SEED, mint.account().address().as_ref()], bump)]
    pub escrow: Account<Escrow>,
    #[account(init, payer = authority, seeds = [VAULT_SEED, mint.account().address().as_ref()], bump, token::mint = mint, token::authority = escrow_authority)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn add_escrow(ctx: &mut Context<AddEscrow>) -> Result<()> {
    let mint = *ctx.accounts.mint.account().address();
    let decimals = ctx.accounts.mint.decimals();
    let escrow = &mut ctx.accounts.escrow;
    escrow.mint = mint;
    escrow.decimals = decimals;
    escrow.version = 1;
    escrow.bump = ctx.bumps.escrow;
    Ok(())
}
