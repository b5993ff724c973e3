//! Tables of situations and what is done in them.

mod answer;
mod auction;
mod crank;
mod dispute;
mod earn;
mod lease;
mod money;
mod orders;
mod parts;
mod price;
mod proof;
mod scheduler;
mod settle;
mod sights;
mod upkeep;

use super::fixtures::*;
use crate::{
    config::Role,
    snapshot::{DeviceView, Local, Snapshot},
};

/// What a node would do.
fn node(snapshot: &Snapshot, local: &Local) -> Vec<String> {
    keys(snapshot, local, &policy(Role::Node))
}

/// What a crank would do.
fn crank(snapshot: &Snapshot) -> Vec<String> {
    keys(snapshot, &Local::default(), &policy(Role::Crank))
}

/// The situation with our device changed.
fn with(change: impl FnOnce(&mut DeviceView)) -> Snapshot {
    let mut snapshot = snapshot();
    change(snapshot.devices.get_mut(&key(DEVICE)).unwrap());
    snapshot
}

/// A device that has passed this hour's proof.
fn passed(change: impl FnOnce(&mut DeviceView)) -> Snapshot {
    with(|view| {
        view.attestation = Some(attestation(3));
        view.device.last_pass_epoch = 10;
        change(view);
    })
}
