//! Orders that end before their time, or give a part back. Refunds are booked and paid out by `refund`.

use crate::{
    events::{OrderEndedEarly, OrderReduced, OrderRefunded},
    state::{Escrow, Order},
    MarketError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct EndOrder {
    #[account(address = order.renter @ MarketError::NotRenter)]
    pub renter: Signer,
    #[account(mut)]
    pub order: Account<Order>,
    #[account(mut, constraint = escrow.mint == order.mint @ MarketError::WrongMint)]
    pub escrow: Account<Escrow>,
}

#[derive(Accounts)]
pub struct ExpireOrder {
    #[account(mut)]
    pub order: Account<Order>,
    #[account(mut, constraint = escrow.mint == order.mint @ MarketError::WrongMint)]
    pub escrow: Account<Escrow>,
}

pub fn end_early(ctx: &mut Context<EndOrder>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let escrowed_before = accounts.escrow.escrowed_units;
    let ended = accounts.order.end_early(now)?;
    accounts.escrow.book(0, ended.refund, ended.fees)?;
    emit!(OrderEndedEarly {
        order: *accounts.order.account().address(),
        end_ts: accounts.order.end_ts,
        refunded: ended.refund,
        rerated: ended.rerated,
        fee: ended.fees,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}

/// Gives vacant GPUs of a part back, with the money for the time that is left.
pub fn reduce(ctx: &mut Context<EndOrder>, part: u8, gpus: u32) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let escrowed_before = accounts.escrow.escrowed_units;
    let refunded = accounts.order.reduce(part, gpus, now)?;
    accounts.escrow.book(0, refunded, 0)?;
    emit!(OrderReduced {
        order: *accounts.order.account().address(),
        part,
        gpus,
        refunded,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}

fn take_back(
    order: &mut Account<Order>,
    escrow: &mut Account<Escrow>,
    by_renter: bool,
    now: i64,
) -> Result<()> {
    let escrowed_before = escrow.escrowed_units;
    let refunded = order.expire(by_renter, now)?;
    escrow.take_back(refunded)?;
    emit!(OrderRefunded {
        order: *order.account().address(),
        refunded,
        escrowed_before,
        escrowed_after: escrow.escrowed_units,
    });
    Ok(())
}

/// Until the start, whoever has accepted: time for which the order was whole is paid.
pub fn cancel_order(ctx: &mut Context<EndOrder>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    take_back(&mut accounts.order, &mut accounts.escrow, true, now)
}

pub fn expire_order(ctx: &mut Context<ExpireOrder>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    require!(
        now >= accounts.order.expires_ts,
        MarketError::OrderNotExpired
    );
    take_back(&mut accounts.order, &mut accounts.escrow, false, now)
}
