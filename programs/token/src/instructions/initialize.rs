use crate::{
    constants::*,
    events::GenesisMinted,
    state::{Config, LimitArgs},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::{self, Mint},
    token::{self, TokenAccount, TokenCpiExt},
};
use iog_common::governance::DELAY_SECS;
use iog_math::units::GENESIS_IO;

#[derive(Accounts)]
pub struct Initialize {
    /// The program's upgrade authority; pays the rent and becomes the config's authority.
    #[account(mut)]
    pub authority: Signer,
    /// CHECK: `is_upgrade_authority` checks address, owner and content.
    pub program_data: UncheckedAccount,
    #[account(init, payer = authority, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(init, payer = authority, seeds = [b"io_mint"], bump, mint::decimals = IO_DECIMALS, mint::authority = mint_authority)]
    pub io_mint: Account<Mint>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"mint_authority"], bump)]
    pub mint_authority: UncheckedAccount,
    #[account(init, payer = authority, seeds = [b"vesting_vault"], bump, token::mint = io_mint, token::authority = vesting_authority)]
    pub vesting_vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vesting_authority"], bump)]
    pub vesting_authority: UncheckedAccount,
    pub token_program: Program<Token>,
    pub system_program: Program<System>,
}

pub fn initialize(ctx: &mut Context<Initialize>, genesis_ts: i64, limits: LimitArgs) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require_upgrade_authority(&accounts.program_data, &accounts.authority)?;
    let bump = [ctx.bumps.mint_authority];
    accounts.token_program.mint_to(
        &mut accounts.io_mint,
        &mut accounts.vesting_vault,
        &accounts.mint_authority,
        &[&[MINT_AUTHORITY_SEED, &bump]],
        GENESIS_IO,
    )?;
    let config = &mut accounts.config;
    config.authority = *accounts.authority.address();
    config.io_mint = *accounts.io_mint.account().address();
    config.bump = ctx.bumps.config;
    config.mint_authority_bump = ctx.bumps.mint_authority;
    config.vesting_authority_bump = ctx.bumps.vesting_authority;
    open_books(config, genesis_ts, 0, &limits)
}

pub(super) fn require_upgrade_authority(
    program_data: &UncheckedAccount,
    signer: &Signer,
) -> Result<()> {
    require!(
        iog_common::upgrade::is_upgrade_authority(
            program_data.account(),
            &crate::ID,
            signer.address()
        ),
        TokenError::NotUpgradeAuthority
    );
    Ok(())
}

/// Books the genesis supply, of which holders have `existing` already.
pub(super) fn open_books(
    config: &mut Config,
    genesis_ts: i64,
    existing: u64,
    limits: &LimitArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    require!(
        genesis_ts.abs_diff(now) <= MAX_GENESIS_DISTANCE_SECS,
        TokenError::GenesisTooFar
    );
    let amount = GENESIS_IO
        .checked_sub(existing)
        .ok_or(TokenError::SupplyExceedsGenesis)?;
    config.genesis_ts = genesis_ts;
    config.setup_until_ts = now
        .checked_add(DELAY_SECS)
        .ok_or(TokenError::MathOverflow)?;
    config.genesis_units = GENESIS_IO;
    config.allocated_units = existing;
    config.version = 1;
    config.start_limits(limits)?;
    emit!(GenesisMinted {
        mint: config.io_mint,
        existing,
        amount,
        genesis_ts,
    });
    Ok(())
}
