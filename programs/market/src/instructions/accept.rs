use crate::{
    events::{LeaseAccepted, OrderStarted},
    state::{Earnings, Lease, Occupancy, Order, OrderState, PriceBook},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::Device;

#[derive(Accounts)]
pub struct Accept {
    #[account(address = device.device_key @ MarketError::NotDeviceKey)]
    pub device_key: Signer,
    #[account(
        address = lease.device @ MarketError::WrongDevice,
        constraint = device.is_active() @ MarketError::DeviceNotActive
    )]
    pub device: Account<Device>,
    #[account(mut, address = lease.order @ MarketError::WrongOrder)]
    pub order: Account<Order>,
    #[account(mut)]
    pub lease: Account<Lease>,
    #[account(mut, constraint = occupancy.device == lease.device @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    #[account(mut, constraint = book.class_id == occupancy.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
    /// Where the lease will pay in: it cannot be closed from now on.
    #[account(
        mut,
        constraint = earnings.owner == lease.owner @ MarketError::WrongRecipient,
        constraint = earnings.mint == order.mint @ MarketError::WrongMint
    )]
    pub earnings: Account<Earnings>,
}

pub fn accept(ctx: &mut Context<Accept>) -> Result<()> {
    let clock = Clock::get()?;
    let now = clock.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let (part, gpus) = (accounts.lease.part, accounts.lease.gpus);
    let tunnel_key = accounts.device.tunnel_key;
    accounts
        .lease
        .accept(&accounts.order, tunnel_key, now, clock.slot)?;
    let (hourly, _) = accounts.lease.hourly(&accounts.order.booked())?;
    let started = accounts.order.accept(part, gpus, hourly, now)?;
    accounts.occupancy.accept()?;
    accounts.earnings.count_lease()?;
    // Those that accepted before are counted with their first settlement: this act cannot reach them.
    if accounts.order.is(OrderState::Active) {
        accounts.occupancy.hire(&mut accounts.book, gpus, now)?;
        accounts.lease.counted = 1;
    }
    let order = accounts.lease.order;
    emit!(LeaseAccepted {
        order,
        lease: *accounts.lease.account().address(),
        device: accounts.lease.device,
    });
    if started {
        emit!(OrderStarted {
            order,
            started_ts: accounts.order.started_ts,
            end_ts: accounts.order.end_ts,
        });
    }
    Ok(())
}
