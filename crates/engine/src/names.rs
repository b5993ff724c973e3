//! What folders, cgroups and networks of runs are called.

use crate::error::EngineError;
use iog_job::RunId;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// Folder of all attempts of a lease and match, short enough for every path and device. Its disk is shared by them.
pub fn lease_name(id: &RunId) -> String {
    short(&format!("{}-{}", id.lease, id.matched_ts))
}

/// Of one run: its container, group and namespace have it, and are never used again. redteam J9
pub fn run_name(id: &RunId) -> String {
    short(&id.to_string())
}

/// Of a text that is too long or has letters that no name may have.
pub fn short(text: &str) -> String {
    hex::encode(Sha256::digest(text)).chars().take(12).collect()
}

/// Folders in a folder; none where there is none.
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

/// What is gone already is gone.
pub fn erase_dir(dir: &Path) -> Result<(), EngineError> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(EngineError::file(dir)(error))
        }
        _ => Ok(()),
    }
}
