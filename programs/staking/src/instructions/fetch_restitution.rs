//! How a renter comes to what cases took for it, and what is left of the record afterwards.

use super::vault::Vault;
use crate::{
    events::{RestitutionClosed, RestitutionFetched},
    state::{Config, Restitution},
    StakingError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::payee::Payee;

/// Anyone may call it, to the renter's associated token account; the renter itself to any of its own.
#[derive(Accounts)]
pub struct FetchRestitution {
    /// The renter, or anyone.
    pub signer: Signer,
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub restitution: Account<Restitution>,
    #[account(mut, unsafe(dup), constraint = *renter_token.owner() == restitution.renter @ StakingError::WrongRecipient)]
    pub renter_token: Account<TokenAccount>,
    /// CHECK: `Payee` compares its address. Often the account that is paid: `dup` is safe in both, this one is only read.
    #[account(unsafe(dup))]
    pub associated: UncheckedAccount,
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
    let payee = Payee {
        recipient: &accounts.restitution.renter,
        mint: &accounts.config.io_mint,
        token_program: accounts.token_program.address(),
        associated: accounts.associated.account(),
        destination: accounts.renter_token.account().address(),
        signed: *accounts.signer.address() == accounts.restitution.renter,
    };
    require!(payee.is_allowed(), StakingError::NotAssociated);
    let due_before = accounts.config.restitution_due_units;
    let amount = accounts.restitution.fetch()?;
    accounts.config.pay_restitution(amount)?;
    Vault {
        vault: &mut accounts.vault,
        vault_authority: &accounts.vault_authority,
        io_mint: &accounts.io_mint,
        token_program: &accounts.token_program,
        bump: ctx.bumps.vault_authority,
    }
    .pay(&mut accounts.renter_token, amount);
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
