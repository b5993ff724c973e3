//! The local network's own relay, without which nobody reaches a node there, and the file that names it.

use crate::error::{CliError, Result};
use clap::Args;
use iog_link::{
    relay::{Relay, RelayConfig},
    Network,
};
use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

#[derive(Args, Debug)]
pub struct RelayArgs {
    /// Port of the relay on loopback, TCP and UDP
    #[arg(long, default_value_t = 3340, value_name = "PORT")]
    relay_port: u16,
    /// Start no relay; then name one in a network file of your own
    #[arg(long, conflicts_with = "relay_port")]
    no_relay: bool,
}

/// A relay that serves everybody on this machine, and the network's file.
pub struct Started {
    pub relay: Relay,
    pub file: PathBuf,
}

/// `None` where none is wanted.
pub async fn start(args: &RelayArgs, dir: &Path, rpc_url: &str) -> Result<Option<Started>> {
    if args.no_relay {
        return Ok(None);
    }
    let refused = |reason: String| {
        CliError::usage(format!(
            "the relay: {reason}; choose another --relay-port, or --no-relay"
        ))
    };
    let host = Ipv4Addr::LOCALHOST;
    let addr = SocketAddr::from((host, args.relay_port));
    let config = RelayConfig {
        listen: addr,
        quic: Some(addr),
        dir: dir.join("relay"),
        names: vec![host.to_string()],
        allow_any: true,
        // Of nobody else than this machine.
        bytes_per_second: None,
        bytes_per_day: None,
        ..RelayConfig::default()
    };
    let relay = Relay::start(&config).await;
    let relay = relay.map_err(|error| refused(error.to_string()))?;
    let known = Network::known("localnet");
    let known = known.ok_or_else(|| refused("the file of localnet is malformed".into()))?;
    let network = Network {
        rpc_urls: vec![rpc_url.into()],
        relays: vec![relay.entry(&host.to_string())],
        ..known
    };
    let text = toml::to_string(&network).map_err(|error| refused(error.to_string()))?;
    let file = dir.join("network.toml");
    fs::write(&file, text).map_err(|error| refused(format!("{}: {error}", file.display())))?;
    Ok(Some(Started { relay, file }))
}
