use crate::{error::EngineError, spec::JobSpec};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Code of a job that outlived its time limit, as of `timeout(1)`.
pub const CODE_TIME_LIMIT: i32 = 124;
/// Code of a job that vanished without leaving one: killed from outside, or lost with the machine.
pub const CODE_LOST: i32 = 255;

/// Where a job stands. The last three are final.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobStatus {
    /// Accepted, not started.
    Pending,
    Running,
    Succeeded,
    /// The command's own exit code, 128 + n after signal n, 126 or 127 if it could not be run, [`CODE_TIME_LIMIT`] or
    /// [`CODE_LOST`].
    Failed {
        code: i32,
    },
    /// Ended by [`Engine::stop`].
    Stopped,
}

impl JobStatus {
    /// True once the status cannot change any more.
    pub fn is_final(self) -> bool {
        !matches!(self, JobStatus::Pending | JobStatus::Running)
    }
}

/// What a submission did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Submitted {
    Started,
    /// The same submission was there already, in whatever status.
    Adopted,
}

/// The end of what a job wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logs {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
}

/// A file that a job left in its output directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Relative to the output directory, with `/`.
    pub path: String,
    pub len: u64,
    /// In lower-case hexadecimal.
    pub sha256: String,
}

/// Whether an engine can take work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    pub ready: bool,
    pub running: usize,
    /// Why not, if not ready.
    pub detail: Option<String>,
}

/// Something that runs jobs.
#[async_trait]
pub trait Engine: Send + Sync {
    /// Starts a job, or finds the one that was started under the same id.
    ///
    /// # Errors
    /// [`EngineError::Conflict`] if that one is a different job.
    async fn submit(&self, spec: &JobSpec) -> Result<Submitted, EngineError>;

    async fn status(&self, id: &str) -> Result<JobStatus, EngineError>;

    /// The last `max_bytes` of each stream.
    async fn logs(&self, id: &str, max_bytes: u64) -> Result<Logs, EngineError>;

    /// Ends a job and everything it started; returns once it is over. A job that is over stays as it is.
    async fn stop(&self, id: &str) -> Result<JobStatus, EngineError>;

    /// Every job the engine knows, by id.
    async fn list(&self) -> Result<Vec<(String, JobStatus)>, EngineError>;

    /// The files in the job's output directory, by path.
    async fn outputs(&self, id: &str) -> Result<Vec<Output>, EngineError>;

    async fn health(&self) -> Health;
}
