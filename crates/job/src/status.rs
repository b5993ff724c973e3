//! Where a job stands.

use crate::ids::{Hash, RunId};
use serde::{Deserialize, Serialize};

/// What a run waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    /// For the specification, from the renter.
    Specification,
    Inputs,
    Image,
    Secrets,
    /// For the card: the proof's table or another job is in its memory still.
    Card,
}

/// What the node does before a job runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Inputs,
    Image,
    Disk,
    Start,
}

/// Why a job failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The machine could not do what it accepted: `cards`, `disk`, `engine`, ...
    Host(String),
    /// The job outlived its time limit.
    TimeLimit,
    /// It vanished with the machine.
    Lost,
    /// A service was not ready in time.
    NotReady,
    /// It used more memory than it asked for.
    OutOfMemory,
    /// What it asked for could not be had: an image, an input.
    Fetch(String),
}

/// Where a run stands. Terminal: exited, failed, refused, stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "phase")]
pub enum Phase {
    Waiting {
        r#for: Waiting,
    },
    Preparing {
        step: Step,
        done: u64,
        total: u64,
    },
    /// `ready` is false for a service that does not answer yet.
    Running {
        ready: bool,
    },
    /// The command's own code, 128 + n after signal n.
    Exited {
        code: i32,
    },
    Failed {
        why: Why,
    },
    /// The node does not run it: it is not what was offered or ordered, or the operator's policy forbids it.
    Refused {
        why: String,
    },
    /// The renter or the lease's end stopped it.
    Stopped,
}

impl Phase {
    pub fn is_over(&self) -> bool {
        matches!(
            self,
            Self::Exited { .. } | Self::Failed { .. } | Self::Refused { .. } | Self::Stopped
        )
    }
}

/// One status of a lease, numbered and chained by hash: two of one number are evidence. redteam K6
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    pub run: RunId,
    /// From 1, for the lease's match.
    pub number: u64,
    /// SHA-256 of the statement before, as it was signed; zeros before the first.
    pub previous: Hash,
    /// The chain's time as the node has it.
    pub ts: i64,
    #[serde(flatten)]
    pub phase: Phase,
    /// Faults and heat of the cards since the last status, as the driver tells them. redteam J11
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
}
