//! A device's place in the market and its lease.

use super::{answer, Policy};
use crate::{
    action::Action,
    rules::{self, state},
    snapshot::{DeviceView, Local, Snapshot},
};
use iog_client::market::Lease;
use iog_math::units::HOUR;
use solana_pubkey::Pubkey;

pub(super) fn plan(
    snapshot: &Snapshot,
    local: &Local,
    policy: &Policy,
    address: &Pubkey,
    view: &DeviceView,
) -> Vec<Action> {
    let now = snapshot.time.now;
    let lease_address = view.lease();
    let known = lease_address.and_then(|address| Some((address, snapshot.lease(&address)?)));
    let mut actions = Vec::new();
    let (mut asked, mut broken) = (false, false);
    if let Some((lease_address, (lease, order))) = known {
        match lease.state {
            state::LEASE_MATCHED => {
                let active = rules::is_active(&view.device);
                actions.extend(answer::to_match(
                    snapshot,
                    local,
                    policy,
                    active,
                    &lease_address,
                    lease,
                    order,
                ));
            }
            state::LEASE_ACCEPTED => {
                actions.extend(answer::leave(snapshot, view, &lease_address, lease, order));
                broken = is_broken(local, &lease_address, lease, now);
            }
            _ => {}
        }
        // The slot in which it starts counts: whoever waits for a start beats as who serves.
        asked = rules::serves(lease, order, now) || order.state == state::ORDER_MATCHED;
    }
    if rules::is_active(&view.device) {
        let beat = beat(snapshot, address, view, asked);
        actions.extend(beat.filter(|_| !broken));
        actions.extend(relist(snapshot, address, view));
    }
    actions
}

/// A host that failed is given so long to be repaired before it stops beating.
const REPAIR_SECS: i64 = 600;
/// So long after the start of an hour a commit may be waited for: its window opens in the first ten minutes.
const COMMIT_SECS: i64 = 1_200;
/// From here on in an hour of unix time no commit is waited for.
const LAST_SECS: i64 = 3_000;

/// Once in each ten-minute interval while hired. An idle device shows once an hour of unix time that it is up, in the second half unless a
/// proof has shown it before, or soon will; at once where it could not be matched without.
fn beat(snapshot: &Snapshot, address: &Pubkey, view: &DeviceView, asked: bool) -> Option<Action> {
    let now = snapshot.time.now;
    let waits = now.rem_euclid(HOUR) < LAST_SECS && expects_commit(snapshot, view);
    let late = now.rem_euclid(HOUR) >= HOUR / 2 && !waits;
    let hidden = !rules::sign_in_last_hours(&view.device, now);
    let due = asked || hidden || (late && !rules::was_up(&view.device, now, 0));
    let interval = rules::beat_interval(now);
    (due && view.device.beat_head < interval).then_some(Action::Heartbeat {
        device: *address,
        interval,
    })
}

/// The hours of proofs begin with the network: where that is in the midst of an hour of unix time, so is the commit, which is a sign of life.
fn expects_commit(snapshot: &Snapshot, view: &DeviceView) -> bool {
    let now = snapshot.time.now;
    // The hour of proofs that begins within this hour of unix time.
    let last = now.div_euclid(HOUR).saturating_add(1).saturating_mul(HOUR);
    let Ok(hour) = iog_math::emission::hour_at(snapshot.genesis_ts, last.saturating_sub(1)) else {
        return false;
    };
    let starts = rules::hour_start(snapshot.genesis_ts, hour);
    let class = snapshot.class_of(&view.device);
    let proves = class.is_some_and(rules::is_proved_class) && snapshot.serving(view).is_none();
    let committed = view
        .attestation
        .as_ref()
        .map(|attestation| attestation.epoch);
    let open = committed.is_some_and(|epoch| epoch < u64::from(hour));
    proves && open && now < starts.saturating_add(COMMIT_SECS)
}

/// A device that somebody took off the market goes back when it can be hired again: sooner it would only be taken off once more.
fn relist(snapshot: &Snapshot, address: &Pubkey, view: &DeviceView) -> Option<Action> {
    let now = snapshot.time.now;
    let place = view.occupancy.as_ref()?;
    let class = snapshot.class_of(&view.device)?;
    // An owner that takes it off takes no currency any more.
    let off = !rules::is_listed(place) && place.currencies != 0;
    let hireable = !rules::rests(place, now)
        && rules::is_hireable(&view.device, class, place, snapshot.epoch(), now);
    let may = snapshot.is_staked(view) && (hireable || rules::is_hired(place));
    (off && may).then_some(Action::Relist { device: *address })
}

/// The host has not been able to serve what it accepted for a while: its place is better filled anew, which its silence brings about.
/// redteam K6
fn is_broken(local: &Local, address: &Pubkey, lease: &Lease, now: i64) -> bool {
    let report = local.reports.get(&(*address, lease.matched_ts));
    let since = report.and_then(|report| report.host_failed_since_ts);
    since.is_some_and(|since| now.saturating_sub(since) >= REPAIR_SECS)
}
