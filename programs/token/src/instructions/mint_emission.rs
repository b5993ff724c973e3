use crate::{
    constants::*,
    events::EmissionMinted,
    state::{Config, Minter},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};

#[derive(Accounts)]
pub struct MintEmission {
    #[account(address = minter.authority @ TokenError::NotMinter)]
    pub minter_authority: Signer,
    #[account(mut, seeds = [MINTER_SEED, minter.authority.as_ref()], bump = minter.bump)]
    pub minter: Account<Minter>,
    #[account(mut, seeds = [CONFIG_SEED], bump = config.bump)]
    pub config: Account<Config>,
    #[account(mut, address = config.io_mint @ TokenError::WrongMint)]
    pub io_mint: Account<Mint>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [MINT_AUTHORITY_SEED], bump = config.mint_authority_bump)]
    pub mint_authority: UncheckedAccount,
    #[account(mut, constraint = *destination.mint() == config.io_mint @ TokenError::WrongMint)]
    pub destination: Account<TokenAccount>,
    pub token_program: Program<Token>,
}

pub fn mint_emission(ctx: &mut Context<MintEmission>, amount: u64) -> Result<()> {
    require!(amount > 0, TokenError::ZeroAmount);
    ctx.accounts
        .minter
        .mint(amount, Clock::get()?.unix_timestamp)?;
    let emitted_before = ctx.accounts.config.emitted_units;
    let emitted_after = ctx.accounts.config.emit_units(amount)?;
    let bump = [ctx.accounts.config.mint_authority_bump];
    ctx.accounts.token_program.mint_to(
        &mut ctx.accounts.io_mint,
        &mut ctx.accounts.destination,
        &ctx.accounts.mint_authority,
        &[&[MINT_AUTHORITY_SEED, &bump]],
        amount,
    )?;
    emit!(EmissionMinted {
        minter: ctx.accounts.minter.authority,
        amount,
        emitted_before,
        emitted_after,
    });
    Ok(())
}
