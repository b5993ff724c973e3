//! What has grown old: listings, tiers, verdicts.

use super::{crank::Due, Policy};
use crate::{
    action::Action,
    rules,
    snapshot::{DeviceView, Snapshot},
};
use iog_math::units::HOUR;
use solana_pubkey::Pubkey;

/// A device that has just come has this long to prove: two windows.
const NEWCOMER_SECS: i64 = 2 * HOUR;

pub(super) fn plan(snapshot: &Snapshot, policy: &Policy) -> Vec<Due> {
    let mut actions = Vec::new();
    for (address, view) in &snapshot.devices {
        actions.extend(delist(snapshot, policy, address, view));
        actions.extend(refresh(snapshot, address, view));
    }
    let mut due: Vec<Due> = actions
        .into_iter()
        .map(|action| (i64::MIN, action))
        .collect();
    due.extend(verdicts(snapshot));
    due
}

/// What is not active, not staked, or idle and not to be hired for long, counts as online until somebody says so.
fn delist(
    snapshot: &Snapshot,
    policy: &Policy,
    address: &Pubkey,
    view: &DeviceView,
) -> Option<Action> {
    let place = view.occupancy.as_ref();
    let place = place.filter(|place| rules::is_listed(place))?;
    let class = snapshot.class_of(&view.device)?;
    let (epoch, now) = (snapshot.epoch(), snapshot.time.now);
    let new = now.saturating_sub(place.idle_since_ts) < NEWCOMER_SECS;
    let stale = rules::rests(place, now)
        || (!new && rules::is_stale(&view.device, class, place, epoch, now));
    let may_stay = snapshot.is_staked(view)
        && rules::is_active(&view.device)
        && (rules::is_hired(place) || !stale);
    // By its owner's wallet it would be taken off for good.
    let own = view.device.owner == policy.operator;
    (!may_stay && !own).then_some(Action::Delist { device: *address })
}

/// A measurer was removed, or its test has grown old, and the others find another tier. Who is not active has time.
fn refresh(snapshot: &Snapshot, address: &Pubkey, view: &DeviceView) -> Option<Action> {
    let found = view.measurements.as_ref()?;
    let tier = rules::measured_tier(found, &snapshot.registry, snapshot.time.now)?;
    let wrong = tier != view.device.tier && rules::is_active(&view.device);
    wrong.then_some(Action::RefreshTier {
        device: *address,
        tier,
    })
}

/// The resolver's rent comes back when no slash case can name its verdict any more.
fn verdicts(snapshot: &Snapshot) -> impl Iterator<Item = Due> + '_ {
    let verdicts = snapshot.market.verdicts.iter();
    verdicts.map(|(address, verdict)| {
        let verdict_over_ts = rules::verdict_over_ts(verdict);
        (verdict_over_ts, Action::CloseVerdict { verdict: *address })
    })
}
