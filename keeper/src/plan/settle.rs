//! Leases that run or have ended.

use super::crank::Due;
use crate::{
    action::Action,
    rules::{self, state},
    snapshot::Snapshot,
};
use iog_client::market::{Lease, Order};
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

/// Leases of one order that one transaction settles. Each brings at most four addresses of its own and its class's book, 180 bytes with the
/// instruction, beside 350 for all: four fit the 1,232 whatever they are.
const SETTLE_AT_ONCE: usize = 4;

pub(super) fn plan(snapshot: &Snapshot) -> Vec<Due> {
    let mut due = settlements(snapshot);
    for (address, lease) in &snapshot.leases {
        if let Some(order) = snapshot.orders.get(&lease.order) {
            due.extend(time_out(snapshot, address, lease, order));
            due.extend(resolve(snapshot, address, lease));
            due.extend(close(address, lease, order));
        }
    }
    due
}

fn settlements(snapshot: &Snapshot) -> Vec<Due> {
    let mut by_order: BTreeMap<Pubkey, Vec<(i64, Pubkey, i64)>> = BTreeMap::new();
    for (address, lease) in &snapshot.leases {
        let Some(order) = snapshot.orders.get(&lease.order) else {
            continue;
        };
        let due = settlement_due(snapshot, lease, order);
        if let Some(due_ts) = due.filter(|due_ts| *due_ts <= snapshot.time.now) {
            let from_ts = rules::unsettled_from(lease, order);
            let leases = by_order.entry(lease.order).or_default();
            leases.push((due_ts, *address, from_ts));
        }
    }
    let batches = by_order.iter().flat_map(|(order, leases)| {
        let batches = leases.chunks(SETTLE_AT_ONCE);
        batches.map(|batch| together(order, batch))
    });
    batches.collect()
}

fn together(order: &Pubkey, batch: &[(i64, Pubkey, i64)]) -> Due {
    let due_ts = batch.iter().map(|(due_ts, ..)| *due_ts).max();
    let action = match batch {
        [(_, lease, from_ts)] => Action::SettleLease {
            lease: *lease,
            from_ts: *from_ts,
        },
        _ => Action::SettleLeases {
            order: *order,
            leases: batch
                .iter()
                .map(|(_, lease, from_ts)| (*lease, *from_ts))
                .collect(),
        },
    };
    (due_ts.unwrap_or(i64::MIN), action)
}

/// When the next settlement of a lease is worth its fee.
///
/// An hour waits until what the one before left is free, which then leaves with it: settled earlier, both would be held for another
/// window. The last hour does not wait, for the device is hired until then; nor do hours of a silent device, for nobody can
/// take its place before.
fn settlement_due(snapshot: &Snapshot, lease: &Lease, order: &Order) -> Option<i64> {
    let hour = rules::hour_due(lease, order);
    let release = rules::release_due(lease, order);
    match (hour, release) {
        (Some(hour), Some(release))
            if hour < order.end_ts && !is_silent(snapshot, lease, order) =>
        {
            Some(hour.max(release))
        }
        _ => hour.or(release),
    }
}

fn is_silent(snapshot: &Snapshot, lease: &Lease, order: &Order) -> bool {
    silent_since(snapshot, lease, order).is_some_and(|since| since <= snapshot.time.now)
}

fn silent_since(snapshot: &Snapshot, lease: &Lease, order: &Order) -> Option<i64> {
    let view = snapshot.devices.get(&lease.device)?;
    rules::timed_out_since(lease, order, &view.device)
}

/// Once every hour that has ended is settled.
fn time_out(snapshot: &Snapshot, address: &Pubkey, lease: &Lease, order: &Order) -> Option<Due> {
    let now = snapshot.time.now;
    let since = silent_since(snapshot, lease, order).filter(|since| *since <= now)?;
    let settled = rules::hour_due(lease, order).is_some_and(|hour| hour > now);
    let report = Action::ReportTimeout {
        lease: *address,
        matched_ts: lease.matched_ts,
    };
    settled.then_some((since, report))
}

/// When nobody has decided in time, or nobody may.
fn resolve(snapshot: &Snapshot, address: &Pubkey, lease: &Lease) -> Option<Due> {
    let wait = match snapshot.market.resolver {
        Some(_) => rules::RESOLVE_SECS,
        None => 0,
    };
    let opened_ts = lease.held_ts;
    let due_ts = opened_ts.saturating_add(wait);
    let due = lease.state == state::LEASE_DISPUTED && due_ts <= snapshot.time.now;
    let resolve = Action::ResolveByRule {
        lease: *address,
        opened_ts,
    };
    due.then_some((due_ts, resolve))
}

fn close(address: &Pubkey, lease: &Lease, order: &Order) -> Option<Due> {
    let over = lease.state == state::LEASE_SETTLED && lease.held_units == 0;
    let due_ts = if order.state == state::ORDER_EXPIRED {
        order.expires_ts
    } else if over {
        let free = lease.held_ts.saturating_add(order.dispute_secs.into());
        lease.settled_until_ts.max(lease.matched_ts).max(free)
    } else {
        return None;
    };
    let close = Action::CloseLease {
        lease: *address,
        matched_ts: lease.matched_ts,
    };
    Some((due_ts, close))
}
