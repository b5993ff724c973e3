use crate::{
    events::FeeCollected,
    state::{Config, FeeVault},
    TreasuryError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;

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
    // Signed by the market's PDA, whose signature reaches us with the call: value is booked only as it moves.
    Call {
        program: &accounts.token_program,
        authority: &accounts.market_authority,
        seeds: &[],
        amount,
        decimals: accounts.fees.decimals,
    }
    .transfer(&mut accounts.source, &accounts.mint, &mut accounts.vault);
    let booked_before = accounts.fees.booked_units;
    let kept_before = accounts.fees.kept_units;
    let kept_share_bps = if accounts.fees.mint == accounts.config.io_mint {
        accounts.config.kept_share_bps.bps()
    } else {
        0
    };
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
