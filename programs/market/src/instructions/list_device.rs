use crate::{
    constants::*,
    events::{DeviceDelisted, DeviceListed},
    state::{Occupancy, PriceBook},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::{Device, HardwareClass};
use iog_staking::DeviceStake;

#[derive(Accounts)]
pub struct ListDevice {
    /// Pays the rent of the device's place in the market, which is created with the first listing and kept.
    #[account(mut, address = device.owner @ MarketError::NotOwner)]
    pub owner: Signer,
    #[account(constraint = device.is_active() @ MarketError::DeviceNotActive)]
    pub device: Account<Device>,
    #[account(address = device.class @ MarketError::WrongClass)]
    pub class: Account<HardwareClass>,
    #[account(constraint = stake.device == *device.account().address() @ MarketError::WrongDevice)]
    pub stake: Account<DeviceStake>,
    #[account(mut, constraint = book.class_id == device.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
    #[account(init_if_needed, payer = owner, seeds = [OCCUPANCY_SEED, device.account().address().as_ref()], bump)]
    pub occupancy: Account<Occupancy>,
    pub system_program: Program<System>,
}

pub fn list_device(ctx: &mut Context<ListDevice>, floor_usd6: u64) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let device = *accounts.device.account().address();
    require!(
        is_staked(&accounts.device, &accounts.class, &accounts.stake, now)?,
        MarketError::NotStaked
    );
    let occupancy = &mut accounts.occupancy;
    if occupancy.version == 0 {
        occupancy.device = device;
        occupancy.class_id = accounts.device.class_id;
        occupancy.idle_since_ts = now;
        occupancy.version = 1;
        occupancy.bump = ctx.bumps.occupancy;
    }
    require!(occupancy.device == device, MarketError::WrongDevice);
    let gpus = accounts.device.quantity;
    occupancy.list(&mut accounts.book, gpus, floor_usd6, now)?;
    emit!(DeviceListed {
        device,
        gpus,
        floor_usd6,
        online_gpus: accounts.book.online_gpus,
    });
    Ok(())
}

/// Whether the stake covers the class's minimum.
pub fn is_staked(
    device: &Device,
    class: &HardwareClass,
    stake: &DeviceStake,
    now: i64,
) -> Result<bool> {
    let minimum = iog_math::stake::minimum(class.multiplier_x100, device.quantity)
        .map_err(MarketError::from)?;
    Ok(stake.covers(minimum, now))
}

#[derive(Accounts)]
pub struct DelistDevice {
    /// The owner at any time; anyone when the device may no longer be listed.
    pub signer: Signer,
    pub device: Account<Device>,
    #[account(address = device.class @ MarketError::WrongClass)]
    pub class: Account<HardwareClass>,
    /// CHECK: the staking program's address of the device's stake, which may be closed: `may_stay` reads it.
    #[account(
        seeds = [b"stake", device.account().address().as_ref()],
        bump,
        seeds::program = iog_staking::ID
    )]
    pub stake: UncheckedAccount,
    #[account(mut, constraint = book.class_id == occupancy.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
    #[account(mut, constraint = occupancy.device == *device.account().address() @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
}

/// Whether a stranger must leave the listing alone.
fn may_stay(accounts: &DelistDevice, now: i64) -> Result<bool> {
    let view = accounts.stake.account();
    if !accounts.device.is_active() || !view.owned_by(&iog_staking::ID) {
        return Ok(false);
    }
    let stake = Account::<DeviceStake>::load(*view)?;
    is_staked(&accounts.device, &accounts.class, &stake, now)
}

pub fn delist_device(ctx: &mut Context<DelistDevice>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    if *accounts.signer.address() != accounts.device.owner {
        require!(!may_stay(accounts, now)?, MarketError::ListingStands);
    }
    accounts.occupancy.delist(&mut accounts.book, now)?;
    emit!(DeviceDelisted {
        device: accounts.occupancy.device,
        online_gpus: accounts.book.online_gpus,
    });
    Ok(())
}
