use crate::{
    constants::*,
    state::{Config, CreditLine, Currency, Escrow},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{self, TokenAccount},
};
use iog_math::units::Iosd;

#[derive(Accounts)]
pub struct AddCreditEscrow {
    #[account(mut, address = config.authority @ MarketError::NotAuthority)]
    pub authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    /// Names the IOSD mint. The token program has one, at a fixed address.
    pub token_config: Account<iog_token::Config>,
    #[account(init, payer = authority, seeds = [ESCROW_SEED, token_config.iosd_mint.as_ref()], bump)]
    pub escrow: Account<Escrow>,
    #[account(init, payer = authority, seeds = [b"credit_line"], bump)]
    pub line: Account<CreditLine>,
    #[account(address = config.io_mint @ MarketError::WrongMint)]
    pub io_mint: Account<Mint>,
    /// Holds the IO that funds the line.
    #[account(init, payer = authority, seeds = [b"credit_vault"], bump, token::mint = io_mint, token::authority = escrow_authority)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn add_credit_escrow(ctx: &mut Context<AddCreditEscrow>) -> Result<()> {
    let mint = ctx.accounts.token_config.iosd_mint;
    require!(mint != Address::default(), MarketError::WrongMint);
    let vault = *ctx.accounts.vault.account().address();
    let escrow = &mut ctx.accounts.escrow;
    escrow.mint = mint;
    escrow.currency = Currency::Credit as u8;
    escrow.decimals = u8::try_from(Iosd::DECIMALS).map_err(|_| MarketError::MathOverflow)?;
    escrow.version = 1;
    escrow.bump = ctx.bumps.escrow;
    let line = &mut ctx.accounts.line;
    line.vault = vault;
    line.cover_bps = FULL_COVER_BPS;
    line.version = 1;
    line.bump = ctx.bumps.line;
    Ok(())
}
