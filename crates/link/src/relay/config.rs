//! A relay's settings.

use super::RelayError;
use serde::Deserialize;
use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
};

/// A commented example.
pub const EXAMPLE: &str = r#"# What clients connect to, TCP.
listen = "0.0.0.0:443"
# Address discovery, UDP: without it no two endpoints find a direct path. Always with TLS.
quic = "0.0.0.0:7842"
# Behind a proxy that does TLS: serve plain HTTP. The relay's keys make content unreadable either way.
plain = false
# Keys of certificates, kept across restarts: now.key and next.key. To change over, rename next.key to now.key and restart.
dir = "relay"
# Names in the certificate; clients that pin its key do not look at them.
names = ["relay.example.org"]
# Who may connect: a file with one key a line (base58; `#` begins a comment), read again when it changes. Engineer keys, tunnel keys
# and holders of tickets. Or everybody:
allow = "allow.txt"
allow_any = false
# Limits of one key: bytes a second that it sends, bytes a day both ways (from 00:00 UTC), and of all.
bytes_per_second = 2000000
bytes_per_day = 100000000000
max_clients = 4096
# Prometheus metrics at http://<metrics>/metrics; a loopback address.
metrics = "127.0.0.1:9753"
"#;

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RelayConfig {
    pub listen: SocketAddr,
    pub quic: Option<SocketAddr>,
    pub plain: bool,
    pub dir: PathBuf,
    pub names: Vec<String>,
    pub allow: Option<PathBuf>,
    pub allow_any: bool,
    pub bytes_per_second: Option<NonZeroU32>,
    pub bytes_per_day: Option<u64>,
    pub max_clients: usize,
    pub metrics: Option<SocketAddr>,
}

impl Default for RelayConfig {
    fn default() -> Self {
        let any = |port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
        Self {
            listen: any(443),
            quic: Some(any(crate::QUIC_PORT)),
            plain: false,
            dir: "relay".into(),
            names: Vec::new(),
            allow: None,
            allow_any: false,
            bytes_per_second: NonZeroU32::new(2_000_000),
            bytes_per_day: Some(100_000_000_000),
            max_clients: 4_096,
            metrics: None,
        }
    }
}

impl RelayConfig {
    /// # Errors
    /// If the text is no such configuration.
    pub fn parse(text: &str) -> Result<Self, RelayError> {
        toml::from_str(text).map_err(|error| RelayError::Config(error.to_string()))
    }

    /// # Errors
    /// What has to be said otherwise.
    pub fn check(&self) -> Result<(), RelayError> {
        let refuse = |reason: &str| Err(RelayError::Config(reason.to_string()));
        if self.allow.is_none() && !self.allow_any {
            return refuse(
                "nobody could connect: give `allow`, a file of keys, or `allow_any = true`",
            );
        }
        if self.allow.is_some() && self.allow_any {
            return refuse("`allow` and `allow_any` exclude each other: leave out one");
        }
        if self.metrics.is_some_and(|addr| !addr.ip().is_loopback()) {
            return refuse("`metrics` must be a loopback address, such as 127.0.0.1:9753");
        }
        // The limit is kept in steps of 100 ms.
        if self
            .bytes_per_second
            .is_some_and(|rate| rate.get() < 10_000)
        {
            return refuse("`bytes_per_second` must be at least 10000: less holds no connection");
        }
        if self.max_clients == 0 {
            return refuse("`max_clients` must be at least 1");
        }
        Ok(())
    }
}
