//! Runs the jobs of leases.
//!
//! [`Engine`] is what a node's job side speaks to. No engine lets a job outlive its lease or touch what is not its own.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod engine;
mod error;

pub use engine::{
    Capacity, Card, Engine, Exec, ExecEvent, ExecInput, Health, Limits, Prepared, RunSpec, RunStatus,
};
pub use error::EngineError;
