//! From a snapshot to actions. Pure: no network, no clock, no randomness, so every situation can be tested.

mod answer;
mod crank;
mod dispute;
mod earn;
mod hourly;
mod lease;
mod money;
mod orders;
mod price;
mod proof;
mod scheduler;
mod settle;
mod spread;
mod turn;
mod upkeep;

#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod tests;

pub(crate) use proof::{serving, spent};
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
    /// What the operator lets run.
    pub jobs: iog_node::policy::Policy,
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
    let own = local.own.iter();
    let own = own.filter_map(|address| Some((address, snapshot.devices.get(address)?)));
    let own: Vec<_> = own.collect();
    // Signs of life and answers of all devices come before any proof: a few actions are on their way at a time.
    let mut actions = Vec::new();
    for (address, view) in &own {
        actions.extend(lease::plan(snapshot, local, policy, address, view));
    }
    for (address, view) in &own {
        actions.extend(proof::plan(snapshot, local, address, view));
        actions.extend(earn::plan(snapshot, address, view));
    }
    actions.extend(dispute::answers(snapshot, local));
    // A crank in the same process settles them with all others.
    if !policy.roles.contains(&Role::Crank) {
        actions.extend(settle::own(snapshot, local));
    }
    actions
}

/// Two roles may want the same; a check-in books pending hours by itself, and the end of a proof may have one with it.
fn without_doubles(planned: Vec<Planned>) -> Vec<Planned> {
    let mut checked_in: BTreeSet<Pubkey> = BTreeSet::new();
    let mut finished: BTreeSet<Pubkey> = BTreeSet::new();
    for planned in &planned {
        match planned.action {
            Action::CheckIn { device, .. } => checked_in.insert(device),
            Action::Finish { device, .. } => finished.insert(device),
            _ => false,
        };
    }
    let mut seen = BTreeSet::new();
    let needed = planned.into_iter().filter(|planned| {
        let done = match &planned.action {
            Action::SettleRewards { device, .. } => {
                checked_in.contains(device) || finished.contains(device)
            }
            Action::CheckIn { device, .. } | Action::Finalize { device, .. } => {
                finished.contains(device)
            }
            _ => false,
        };
        !done && seen.insert(planned.action.key())
    });
    needed.collect()
}
