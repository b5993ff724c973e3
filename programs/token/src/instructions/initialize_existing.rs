use super::initialize::{open_books, require_upgrade_authority};
use crate::{
    constants::*,
    state::{Config, LimitArgs},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{self, TokenAccount, TokenCpiExt},
    token_2022::{set_authority, spl_token_2022::instruction::AuthorityType, SetAuthority},
};
use iog_math::units::GENESIS_IO;

#[derive(Accounts)]
pub struct InitializeExisting {
    /// The program's upgrade authority and, unless it was handed over before, the mint's authority; pays the rent and becomes
    /// the config's authority.
    #[account(mut)]
    pub authority: Signer,
    /// CHECK: `is_upgrade_authority` checks address, owner and content.
    pub program_data: UncheckedAccount,
    #[account(init, payer = authority, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
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

pub fn initialize_existing(
    ctx: &mut Context<InitializeExisting>,
    genesis_ts: i64,
    limits: LimitArgs,
) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require_upgrade_authority(&accounts.program_data, &accounts.authority)?;
    require!(
        accounts.io_mint.decimals() == IO_DECIMALS,
        TokenError::WrongDecimals
    );
    require!(
        !accounts.io_mint.has_freeze_authority(),
        TokenError::MintCanFreeze
    );
    let existing = accounts.io_mint.supply();
    let missing = GENESIS_IO
        .checked_sub(existing)
        .ok_or(TokenError::SupplyExceedsGenesis)?;
    take_over(accounts)?;
    if missing > 0 {
        let bump = [ctx.bumps.mint_authority];
        accounts.token_program.mint_to(
            &mut accounts.io_mint,
            &mut accounts.vesting_vault,
            &accounts.mint_authority,
            &[&[MINT_AUTHORITY_SEED, &bump]],
            missing,
        )?;
    }
    let config = &mut accounts.config;
    config.authority = *accounts.authority.address();
    config.io_mint = *accounts.io_mint.account().address();
    config.bump = ctx.bumps.config;
    config.mint_authority_bump = ctx.bumps.mint_authority;
    config.vesting_authority_bump = ctx.bumps.vesting_authority;
    open_books(config, genesis_ts, existing, &limits)
}

/// Makes this program the mint's authority, within the instruction: were it refused, nothing would have been given away.
fn take_over(accounts: &mut InitializeExisting) -> Result<()> {
    let ours = *accounts.mint_authority.address();
    let current = accounts.io_mint.mint_authority().copied();
    if current == Some(ours) {
        return Ok(());
    }
    require!(
        current == Some(*accounts.authority.address()),
        TokenError::WrongMintAuthority
    );
    // The helper serves both token programs.
    set_authority(
        CpiContext::new(
            accounts.token_program.address(),
            SetAuthority {
                account_or_mint: accounts.io_mint.cpi_handle_mut(),
                current_authority: accounts.authority.cpi_handle(),
            },
        ),
        AuthorityType::MintTokens,
        Some(&ours),
    )?;
    Ok(())
}
