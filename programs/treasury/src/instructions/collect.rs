use crate::{
    events::FeeCollected,
    state::{Config, FeeVault},
    TreasuryError,
};
use anchor_lang::prelude::*;
use anchor_spl::{
    mint::Mint,
    token::{TokenAccount, TokenCpiExt},
};

#[derive(Accounts)]
pub struct Collect {
    #[account(address = config.market_authority @ TreasuryError::NotMarket)]
    pub market_authority: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"fees", fees.mint.as_ref()], bump = fees.bump)]
    pub fees: Account<FeeVault>,
    /// The market's escrow vault.
    #[account(mut)]
    pub source: Account<TokenAccount>,
    #[account(mut, seeds = [b"vault", fees.mint.as_ref()], bump)]
    pub vault: Account<TokenAccount>,
    #[account(address = fees.mint @ TreasuryError::WrongMint)]
    pub mint: Account<Mint>,
    pub token_program: Program<Token>,
}

pub fn collect(ctx: &mut Context<Collect>, amount: u64) -> Result<()> {
    require!(amount > 0, TreasuryError::ZeroAmount);
    let accounts = &mut ctx.accounts;
    let decimals = accounts.fees.decimals;
    // Signed by the market's PDA, whose signature reaches us with the call: value is booked only as it moves.
    accounts.token_program.transfer_checked(
        &mut accounts.source,
        &accounts.mint,
        &mut accounts.vault,
        &accounts.market_authority,
        &[],
        amount,
        decimals,
    )?;
    let booked_before = accounts.fees.booked_units;
    let kept_before = accounts.fees.kept_units;
    let kept_share_bps = accounts.config.kept_share_bps.bps();
    let kept = accounts.fees.collect(amount, kept_share_bps)?;
    emit!(FeeCollected {
        mint: accounts.fees.mint,
        amount,
        kept,
        booked_before,
        booked_after: accounts.fees.booked_units,
        kept_before,
        kept_after: accounts.fees.kept_units,
    });
    Ok(())
}
