//! Orders that end before their time. Refunds are booked and paid out by `refund`.

use crate::{
    events::{OrderEndedEarly, OrderRefunded},
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
    let (end, fees) = accounts.order.end_early(now)?;
    accounts.escrow.book(0, end.refund, fees)?;
    emit!(OrderEndedEarly {
        order: *accounts.order.account().address(),
        end_ts: end.billed_until_ts,
        refunded: end.refund,
        escrowed_before,
        escrowed_after: accounts.escrow.escrowed_units,
    });
    Ok(())
}

fn take_back(order: &mut Account<Order>, escrow: &mut Account<Escrow>, now: i64) -> Result<()> {
    let escrowed_before = escrow.escrowed_units;
    let refunded = order.expire(now)?;
    escrow.take_back(refunded)?;
    emit!(OrderRefunded {
        order: *order.account().address(),
        refunded,
        escrowed_before,
        escrowed_after: escrow.escrowed_units,
    });
    Ok(())
}

pub fn cancel_order(ctx: &mut Context<EndOrder>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    require!(
        accounts.order.accepted_gpus == 0,
        MarketError::AlreadyAccepted
    );
    let now = Clock::get()?.unix_timestamp;
    take_back(&mut accounts.order, &mut accounts.escrow, now)
}

pub fn expire_order(ctx: &mut Context<ExpireOrder>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    require!(
        now >= accounts.order.expires_ts,
        MarketError::OrderNotExpired
    );
    take_back(&mut accounts.order, &mut accounts.escrow, now)
}
