use super::list_device::is_staked;
use crate::{
    constants::*,
    events::DeviceMatched,
    state::{Earnings, Lease, LeaseState, Occupancy, Order, PriceBook},
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
    #[account(address = device.class @ MarketError::WrongClass)]
    pub class: Account<HardwareClass>,
    pub book: Account<PriceBook>,
    #[account(constraint = stake.device == *device.account().address() @ MarketError::WrongDevice)]
    pub stake: Account<DeviceStake>,
    #[account(mut, constraint = occupancy.device == *device.account().address() @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
    /// The owner takes the order's currency.
    #[account(
        constraint = earnings.owner == device.owner @ MarketError::WrongRecipient,
        constraint = earnings.mint == order.mint @ MarketError::WrongMint
    )]
    pub earnings: Account<Earnings>,
    #[account(init, payer = keeper, seeds = [LEASE_SEED, order.account().address().as_ref(), device.account().address().as_ref()], bump)]
    pub lease: Account<Lease>,
    pub system_program: Program<System>,
}

/// What the order asks of the device.
fn check_device(accounts: &MatchDevice, now: i64) -> Result<()> {
    let (order, device) = (&accounts.order, &accounts.device);
    require!(accounts.occupancy.is_listed(), MarketError::NotListed);
    require!(
        now >= accounts.occupancy.resting_until_ts,
        MarketError::DeviceRests
    );
    require!(order.names(device.class_id), MarketError::WrongClass);
    require!(device.tier >= order.min_tier, MarketError::TierTooLow);
    require!(order.allows(device.country), MarketError::CountryNotAllowed);
    require!(
        order.secure_only == 0 || device.secure == 1,
        MarketError::NotSecure
    );
    require!(
        order.min_reputation_bps == 0
            || accounts.occupancy.reputation_bps() >= order.min_reputation_bps,
        MarketError::ReputationTooLow
    );
    require!(
        is_staked(device, &accounts.class, &accounts.stake, now)?,
        MarketError::NotStaked
    );
    Ok(())
}

/// What the order pays must be enough: for the owner, and for a class other than the one that was quoted.
fn check_price(accounts: &MatchDevice, now: i64) -> Result<()> {
    let order = &accounts.order;
    let lowest_usd6 = order.lowest_usd6(now);
    require!(
        lowest_usd6 >= accounts.occupancy.floor_usd6,
        MarketError::PriceBelowFloor
    );
    let [quoted, ..] = order.class_ids;
    if accounts.class.id != quoted {
        let price_usd6 = accounts.book.quote(
            &accounts.class,
            order.hours,
            order.min_tier,
            &order.countries,
            now,
        )?;
        require!(lowest_usd6 >= price_usd6, MarketError::PriceTooLow);
    }
    Ok(())
}

pub fn match_device(ctx: &mut Context<MatchDevice>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    check_device(accounts, now)?;
    check_price(accounts, now)?;
    let device = *accounts.device.account().address();
    let order = *accounts.order.account().address();
    let lease_address = *accounts.lease.account().address();
    let gpus = accounts.device.quantity;
    accounts.occupancy.take(lease_address)?;
    accounts.order.add_lease(gpus, now)?;

    let lease = &mut accounts.lease;
    lease.order = order;
    lease.device = device;
    lease.owner = accounts.device.owner;
    lease.payer = *accounts.keeper.address();
    lease.matched_ts = now;
    // What it is matched to, not what an extension before its acceptance would make of it.
    lease.agreed_until_ts = accounts.order.end_ts;
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
