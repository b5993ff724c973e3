//! Creates a deployment, step by step. Every step is numbered and leaves accounts behind that record it on chain, so running the
//! migrations again does only what is missing: after a failure, or after an upgrade that added steps.
//!
//! [`run`] works over any RPC endpoint; [`localnet::up`] starts an embedded network and runs them there.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod amounts;
#[cfg(feature = "localnet")]
pub mod localnet;
mod plan;
mod run;
mod steps;

pub use plan::{
    catalog, pyth_account, Breaker, Class, Market, Plan, PlanError, Pool, Price, Prices, Slashing,
    Treasury, Vesting, Window,
};
pub use run::{run, MigrationError, Outcome, Report};
pub use steps::{Migration, Part, Step, MIGRATIONS};
