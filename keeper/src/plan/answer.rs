//! What a device says to an order: yes, no, or that it leaves.

use crate::{
    action::Action,
    rules::{self, state},
    snapshot::{DeviceView, Local, Snapshot},
};
use iog_client::market::{Lease, Order};
use solana_pubkey::Pubkey;

/// How long a match may wait for its order to become whole.
const PATIENCE_SECS: i64 = 30;
/// After this long a renter's orders that were never whole are forgotten.
const DOUBT_SECS: i64 = 86_400;

/// Yes as soon as it is asked, if it can serve: the walk of the hour goes on until the order starts. No at once to what it will not serve,
/// while that is free and others can still be found.
pub(super) fn to_match(
    snapshot: &Snapshot,
    local: &Local,
    active: bool,
    address: &Pubkey,
    lease: &Lease,
    order: &Order,
) -> Option<Action> {
    let now = snapshot.time.now;
    let matched_ts = lease.matched_ts;
    // Only what can be served is accepted: an order with a job needs its specification on this machine.
    let known = order.command_hash == [0; 32] || local.jobs.contains(&order.command_hash);
    let servable = active && known && rules::is_joinable(order, now);
    let late = rules::is_unanswered(order, matched_ts, now);
    let asked = rules::asked_since(order, matched_ts).is_some();
    let decline = |never_whole| Action::Decline {
        lease: *address,
        matched_ts,
        never_whole,
    };
    if !servable || late {
        return Some(decline(false));
    }
    if asked {
        let lease = *address;
        return Some(Action::Accept { lease, matched_ts });
    }
    let waited = now.saturating_sub(matched_ts);
    (waited >= patience(local, &order.renter, now)).then(|| decline(true))
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
