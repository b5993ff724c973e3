//! A device's lease, and the job that it is for.

use crate::{
    action::Action,
    rules::{self, state},
    snapshot::{DeviceView, Local, RunView, Snapshot},
};
use iog_client::market::{Lease, Order};
use iog_engine::JobStatus;
use iog_math::units::HOUR;
use solana_pubkey::Pubkey;

pub(super) fn plan(
    snapshot: &Snapshot,
    local: &Local,
    address: &Pubkey,
    view: &DeviceView,
) -> Vec<Action> {
    let Some(lease_address) = view.lease() else {
        return idle(snapshot, address, view).into_iter().collect();
    };
    let Some((lease, order)) = snapshot.lease(&lease_address) else {
        return Vec::new();
    };
    if !rules::is_active(&view.device) {
        return Vec::new();
    }
    match lease.state {
        state::LEASE_MATCHED => accept(snapshot, local, &lease_address, lease, order)
            .into_iter()
            .collect(),
        state::LEASE_ACCEPTED if rules::is_running(order, snapshot.time.now) => {
            let beat = heartbeat(snapshot, address, view);
            let start = start(local, &lease_address, lease, order);
            beat.into_iter().chain(start).collect()
        }
        _ => Vec::new(),
    }
}

/// An idle device shows once an hour that it is up, in the second half unless a proof has shown it before: rewards ask for it.
fn idle(snapshot: &Snapshot, address: &Pubkey, view: &DeviceView) -> Option<Action> {
    let now = snapshot.time.now;
    let late = now.rem_euclid(HOUR) >= HOUR / 2;
    let silent = late && rules::is_active(&view.device) && !rules::was_up(&view.device, now, 0);
    silent.then(|| heartbeat(snapshot, address, view)).flatten()
}

/// Only what can be served is accepted: an order with a job needs its specification on this machine.
fn accept(
    snapshot: &Snapshot,
    local: &Local,
    address: &Pubkey,
    lease: &Lease,
    order: &Order,
) -> Option<Action> {
    let now = snapshot.time.now;
    let in_time = rules::is_joinable(order, now) && !rules::is_late(lease, now);
    let servable = order.command_hash == [0; 32] || local.jobs.contains(&order.command_hash);
    (in_time && servable).then_some(Action::Accept {
        lease: *address,
        matched_ts: lease.matched_ts,
    })
}

/// Once in each ten-minute interval.
fn heartbeat(snapshot: &Snapshot, address: &Pubkey, view: &DeviceView) -> Option<Action> {
    let interval = rules::beat_interval(snapshot.time.now);
    (view.device.beat_head < interval).then_some(Action::Heartbeat {
        device: *address,
        interval,
    })
}

fn start(local: &Local, address: &Pubkey, lease: &Lease, order: &Order) -> Option<Action> {
    let job = order.command_hash;
    // A start that was broken off is made good by submitting again: the engine finds what is there.
    let started = local
        .runs
        .get(address)
        .is_some_and(|run| run.collected || !matches!(run.status, None | Some(JobStatus::Pending)));
    (local.jobs.contains(&job) && !started).then_some(Action::StartJob {
        lease: *address,
        order: lease.order,
        job,
    })
}

/// Jobs that were started: stopped when their order is over, fetched when they are.
pub(super) fn plan_jobs(snapshot: &Snapshot, local: &Local) -> Vec<Action> {
    let open = local.runs.iter().filter(|(_, run)| !run.collected);
    open.filter_map(|(lease, run)| job(snapshot, lease, run))
        .collect()
}

fn job(snapshot: &Snapshot, lease: &Pubkey, run: &RunView) -> Option<Action> {
    let running = snapshot.lease(lease).is_some_and(|(lease, order)| {
        lease.state == state::LEASE_ACCEPTED && rules::is_running(order, snapshot.time.now)
    });
    match run.status? {
        status if status.is_final() => Some(Action::CollectJob {
            lease: *lease,
            order: run.order,
        }),
        _ if !running => Some(Action::StopJob { lease: *lease }),
        _ => None,
    }
}
