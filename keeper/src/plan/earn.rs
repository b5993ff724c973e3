//! Checking in for the hour's emission.

use crate::{
    action::Action,
    rules,
    snapshot::{DeviceView, Snapshot},
};
use iog_client::emission::DeviceRewards;
use iog_math::units::HOUR;
use solana_pubkey::Pubkey;
use std::collections::BTreeSet;

pub(super) fn plan(snapshot: &Snapshot, address: &Pubkey, view: &DeviceView) -> Option<Action> {
    let class = snapshot.class_of(&view.device)?;
    if snapshot.hour == 0 || !rules::is_active(&view.device) || class.multiplier_x100 == 0 {
        return None;
    }
    let Some(rewards) = &view.rewards else {
        return Some(Action::OpenRewards { device: *address });
    };
    if !is_eligible(snapshot, view) || rewards.last_hour >= snapshot.hour {
        return None;
    }
    if let Some(turn) = turn_to_co_staker(snapshot, address, view, rewards) {
        return turn;
    }
    let closed: Vec<u32> = rules::closed_pending(rewards, snapshot.emission.next_hour).collect();
    let open = usize::from(rewards.pending_count).saturating_sub(closed.len());
    let page = rules::page_of(snapshot.hour);
    if open >= rules::PENDING || !snapshot.pages.contains(&page) {
        return None;
    }
    let mut others: BTreeSet<u32> = closed.iter().map(|hour| rules::page_of(*hour)).collect();
    others.remove(&page);
    if others.len() > 1 {
        // A check-in takes one page besides its own: book the old hours first.
        return settle(address, rewards, snapshot.emission.next_hour);
    }
    Some(Action::CheckIn {
        device: *address,
        hour: snapshot.hour,
        previous_page: others.first().copied(),
    })
}

/// A new co-staker's hours wait until the former one's are settled, and until the one before that is paid: `Some` with what that takes now,
/// if anything.
fn turn_to_co_staker(
    snapshot: &Snapshot,
    address: &Pubkey,
    view: &DeviceView,
    rewards: &DeviceRewards,
) -> Option<Option<Action>> {
    let stake = view.stake.as_ref()?;
    if !rules::shares(stake) || stake.co_staker == rewards.co_staker {
        return None;
    }
    let pending = rewards.pending.iter().take(rewards.pending_count.into());
    if pending.clone().any(|hour| hour.co_share_bps > 0) {
        return Some(settle(address, rewards, snapshot.emission.next_hour));
    }
    let returns = rewards.former_co_staker == stake.co_staker;
    let full = rewards.co_booked_units > 0 && rewards.former_booked_units > 0;
    let former = rewards.former_co_staker;
    (!returns && full).then(|| is_minted(snapshot).then(|| claim_co(address, rewards, &former)))
}

/// Whether a claim could be paid anything now.
pub(super) fn is_minted(snapshot: &Snapshot) -> bool {
    snapshot.emission.minted_units > snapshot.emission.claimed_units
}

/// Pays what is booked for a co-staker of the device, the present one or the one before.
pub(super) fn claim_co(device: &Pubkey, rewards: &DeviceRewards, co_staker: &Pubkey) -> Action {
    Action::ClaimCo {
        device: *device,
        co_staker: *co_staker,
        co_claimed_units: rewards.co_claimed_units,
    }
}

/// Each of these is a refusal of its own on chain.
fn is_eligible(snapshot: &Snapshot, view: &DeviceView) -> bool {
    let device = &view.device;
    let (epoch, now) = (snapshot.epoch(), snapshot.time.now);
    let proved = snapshot.is_exempt(view) || device.last_pass_epoch == epoch;
    let hours = i64::try_from(snapshot.emission.min_uptime_hours.value).unwrap_or(i64::MAX);
    let up = (1..=hours).all(|before| rules::was_up(device, now, before));
    let age = now.saturating_sub(device.registered_ts);
    let failures = rules::failures(device, epoch, rules::FAILURE_WINDOW_HOURS);
    proved
        && snapshot.is_staked(view)
        && up
        && served_last_hour(snapshot, view)
        && failures < rules::MAX_FAILURES
        && u64::try_from(age).is_ok_and(|age| age >= snapshot.emission.min_age_secs.value)
}

/// A device whose lease ran through all of the last hour of unix time has shown five heartbeats of six in it.
fn served_last_hour(snapshot: &Snapshot, view: &DeviceView) -> bool {
    let now = snapshot.time.now;
    let hour_began = now.div_euclid(HOUR).saturating_sub(1).saturating_mul(HOUR);
    let Some((lease, order)) = snapshot.serving(view) else {
        return true;
    };
    rules::started(lease, order) > hour_began
        || rules::beats_in_hour(&view.device, now, 1) >= rules::MIN_HIRED_BEATS
}

/// Books a device's closed hours, if they lie on no more pages than one transaction takes.
pub(super) fn settle(device: &Pubkey, rewards: &DeviceRewards, next_hour: u32) -> Option<Action> {
    let hours: Vec<u32> = rules::closed_pending(rewards, next_hour).collect();
    let pages: BTreeSet<u32> = hours.iter().map(|hour| rules::page_of(*hour)).collect();
    let mut pages = pages.into_iter();
    let (page, second_page) = (pages.next()?, pages.next());
    if pages.next().is_some() {
        return None;
    }
    Some(Action::SettleRewards {
        device: *device,
        first_hour: hours.first().copied()?,
        page,
        second_page,
    })
}
