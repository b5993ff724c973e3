use crate::{engine::RunSpec, error::EngineError};
use iog_job::RunId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// What is known of a run after a restart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Book {
    pub run: RunSpec,
    pub work: PathBuf,
    pub secrets: PathBuf,
}

/// Folder of all attempts of a lease and match, short enough for every path and device.
pub fn lease_name(id: &RunId) -> String {
    short(&format!("{}-{}", id.lease, id.matched_ts))
}

/// Of one run: group and namespace have it, and are never used again. redteam J9
pub fn run_name(id: &RunId) -> String {
    short(&id.to_string())
}

fn short(text: &str) -> String {
    let digits = hex::encode(Sha256::digest(text));
    digits.get(..12).unwrap_or_default().to_owned()
}

/// None where the folder is not there.
pub fn folders(dir: &Path) -> Result<Vec<PathBuf>, EngineError> {
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(EngineError::file(dir)(error)),
    };
    Ok(entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect())
}
