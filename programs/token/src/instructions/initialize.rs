use crate::{constants::*, events::GenesisMinted, state::Config, TokenError};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::{self, Mint},
    token::{self, TokenAccount, TokenCpiExt},
};
use iog_math::units::GENESIS_IO;

#[derive(Accounts)]
pub struct Initialize {
    /// The program's upgrade authority; pays the rent and becomes the config's authority.
    #[account(mut)]
    pub authority: Signer,
    /// CHECK: `is_upgrade_authority` checks address, owner and content.
    pub program_data: UncheckedAccount,
    #[account(init, payer = authority, seeds = [CONFIG_SEED], bump)]
    pub config: Account<Config>,
    #[account(init, payer = authority, seeds = [IO_MINT_SEED], bump, mint::decimals = IO_DECIMALS, mint::authority = mint_authority)]
    pub io_mint: Account<Mint>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [MINT_AUTHORITY_SEED], bump)]
    pub mint_authority: UncheckedAccount,
    #[account(init, payer = authority, seeds = [VESTING_VAULT_SEED], bump, token::mint = io_mint, token::authority = vesting_authority)]
    pub vesting_vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [VESTING_AUTHORITY_SEED], bump)]
    pub vesting_authority: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn initialize(ctx: &mut Context<Initialize>, genesis_ts: i64) -> Result<()> {
    let authority = *ctx.accounts.authority.address();
    require!(
        iog_common::upgrade::is_upgrade_authority(
            ctx.accounts.program_data.account(),
            &crate::ID,
            &authority
        ),
        TokenError::NotUpgradeAuthority
    );
    require!(genesis_ts >= 0, TokenError::MathOverflow);

    let bump = [ctx.bumps.mint_authority];
    ctx.accounts.token_program.mint_to(
        &mut ctx.accounts.io_mint,
        &mut ctx.accounts.vesting_vault,
        &ctx.accounts.mint_authority,
        &[&[MINT_AUTHORITY_SEED, &bump]],
        GENESIS_IO,
    )?;

    let io_mint = *ctx.accounts.io_mint.account().address();
    let config = &mut ctx.accounts.config;
    config.authority = authority;
    config.io_mint = io_mint;
    config.genesis_ts = genesis_ts;
    config.genesis_units = GENESIS_IO;
    config.version = 1;
    config.bump = ctx.bumps.config;
    config.mint_authority_bump = ctx.bumps.mint_authority;
    config.vesting_authority_bump = ctx.bumps.vesting_authority;
    emit!(GenesisMinted {
        mint: io_mint,
        amount: GENESIS_IO,
        genesis_ts,
    });
    Ok(())
}
