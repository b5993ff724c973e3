#![allow(
    unused_variables,
    reason = "the derive binds instruction arguments where only some of its code needs them"
)]

use super::list_device::is_staked;
use crate::{
    constants::*,
    events::{DeviceMatched, MatchDisplaced},
    state::{
        Config, CreditLine, Currency, Earnings, Lease, LeaseState, Matched, Occupancy, Order,
        OrderState, PriceBook,
    },
    MarketError,
};
use anchor_lang::prelude::*;
use iog_math::pricing::Booking;
use iog_registry::{Device, HardwareClass};
use iog_staking::DeviceStake;

#[derive(Accounts)]
pub struct MatchDevice {
    /// The renter or, 30 s after the order was made, any keeper; pays the lease's rent and gets it back when the lease closes, with the
    /// renter's fee where the order started.
    // It may have matched the device before: `dup` is safe, lamports are only added to it there.
    #[account(mut, unsafe(dup))]
    pub keeper: Signer,
    #[account(seeds = [b"config"], bump)]
    pub config: Account<Config>,
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
    /// The match that holds nobody, with its order and who paid its rent, where the device is in one.
    #[account(mut)]
    pub held_lease: Option<Account<Lease>>,
    #[account(mut)]
    pub held_order: Option<Account<Order>>,
    /// CHECK: only receives the rent it paid: compared with the lease.
    // It may be the keeper itself: `dup` is safe, lamports are only added.
    #[account(mut, unsafe(dup))]
    pub held_payer: Option<UncheckedAccount>,
    /// Where the order is paid in IOSD and the owner asks for a price.
    pub line: Option<Account<CreditLine>>,
}

/// What the order asks of the device.
fn check_device(accounts: &MatchDevice, part: u8, now: i64) -> Result<()> {
    let (order, device, occupancy) = (&accounts.order, &accounts.device, &accounts.occupancy);
    require!(occupancy.is_listed(), MarketError::NotListed);
    require!(now >= occupancy.resting_until_ts, MarketError::DeviceRests);
    require!(
        occupancy.takes(order.currency),
        MarketError::CurrencyNotTaken
    );
    require!(
        order.takes_class(part, device.class_id),
        MarketError::WrongClass
    );
    require!(
        !order.is_barred(device.account().address()),
        MarketError::DeviceBarred
    );
    require!(
        device.tier_at(now) >= order.min_tier,
        MarketError::TierTooLow
    );
    require!(order.allows(device.country), MarketError::CountryNotAllowed);
    require!(order.takes_owner(&device.owner), MarketError::OwnerNotAsked);
    require!(
        order.secure_only == 0 || device.secure == 1,
        MarketError::NotSecure
    );
    require!(
        order.platform == 0 || device.platform == order.platform,
        MarketError::PlatformNotAsked
    );
    require!(
        order.min_reputation_bps == 0 || occupancy.reputation_bps() >= order.min_reputation_bps,
        MarketError::ReputationTooLow
    );
    require!(
        is_staked(device, &accounts.class, &accounts.stake, now)?,
        MarketError::NotStaked
    );
    Ok(())
}

/// The device is alive and is what it claims: it showed a sign of life lately, and passed a proof. After a lease it could not prove, so that
/// for two hours an older pass will do.
fn check_proof(accounts: &MatchDevice, now: i64) -> Result<()> {
    let (device, class) = (&accounts.device, &accounts.class);
    require!(device.sign_in_last_hours(now)?, MarketError::NoSignOfLife);
    if !class.is_proved() {
        return Ok(());
    }
    let epoch = accounts.config.epoch(now)?;
    let after_lease = now.saturating_sub(accounts.occupancy.served_until_ts) < AFTER_LEASE_SECS;
    let proved = device.proved_within(epoch, u64::from(class.proof_valid_hours))
        || (after_lease && device.proved_within(epoch, AFTER_LEASE_PROOF_HOURS));
    require!(proved, MarketError::NotProved);
    require!(
        device.failures(epoch, FAILURE_WINDOW_HOURS) < MAX_FAILURES,
        MarketError::TooManyFailures
    );
    Ok(())
}

/// What a lease will be paid.
struct Price {
    pay_usd6: u64,
    part_usd6: u64,
    cap_usd6: u64,
}

/// An alternative class is paid its own quote, where that is lower; a device that left another lease no more than it had there. It must be
/// enough for the owner.
fn price(accounts: &MatchDevice, part: u8, now: i64) -> Result<Price> {
    let order = &accounts.order;
    let booked = order.booked();
    let part_usd6 = booked.usd6(part);
    let cap_usd6 = accounts.occupancy.pay_cap(now);
    let mut pay_usd6 = part_usd6;
    if accounts.class.id != order.part(part)?.class_id {
        require!(accounts.class.enabled == 1, MarketError::ClassNotOffered);
        // With the booking's hours and its hour of the day.
        let booking = Booking {
            hours: booked.booked_hours,
            min_tier: order.min_tier,
            countries: &order.countries,
            now: order.created_ts,
        };
        pay_usd6 = accounts.book.quote(&accounts.class, &booking, now)?;
        require!(pay_usd6 <= part_usd6, MarketError::PriceTooLow);
    }
    // floor: what the lowest of the order's prices leaves of it
    let lowest_usd6 =
        iog_math::units::mul_div_floor(order.lowest_usd6(part, now), pay_usd6, part_usd6.max(1))
            .map_err(MarketError::from)?;
    require!(
        worth(accounts, lowest_usd6.min(cap_usd6), now)? >= accounts.occupancy.floor_usd6,
        MarketError::PriceBelowFloor
    );
    Ok(Price {
        pay_usd6,
        part_usd6,
        cap_usd6,
    })
}

/// What `usd6` of the order's currency are to the supplier: of IOSD as much as the line covers. Who asks for nothing need not know.
fn worth(accounts: &MatchDevice, usd6: u64, now: i64) -> Result<u64> {
    let is_credit = accounts.order.currency == Currency::Credit as u8;
    if !is_credit || accounts.occupancy.floor_usd6 == 0 {
        return Ok(usd6);
    }
    let line = accounts.line.as_ref();
    line.ok_or(MarketError::CreditLineMissing)?
        .covered(usd6, now)
}

/// Takes the device out of a match that holds nobody: its order is not whole, and was not for 30 s, or this match makes its own order whole,
/// which is no smaller: else one GPU, taken back at once, would break every large order.
fn displace(accounts: &mut MatchDevice, now: i64) -> Result<()> {
    let (whole, gpus) = (
        accounts.order.is(OrderState::Matched),
        accounts.order.gpus(),
    );
    let current = accounts.occupancy.lease;
    if current == Address::default() {
        return Ok(());
    }
    let (Some(lease), Some(order), Some(payer)) = (
        &mut accounts.held_lease,
        &mut accounts.held_order,
        &accounts.held_payer,
    ) else {
        return Err(MarketError::DeviceHired.into());
    };
    let belongs = *lease.account().address() == current
        && lease.order == *order.account().address()
        && lease.payer == *payer.address();
    require!(belongs, MarketError::WrongOrder);
    let waits = lease.is(LeaseState::Matched) && order.is(OrderState::Open);
    let old = now.saturating_sub(lease.matched_ts) >= MATCH_HOLD_SECS;
    let completes = whole && gpus >= order.gpus();
    require!(waits && (old || completes), MarketError::MatchHolds);
    order.unmatch(&lease.leave_seat(), now)?;
    order.forget_lease()?;
    accounts.occupancy.lease = Address::default();
    emit!(MatchDisplaced {
        order: lease.order,
        lease: current,
        device: lease.device,
    });
    let payer = *payer.account();
    lease.close(payer)?;
    Ok(())
}

pub fn match_device(ctx: &mut Context<MatchDevice>, part: u8) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    let first = now.saturating_sub(accounts.order.created_ts) < RENTER_MATCH_SECS;
    require!(
        !first || *accounts.keeper.address() == accounts.order.renter,
        MarketError::RenterMatchesFirst
    );
    check_device(accounts, part, now)?;
    check_proof(accounts, now)?;
    let price = price(accounts, part, now)?;
    let gpus = accounts.device.cards();
    let seat = accounts.order.add_lease(part, gpus, now)?;
    displace(accounts, now)?;

    let matched = Matched {
        order: *accounts.order.account().address(),
        device: *accounts.device.account().address(),
        owner: accounts.device.owner,
        payer: *accounts.keeper.address(),
        tunnel_key: accounts.device.tunnel_key,
        seat,
        pay_usd6: price.pay_usd6,
        part_usd6: price.part_usd6,
        cap_usd6: price.cap_usd6,
    };
    let address = *accounts.lease.account().address();
    accounts.occupancy.take(address)?;
    accounts.lease.open(&matched, &accounts.order, now);
    accounts.lease.bump = ctx.bumps.lease;
    emit!(DeviceMatched {
        order: matched.order,
        lease: address,
        device: matched.device,
        part,
        gpus,
    });
    Ok(())
}
