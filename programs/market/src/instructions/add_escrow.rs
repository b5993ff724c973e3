use crate::{
    constants::*,
    state::{Config, Currency, Escrow},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{self, TokenAccount},
};
use iog_math::units::Usd6;

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

/// The authority vouches that a token of currency 1 is worth a dollar; the program, that it has a dollar's decimals.
pub fn add_escrow(ctx: &mut Context<AddEscrow>, currency: u8) -> Result<()> {
    let mint = *ctx.accounts.mint.account().address();
    let vault = *ctx.accounts.vault.account().address();
    let decimals = ctx.accounts.mint.decimals();
    let is_io = mint == ctx.accounts.config.io_mint;
    let fits = if currency == Currency::Io as u8 {
        is_io
    } else {
        currency == Currency::Usd as u8 && !is_io && u32::from(decimals) == Usd6::DECIMALS
    };
    require!(fits, MarketError::InvalidCurrency);
    let escrow = &mut ctx.accounts.escrow;
    escrow.mint = mint;
    escrow.vault = vault;
    escrow.currency = currency;
    escrow.decimals = decimals;
    escrow.version = 1;
    escrow.bump = ctx.bumps.escrow;
    Ok(())
}
