//! Which devices an order gets.

use crate::{
    action::Action,
    rules::{self, state},
    snapshot::{DeviceView, Snapshot},
};
use iog_client::market::Order;
use solana_pubkey::Pubkey;
use std::{
    cmp::{Ordering, Reverse},
    collections::BTreeSet,
};

/// Devices that are looked at for one order, best first: bounds the work of a pass.
const MAX_CANDIDATES: usize = 1_024;

/// An idle device that an order may have, with what it is ranked by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub address: Pubkey,
    /// It proved itself in this hour or the last: a machine that is off would block the order until it expires.
    pub fresh: bool,
    pub tier: u8,
    pub hours_served: u64,
    pub hours_missed: u64,
    pub leases: u64,
    pub gpus: u32,
}

/// Best first: fresh, tier, share of hours served, fewer leases so far, address. The same for every keeper.
pub fn rank(a: &Candidate, b: &Candidate) -> Ordering {
    (Reverse(a.fresh), Reverse(a.tier))
        .cmp(&(Reverse(b.fresh), Reverse(b.tier)))
        .then_with(|| served_share(b, a))
        .then_with(|| a.leases.cmp(&b.leases))
        .then_with(|| a.address.cmp(&b.address))
}

/// Compares (served + 1) / (served + missed + 2): a newcomer stands between a good and a bad record.
fn served_share(a: &Candidate, b: &Candidate) -> Ordering {
    let part = |candidate: &Candidate| u128::from(candidate.hours_served).saturating_add(1);
    let whole = |candidate: &Candidate| {
        part(candidate)
            .saturating_add(u128::from(candidate.hours_missed))
            .saturating_add(1)
    };
    let left = part(a).saturating_mul(whole(b));
    left.cmp(&part(b).saturating_mul(whole(a)))
}

/// Older orders choose first. An order is matched only as a whole: one that gets too few devices would hold them idle until
/// it expires.
pub(super) fn plan(snapshot: &Snapshot) -> Vec<Action> {
    let mut orders: Vec<(&Pubkey, &Order)> = snapshot
        .orders
        .iter()
        .filter(|(_, order)| {
            order.state == state::ORDER_OPEN && snapshot.time.now < order.expires_ts
        })
        .collect();
    orders.sort_by_key(|(address, order)| (order.created_ts, **address));
    let mut taken = BTreeSet::new();
    let mut actions = Vec::new();
    for (address, order) in orders {
        let mut candidates: Vec<Candidate> = snapshot
            .devices
            .iter()
            .filter(|(device, _)| !taken.contains(*device))
            .filter_map(|(device, view)| candidate(snapshot, order, device, view))
            .collect();
        candidates.sort_by(rank);
        candidates.truncate(MAX_CANDIDATES);
        let missing = order.gpus.saturating_sub(order.matched_gpus);
        for device in fill(&candidates, missing) {
            taken.insert(device);
            actions.push(Action::Match {
                order: *address,
                device,
                created_ts: order.created_ts,
            });
        }
    }
    actions
}

/// Every constraint that `match_device` checks.
fn candidate(
    snapshot: &Snapshot,
    order: &Order,
    address: &Pubkey,
    view: &DeviceView,
) -> Option<Candidate> {
    let device = &view.device;
    let class = snapshot.class_of(device)?;
    let stake = view.stake.as_ref()?;
    let missing = order.gpus.saturating_sub(order.matched_gpus);
    let suits = device.class == order.class
        && rules::is_active(device)
        && view.lease().is_none()
        && device.tier >= order.min_tier
        && rules::allows(order, device.country)
        && rules::is_staked(stake, class, device, snapshot.time.now)
        && (1..=missing).contains(&device.quantity);
    let record = view.occupancy.as_ref();
    suits.then(|| Candidate {
        address: *address,
        fresh: device.last_pass_epoch.saturating_add(1) >= snapshot.epoch(),
        tier: device.tier,
        hours_served: record.map_or(0, |record| record.hours_served),
        hours_missed: record.map_or(0, |record| record.hours_missed),
        leases: record.map_or(0, |record| record.leases),
        gpus: device.quantity,
    })
}

/// The best devices that make up exactly `missing` GPUs, preferring earlier ones; none if no choice does.
fn fill(candidates: &[Candidate], missing: u32) -> Vec<Pubkey> {
    let size = |gpus: u32| usize::try_from(gpus).unwrap_or(usize::MAX);
    let missing = size(missing);
    // reach[i][n]: the candidates from i on can make up n.
    let mut nothing = vec![false; missing.saturating_add(1)];
    if let Some(zero) = nothing.first_mut() {
        *zero = true;
    }
    let mut reach = vec![nothing];
    for candidate in candidates.iter().rev() {
        let Some(after) = reach.last() else { break };
        let with = (0..=missing).map(|n| {
            let rest = n.checked_sub(size(candidate.gpus));
            let taken = rest.and_then(|rest| after.get(rest));
            after.get(n) == Some(&true) || taken == Some(&true)
        });
        let with = with.collect();
        reach.push(with);
    }
    let mut left = missing;
    let mut chosen = Vec::new();
    for (candidate, after) in candidates.iter().zip(reach.iter().rev().skip(1)) {
        let rest = left.checked_sub(size(candidate.gpus));
        if let Some(rest) = rest.filter(|rest| after.get(*rest) == Some(&true)) {
            chosen.push(candidate.address);
            left = rest;
        }
    }
    match left {
        0 => chosen,
        _ => Vec::new(),
    }
}
