//! What `iog` and the agent say to each other: one greeting of the agent, one question, answers; then, for a stream, chunks.

use crate::error::CliError;
use iog_job::{
    wire::{Refusal, Verb},
    Binding, Key, Phase,
};
use iog_link::LinkError;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Of the agent's protocol: an agent that an older `iog` left running is not spoken to.
pub const VERSION: u32 = 2;
/// Largest message: a list of all leases of an order, a thousand of them, each with as long a status as a device may send.
pub const MAX_MESSAGE: usize = 128 << 20;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Greeting {
    pub iog_agent: u32,
    pub pid: u32,
    pub order: Key,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// A stream to a lease's device; chunks follow the answer.
    Open { lease: Key, verb: Verb },
    /// Every lease, now and whenever one changes, until the asker goes.
    Follow,
    /// Specification, inputs and secrets are offered to every device again.
    Deliver,
    /// Connections to a local address go to a port of the job, until the asker goes.
    Forward {
        lease: Key,
        local: SocketAddr,
        port: u16,
    },
    /// The agent ends.
    Stop,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    Opened(Line),
    Leases(Leases),
    Listening(SocketAddr),
    Done,
    Failed { code: u8, text: String },
}

/// With whom a stream speaks, and by which path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub lease: Key,
    pub device: Key,
    pub path: String,
    /// Not by a relay.
    pub direct: bool,
    pub rtt_micros: u64,
}

/// Where an order stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Leases {
    /// The agent has looked at the chain, or tried to.
    pub looked: bool,
    /// `open`, `matched`, ...; none where there is no such order (any more).
    pub order: Option<String>,
    /// GPUs of the order, and of those matched and accepted.
    pub gpus: [u32; 3],
    /// The endpoint's last error, if it does not answer.
    pub trouble: Option<String>,
    /// What the endpoints do not tell alike.
    pub doubt: Option<String>,
    pub leases: Vec<LeaseView>,
}

/// What a lease's key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Matched or accepted, not started: an offer may be made.
    Before,
    Running,
    /// Over: status, log and outputs may be read for a while.
    Kept,
}

impl Stage {
    pub fn name(self) -> &'static str {
        match self {
            Self::Before => "not started",
            Self::Running => "running",
            Self::Kept => "over",
        }
    }
}

/// One lease as the agent knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeaseView {
    pub binding: Binding,
    pub tunnel_key: Key,
    pub place: u16,
    pub gpus: u32,
    pub stage: Stage,
    /// Of the newest status.
    pub phase: Option<Phase>,
    pub attempt: u32,
    pub number: u64,
    pub status_ts: i64,
    pub events: Vec<String>,
    /// Bytes of inputs and image that went to the device, and of those it wants.
    pub sent: u64,
    pub wanted: u64,
    /// Specification, inputs and secrets are there.
    pub delivered: bool,
    pub path: Option<String>,
    pub trouble: Option<String>,
    /// Statements of the device that did not hold, and the last one's fault.
    pub wrong: u32,
    pub wrong_last: Option<String>,
    /// Slots that are signed for.
    pub receipts: u32,
    /// What the agent's newest check showed.
    #[serde(default)]
    pub check: Option<String>,
}

impl Reply {
    pub fn failed(error: &CliError) -> Self {
        Self::Failed {
            code: error.exit_code(),
            text: error.line(),
        }
    }
}

/// The exit codes of the rest: 3 the other side refuses, 4 it is not reached and nothing was done, 5 the outcome is unknown.
pub fn link_error(error: LinkError) -> CliError {
    let code = match &error {
        LinkError::Settings(_) | LinkError::NoRelay | LinkError::Bind(_) => 2,
        LinkError::Refused {
            code: Refusal::NotStarted | Refusal::Busy | Refusal::Unavailable,
            ..
        } => 4,
        LinkError::NotAdmitted(_) | LinkError::Refused { .. } | LinkError::Malformed(_) => 3,
        LinkError::Unreachable { .. } | LinkError::TimedOut { .. } => 4,
        LinkError::Lost(_) | LinkError::Displaced => 5,
    };
    CliError::Other {
        text: error.to_string(),
        code,
    }
}
