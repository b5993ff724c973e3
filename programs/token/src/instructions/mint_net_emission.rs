use crate::{
    constants::*,
    events::NetEmissionMinted,
    state::{Config, Minter, NetEmission},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;

#[derive(Accounts)]
pub struct MintNetEmission {
    #[account(address = minter.authority @ TokenError::NotMinter)]
    pub minter_authority: Signer,
    #[account(mut, seeds = [b"minter", minter.authority.as_ref()], bump = minter.bump)]
    pub minter: Account<Minter>,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"net_emission"], bump)]
    pub net_emission: Account<NetEmission>,
    #[account(mut, address = config.io_mint @ TokenError::WrongMint)]
    pub io_mint: Account<Mint>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"mint_authority"], bump)]
    pub mint_authority: UncheckedAccount,
    #[account(mut, constraint = *destination.mint() == config.io_mint @ TokenError::WrongMint)]
    pub destination: Account<TokenAccount>,
    pub token_program: Program<Token>,
}

/// Nothing pauses it: it is how suppliers are paid for what they served. The allowance, caps and the breaker bound it.
pub fn mint_net_emission(ctx: &mut Context<MintNetEmission>, amount: u64) -> Result<()> {
    require!(amount > 0, TokenError::ZeroAmount);
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts
        .minter
        .require_right(right::NET_EMISSION, &accounts.config, now)?;
    let cap = accounts.config.net_emission_cap_per_hour.value;
    accounts.net_emission.mint(amount, cap, now)?;
    accounts.minter.book(amount)?;
    let reminted_before = accounts.config.reminted_units;
    accounts.config.remint_units(amount, now)?;
    let bump = [ctx.bumps.mint_authority];
    Call {
        program: &accounts.token_program,
        authority: &accounts.mint_authority,
        seeds: &[&[MINT_AUTHORITY_SEED, &bump]],
        amount,
        decimals: IO_DECIMALS,
    }
    .mint(&mut accounts.io_mint, &mut accounts.destination);
    emit!(NetEmissionMinted {
        minter: accounts.minter.authority,
        destination: *accounts.destination.account().address(),
        amount,
        reminted_before,
        reminted_after: accounts.config.reminted_units,
        available_after: accounts.net_emission.available_units,
    });
    Ok(())
}
