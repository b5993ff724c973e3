//! Runs the jobs of leases as Jobs of a Kubernetes cluster, on the machine that the node stands for.
//!
//! Each run is one Job with one pod: `receive` waits for inputs and secrets, `job` is the renter's container, `hold` keeps the pod's disk
//! readable until it is copied. What there is of a run beside them lies in the node's own folder: that is where outputs, the log and the
//! books are, and what is found again after a restart. docs/kubernetes.md

#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod api;
mod book;
mod cluster;
mod collect;
mod connect;
mod end;
mod engine;
mod inside;
mod logs;
mod machine;
mod objects;
mod outputs;
mod pods;
mod port;
mod proof;
mod quantity;
mod receive;
mod settings;
mod shell;
mod shepherd;
mod start;

pub use engine::KubernetesEngine;
pub use objects::every_object;
pub use settings::KubernetesSettings;
