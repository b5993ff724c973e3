use crate::{
    constants::*,
    events::EmissionMinted,
    state::{Config, Minter},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;

#[derive(Accounts)]
pub struct MintEmission {
    #[account(address = minter.authority @ TokenError::NotMinter)]
    pub minter_authority: Signer,
    #[account(mut, seeds = [b"minter", minter.authority.as_ref()], bump = minter.bump)]
    pub minter: Account<Minter>,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, address = config.io_mint @ TokenError::WrongMint)]
    pub io_mint: Account<Mint>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"mint_authority"], bump)]
    pub mint_authority: UncheckedAccount,
    #[account(mut, constraint = *destination.mint() == config.io_mint @ TokenError::WrongMint)]
    pub destination: Account<TokenAccount>,
    pub token_program: Program<Token>,
}

pub fn mint_emission(ctx: &mut Context<MintEmission>, amount: u64) -> Result<()> {
    require!(amount > 0, TokenError::ZeroAmount);
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::EMISSION)?;
    accounts
        .minter
        .require_right(right::EMISSION, &accounts.config, now)?;
    accounts.minter.mint(amount, now)?;
    let emitted_before = accounts.config.emitted_units;
    accounts.config.emit_units(amount, now)?;
    let bump = [ctx.bumps.mint_authority];
    Call {
        program: &accounts.token_program,
        authority: &accounts.mint_authority,
        seeds: &[&[MINT_AUTHORITY_SEED, &bump]],
        amount,
        decimals: IO_DECIMALS,
    }
    .mint(&mut accounts.io_mint, &mut accounts.destination);
    emit!(EmissionMinted {
        minter: accounts.minter.authority,
        destination: *accounts.destination.account().address(),
        amount,
        emitted_before,
        emitted_after: accounts.config.emitted_units,
    });
    Ok(())
}
