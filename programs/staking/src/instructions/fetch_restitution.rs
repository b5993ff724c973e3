//! How a renter comes to what cases took for it, and what is left of the record afterwards.

use crate::{
    constants::*,
    events::{RestitutionClosed, RestitutionFetched},
    state::{Config, Restitution},
    StakingError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};

#[derive(Accounts)]
pub struct FetchRestitution {
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub restitution: Account<Restitution>,
    #[account(mut, constraint = *renter_token.owner() == restitution.renter @ StakingError::WrongRecipient)]
    pub renter_token: Account<TokenAccount>,
    #[account(mut, seeds = [b"vault"], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    #[account(address = config.io_mint @ StakingError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub token_program: Program<Token>,
}

#[derive(Accounts)]
pub struct CloseRestitution {
    /// CHECK: paid the rent and gets it back.
    #[account(mut, address = restitution.payer @ StakingError::WrongRecipient)]
    pub payer: UncheckedAccount,
    #[account(mut, close = payer)]
    pub restitution: Account<Restitution>,
}

pub fn fetch_restitution(ctx: &mut Context<FetchRestitution>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let due_before = accounts.config.restitution_due_units;
    let amount = accounts.restitution.fetch()?;
    accounts.config.pay_restitution(amount)?;
    let bump = [ctx.bumps.vault_authority];
    accounts.token_program.transfer_checked(
        &mut accounts.vault,
        &accounts.io_mint,
        &mut accounts.renter_token,
        &accounts.vault_authority,
        &[&[VAULT_AUTHORITY_SEED, &bump]],
        amount,
        IO_DECIMALS,
    )?;
    emit!(RestitutionFetched {
        verdict: accounts.restitution.verdict,
        renter: accounts.restitution.renter,
        amount,
        due_before,
        due_after: accounts.config.restitution_due_units,
    });
    Ok(())
}

pub fn close_restitution(ctx: &mut Context<CloseRestitution>) -> Result<()> {
    let restitution = &ctx.accounts.restitution;
    restitution.require_done(Clock::get()?.unix_timestamp)?;
    emit!(RestitutionClosed {
        verdict: restitution.verdict,
        renter: restitution.renter,
        paid: restitution.paid_units,
    });
    Ok(())
}
