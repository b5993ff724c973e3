//! The renter's agent: one process for each order and machine, which alone uses the order's engineer key. Started by the first verb that needs
//! it; every `iog` speaks to devices through it. redteam link L1

pub mod book;
pub mod chain;
pub mod check;
mod chunks;
pub mod client;
pub mod cluster;
mod deliver;
mod end;
pub mod endpoints;
mod fetched;
mod fleet;
pub mod folder;
mod forward;
mod leased;
pub mod measured;
mod memory;
mod receipts;
pub mod run;
mod secrets;
mod serve;
mod socket;
mod start;
mod state;
#[cfg(test)]
pub mod testing;
pub mod wire;
mod work;

use memory::remember;
pub use memory::{lease_folders, machine_key, new_key};
