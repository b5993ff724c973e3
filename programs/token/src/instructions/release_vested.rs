use crate::{
    constants::*,
    events::VestingReleased,
    state::{Config, Vesting},
    TokenError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};

#[derive(Accounts)]
pub struct ReleaseVested {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"vesting", &[vesting.id]], bump = vesting.bump)]
    pub vesting: Account<Vesting>,
    #[account(address = config.io_mint @ TokenError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(mut, seeds = [b"vesting_vault"], bump)]
    pub vesting_vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vesting_authority"], bump)]
    pub vesting_authority: UncheckedAccount,
    #[account(
        mut,
        constraint = *beneficiary_token.owner() == vesting.beneficiary @ TokenError::NotBeneficiary,
        constraint = *beneficiary_token.mint() == config.io_mint @ TokenError::WrongMint
    )]
    pub beneficiary_token: Account<TokenAccount>,
    pub token_program: Program<Token>,
}

pub fn release_vested(ctx: &mut Context<ReleaseVested>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let released_before = ctx.accounts.vesting.released_units;
    let amount = ctx.accounts.vesting.release(now)?;
    let bump = [ctx.bumps.vesting_authority];
    ctx.accounts.token_program.transfer_checked(
        &mut ctx.accounts.vesting_vault,
        &ctx.accounts.io_mint,
        &mut ctx.accounts.beneficiary_token,
        &ctx.accounts.vesting_authority,
        &[&[VESTING_AUTHORITY_SEED, &bump]],
        amount,
        IO_DECIMALS,
    )?;
    let vesting = &ctx.accounts.vesting;
    emit!(VestingReleased {
        id: vesting.id,
        beneficiary: vesting.beneficiary,
        amount,
        released_before,
        released_after: vesting.released_units,
    });
    Ok(())
}
