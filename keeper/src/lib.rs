//! The keeper: a loop that brings the chain to where its rules want it to be.
//!
//! One pass reads a [`snapshot`], plans [`action`]s from it (pure functions in [`plan`]), and simulates, sends, confirms and
//! records each of them. Whatever it does may be done by any number of keepers at a time, and a keeper that is killed at any
//! point repeats nothing that may still land.
//!
//! ```no_run
//! # async fn example() -> Result<(), iog_keeper::KeeperError> {
//! use iog_keeper::{config::Device, Config, Keeper};
//!
//! let mut config = Config::new("http://127.0.0.1:8899", "payer.json", "state");
//! config.devices.push(Device::new("device.json"));
//! config.single_rpc = true;
//! let mut keeper = Keeper::open(config)?;
//! for done in keeper.tick().await? {
//!     println!("{} {} {}", done.outcome.name(), done.key, done.note);
//! }
//! # Ok(())
//! # }
//! ```

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod act;
pub mod action;
mod board;
mod classify;
pub mod config;
mod done;
mod draft;
mod error;
mod fetch;
mod http;
mod keeper;
mod locks;
mod memory;
mod open;
mod outbox;
mod pass;
pub mod plan;
pub mod price;
mod provers;
mod publish;
pub mod rules;
mod senders;
pub mod snapshot;
pub mod supervisor;
mod theft;
mod vitals;

pub use config::{Config, Role};
pub use done::{Done, Outcome};
pub use error::{KeeperError, Result};
pub use fetch::classes;
pub use keeper::Keeper;
pub use open::check_cards;
