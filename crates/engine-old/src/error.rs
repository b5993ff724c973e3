use std::path::PathBuf;

/// Why an engine did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("the job is not usable: {0}")]
    Spec(String),
    #[error("no job {0}; submit it first")]
    NotFound(String),
    #[error("job {0} exists with another specification; use the next attempt's id")]
    Conflict(String),
    #[error("input {target} does not have the hash that the specification names; fetch it again")]
    InputChanged { target: String },
    #[error("another keeper uses {0}; stop it, or give this one a state directory of its own")]
    Locked(PathBuf),
    #[error("{path}: {source}")]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("the state in {path} is damaged: {reason}; move the job's directory away")]
    State { path: PathBuf, reason: String },
    #[error("job {id} did not start: {reason}")]
    Start { id: String, reason: String },
    #[error("job {0} does not end, not even when killed; look for its processes")]
    Unstoppable(String),
}

impl EngineError {
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| EngineError::File { path, source }
    }
}
