//! The configuration file of the Solana CLI, and its names of clusters.

use crate::error::{CliError, Result};
use serde::Deserialize;
use std::path::{Path, PathBuf};

const MAINNET: &str = "https://api.mainnet-beta.solana.com";
const TESTNET: &str = "https://api.testnet.solana.com";
const DEVNET: &str = "https://api.devnet.solana.com";
const LOCALHOST: &str = "http://localhost:8899";

/// What we use of `config.yml`.
///
/// Read here because the crate `solana-cli-config` 4.2.2 brings libusb and the drivers of hardware wallets with it. The YAML
/// parser is the one that it uses.
#[derive(Debug, Default, Deserialize)]
pub struct SolanaConfig {
    pub json_rpc_url: Option<String>,
    pub keypair_path: Option<String>,
    pub commitment: Option<String>,
}

impl SolanaConfig {
    /// Reads `given`, else the usual place, where the file may be missing.
    pub fn load(given: Option<&Path>) -> Result<Self> {
        let path = match given {
            Some(path) => path.to_path_buf(),
            None => match home(".config/solana/cli/config.yml") {
                Some(path) if path.exists() => path,
                _ => return Ok(Self::default()),
            },
        };
        let refuse = |reason: &dyn std::fmt::Display| {
            CliError::usage(format!(
                "cannot use the config file {}: {reason}",
                path.display()
            ))
        };
        let text = std::fs::read_to_string(&path).map_err(|error| refuse(&error))?;
        serde_yaml::from_str(&text).map_err(|error| refuse(&error))
    }

    /// `--url`, else the file's, else mainnet as in the Solana CLI.
    pub fn url(&self, given: Option<&str>) -> Result<String> {
        let named = given.or(self.json_rpc_url.as_deref()).unwrap_or(MAINNET);
        let url = match named {
            "m" | "mainnet-beta" => MAINNET,
            "t" | "testnet" => TESTNET,
            "d" | "devnet" => DEVNET,
            "l" | "localhost" => LOCALHOST,
            url if url.starts_with("http://") || url.starts_with("https://") => url,
            other => {
                return Err(CliError::usage(format!(
                    "'{other}' is no cluster: use m, t, d, l, their long names, or an http(s) URL"
                )))
            }
        };
        Ok(url.to_string())
    }

    /// `--keypair`, else the file's, else `~/.config/solana/id.json`.
    pub fn keypair(&self, given: Option<&str>) -> Result<PathBuf> {
        let path = given.or(self.keypair_path.as_deref());
        match path {
            Some(path) if path.contains("://") || matches!(path, "-" | "ASK") => {
                Err(CliError::usage(format!(
                    "'{path}': only key files can sign here; pass -k with the path of one"
                )))
            }
            Some(path) => Ok(path.into()),
            None => home(".config/solana/id.json").ok_or_else(|| {
                CliError::usage("there is no home directory to look for a key in: pass -k")
            }),
        }
    }
}

fn home(path: &str) -> Option<PathBuf> {
    std::env::var_os("HOME").map(|home| PathBuf::from(home).join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_solana_cli_writes() {
        let text = "---\njson_rpc_url: http://localhost:8899\nwebsocket_url: ''\nkeypair_path: /keys/id.json\naddress_labels:\n  '11111111111111111111111111111111': System Program\ncommitment: finalized\n";
        let config: SolanaConfig = serde_yaml::from_str(text).unwrap();
        assert_eq!(config.url(None).unwrap(), LOCALHOST);
        assert_eq!(config.url(Some("d")).unwrap(), DEVNET);
        assert_eq!(config.keypair(None).unwrap(), Path::new("/keys/id.json"));
        assert_eq!(config.commitment.as_deref(), Some("finalized"));
    }

    #[test]
    fn knows_every_moniker_and_refuses_others() {
        let config = SolanaConfig::default();
        for (short, long) in [
            ("m", "mainnet-beta"),
            ("t", "testnet"),
            ("d", "devnet"),
            ("l", "localhost"),
        ] {
            assert_eq!(
                config.url(Some(short)).unwrap(),
                config.url(Some(long)).unwrap()
            );
        }
        assert_eq!(config.url(None).unwrap(), MAINNET);
        assert!(config.url(Some("mars")).is_err());
        assert!(config.keypair(Some("usb://ledger")).is_err());
    }
}
