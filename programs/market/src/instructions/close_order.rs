use crate::{
    state::{sub, Order, RenterStats},
    MarketError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct CloseOrder {
    #[account(mut, close = renter)]
    pub order: Account<Order>,
    #[account(mut, constraint = stats.renter == order.renter @ MarketError::NotRenter)]
    pub stats: Account<RenterStats>,
    /// CHECK: only receives the order account's rent and what of its lamports nobody earned by matching, all of which it paid.
    #[account(mut, address = order.renter @ MarketError::NotRenter)]
    pub renter: UncheckedAccount,
}

/// For orders that are over, without leases, whose refund is paid out.
pub fn close_order(ctx: &mut Context<CloseOrder>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let order = &accounts.order;
    let empty = order.leases == 0 && order.escrowed_units == 0 && order.refund_due_units == 0;
    require!(order.is_over(now) && empty, MarketError::OrderNotFinished);
    sub(&mut accounts.stats.open_orders, 1)
}
