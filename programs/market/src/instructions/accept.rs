use crate::{
    events::{LeaseAccepted, OrderStarted},
    state::{Lease, LeaseState, Order},
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
}

pub fn accept(ctx: &mut Context<Accept>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    require!(
        accounts.lease.is(LeaseState::Matched),
        MarketError::LeaseNotMatched
    );
    accounts.lease.state = LeaseState::Accepted as u8;
    let started = accounts.order.accept(accounts.lease.gpus, now)?;
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
