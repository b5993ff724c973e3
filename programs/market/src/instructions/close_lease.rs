use crate::{
    state::{Lease, LeaseState, Occupancy, Order, OrderState},
    MarketError,
};
use anchor_lang::prelude::*;

#[derive(Accounts)]
pub struct CloseLease {
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut, close = payer)]
    pub lease: Account<Lease>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    /// CHECK: only receives the rent it paid.
    #[account(mut, address = lease.payer @ MarketError::WrongRecipient)]
    pub payer: UncheckedAccount,
}

pub fn close_lease(ctx: &mut Context<CloseLease>) -> Result<()> {
    let accounts = &mut ctx.accounts;
    let over = accounts.lease.is(LeaseState::Settled) || accounts.order.is(OrderState::Expired);
    require!(over, MarketError::LeaseNotSettled);
    let lease_address = *accounts.lease.account().address();
    accounts.occupancy.release(&lease_address);
    accounts.order.leases = accounts
        .order
        .leases
        .checked_sub(1)
        .ok_or(MarketError::MathOverflow)?;
    Ok(())
}
