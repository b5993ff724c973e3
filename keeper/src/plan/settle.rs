//! Leases that run or have ended.

use super::crank::Due;
use crate::{
    action::{Action, Settled},
    rules::{self, state},
    snapshot::{Local, Snapshot},
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
            due.extend(resolve(address, lease, order));
            due.extend(close(address, lease, order));
        }
    }
    due
}

/// Settlements of this machine's own leases, which wait for nobody: an hour that nobody settles for 128 is refunded, though it was served.
pub(super) fn own(snapshot: &Snapshot, local: &Local) -> Vec<Action> {
    let own = snapshot
        .leases
        .iter()
        .filter(|(_, lease)| local.own.contains(&lease.device));
    own.filter_map(|(address, lease)| {
        let order = snapshot.orders.get(&lease.order)?;
        let due_ts = settlement_due(snapshot, address, lease, order)?;
        (due_ts <= snapshot.time.now).then(|| Action::SettleLease {
            lease: *address,
            settled: settled(lease, order),
        })
    })
    .collect()
}

fn settlements(snapshot: &Snapshot) -> Vec<Due> {
    let mut by_order: BTreeMap<Pubkey, Vec<(i64, Pubkey, Settled)>> = BTreeMap::new();
    for (address, lease) in &snapshot.leases {
        let Some(order) = snapshot.orders.get(&lease.order) else {
            continue;
        };
        let due = settlement_due(snapshot, address, lease, order);
        if let Some(due_ts) = due.filter(|due_ts| *due_ts <= snapshot.time.now) {
            let leases = by_order.entry(lease.order).or_default();
            leases.push((due_ts, *address, settled(lease, order)));
        }
    }
    let batches = by_order.iter().flat_map(|(order, leases)| {
        let batches = leases.chunks(SETTLE_AT_ONCE);
        batches.map(|batch| together(order, batch))
    });
    batches.collect()
}

fn together(order: &Pubkey, batch: &[(i64, Pubkey, Settled)]) -> Due {
    let due_ts = batch.iter().map(|(due_ts, ..)| *due_ts).max();
    let action = match batch {
        [(_, lease, settled)] => Action::SettleLease {
            lease: *lease,
            settled: *settled,
        },
        _ => Action::SettleLeases {
            order: *order,
            leases: batch
                .iter()
                .map(|(_, lease, settled)| (*lease, *settled))
                .collect(),
        },
    };
    (due_ts.unwrap_or(i64::MIN), action)
}

fn settled(lease: &Lease, order: &Order) -> Settled {
    Settled {
        until_ts: rules::judged_until(lease, order),
        steps: lease.released_count.saturating_add(lease.counted.into()),
    }
}

/// When the next settlement of a lease is worth its fee: when an hour can be judged, and when its device is to be counted as hired, or freed.
/// Money that can be released goes with the next hour that is judged; where none is, or somebody waits for settled books, at once.
fn settlement_due(
    snapshot: &Snapshot,
    address: &Pubkey,
    lease: &Lease,
    order: &Order,
) -> Option<i64> {
    let view = snapshot.devices.get(&lease.device);
    let place = view.and_then(|view| view.occupancy.as_ref());
    let follow = place.and_then(|place| rules::follow_due(address, lease, order, place));
    let judge = rules::judge_due(lease, order);
    let release = rules::release_due(lease, order)
        .filter(|_| judge.is_none() || is_timed_out(snapshot, lease, order));
    [follow, judge, release].into_iter().flatten().min()
}

fn is_timed_out(snapshot: &Snapshot, lease: &Lease, order: &Order) -> bool {
    timed_out_since(snapshot, lease, order).is_some()
}

fn timed_out_since(snapshot: &Snapshot, lease: &Lease, order: &Order) -> Option<i64> {
    let (now, slot) = (snapshot.time.now, snapshot.time.slot);
    let device = &snapshot.devices.get(&lease.device)?.device;
    let since = rules::timed_out_since(lease, order, device, slot)?;
    (rules::is_running(lease, order, now) && since <= now).then_some(since)
}

/// Once every hour that can be settled is.
fn time_out(snapshot: &Snapshot, address: &Pubkey, lease: &Lease, order: &Order) -> Option<Due> {
    let since = timed_out_since(snapshot, lease, order)?;
    let settled = !rules::is_due(lease, order, snapshot.time.now);
    let report = Action::ReportTimeout {
        lease: *address,
        matched_ts: lease.matched_ts,
    };
    settled.then_some((since, report))
}

/// When the resolver has not decided in time, and every slot is judged.
fn resolve(address: &Pubkey, lease: &Lease, order: &Order) -> Option<Due> {
    let opened_ts = lease.disputed_ts;
    let due_ts = opened_ts.saturating_add(rules::RESOLVE_SECS);
    let ready = lease.state == state::LEASE_DISPUTED && rules::is_judged(lease, order);
    let resolve = Action::ResolveByRule {
        lease: *address,
        opened_ts,
    };
    ready.then_some((due_ts, resolve))
}

fn close(address: &Pubkey, lease: &Lease, order: &Order) -> Option<Due> {
    let over = lease.state == state::LEASE_SETTLED && !rules::holds(lease);
    let unused = lease.state == state::LEASE_MATCHED && rules::is_past(order);
    let due_ts = if order.state == state::ORDER_EXPIRED {
        order.expires_ts
    } else if unused {
        lease.matched_ts
    } else if over {
        let released_ts = lease.released_until_ts;
        released_ts.saturating_add(order.dispute_secs.into())
    } else {
        return None;
    };
    let close = Action::CloseLease {
        lease: *address,
        matched_ts: lease.matched_ts,
    };
    Some((due_ts, close))
}
