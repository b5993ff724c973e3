//! How suppliers of IOSD orders come to IO: a claim at the price of the day, a place in line, and what funds the line.

use super::{payee::Payee, transfer::transfer};
use crate::{
    constants::*,
    errors::PriceError,
    events::{CreditClaimed, CreditPaid},
    state::{Config, CreditLine, Currency, Earnings, Escrow},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::pyth;
use iog_token::PriceSource;

#[derive(Accounts)]
pub struct ClaimCredit {
    /// Chooses the moment, and so the price.
    #[account(address = earnings.owner @ MarketError::NotOwner)]
    pub owner: Signer,
    #[account(mut)]
    pub earnings: Account<Earnings>,
    #[account(
        constraint = escrow.mint == earnings.mint @ MarketError::WrongMint,
        constraint = escrow.is(Currency::Credit) @ MarketError::WrongCurrency
    )]
    pub escrow: Account<Escrow>,
    #[account(mut, seeds = [b"credit_line"], bump)]
    pub line: Account<CreditLine>,
    pub price_source: Account<PriceSource>,
    /// CHECK: `pyth::read` checks owner, address, feed, verification, age and ranges.
    pub price: UncheckedAccount,
}

/// Dollars earned become IO at the price most favourable to the network, so that no moment is worth waiting for.
pub fn claim_credit(ctx: &mut Context<ClaimCredit>, min_io: u64) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let source = accounts.price_source.source();
    let price = pyth::read(accounts.price.account(), &source, now).map_err(PriceError::from)?;
    let claimed_before = accounts.line.claimed_units;
    let usd6 = accounts.earnings.withdraw()?;
    let io_units = price.io_for_credit(usd6).map_err(MarketError::from)?;
    require!(io_units > 0, MarketError::NothingDue);
    require!(io_units >= min_io, MarketError::BelowMinimum);
    accounts.earnings.claim(&mut accounts.line, io_units)?;
    emit!(CreditClaimed {
        owner: accounts.earnings.owner,
        usd6,
        io_units,
        claimed_before,
        claimed_after: accounts.line.claimed_units,
    });
    Ok(())
}

/// Pays what of a claim the line has come to. Anyone may call it, to the supplier's associated token account; the supplier itself to any of its
/// own.
#[derive(Accounts)]
pub struct PayCredit {
    /// The supplier, or anyone.
    pub signer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub earnings: Account<Earnings>,
    #[account(mut, seeds = [b"credit_line"], bump)]
    pub line: Account<CreditLine>,
    #[account(mut, address = line.vault @ MarketError::WrongRecipient)]
    pub vault: Account<TokenAccount>,
    /// CHECK: only signs; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(address = config.io_mint @ MarketError::WrongMint)]
    pub io_mint: Account<Mint>,
    #[account(mut, unsafe(dup), constraint = *destination.owner() == earnings.owner @ MarketError::WrongRecipient)]
    pub destination: Account<TokenAccount>,
    /// CHECK: `Payee` compares its address. Often the account that is paid: `dup` is safe in both, this one is only read.
    #[account(unsafe(dup))]
    pub associated: UncheckedAccount,
    pub token_program: Program<Token>,
}

pub fn pay_credit(ctx: &mut Context<PayCredit>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    Payee {
        recipient: &accounts.earnings.owner,
        mint: &accounts.config.io_mint,
        token_program: accounts.token_program.address(),
        associated: accounts.associated.account(),
        destination: accounts.destination.account().address(),
        signed: *accounts.signer.address() == accounts.earnings.owner,
    }
    .check()?;
    let paid_before = accounts.line.paid_units;
    let amount = accounts.earnings.collect(&mut accounts.line)?;
    let bump = [accounts.config.escrow_authority_bump];
    transfer(
        &accounts.token_program,
        &mut accounts.vault,
        &accounts.io_mint,
        &mut accounts.destination,
        &accounts.escrow_authority,
        &[&[ESCROW_AUTHORITY_SEED, &bump]],
        amount,
    )?;
    emit!(CreditPaid {
        owner: accounts.earnings.owner,
        amount,
        paid_before,
        paid_after: accounts.line.paid_units,
    });
    Ok(())
}
