//! What funds the line of suppliers who wait for IO: net emission, and the share of fees that the treasury keeps. Anyone.

use super::calls::Call;
use crate::{
    events::CreditFunded,
    state::{add, Config, CreditLine},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_token::{instruction::MintNetEmission, IogToken};
use iog_treasury::{
    instruction::{PayIncentive, ReleaseKept as Release},
    IogTreasury,
};

fn announce(line: &CreditLine, amount: u64, from_treasury: bool) {
    emit!(CreditFunded {
        amount,
        from_treasury,
        funded_before: line.funded_units.saturating_sub(amount),
        funded_after: line.funded_units,
    });
}

#[derive(Accounts)]
pub struct FundCredit {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"credit_line"], bump)]
    pub line: Account<CreditLine>,
    #[account(mut, address = line.vault @ MarketError::WrongRecipient)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs, and is the token's minter; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(mut)]
    pub minter: Account<iog_token::Minter>,
    #[account(mut)]
    pub token_config: Account<iog_token::Config>,
    /// The token program has one, at a fixed address.
    #[account(mut)]
    pub net_emission: Account<iog_token::NetEmission>,
    #[account(mut, address = config.io_mint @ MarketError::WrongMint)]
    pub io_mint: Account<Mint>,
    /// CHECK: the token program checks it.
    pub mint_authority: UncheckedAccount,
    pub io_token_program: Program<IogToken>,
    pub token_program: Program<Token>,
}

/// Mints at most `max_units`, what the line wants, and what was burned for IOSD allows. Caps and the breaker are the token's: a
/// smaller `max_units` gets below them.
pub fn fund_credit(ctx: &mut Context<FundCredit>, max_units: u64) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let available = accounts.net_emission.available_at(now)?;
    let amount = accounts.line.wanted(max_units.min(available));
    accounts.line.fund(amount)?;
    Call {
        program: accounts.io_token_program.address(),
        bump: accounts.config.escrow_authority_bump,
    }
    .move_amount::<MintNetEmission, 8>(
        amount,
        &[
            accounts.escrow_authority.cpi_handle().as_signer(),
            accounts.minter.cpi_handle_mut().into(),
            accounts.token_config.cpi_handle_mut().into(),
            accounts.net_emission.cpi_handle_mut().into(),
            accounts.io_mint.cpi_handle_mut().into(),
            accounts.mint_authority.cpi_handle(),
            accounts.vault.cpi_handle_mut().into(),
            accounts.token_program.cpi_handle(),
        ],
    );
    announce(&accounts.line, amount, false);
    Ok(())
}

#[derive(Accounts)]
pub struct FundFromTreasury {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut, seeds = [b"credit_line"], bump)]
    pub line: Account<CreditLine>,
    #[account(mut, address = line.vault @ MarketError::WrongRecipient)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    pub treasury_config: Account<iog_treasury::Config>,
    #[account(mut, constraint = fees.mint == config.io_mint @ MarketError::WrongMint)]
    pub fees: Account<iog_treasury::FeeVault>,
    #[account(mut)]
    pub fee_vault: Account<TokenAccount>,
    /// CHECK: the treasury checks it.
    pub vault_authority: UncheckedAccount,
    #[account(address = config.io_mint @ MarketError::WrongMint)]
    pub io_mint: Account<Mint>,
    pub treasury_program: Program<IogTreasury>,
    pub token_program: Program<Token>,
}

pub fn fund_from_treasury(ctx: &mut Context<FundFromTreasury>, max_units: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let kept = accounts.fees.kept_units;
    let amount = accounts.line.wanted(max_units.min(kept));
    accounts.line.fund(amount)?;
    add(&mut accounts.line.incentive_units, amount)?;
    Call {
        program: accounts.treasury_program.address(),
        bump: accounts.config.escrow_authority_bump,
    }
    .move_amount::<PayIncentive, 8>(
        amount,
        &[
            accounts.escrow_authority.cpi_handle().as_signer(),
            accounts.treasury_config.cpi_handle(),
            accounts.fees.cpi_handle_mut().into(),
            accounts.fee_vault.cpi_handle_mut().into(),
            accounts.vault_authority.cpi_handle(),
            accounts.io_mint.cpi_handle(),
            accounts.vault.cpi_handle_mut().into(),
            accounts.token_program.cpi_handle(),
        ],
    );
    announce(&accounts.line, amount, true);
    Ok(())
}

/// What the treasury keeps and no supplier waits for is burned like other fees.
#[derive(Accounts)]
pub struct ReleaseKept {
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(seeds = [b"credit_line"], bump)]
    pub line: Account<CreditLine>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    pub treasury_config: Account<iog_treasury::Config>,
    #[account(mut, constraint = fees.mint == config.io_mint @ MarketError::WrongMint)]
    pub fees: Account<iog_treasury::FeeVault>,
    pub treasury_program: Program<IogTreasury>,
}

pub fn release_kept(ctx: &mut Context<ReleaseKept>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require!(accounts.line.wanted(u64::MAX) == 0, MarketError::ClaimsWait);
    Call {
        program: accounts.treasury_program.address(),
        bump: accounts.config.escrow_authority_bump,
    }
    .invoke(
        Release::DISCRIMINATOR,
        &[
            accounts.escrow_authority.cpi_handle().as_signer(),
            accounts.treasury_config.cpi_handle(),
            accounts.fees.cpi_handle_mut().into(),
        ],
    );
    Ok(())
}
