//! From a snapshot to actions. Pure: no network, no clock, no randomness, so every situation can be tested.

mod answer;
mod crank;
mod earn;
mod hourly;
mod lease;
mod money;
mod orders;
mod price;
mod proof;
mod scheduler;
mod settle;
mod turn;
mod upkeep;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub(crate) use proof::spent;
pub use turn::turn;

use crate::{
    action::{Action, Planned},
    config::{Crank, Price, Role, Turn},
    snapshot::{Local, Snapshot},
};
use solana_pubkey::Pubkey;
use std::collections::BTreeSet;

/// What the plan needs of the configuration.
#[derive(Clone, Debug)]
pub struct Policy {
    pub roles: BTreeSet<Role>,
    pub crank: Crank,
    pub price: Price,
    pub turn: Turn,
    /// Who this keeper is among several: its fee payer.
    pub operator: Pubkey,
}

/// Everything that can be done at the snapshot's state, the most urgent first. All of it is independent of each other.
pub fn plan(snapshot: &Snapshot, local: &Local, policy: &Policy) -> Vec<Planned> {
    let mut planned = Vec::new();
    let mut add = |role: Role, actions: Vec<Action>| {
        planned.extend(actions.into_iter().map(|action| Planned { role, action }));
    };
    // First: a price is worth most while it is new.
    if policy.roles.contains(&Role::Price) {
        add(Role::Price, price::plan(snapshot, local, policy));
    }
    if policy.roles.contains(&Role::Node) {
        add(Role::Node, node(snapshot, local, policy));
    }
    if policy.roles.contains(&Role::Scheduler) {
        add(Role::Scheduler, scheduler::plan(snapshot, &policy.operator));
    }
    if policy.roles.contains(&Role::Crank) {
        add(Role::Crank, crank::plan(snapshot, policy));
    }
    without_doubles(planned)
}

fn node(snapshot: &Snapshot, local: &Local, policy: &Policy) -> Vec<Action> {
    let mut actions = Vec::new();
    for address in &local.own {
        let Some(view) = snapshot.devices.get(address) else {
            continue;
        };
        actions.extend(lease::plan(snapshot, local, address, view));
        actions.extend(proof::plan(snapshot, local, address, view));
        actions.extend(earn::plan(snapshot, address, view));
    }
    actions.extend(lease::plan_jobs(snapshot, local));
    // A crank in the same process settles them with all others.
    if !policy.roles.contains(&Role::Crank) {
        actions.extend(settle::own(snapshot, local));
    }
    actions
}

/// Two roles may want the same; and a check-in books pending hours by itself.
fn without_doubles(planned: Vec<Planned>) -> Vec<Planned> {
    let checked_in: BTreeSet<Pubkey> = planned
        .iter()
        .filter_map(|planned| match planned.action {
            Action::CheckIn { device, .. } => Some(device),
            _ => None,
        })
        .collect();
    let mut seen = BTreeSet::new();
    let needed = planned.into_iter().filter(|planned| {
        let booked = matches!(&planned.action, Action::SettleRewards { device, .. } if checked_in.contains(device));
        !booked && seen.insert(planned.action.key())
    });
    needed.collect()
}
