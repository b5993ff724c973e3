//! Runs the jobs that renters pay for.
//!
//! [`Engine`] is what the keeper speaks to. [`LocalEngine`] runs a job as a child process on this machine; engines for clusters
//! implement the same trait. A submission is named `<lease>-<attempt>` and runs at most once: submitting it again, even after
//! the keeper was restarted, finds the job that is there.
//!
//! [`job_hash`] is the hash that an order stores on chain, so that a supplier can prove to have been given that very job.

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod engine;
mod error;
#[cfg(unix)]
mod local;
mod publish;
mod spec;

pub use engine::{Engine, Health, JobStatus, Logs, Output, Submitted, CODE_LOST, CODE_TIME_LIMIT};
pub use error::EngineError;
#[cfg(unix)]
pub use local::LocalEngine;
pub use publish::publish;
pub use spec::{job_hash, submission_id, Input, JobSpec};
