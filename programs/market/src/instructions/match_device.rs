use crate::{
    constants::*,
    events::DeviceMatched,
    state::{Lease, LeaseState, Occupancy, Order},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::{Device, HardwareClass};
use iog_staking::DeviceStake;

#[derive(Accounts)]
pub struct MatchDevice {
    /// Any keeper; pays the lease's rent and gets it back when the lease closes.
    #[account(mut)]
    pub keeper: Signer,
    #[account(mut)]
    pub order: Account<Order>,
    #[account(constraint = device.is_active() @ MarketError::DeviceNotActive)]
    pub device: Account<Device>,
    #[account(
        address = order.class @ MarketError::WrongClass,
        constraint = *class.account().address() == device.class @ MarketError::WrongClass
    )]
    pub class: Account<HardwareClass>,
    #[account(constraint = stake.device == *device.account().address() @ MarketError::WrongDevice)]
    pub stake: Account<DeviceStake>,
    /// Created for a device's first lease and kept: `match_device` checks that it is this device's.
    #[account(init_if_needed, payer = keeper, seeds = [OCCUPANCY_SEED, device.account().address().as_ref()], bump)]
    pub occupancy: Account<Occupancy>,
    #[account(init, payer = keeper, seeds = [LEASE_SEED, order.account().address().as_ref(), device.account().address().as_ref()], bump)]
    pub lease: Account<Lease>,
    pub system_program: Program<System>,
}

fn check_constraints(accounts: &MatchDevice, now: i64) -> Result<()> {
    let (order, device) = (&accounts.order, &accounts.device);
    require!(device.tier >= order.min_tier, MarketError::TierTooLow);
    require!(order.allows(device.country), MarketError::CountryNotAllowed);
    let minimum = iog_math::stake::minimum(accounts.class.multiplier_x100, device.quantity)
        .map_err(MarketError::from)?;
    require!(accounts.stake.covers(minimum, now), MarketError::NotStaked);
    Ok(())
}

pub fn match_device(ctx: &mut Context<MatchDevice>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    check_constraints(accounts, now)?;
    let device = *accounts.device.account().address();
    let order = *accounts.order.account().address();
    let lease_address = *accounts.lease.account().address();
    let gpus = accounts.device.quantity;

    let occupancy = &mut accounts.occupancy;
    if occupancy.version == 0 {
        occupancy.device = device;
        occupancy.version = 1;
        occupancy.bump = ctx.bumps.occupancy;
    }
    require!(occupancy.device == device, MarketError::WrongDevice);
    occupancy.hire(lease_address)?;
    accounts.order.add_lease(gpus, now)?;

    let lease = &mut accounts.lease;
    lease.order = order;
    lease.device = device;
    lease.owner = accounts.device.owner;
    lease.payer = *accounts.keeper.address();
    lease.matched_ts = now;
    lease.gpus = gpus;
    lease.state = LeaseState::Matched as u8;
    lease.version = 1;
    lease.bump = ctx.bumps.lease;
    emit!(DeviceMatched {
        order,
        lease: lease_address,
        device,
        gpus,
    });
    Ok(())
}
