use crate::{
    events::{LeaseAccepted, OrderStarted},
    state::{Lease, Occupancy, Order, PriceBook},
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
}

pub fn accept(ctx: &mut Context<Accept>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let gpus = accounts.lease.gpus;
    accounts.lease.accept(&accounts.order, now)?;
    let started = accounts.order.accept(gpus, now)?;
    accounts.occupancy.hire(&mut accounts.book, gpus, now)?;
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
