//! Which devices an order gets.

mod fill;
mod shelf;

use crate::{
    action::Action,
    rules::{self, state},
    snapshot::Snapshot,
};
use fill::{fill, Budget};
use iog_client::market::{Lease, Order};
use shelf::Shelf;
use solana_pubkey::Pubkey;
use std::{cmp::Reverse, collections::BTreeSet};

/// Orders that a pass looks at. Where more wait it is those that are worth the most: small ones cost next to nothing to make.
const MAX_ORDERS: usize = 512;

/// Devices that did not answer lose their place; then older orders choose first. The work of a pass is bounded, whatever is booked.
pub(super) fn plan(snapshot: &Snapshot, operator: &Pubkey) -> Vec<Action> {
    let mut actions: Vec<Action> = snapshot
        .leases
        .iter()
        .filter_map(|(address, lease)| skip(snapshot, address, lease))
        .collect();
    let mut shelf = Shelf::of(snapshot);
    let mut budget = Budget::default();
    let leases = snapshot.leases.values();
    // A lease keeps its address until it is closed.
    let leased: BTreeSet<(Pubkey, Pubkey)> =
        leases.map(|lease| (lease.order, lease.device)).collect();
    for (address, order) in orders(snapshot, operator) {
        let may = |device: &Pubkey| {
            !rules::is_barred(order, device) && !leased.contains(&(*address, *device))
        };
        for (part, device) in fill(snapshot, &shelf, order, may, &mut budget) {
            shelf.take(&device);
            actions.push(Action::Match {
                order: *address,
                part,
                device,
                created_ts: order.created_ts,
            });
        }
    }
    actions
}

/// Those of orders that are over are closed without.
fn skip(snapshot: &Snapshot, address: &Pubkey, lease: &Lease) -> Option<Action> {
    let order = snapshot.orders.get(&lease.order)?;
    let late = lease.state == state::LEASE_MATCHED
        && rules::is_unanswered(order, lease.matched_ts, snapshot.time.now);
    late.then_some(Action::SkipDevice {
        lease: *address,
        matched_ts: lease.matched_ts,
    })
}

/// Orders that lack devices, the oldest first. The first 30 seconds are the renter's.
fn orders<'a>(snapshot: &'a Snapshot, operator: &Pubkey) -> Vec<(&'a Pubkey, &'a Order)> {
    let now = snapshot.time.now;
    let may = |order: &Order| {
        let first = now.saturating_sub(order.created_ts) < rules::RENTER_MATCH_SECS;
        !first || order.renter == *operator
    };
    let lacking = snapshot
        .orders
        .iter()
        .filter(|(_, order)| rules::missing(order) > 0 && rules::is_joinable(order, now));
    let mut orders: Vec<_> = lacking.filter(|(_, order)| may(order)).collect();
    if orders.len() > MAX_ORDERS {
        orders
            .sort_by_cached_key(|(address, order)| (Reverse(rules::worth_usd6(order)), **address));
        orders.truncate(MAX_ORDERS);
    }
    orders.sort_by_key(|(address, order)| (order.created_ts, **address));
    orders
}
