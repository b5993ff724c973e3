use crate::engine::RunSpec;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is known of a run after a restart.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Book {
    pub run: RunSpec,
    pub work: PathBuf,
    pub secrets: PathBuf,
}
