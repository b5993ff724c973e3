//! `iog-keeper relay`.

use crate::{print, run::told_to_end, Failure, Output, USAGE};
use clap::{Args, Subcommand};
use iog_link::{
    relay::{Relay, RelayConfig, RelayError, EXAMPLE},
    RelayAddr,
};
use std::{
    net::SocketAddr,
    num::NonZeroU32,
    path::{Path, PathBuf},
};

pub const EXAMPLES: &str = "Examples:
  iog-keeper relay example > relay.toml
  iog-keeper relay --config relay.toml
  iog-keeper relay --name relay.example.org --allow allow.txt --metrics 127.0.0.1:9753
  iog-keeper relay --listen 127.0.0.1:3340 --quic 127.0.0.1:7842 --plain --allow-any

It prints its entry for the network's file. A flag wins over the file. It sees keys, sizes and times of what it forwards, no content.";

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct RelayArgs {
    #[command(subcommand)]
    command: Option<RelayCommand>,
    #[command(flatten)]
    serve: ServeArgs,
}

#[derive(Subcommand)]
enum RelayCommand {
    /// Print a commented example of the configuration file
    Example,
}

#[derive(Args)]
struct ServeArgs {
    /// Configuration file
    #[arg(short, long, env = "IOG_RELAY_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// TCP address that clients connect to [default: 0.0.0.0:443]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// UDP address of address discovery [default: 0.0.0.0:7842]
    #[arg(long, value_name = "ADDR")]
    quic: Option<SocketAddr>,
    /// No address discovery: no two endpoints find a direct path by this relay
    #[arg(long, conflicts_with = "quic")]
    no_quic: bool,
    /// Plain HTTP: behind a proxy that does TLS, or for tests
    #[arg(long)]
    plain: bool,
    /// Folder of the certificate's keys [default: relay]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Name or address under which clients find it; goes into certificate and entry. May be given again
    #[arg(long = "name", value_name = "HOST")]
    names: Vec<String>,
    /// File of the keys that may connect, one a line; read again when it changes
    #[arg(long, value_name = "FILE")]
    allow: Option<PathBuf>,
    /// Every key may connect
    #[arg(long, conflicts_with = "allow")]
    allow_any: bool,
    /// What one key may send [default: 2000000]
    #[arg(long, value_name = "BYTES")]
    bytes_per_second: Option<NonZeroU32>,
    /// What one key may send and receive in a day, from 00:00 UTC [default: 100000000000]
    #[arg(long, value_name = "BYTES")]
    bytes_per_day: Option<u64>,
    /// Connections at once [default: 4096]
    #[arg(long, value_name = "NUMBER")]
    max_clients: Option<usize>,
    /// Loopback address of Prometheus metrics
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
}

impl From<RelayError> for Failure {
    fn from(error: RelayError) -> Self {
        Self {
            code: USAGE,
            line: error.to_string(),
        }
    }
}

pub fn relay(args: RelayArgs, output: Output) -> Result<(), Failure> {
    if let Some(RelayCommand::Example) = args.command {
        return print(EXAMPLE);
    }
    let config = args.serve.config()?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure {
            code: USAGE,
            line: format!("threads: {error}"),
        })?;
    runtime.block_on(async {
        let end = told_to_end()?;
        let relay = Relay::start(&config).await?;
        let host = config.names.first().cloned();
        let host = host.unwrap_or_else(|| relay.addr().ip().to_string());
        print(&entry(&relay.entry(&host), output))?;
        tracing::info!(addr = %relay.addr(), quic = ?relay.quic_addr(), "relay started");
        end.await;
        relay.stop().await;
        tracing::info!("relay ended");
        Ok(())
    })
}

/// What stands for it in a network's file.
fn entry(relay: &RelayAddr, output: Output) -> String {
    let pins: Vec<_> = relay.pins.iter().map(|pin| format!("\"{pin}\"")).collect();
    match output {
        Output::Json => format!("{}\n", serde_json::json!(relay)),
        Output::Text => format!(
            "[[relays]]\nurl = \"{}\"\n{}pins = [{}]\n",
            relay.url,
            relay
                .quic_port
                .map(|port| format!("quic_port = {port}\n"))
                .unwrap_or_default(),
            pins.join(", "),
        ),
    }
}

impl ServeArgs {
    fn config(self) -> Result<RelayConfig, Failure> {
        let mut config = match &self.config {
            Some(path) => RelayConfig::parse(&text_of(path)?)?,
            None => RelayConfig::default(),
        };
        if self.allow.is_some() || self.allow_any {
            config.allow = self.allow;
            config.allow_any = self.allow_any;
        }
        config.listen = self.listen.unwrap_or(config.listen);
        config.quic = if self.no_quic {
            None
        } else {
            self.quic.or(config.quic)
        };
        config.plain |= self.plain;
        config.dir = self.dir.unwrap_or(config.dir);
        if !self.names.is_empty() {
            config.names = self.names;
        }
        config.bytes_per_second = self.bytes_per_second.or(config.bytes_per_second);
        config.bytes_per_day = self.bytes_per_day.or(config.bytes_per_day);
        config.max_clients = self.max_clients.unwrap_or(config.max_clients);
        config.metrics = self.metrics.or(config.metrics);
        Ok(config)
    }
}

fn text_of(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| Failure {
        code: USAGE,
        line: format!("{}: {error}", path.display()),
    })
}
