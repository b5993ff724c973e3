//! Runs the jobs of leases.
//!
//! [`Engine`] is what a node's job side speaks to. No engine lets a job outlive its lease or touch what is not its own.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod capacity;
pub mod cgroup;
pub mod container;
pub mod disk;
mod engine;
mod error;
pub mod files;
mod helper;
pub mod image;
pub mod inside;
pub mod log;
pub mod names;
pub mod netns;
pub mod outputs;
mod runs;
pub mod sandbox;
mod seccomp;
mod startable;
pub mod supervise;

pub use container::{ContainerEngine, ContainerSettings, Daemon, Runtime};
pub use engine::{
    Bytes, Capacity, Card, Engine, Exec, ExecEvent, ExecInput, Health, Left, Limits, Prepared,
    RunSpec, RunStatus, Takes,
};
pub use error::EngineError;
pub use helper::helper_main;
pub use sandbox::{SandboxEngine, SandboxSettings};
