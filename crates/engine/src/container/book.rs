use crate::{
    engine::{RunSpec, RunStatus},
    error::EngineError,
    supervise::First,
};
use iog_job::RunId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// What the engine keeps of a run: everything else it asks the container engine.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Book {
    pub run: RunSpec,
    /// The job was let go.
    #[serde(default)]
    pub started: bool,
    /// Its first process.
    #[serde(default)]
    pub first: Option<First>,
    /// How it ended; for good.
    #[serde(default)]
    pub over: Option<RunStatus>,
}

/// Folder of a lease and match: its disk is shared by all attempts.
pub fn lease_name(id: &RunId) -> String {
    short(&format!("{}-{}", id.lease, id.matched_ts))
}

/// Of a run's container, cgroup and network.
pub fn run_name(id: &RunId) -> String {
    short(&id.to_string())
}

fn short(text: &str) -> String {
    hex::encode(Sha256::digest(text)).chars().take(12).collect()
}

/// Folders in a folder; none where there is none.
pub fn folders(dir: &Path) -> Result<Vec<PathBuf>, EngineError> {
    match std::fs::read_dir(dir) {
        Ok(entries) => Ok(entries
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.is_dir())
            .collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(EngineError::file(dir)(error)),
    }
}
