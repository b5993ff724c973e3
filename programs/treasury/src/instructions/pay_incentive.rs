use crate::{
    constants::VAULT_AUTHORITY_SEED,
    events::IncentivePaid,
    state::{Config, FeeVault},
    TreasuryError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;

#[derive(Accounts)]
pub struct PayIncentive {
    #[account(address = config.market_authority @ TreasuryError::NotMarket)]
    pub market_authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"fees", fees.mint.as_ref()], bump = fees.bump)]
    pub fees: Account<FeeVault>,
    #[account(mut, seeds = [b"vault", fees.mint.as_ref()], bump)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"vault_authority"], bump)]
    pub vault_authority: UncheckedAccount,
    #[account(address = fees.mint @ TreasuryError::WrongMint)]
    pub mint: Account<Mint>,
    #[account(mut)]
    pub destination: Account<TokenAccount>,
    pub token_program: Program<Token>,
}

/// The market decides whom it owes; the treasury, that no more than the kept share leaves.
pub fn pay_incentive(ctx: &mut Context<PayIncentive>, amount: u64) -> Result<()> {
    require!(amount > 0, TreasuryError::ZeroAmount);
    let accounts = &mut ctx.accounts;
    let kept_before = accounts.fees.kept_units;
    accounts.fees.pay(amount)?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.vault_authority,
        seeds: &[&[VAULT_AUTHORITY_SEED, &[ctx.bumps.vault_authority]]],
        amount,
        decimals: accounts.fees.decimals,
    }
    .transfer(
        &mut accounts.vault,
        &accounts.mint,
        &mut accounts.destination,
    );
    emit!(IncentivePaid {
        mint: accounts.fees.mint,
        destination: *accounts.destination.account().address(),
        amount,
        kept_before,
        kept_after: accounts.fees.kept_units,
    });
    Ok(())
}
