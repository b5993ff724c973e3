//! What a device says to an order: yes, no, or that it leaves.

use super::Policy;
use crate::{
    action::{Action, Why},
    rules::{self, state},
    snapshot::{DeviceView, Local, Snapshot},
};
use iog_client::market::{Lease, Order};
use iog_job::Key;
use iog_math::units::HOUR;
use iog_node::policy::{Asked, Verdict};
use solana_pubkey::Pubkey;

/// How long a match may wait for its order to become whole.
const PATIENCE_SECS: i64 = 30;
/// After this long a renter's orders that were never whole are forgotten.
const DOUBT_SECS: i64 = 86_400;

/// Yes as soon as it is asked, if the operator's policy takes it and the engine can: the walk of the hour goes on until the order starts. No at
/// once to what it will not serve, while that is free and others can still be found. redteam K2
pub(super) fn to_match(
    snapshot: &Snapshot,
    local: &Local,
    policy: &Policy,
    active: bool,
    address: &Pubkey,
    lease: &Lease,
    order: &Order,
) -> Option<Action> {
    let now = snapshot.time.now;
    let matched_ts = lease.matched_ts;
    let decline = |why| Action::Decline {
        lease: *address,
        matched_ts,
        why,
    };
    if !active || !rules::is_joinable(order, now) {
        return Some(decline(Why::Closed));
    }
    if rules::is_unanswered(order, matched_ts, now) {
        return Some(decline(Why::Late));
    }
    let asked = asked(snapshot, local, address, lease, order);
    match policy.jobs.on_match(&asked, &local.ability) {
        Verdict::Take => {}
        Verdict::Wait => return None,
        Verdict::Refuse(reason) => return Some(decline(Why::Policy(reason))),
    }
    if rules::asked_since(order, matched_ts).is_some() {
        let lease = *address;
        return Some(Action::Accept { lease, matched_ts });
    }
    let waited = now.saturating_sub(matched_ts);
    (waited >= patience(local, &order.renter, now)).then(|| decline(Why::NeverWhole))
}

/// The match, for the operator's policy.
fn asked<'a>(
    snapshot: &Snapshot,
    local: &'a Local,
    address: &Pubkey,
    lease: &Lease,
    order: &Order,
) -> Asked<'a> {
    let now = snapshot.time.now;
    let report = local.reports.get(&(*address, lease.matched_ts));
    let whole = i64::from(order.hours).saturating_mul(HOUR);
    Asked {
        renter: Key(order.renter.to_bytes()),
        matched_ts: lease.matched_ts,
        now,
        hours: order.hours,
        until_ts: match order.state {
            state::ORDER_ACTIVE => order.end_ts,
            _ => now.saturating_add(whole),
        },
        usd6_per_gpu_hour: rules::paid_usd6(lease, order, now),
        has_job: order.command_hash != [0; 32],
        offer: report.and_then(|report| report.offer.as_ref()),
        lapses: local.lapses.get(&order.renter).copied().unwrap_or(0),
        draining: local.draining,
    }
}

/// Whose orders were not whole in time is given half as long after each of them: a match that holds a device for nothing costs its renter
/// next to nothing.
fn patience(local: &Local, renter: &Pubkey, now: i64) -> i64 {
    let doubt = local.doubts.get(renter).copied().unwrap_or_default();
    let fresh = now.saturating_sub(doubt.last_ts) < DOUBT_SECS;
    let halvings = if fresh { doubt.orders } else { 0 };
    PATIENCE_SECS.checked_shr(halvings).unwrap_or(0)
}

/// From an order that does not start, when waiting for it is no longer paid; and from one that was extended beyond what was agreed to,
/// at a price below the owner's floor.
pub(super) fn leave(
    snapshot: &Snapshot,
    view: &DeviceView,
    address: &Pubkey,
    lease: &Lease,
    order: &Order,
) -> Option<Action> {
    let now = snapshot.time.now;
    let floor_usd6 = view.occupancy.as_ref()?.floor_usd6;
    let waited = now.saturating_sub(lease.accepted_ts);
    let stuck = order.state == state::ORDER_OPEN && waited > rules::MAX_HELD_SECS;
    let extended = rules::is_running(lease, order, now)
        && now >= rules::agreed_until(lease, order)
        && !rules::is_due(lease, order, now);
    let poorly = extended && rules::paid_usd6(lease, order, now) < floor_usd6;
    (stuck || poorly).then_some(Action::LeaveLease {
        lease: *address,
        matched_ts: lease.matched_ts,
    })
}
