//! What goes on beside the connections: the relays, and who is admitted still.

use crate::shared::Shared;
use iroh::{Endpoint, RelayConfig, RelayUrl, Watcher};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{self, Instant},
};

/// How often the gate is asked about those who are connected.
const RECHECK: Duration = Duration::from_secs(1);
/// How long a relay may be away before another one is used. By itself iroh looks for one only every 20 to 26 s.
const GONE: Duration = Duration::from_secs(3);
/// After how long it is tried again.
const BACK: Duration = Duration::from_secs(60);

/// How a relay refuses a process whose key another one uses since. The relay's client of iroh 1.4.1 only logs the relay's message of
/// a second connection, so the relay here tells by refusing the older process when it comes back. redteam L1
pub(crate) const DISPLACED: &str = "displaced: this key was connected elsewhere";

/// How it stands with a relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelayState {
    pub url: String,
    /// Whether this endpoint is found there; of the others nothing is known.
    pub home: bool,
    pub connected: bool,
    /// The last failure.
    pub trouble: Option<String>,
    /// The relay refuses this key, in its words.
    pub denied: Option<String>,
}

/// What a process shows to relays, so that they tell it from another one with the same key.
pub(crate) fn token() -> String {
    hex::encode(rand::random::<[u8; 16]>())
}

pub(crate) fn states(endpoint: &Endpoint, relays: &[RelayUrl]) -> Vec<RelayState> {
    let homes = endpoint.home_relay_status().get();
    let mut states: Vec<_> = homes
        .iter()
        .map(|home| RelayState {
            url: home.url().to_string(),
            home: true,
            connected: home.is_connected(),
            trouble: home.last_error().map(|error| format!("{error:#}")),
            denied: home.auth_denied_reason().map(str::to_string),
        })
        .collect();
    for url in relays {
        if !homes.iter().any(|home| home.url() == url) {
            states.push(RelayState {
                url: url.to_string(),
                home: false,
                connected: false,
                trouble: None,
                denied: None,
            });
        }
    }
    states
}

pub(crate) async fn recheck(shared: Arc<Shared>) {
    let mut ticks = time::interval(RECHECK);
    loop {
        ticks.tick().await;
        shared.recheck();
    }
}

/// Watches the home relay: stops where this key was connected elsewhere, and leaves a relay that is gone for another one. redteam V4
pub(crate) async fn relays(
    endpoint: Endpoint,
    relays: usize,
    shared: Arc<Shared>,
    displaced: watch::Sender<bool>,
) {
    let mut homes = endpoint.home_relay_status();
    let mut left: Vec<(Instant, Arc<RelayConfig>)> = Vec::new();
    let mut down: Option<(RelayUrl, Instant)> = None;
    loop {
        let now = Instant::now();
        let states = homes.get();
        let denied = states.iter().find_map(|home| home.auth_denied_reason());
        if denied.is_some_and(|reason| reason.starts_with(DISPLACED)) {
            tracing::error!(key = %endpoint.id(), "this key was connected elsewhere; this process stops");
            displaced.send_replace(true);
            shared.end_all("this key was connected elsewhere");
            endpoint.close().await;
            return;
        }
        let lost = states.iter().find(|home| !home.is_connected());
        down = lost.map(|home| match down.take() {
            Some((url, since)) if url == *home.url() => (url, since),
            _ => (home.url().clone(), now),
        });
        let others = relays.saturating_sub(left.len()) > 1;
        let due = down.as_ref().filter(|_| others);
        if let Some((url, _)) = due.filter(|(_, since)| now.duration_since(*since) >= GONE) {
            tracing::warn!(relay = %url, "the relay is gone; another one is used");
            if let Some(config) = endpoint.remove_relay(url).await {
                left.push((now, config));
            }
            down = None;
            continue;
        }
        for (since, config) in std::mem::take(&mut left) {
            if now.duration_since(since) >= BACK {
                endpoint.insert_relay(config.url.clone(), config).await;
            } else {
                left.push((since, config));
            }
        }
        let leave = due.map(|(_, since)| *since + GONE);
        let back = left.first().map(|(since, _)| *since + BACK);
        let wake = leave.into_iter().chain(back).min();
        tokio::select! {
            changed = homes.updated() => {
                if changed.is_err() {
                    return;
                }
            }
            () = time::sleep_until(wake.unwrap_or(now)), if wake.is_some() => {}
        }
    }
}
