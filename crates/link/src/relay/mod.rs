//! A relay: forwards packets between keys that have no direct path, and tells endpoints their public addresses.
//!
//! It sees keys, sizes and times, no content. Who may use it and how much is [`Access`]'s to say.

mod access;
mod account;
mod cert;
mod clients;
mod config;
mod metrics;
mod request;
mod serve;
mod socket;

pub use access::Counts;
pub use config::{RelayConfig, EXAMPLE};
pub use serve::Relay;

/// Why a relay does not start.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    #[error("{0}")]
    Config(String),
    #[error("{path}: {error}")]
    File { path: String, error: std::io::Error },
    #[error("{addr} cannot be bound: {error}; is another program there?")]
    Bind {
        addr: std::net::SocketAddr,
        error: String,
    },
    #[error("the certificate cannot be made: {0}")]
    Certificate(String),
}
