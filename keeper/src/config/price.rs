//! The role `price`: where the price of IO comes from, and how it gets on the chain.

use crate::{
    error::{KeeperError, Result},
    price::Unit,
};
use serde::{Deserialize, Deserializer};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

/// Sampling more often than the chain has seconds makes nothing newer.
const FEWEST_SECS: u64 = 1;
/// Between two looks at the sources, at most: consumers take no report that is older than a minute.
const MOST_SECS: u64 = 60;

/// What a reporter of the price does. A keeper without `key` only carries what its peers sign.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Price {
    /// Keypair file of the reporter, which owns nothing. Mode 0600.
    pub key: Option<PathBuf>,
    /// Who says what IO costs.
    pub sources: Vec<Source>,
    /// How many of them must agree before anything is signed.
    pub min_sources: usize,
    /// Machine seconds between two looks at the sources.
    pub sample_secs: u64,
    /// Reported on chain once the price is this far from what was reported last, in hundredths of a percent.
    pub move_bps: u64,
    /// Reported on chain after this many seconds at the latest.
    pub every_secs: u64,
    /// Never reported sooner than this many seconds after the last time.
    pub least_secs: u64,
    /// Most that reporting may cost in a day of chain time, within the hour's cap of the whole keeper.
    pub lamports_per_day: u64,
    /// Other reporters' keepers; their signed reports are carried along.
    pub peers: Vec<String>,
    /// Where /v1/price is served besides `listen`; may be a public address.
    pub listen: Option<SocketAddr>,
    /// Post Pyth's updates, where the network's price is Pyth's.
    pub hermes: Option<Hermes>,
}

impl Default for Price {
    fn default() -> Self {
        Self {
            key: None,
            sources: Vec::new(),
            min_sources: 3,
            sample_secs: 10,
            move_bps: 50,
            every_secs: 300,
            least_secs: 30,
            lamports_per_day: 20_000_000,
            peers: Vec::new(),
            listen: None,
            hermes: None,
        }
    }
}

/// An address that answers JSON with a price in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub url: String,
    /// What logs and metrics call it; its host if not set. Its address may hold a secret, so that it is never written anywhere.
    #[serde(default)]
    pub name: Option<String>,
    /// JSON pointer to the price, such as /data/0/last.
    pub pointer: String,
    /// What the number is.
    #[serde(default, deserialize_with = "unit")]
    pub unit: Unit,
    /// What it counts for beside the others.
    #[serde(default = "one")]
    pub weight: u32,
    #[serde(default = "four_seconds")]
    pub timeout_ms: u64,
    /// File with HTTP headers, `Name: value` one a line. Mode 0600.
    #[serde(default)]
    pub headers: Option<PathBuf>,
    /// JSON pointer to the time of the price: unix seconds, or thousandths, millionths, billionths of one.
    #[serde(default)]
    pub time: Option<String>,
    /// How old the price may be by `time`, and by the age that a cache on the way tells.
    #[serde(default = "sixty")]
    pub max_age_secs: u64,
}

/// Pyth's price service.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hermes {
    pub endpoint: String,
    /// File with HTTP headers, such as an access key. Mode 0600.
    #[serde(default)]
    pub headers: Option<PathBuf>,
    #[serde(default = "four_seconds")]
    pub timeout_ms: u64,
    /// Which of the push oracle's accounts of the feed is written.
    #[serde(default)]
    pub shard: u16,
}

fn one() -> u32 {
    1
}

fn four_seconds() -> u64 {
    4_000
}

fn sixty() -> u64 {
    60
}

fn unit<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Unit, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(serde::de::Error::custom)
}

impl Price {
    /// Refuses what cannot work, in one line that says what to change.
    pub(super) fn validate(&self) -> Result<()> {
        let refuse = |reason: String| Err(KeeperError::Config(reason));
        if self.key.is_none() && self.peers.is_empty() && self.hermes.is_none() {
            return refuse(
                "the role price needs price.key and price.sources, price.peers, or price.hermes"
                    .into(),
            );
        }
        if self.key.is_some() {
            if self.min_sources == 0 || self.min_sources > self.sources.len() {
                return refuse(format!(
                    "price.min_sources is {}, price.sources has {}: give more sources, or ask for 1 at least",
                    self.min_sources,
                    self.sources.len()
                ));
            }
        } else if !self.sources.is_empty() {
            return refuse("price.sources without price.key sign nothing; set price.key".into());
        }
        if !(FEWEST_SECS..=MOST_SECS).contains(&self.sample_secs) {
            return refuse(format!(
                "price.sample_secs must be {FEWEST_SECS} to {MOST_SECS}"
            ));
        }
        if self.every_secs < self.least_secs {
            return refuse("price.every_secs is below price.least_secs".into());
        }
        for source in &self.sources {
            source.validate()?;
        }
        let hermes = self.hermes.as_ref().map(|hermes| &hermes.endpoint);
        for url in self.peers.iter().chain(hermes) {
            // What they answer is signed: whoever sits in between can keep it back, not change it.
            if !url.starts_with("http://") && !url.starts_with("https://") {
                return refuse(format!("`{url}` must begin with http:// or https://"));
            }
        }
        Ok(())
    }

    pub(super) fn resolve(&mut self, base: &Path) {
        let headers = self.sources.iter_mut().map(|source| &mut source.headers);
        let hermes = self.hermes.iter_mut().map(|hermes| &mut hermes.headers);
        let files = headers.chain(hermes).chain([&mut self.key]);
        for path in files.filter_map(Option::as_mut) {
            *path = base.join(&path);
        }
    }
}

impl Source {
    /// What to call it where others read.
    pub fn label(&self) -> String {
        match &self.name {
            Some(name) => name.clone(),
            None => host(&self.url).to_string(),
        }
    }

    fn validate(&self) -> Result<()> {
        let refuse = |reason: &str| {
            Err(KeeperError::Config(format!(
                "price.sources, {}: {reason}",
                self.label()
            )))
        };
        let here = matches!(host(&self.url), "127.0.0.1" | "localhost" | "[::1]");
        let plain = self.url.starts_with("http://");
        let sealed = self.url.starts_with("https://");
        if !sealed && (!here || !plain) {
            return refuse("url must begin with https://; http:// is for this machine");
        }
        if host(&self.url).is_empty() {
            return refuse("url names no host");
        }
        let pointers = [Some(&self.pointer), self.time.as_ref()];
        if pointers
            .into_iter()
            .flatten()
            .any(|at| !at.starts_with('/'))
        {
            return refuse("pointer and time are JSON pointers: they begin with /");
        }
        if self.weight == 0 || self.timeout_ms == 0 {
            return refuse("weight and timeout_ms must be at least 1");
        }
        Ok(())
    }
}

/// The host in a URL, without port, name and password.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let place = rest.get(..end).unwrap_or_default();
    let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
    match place.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::Config, *};

    const LEAST: &str =
        "rpc_url = 'http://x'\nfee_payer = 'payer.json'\nstate_dir = 'state'\nroles = ['price']\n";
    const SOURCE: &str = "[[price.sources]]\nurl = 'https://example.com/t'\npointer = '/last'\n";

    fn config(price: &str) -> std::result::Result<Config, String> {
        let mut config = Config::from_toml(&format!("{LEAST}{price}"))?;
        config.resolve(Path::new("/etc/iog"));
        config.validate().map_err(|error| error.to_string())?;
        Ok(config)
    }

    #[test]
    fn a_label_holds_no_secret() {
        for (url, label) in [
            ("https://api.example.com/v1?key=s3cret", "api.example.com"),
            ("https://user:s3cret@example.com:8443/x", "example.com"),
            ("http://[::1]:80/x", "[::1]"),
            ("http://127.0.0.1", "127.0.0.1"),
        ] {
            assert_eq!(host(url), label);
        }
    }

    #[test]
    fn the_least_that_a_reporter_needs() {
        let least =
            format!("[price]\nkey = 'reporter.json'\nmin_sources = 1\n{SOURCE}headers = 'h'\n");
        let price = config(&least).unwrap().price;
        assert_eq!(
            price.key.as_deref(),
            Some(Path::new("/etc/iog/reporter.json"))
        );
        let source = price.sources.first().unwrap();
        assert_eq!(source.headers.as_deref(), Some(Path::new("/etc/iog/h")));
        assert_eq!(
            (source.weight, source.timeout_ms, source.max_age_secs),
            (1, 4_000, 60)
        );
        assert_eq!(source.unit, "usd".parse().unwrap());
        config("[price]\npeers = ['http://10.0.0.2:9465']\n").unwrap();
        config("[price.hermes]\nendpoint = 'https://hermes.pyth.network'\n").unwrap();
    }

    #[test]
    fn what_cannot_work_is_named() {
        let key = "[price]\nkey = 'reporter.json'\n";
        let one = format!("{key}min_sources = 1\n");
        for (text, expected) in [
            (
                String::new(),
                "the role price needs price.key and price.sources",
            ),
            (
                format!("{key}{SOURCE}"),
                "price.min_sources is 3, price.sources has 1",
            ),
            (
                format!("{key}min_sources = 0\n{SOURCE}"),
                "ask for 1 at least",
            ),
            (
                format!("[price]\npeers = ['http://x']\n{SOURCE}"),
                "set price.key",
            ),
            (
                format!("{one}sample_secs = 0\n{SOURCE}"),
                "price.sample_secs must be 1 to 60",
            ),
            (
                format!("{one}sample_secs = 61\n{SOURCE}"),
                "price.sample_secs must be 1 to 60",
            ),
            (
                format!("{one}every_secs = 29\n{SOURCE}"),
                "below price.least_secs",
            ),
            (
                format!("{one}peers = ['x:1']\n{SOURCE}"),
                "`x:1` must begin with http",
            ),
            (
                format!("{one}{}", SOURCE.replace("https:", "http:")),
                "example.com: url must begin with https://",
            ),
            (
                format!("{one}{}", SOURCE.replace("example.com", "")),
                "names no host",
            ),
            (
                format!("{one}{}", SOURCE.replace("/last", "last")),
                "they begin with /",
            ),
            (format!("{one}{SOURCE}time = 'ts'\n"), "they begin with /"),
            (format!("{one}{SOURCE}weight = 0\n"), "at least 1"),
            (format!("{one}{SOURCE}unit = 'eur'\n"), "`eur` is no unit"),
            (
                format!("{one}{SOURCE}key = 's3cret'\n"),
                "unknown field `key`",
            ),
        ] {
            let error = config(&text).unwrap_err();
            assert!(error.contains(expected), "{error}");
            assert!(!error.contains("s3cret"), "{error}");
        }
        // Anything goes on this machine, and nothing of it matters without the role.
        config(&format!(
            "{one}{}",
            SOURCE.replace("https://example.com", "http://127.0.0.1:81")
        ))
        .unwrap();
        let crank = LEAST.replace("price", "crank");
        Config::from_toml(&format!("{crank}{key}"))
            .unwrap()
            .validate()
            .unwrap();
    }
}
