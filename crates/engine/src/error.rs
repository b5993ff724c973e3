use std::{io, path::PathBuf};

/// Why an engine does not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    #[error("no run is called {0}")]
    Unknown(String),
    #[error("{0} is another run than the one that was submitted before")]
    Conflict(String),
    /// The machine cannot do what it accepted: `cards`, `disk`, `limits`, `network`, `engine`, ...
    #[error("the host failed: {what}: {detail}")]
    Host { what: &'static str, detail: String },
    #[error("the image cannot be used: {0}")]
    Image(String),
    /// The renter's own doing: the host starts jobs, and not this one.
    #[error("the job cannot be started: {0}")]
    Job(String),
    #[error("{0} is not there")]
    NotFound(String),
    #[error("the run is not running")]
    NotRunning,
    #[error("{path}: {source}")]
    File { path: PathBuf, source: io::Error },
}

impl EngineError {
    pub(crate) fn host(what: &'static str, detail: impl Into<String>) -> Self {
        Self::Host {
            what,
            detail: detail.into(),
        }
    }

    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
