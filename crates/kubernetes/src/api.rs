//! What the API server answers, as engines say it.

use iog_engine::EngineError;
use iog_job::RunId;
use kube::client::UpgradeConnectionError;

/// Of what the server said, for people.
const SHOWN: usize = 300;

pub fn host(what: &'static str, detail: impl Into<String>) -> EngineError {
    EngineError::Host {
        what,
        detail: detail.into(),
    }
}

/// A call that failed: the host's fault.
pub fn refused(error: &kube::Error) -> EngineError {
    host("engine", said(error))
}

pub fn said(error: &kube::Error) -> String {
    let text = match error {
        kube::Error::Api(status) => {
            format!("Kubernetes refuses ({}): {}", status.code, status.message)
        }
        other => format!("Kubernetes does not answer: {other}"),
    };
    text.chars().take(SHOWN).collect()
}

pub fn code(error: &kube::Error) -> Option<u16> {
    match error {
        kube::Error::Api(status) => Some(status.code),
        // Of `exec`, whose answer is another connection.
        kube::Error::UpgradeConnection(UpgradeConnectionError::ProtocolSwitch(status)) => {
            Some(status.as_u16())
        }
        _ => None,
    }
}

/// What is gone already is gone.
pub fn or_gone<T>(done: kube::Result<T>) -> Result<(), EngineError> {
    match done {
        Err(error) if code(&error) != Some(404) => Err(refused(&error)),
        _ => Ok(()),
    }
}

pub fn unknown(id: &RunId) -> EngineError {
    EngineError::Unknown(id.to_string())
}
