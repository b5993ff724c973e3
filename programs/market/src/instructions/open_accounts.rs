//! Accounts that renters and suppliers have once and for all.

use crate::{
    constants::*,
    state::{Earnings, Escrow, RenterStats},
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct OpenRenter {
    // Twice in the list when a renter pays for itself: `dup` is safe, the other only names the account.
    #[account(mut, unsafe(dup))]
    pub payer: Signer,
    /// CHECK: any wallet; it only names the account.
    pub renter: UncheckedAccount,
    #[account(init, payer = payer, seeds = [RENTER_SEED, renter.address().as_ref()], bump)]
    pub stats: Account<RenterStats>,
    pub system_program: Program<System>,
}

pub fn open_renter(ctx: &mut Context<OpenRenter>) -> Result<()> {
    let renter = *ctx.accounts.renter.address();
    let stats = &mut ctx.accounts.stats;
    stats.renter = renter;
    stats.version = 1;
    stats.bump = ctx.bumps.stats;
    Ok(())
}

/// A supplier takes a currency by having an account for it, so the supplier signs.
#[derive(Accounts)]
pub struct OpenEarnings {
    #[account(mut)]
    pub owner: Signer,
    pub escrow: Account<Escrow>,
    #[account(init, payer = owner, seeds = [EARNINGS_SEED, escrow.mint.as_ref(), owner.address().as_ref()], bump)]
    pub earnings: Account<Earnings>,
    pub system_program: Program<System>,
}

pub fn open_earnings(ctx: &mut Context<OpenEarnings>) -> Result<()> {
    let owner = *ctx.accounts.owner.address();
    let earnings = &mut ctx.accounts.earnings;
    earnings.owner = owner;
    earnings.mint = ctx.accounts.escrow.mint;
    earnings.version = 1;
    earnings.bump = ctx.bumps.earnings;
    Ok(())
}
