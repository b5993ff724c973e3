//! What can go wrong on the link, and what the caller can do.

use iog_job::wire::Refusal;

/// Why a connection or stream did not come about, or ended.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// A key, address or certificate in the settings is wrong.
    #[error("{0}")]
    Settings(String),
    /// Neither a relay nor an address is known.
    #[error("no relay is known: name one in the network's file or with --relay")]
    NoRelay,
    #[error("no socket could be bound: {0}; choose another `bind` address")]
    Bind(String),
    /// The device does not know this key: no such lease, not yet, or no more.
    #[error(
        "the device does not admit this key ({0}); check that the lease is yours and not over"
    )]
    NotAdmitted(String),
    /// The device answered a stream with a refusal.
    #[error("refused: {reason}")]
    Refused { code: Refusal, reason: String },
    /// Nobody answered by any relay.
    #[error("the device cannot be reached by any of {relays} relays: it is off line, or the relays are; try again later")]
    Unreachable { relays: usize },
    #[error("no answer within {secs} s; try again")]
    TimedOut { secs: u64 },
    /// The connection ended.
    #[error("the connection was lost ({0}); connect again")]
    Lost(String),
    /// The other side said something that is no answer.
    #[error("the other side does not speak this protocol ({0}); is it of the same version?")]
    Malformed(String),
    /// Another process uses this key. redteam L1
    #[error("this key was connected elsewhere; only one process may use it")]
    Displaced,
}

impl LinkError {
    /// Whether the same call may succeed by and by.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::TimedOut { .. } | Self::Lost(_) => true,
            Self::Refused { code, .. } => matches!(code, Refusal::Busy | Refusal::Unavailable),
            _ => false,
        }
    }
}

impl From<std::io::Error> for LinkError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::InvalidData => Self::Malformed(error.to_string()),
            _ => Self::Lost(error.to_string()),
        }
    }
}
