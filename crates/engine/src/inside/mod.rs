//! Programs, files and ports inside of a run: a helper process goes into the run's namespaces as the run's user, without capabilities,
//! and hands out what it opened there.
//!
//! The helper's standard input is a socket: by it come the [`Plan`] and, while it is open, the life of what was started; by it go the
//! descriptors and at the end the exit code.

mod client;
mod join;
mod limits;
mod runsc;
mod sftp;

pub use client::{connect, exec, sftp};
pub(crate) use join::join;
pub use runsc::Sandboxed;

use crate::supervise::First;
use iog_job::wire::Terminal;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A run to go into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub first: First,
    /// Inside.
    pub uid: u32,
    pub gid: u32,
    pub cwd: String,
    pub env: Vec<(String, String)>,
    /// Folders of the run's cgroups.
    pub groups: Vec<PathBuf>,
}

/// How one comes into a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// By the namespaces of its first process.
    Join(Target),
    /// By asking the kernel that it has of its own.
    Runsc(Sandboxed),
}

impl Way {
    fn target(self, wanted: &str) -> Result<Target, crate::EngineError> {
        match self {
            Self::Join(target) => Ok(target),
            Self::Runsc(_) => Err(crate::EngineError::NotFound(format!(
                "{wanted} inside runsc"
            ))),
        }
    }
}

/// What to do there.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Task {
    Run {
        command: Vec<String>,
        terminal: Option<Terminal>,
    },
    Connect {
        port: u16,
    },
    Sftp,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Plan {
    target: Target,
    task: Task,
}

/// The helper's first answer, with descriptors beside it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Done,
    NotFound(String),
    Failed(String),
}

/// Longest plan: an environment is in it.
const MAX_PLAN_BYTES: usize = 1 << 20;
