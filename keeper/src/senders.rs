//! The RPC endpoints: one is asked and sent to, the others are witnesses, and take its place where it is silent. redteam L2, V3

use crate::config::{shown, Config};
use iog_tx::{FeePolicy, Sender, Timing};
use solana_commitment_config::CommitmentConfig;
use solana_pubkey::Pubkey;
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

pub struct Senders {
    first: Sender,
    further: Vec<Sender>,
    /// By their places, for the log.
    names: Vec<String>,
    active: AtomicUsize,
}

impl Senders {
    pub fn new(config: &Config) -> Self {
        Self {
            first: sender(config, &config.rpc_url),
            further: config
                .witness_urls
                .iter()
                .map(|url| sender(config, url))
                .collect(),
            names: config.rpc_urls().map(|url| shown(url)).collect(),
            active: AtomicUsize::new(0),
        }
    }

    fn all(&self) -> impl Iterator<Item = &Sender> {
        [&self.first].into_iter().chain(&self.further)
    }

    /// The endpoint that is asked and sent to.
    pub fn active(&self) -> &Sender {
        let place = self.active.load(Ordering::Relaxed);
        self.all().nth(place).unwrap_or(&self.first)
    }

    pub fn witnesses(&self) -> impl Iterator<Item = &Sender> {
        let active = self.active.load(Ordering::Relaxed);
        let others = self.all().enumerate();
        others.filter_map(move |(place, sender)| (place != active).then_some(sender))
    }

    /// Goes on with the next endpoint; false if there is no other.
    pub fn next(&self) -> bool {
        let count = self.names.len().max(1);
        let place = self.active.load(Ordering::Relaxed).saturating_add(1);
        let place = place.checked_rem(count).unwrap_or(0);
        self.active.store(place, Ordering::Relaxed);
        if count > 1 {
            let endpoint = self
                .names
                .get(place)
                .map(String::as_str)
                .unwrap_or_default();
            tracing::warn!(
                endpoint,
                "the endpoint that was asked fails: the next one is asked"
            );
        }
        count > 1
    }

    /// How many endpoints there are.
    pub fn count(&self) -> usize {
        self.names.len()
    }
}

fn sender(config: &Config, url: &str) -> Sender {
    let mut timing = Timing::default();
    // A node on this machine may be asked more often than one that many share.
    let near = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    if near.iter().any(|near| url.starts_with(near)) {
        timing.poll = Duration::from_millis(50);
    }
    // Where another can be asked none is waited for as long.
    if !config.witness_urls.is_empty() {
        timing.request = Duration::from_secs(10);
    }
    let fees = FeePolicy::from(&config.fees);
    let explain =
        |program: &Pubkey, code| iog_client::errors::explain(program, code).map(|(_, text)| text);
    Sender::with_timing(url, CommitmentConfig::confirmed(), fees, timing).with_explainer(explain)
}
