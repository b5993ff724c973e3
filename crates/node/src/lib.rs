//! The node's side of a lease. Three processes of three users, so that what meets strangers has no device key: redteam J1.
//!
//! - `chain` (`iog-keeper run`) holds the device keys, beats, accepts, proves, and publishes the [`board::Board`]: which leases are whose.
//! - `link` holds the tunnel keys and no other right. It admits whom the board names and hands streams on.
//! - `jobs` holds the engine and no key. It checks each request against the board, and runs the jobs.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

pub mod admission;
pub mod board;
pub mod fetch;
pub mod jobs;
pub mod link;
pub mod pass;
pub mod pipe;
pub mod policy;
mod ssh;
pub mod view;
