use crate::{
    constants::*,
    events::{DeviceDelisted, DeviceListed},
    state::{Config, Occupancy, PriceBook},
    MarketError,
};
use anchor_lang::prelude::*;
use iog_registry::{Device, HardwareClass};
use iog_staking::DeviceStake;

/// What a device is offered for.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct ListingArgs {
    /// Least that the owner asks for a GPU-hour, US dollars with 6 decimals; 0 for the market's price.
    pub floor_usd6: u64,
    /// Bit 0 IO, 1 US dollar tokens, 2 IOSD.
    pub currencies: u8,
}

const ALL_CURRENCIES: u8 = 0b111;

#[derive(Accounts)]
pub struct ListDevice {
    /// Pays the rent of the device's place in the market, which is created with the first listing.
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

pub fn list_device(ctx: &mut Context<ListDevice>, args: ListingArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let device = *accounts.device.account().address();
    require!(
        args.currencies != 0 && args.currencies & !ALL_CURRENCIES == 0,
        MarketError::InvalidCurrencies
    );
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
    occupancy.floor_usd6 = args.floor_usd6;
    occupancy.currencies = args.currencies;
    let gpus = accounts.device.cards();
    let base_usd6 = accounts.class.base_price_usd6;
    occupancy.list(&mut accounts.book, gpus, base_usd6, now)?;
    announce(&accounts.occupancy, &accounts.book);
    Ok(())
}

fn announce(occupancy: &Occupancy, book: &PriceBook) {
    emit!(DeviceListed {
        device: occupancy.device,
        gpus: occupancy.listed_gpus,
        floor_usd6: occupancy.floor_usd6,
        currencies: occupancy.currencies,
        online_gpus: book.online_gpus,
    });
}

/// The device's own key lists it again as its owner had: after it was stale, say, without the owner's wallet.
#[derive(Accounts)]
pub struct RelistDevice {
    #[account(address = device.device_key @ MarketError::NotDeviceKey)]
    pub device_key: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
    #[account(constraint = device.is_active() @ MarketError::DeviceNotActive)]
    pub device: Account<Device>,
    #[account(address = device.class @ MarketError::WrongClass)]
    pub class: Account<HardwareClass>,
    #[account(constraint = stake.device == *device.account().address() @ MarketError::WrongDevice)]
    pub stake: Account<DeviceStake>,
    #[account(mut, constraint = book.class_id == device.class_id @ MarketError::WrongClass)]
    pub book: Account<PriceBook>,
    #[account(mut, constraint = occupancy.device == *device.account().address() @ MarketError::WrongDevice)]
    pub occupancy: Account<Occupancy>,
}

pub fn relist_device(ctx: &mut Context<RelistDevice>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    require!(
        is_staked(&accounts.device, &accounts.class, &accounts.stake, now)?,
        MarketError::NotStaked
    );
    // Whoever the owner took off the market stays off it: an owner's delisting clears the currencies.
    require!(accounts.occupancy.currencies != 0, MarketError::NotListed);
    let epoch = accounts.config.epoch(now)?;
    let stale = is_stale(
        &accounts.device,
        &accounts.class,
        &accounts.occupancy,
        epoch,
        now,
    );
    require!(!stale, MarketError::DeviceStale);
    let gpus = accounts.device.cards();
    let base_usd6 = accounts.class.base_price_usd6;
    accounts
        .occupancy
        .list(&mut accounts.book, gpus, base_usd6, now)?;
    announce(&accounts.occupancy, &accounts.book);
    Ok(())
}

/// Whether the stake covers the class's minimum.
pub fn is_staked(
    device: &Device,
    class: &HardwareClass,
    stake: &DeviceStake,
    now: i64,
) -> Result<bool> {
    let minimum = iog_math::stake::minimum(class.stake_multiplier_x100(), device.cards())
        .map_err(MarketError::from)?;
    Ok(stake.covers(minimum, now))
}

#[derive(Accounts)]
pub struct DelistDevice {
    /// The owner at any time; anyone when the device may no longer be listed.
    pub signer: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
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
    if !is_staked(&accounts.device, &accounts.class, &stake, now)? {
        return Ok(false);
    }
    let epoch = accounts.config.epoch(now)?;
    let stale = is_stale(
        &accounts.device,
        &accounts.class,
        &accounts.occupancy,
        epoch,
        now,
    );
    Ok(accounts.occupancy.is_hired() || !stale)
}

/// Whether an idle device cannot be hired and has not been hireable for long: what cannot be hired must not count as online.
fn is_stale(
    device: &Device,
    class: &HardwareClass,
    occupancy: &Occupancy,
    epoch: u64,
    now: i64,
) -> bool {
    let rests = now < occupancy.resting_until_ts;
    let silent = now.saturating_sub(device.last_sign_ts) > STALE_SIGN_SECS;
    // What it served lately it could not prove meanwhile.
    let served = now.saturating_sub(occupancy.served_until_ts) <= STALE_SIGN_SECS;
    let unproved = class.is_proved() && !served && !device.proved_within(epoch, STALE_PROOF_HOURS);
    rests || silent || unproved
}

pub fn delist_device(ctx: &mut Context<DelistDevice>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    if *accounts.signer.address() == accounts.device.owner {
        accounts.occupancy.currencies = 0;
    } else {
        require!(!may_stay(accounts, now)?, MarketError::ListingStands);
    }
    accounts.occupancy.delist(&mut accounts.book, now)?;
    emit!(DeviceDelisted {
        device: accounts.occupancy.device,
        online_gpus: accounts.book.online_gpus,
    });
    Ok(())
}
