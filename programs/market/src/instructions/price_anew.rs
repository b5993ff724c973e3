//! Money and prices of orders in IO beyond their first 168 hours.

use super::booking::{units_in, Oracle};
use super::calls::Spend;
use crate::{
    events::{FundsAdded, OrderPriced},
    state::{add, Config, Currency, Escrow, Order},
    MarketError,
};
use anchor_lang::prelude::*;
use anchor_spl::{mint::Mint, token::TokenAccount};
use iog_common::token::Call;
use iog_token::{IogToken, PriceSource};

/// Anyone, when 168 hours of a price in IO are over. The loser of the old one will.
#[derive(Accounts)]
pub struct PriceAnew {
    #[account(mut)]
    pub order: Account<Order>,
    #[account(
        mut,
        constraint = escrow.mint == order.mint @ MarketError::WrongMint,
        constraint = escrow.is(Currency::Io) @ MarketError::WrongCurrency
    )]
    pub escrow: Account<Escrow>,
    pub price_source: Account<PriceSource>,
    /// CHECK: `price::read` checks it against the source.
    pub price: UncheckedAccount,
}

/// The dollars of an hour stay as they were booked; IO for a dollar is taken anew.
pub fn price_anew(ctx: &mut Context<PriceAnew>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts.order.require_step(now)?;
    let oracle = Oracle {
        source: &accounts.price_source,
        price: &accounts.price,
    };
    let (rate, _) = accounts.order.rate_at(now)?;
    let units = units_in(&accounts.escrow, &rate.price_usd6, Some(oracle), now)?;
    let step = accounts.order.price_anew(units, now)?;
    if step.ends {
        // What comes back pays first for the discount that was not reached.
        let back = accounts.order.unreached(step.cut_secs, now)?;
        let ended = accounts.order.share_out(back)?;
        accounts.escrow.book(0, ended.refund, ended.fees)?;
    }
    let (rate, _) = accounts.order.rate_at(i64::MAX)?;
    emit!(OrderPriced {
        order: *accounts.order.account().address(),
        price_per_gpu_hour: rate.price_per_gpu_hour_units,
        from_ts: rate.from_ts,
        end_ts: accounts.order.end_ts,
        taken: step.taken,
        freed: step.freed,
        ends: step.ends,
    });
    Ok(())
}

/// Money for later prices in IO, or for the deposit of a dispute. What is not used comes back with the last refund.
#[derive(Accounts)]
pub struct AddFunds {
    #[account(address = order.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(mut)]
    pub order: Account<Order>,
    #[account(mut, constraint = escrow.mint == order.mint @ MarketError::WrongMint)]
    pub escrow: Account<Escrow>,
    #[account(mut, address = escrow.vault @ MarketError::WrongCurrency)]
    pub vault: Account<TokenAccount>,
    #[account(mut)]
    pub renter_token: Account<TokenAccount>,
    #[account(address = escrow.mint @ MarketError::WrongMint)]
    pub mint: Account<Mint>,
    pub token_program: Program<Token>,
}

fn book_funds(order: &mut Account<Order>, escrow: &mut Escrow, amount: u64) -> Result<()> {
    require!(amount > 0, MarketError::NothingDue);
    require!(order.settles(), MarketError::OrderNotActive);
    let escrowed_before = escrow.escrowed_units;
    escrow.deposit(amount)?;
    order.deposit(amount)?;
    add(&mut order.spare_units, amount)?;
    emit!(FundsAdded {
        order: *order.account().address(),
        amount,
        escrowed_before,
        escrowed_after: escrow.escrowed_units,
    });
    Ok(())
}

pub fn add_funds(ctx: &mut Context<AddFunds>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    book_funds(&mut accounts.order, &mut accounts.escrow, amount)?;
    Call {
        program: &accounts.token_program,
        authority: &accounts.renter,
        seeds: &[],
        amount,
        decimals: accounts.escrow.decimals,
    }
    .transfer(
        &mut accounts.renter_token,
        &accounts.mint,
        &mut accounts.vault,
    );
    Ok(())
}

#[derive(Accounts)]
pub struct AddFundsCredit {
    #[account(address = order.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(mut)]
    pub order: Account<Order>,
    #[account(
        mut,
        constraint = escrow.mint == order.mint @ MarketError::WrongMint,
        constraint = escrow.is(Currency::Credit) @ MarketError::WrongCurrency
    )]
    pub escrow: Account<Escrow>,
    /// CHECK: only signs, and is the token's minter; the seeds fix the address.
    #[account(seeds = [b"escrow_authority"], bump)]
    pub escrow_authority: UncheckedAccount,
    #[account(mut)]
    pub minter: Account<iog_token::Minter>,
    #[account(mut)]
    pub token_config: Account<iog_token::Config>,
    /// CHECK: the token program checks it.
    #[account(mut)]
    pub iosd_mint: UncheckedAccount,
    /// CHECK: the token program checks that it is the renter's own.
    #[account(mut)]
    pub renter_token: UncheckedAccount,
    pub token_2022_program: Program<Token2022>,
    pub io_token_program: Program<IogToken>,
}

pub fn add_funds_credit(ctx: &mut Context<AddFundsCredit>, amount: u64) -> Result<()> {
    let accounts = &mut ctx.accounts;
    book_funds(&mut accounts.order, &mut accounts.escrow, amount)?;
    Spend {
        program: &accounts.io_token_program,
        bump: accounts.config.escrow_authority_bump,
        escrow_authority: &accounts.escrow_authority,
        minter: &mut accounts.minter,
        renter: &accounts.renter,
        token_config: &mut accounts.token_config,
        iosd_mint: &mut accounts.iosd_mint,
        renter_token: &mut accounts.renter_token,
        token_2022_program: &accounts.token_2022_program,
    }
    .burn(amount);
    Ok(())
}
