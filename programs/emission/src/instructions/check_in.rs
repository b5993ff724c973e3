use crate::{
    constants::*,
    events::{CheckedIn, RewardBooked},
    state::{Config, DeviceRewards, LedgerPage, PendingHour},
    EmissionError,
};
use anchor_lang::prelude::*;
use iog_market::{Lease, Order};
use iog_math::{
    score::device_score,
    stake,
    units::{whole_periods, HOUR},
};
use iog_registry::{constants::BEATS_PER_HOUR, Device, HardwareClass};
use iog_staking::DeviceStake;

#[derive(Accounts)]
pub struct CheckIn {
    #[account(mut, seeds = [b"config"], bump)]
    pub config: Account<Config>,
    /// The page of the running hour.
    #[account(mut)]
    pub page: Account<LedgerPage>,
    /// The page before, while pending hours lie on it.
    pub previous_page: Option<Account<LedgerPage>>,
    #[account(mut)]
    pub rewards: Account<DeviceRewards>,
    #[account(address = rewards.device @ EmissionError::WrongDevice)]
    pub device: Account<Device>,
    #[account(address = device.class @ EmissionError::WrongClass)]
    pub class: Account<HardwareClass>,
    #[account(constraint = stake.device == rewards.device @ EmissionError::WrongDevice)]
    pub stake: Account<DeviceStake>,
    /// CHECK: the market's account that says which lease the device is in; `lease` checks address, owner and kind.
    pub occupancy: UncheckedAccount,
    /// That lease and its order, when there is one.
    pub lease: Option<Account<Lease>>,
    pub order: Option<Account<Order>>,
}

/// Since when the device serves a started order, if it does. A match alone is none: it costs nothing, so anyone could free a
/// device of the proof of work with an order that is never accepted.
fn serves_since(accounts: &CheckIn, now: i64) -> Result<Option<i64>> {
    let device = &accounts.rewards.device;
    let current = iog_common::occupancy::lease(accounts.occupancy.account(), device)
        .ok_or(EmissionError::WrongDevice)?;
    let Some(address) = current else {
        return Ok(None);
    };
    let (Some(lease), Some(order)) = (&accounts.lease, &accounts.order) else {
        return Err(EmissionError::LeaseMissing.into());
    };
    require!(
        *lease.account().address() == address && lease.order == *order.account().address(),
        EmissionError::WrongLease
    );
    Ok(lease.serves(order, now).then(|| lease.started(order)))
}

/// Each missing condition is its own refusal.
fn check_eligible(
    accounts: &CheckIn,
    hour: u32,
    serves_since: Option<i64>,
    now: i64,
) -> Result<()> {
    let (config, device, class) = (&accounts.config, &accounts.device, &accounts.class);
    require!(device.is_active(), EmissionError::DeviceNotActive);
    require!(class.multiplier_x100 > 0, EmissionError::ClassEarnsNothing);
    // Renting from oneself is cheap, so a proof frees for some hours only, and for no more than twice the proofs passed in a row: who
    // passes by luck, with a card or a part of the table missing, would live on one pass for days. By the clock: a closing that lags
    // does not stretch them.
    let exempt_hours = u64::from(device.pass_streak)
        .saturating_mul(EXEMPT_HOURS_PER_PASS)
        .min(config.exempt_hours.value);
    let exempt = serves_since.is_some()
        && device.proved_within(config.clock_hour(now)?.into(), exempt_hours);
    let epoch = u64::from(hour);
    require!(
        exempt || device.last_pass_epoch == epoch,
        EmissionError::NoProofOfWork
    );
    require!(
        device.failures(epoch, FAILURE_WINDOW_HOURS) < MAX_FAILURES,
        EmissionError::TooManyFailures
    );
    let minimum = stake::minimum(class.stake_multiplier_x100(), device.cards())
        .map_err(EmissionError::from)?;
    require!(
        accounts.stake.covers(minimum, now),
        EmissionError::NotStaked
    );
    let hours =
        i64::try_from(config.min_uptime_hours.value).map_err(|_| EmissionError::MathOverflow)?;
    require!(device.was_up(now, hours)?, EmissionError::NotUp);
    if let Some(since) = serves_since {
        require!(served_last_hour(device, since, now)?, EmissionError::NotUp);
    }
    // A clock behind the registration counts as no age.
    let age = u64::try_from(now.saturating_sub(device.registered_ts)).unwrap_or(0);
    require!(age >= config.min_age_secs.value, EmissionError::TooNew);
    Ok(())
}

/// Whether a device that serves `since` showed enough heartbeats in the last full hour of unix time; an hour that the lease did
/// not run through asks for none.
fn served_last_hour(device: &Device, since: i64, now: i64) -> Result<bool> {
    let hour = whole_periods(now, HOUR)
        .ok()
        .and_then(|hour| i64::try_from(hour).ok())
        .ok_or(EmissionError::MathOverflow)?
        .saturating_sub(1);
    if since > hour.saturating_mul(HOUR) {
        return Ok(true);
    }
    let first = hour.saturating_mul(BEATS_PER_HOUR);
    Ok(device.beats_in(first, BEATS_PER_HOUR)? >= MIN_HIRED_BEATS)
}

pub fn check_in(ctx: &mut Context<CheckIn>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut ctx.accounts;
    accounts.config.require_running(pause::CHECK_IN)?;
    let hour = accounts.config.hour(now)?;
    let device = accounts.rewards.device;
    let serves_since = serves_since(accounts, now)?;
    check_eligible(accounts, hour, serves_since, now)?;

    let owner_booked_before = accounts.rewards.owner_booked_units;
    let co_booked_before = accounts.rewards.co_booked_units;
    let settled = match &accounts.previous_page {
        Some(previous) => accounts
            .rewards
            .settle(&accounts.config, &[&accounts.page, previous])?,
        None => accounts
            .rewards
            .settle(&accounts.config, &[&accounts.page])?,
    };
    // `settle` takes the pages of older hours; checking in without them would fill the device's pending hours.
    require!(!settled.page_missing, EmissionError::PageMissing);
    accounts.config.book(settled.booked)?;

    let score = device_score(
        accounts.device.tier_at(now),
        accounts.class.multiplier_x100,
        accounts.device.cards(),
        serves_since.is_some(),
    )
    .map_err(EmissionError::from)?;
    let pool = accounts.class.pool;
    let co_share_bps = accounts.stake.co_share_bps();
    if co_share_bps > 0 {
        accounts.rewards.turn_to(accounts.stake.co_staker)?;
    }
    accounts.rewards.check_in(PendingHour {
        score,
        hour,
        co_share_bps,
        pool,
        reserved: 0,
    })?;
    let entry = accounts.page.hour_mut(hour)?.pool(pool);
    entry.add_score(score)?;
    emit!(CheckedIn {
        device,
        hour,
        pool,
        score,
        total_score: entry.total_score,
    });
    if settled.booked > 0 {
        emit!(RewardBooked {
            device,
            owner_booked_before,
            owner_booked_after: accounts.rewards.owner_booked_units,
            co_booked_before,
            co_booked_after: accounts.rewards.co_booked_units,
        });
    }
    Ok(())
}
