//! Where an endpoint finds its peers.

use crate::LinkError;
use iog_job::Hash;
use iroh::RelayUrl;
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;

/// Of a relay's address discovery, UDP.
pub const QUIC_PORT: u16 = 7842;

/// A relay and how it is recognised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayAddr {
    /// `https://host[:port]`, or `http://…`: what is relayed is encrypted between the two keys either way.
    pub url: String,
    /// Who runs it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub operator: String,
    /// UDP port of its address discovery; without it no direct path is found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quic_port: Option<u16>,
    /// SHA-256 of the public key (SubjectPublicKeyInfo) of its certificate: the one now, and the next one. None: the certificate
    /// must be signed by a public authority. A pinned certificate's name and dates do not matter. redteam L8
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pins: Vec<Hash>,
    /// What it forwards of one key a second, so that others can tell how long something takes. redteam X5
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_per_second: Option<u64>,
}

impl RelayAddr {
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_string(),
            operator: String::new(),
            quic_port: None,
            pins: Vec::new(),
            bytes_per_second: None,
        }
    }

    pub(crate) fn relay_url(&self) -> Result<RelayUrl, LinkError> {
        let refuse = |why: &str| LinkError::Settings(format!("relay `{}`: {why}", self.url));
        let url: RelayUrl = self
            .url
            .parse()
            .map_err(|_| refuse("not a URL; write https://host:port"))?;
        if !matches!(url.scheme(), "https" | "http") || url.host_str().is_none() {
            return Err(refuse("write https://host:port or http://host:port"));
        }
        Ok(url)
    }
}

/// How an endpoint is bound.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// No others are ever contacted.
    pub relays: Vec<RelayAddr>,
    /// Local UDP address; by default every interface and a port of the system's choice. A provider behind a symmetric NAT forwards
    /// one port and binds to it.
    pub bind: Option<SocketAddr>,
    /// Tells and uses no address of its own: everything goes by relay.
    pub relay_only: bool,
}
