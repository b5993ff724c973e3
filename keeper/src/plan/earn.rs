//! Checking in for the hour's emission.

use crate::{
    action::Action,
    rules,
    snapshot::{DeviceView, Snapshot},
};
use iog_client::{emission::DeviceRewards, registry::HardwareClass};
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
    if !is_eligible(snapshot, view, class) || rewards.last_hour >= snapshot.hour {
        return None;
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

/// Each of these is a refusal of its own on chain.
fn is_eligible(snapshot: &Snapshot, view: &DeviceView, class: &HardwareClass) -> bool {
    let device = &view.device;
    let epoch = snapshot.epoch();
    let proved = snapshot.is_serving(view) || device.last_pass_epoch == epoch;
    let staked = view
        .stake
        .as_ref()
        .is_some_and(|stake| rules::is_staked(stake, class, device));
    let age = snapshot.time.now.saturating_sub(device.registered_ts);
    let failures = rules::failures(device, epoch, rules::FAILURE_WINDOW_HOURS);
    device.tier > 0
        && proved
        && staked
        && failures < rules::MAX_FAILURES
        && u64::try_from(age).is_ok_and(|age| age >= snapshot.emission.min_age_secs.value)
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
