//! Devices that drop out of a running order. Their place can be matched again.

use crate::{
    events::LeaseEnded,
    state::{Lease, Occupancy, Order, PriceBook},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::Device;

#[derive(Accounts)]
pub struct DropOut {
    /// Anyone for `report_timeout`, the device's owner for `leave_lease`.
    pub signer: Signer,
    #[account(address = lease.device @ MarketError::WrongDevice)]
    pub device: Account<Device>,
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut)]
    pub lease: Account<Lease>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    #[account(mut, constraint = book.class_id == occupancy.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
}

/// Frees the device and its place in the order. The hours that have ended are settled, the one that runs is nobody's.
fn drop_out(accounts: &mut DropOut, timed_out: bool, now: i64) -> Result<()> {
    let address = *accounts.lease.account().address();
    let gpus = accounts.lease.gpus;
    accounts.order.vacate(gpus, now)?;
    accounts
        .occupancy
        .release(&address, &mut accounts.book, now)?;
    emit!(LeaseEnded {
        order: accounts.lease.order,
        lease: address,
        device: accounts.lease.device,
        timed_out,
    });
    Ok(())
}

pub fn report_timeout(ctx: &mut Context<DropOut>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts
        .lease
        .time_out(&accounts.order, &accounts.device, now)?;
    accounts.occupancy.timeouts = accounts.occupancy.timeouts.saturating_add(1);
    drop_out(accounts, true, now)
}

pub fn leave_lease(ctx: &mut Context<DropOut>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    require!(
        *accounts.signer.address() == accounts.lease.owner,
        MarketError::NotOwner
    );
    accounts.lease.leave(&accounts.order, now)?;
    drop_out(accounts, false, now)
}
