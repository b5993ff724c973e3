//! What goes on beside the connections: the relays, and who is admitted still.

use crate::shared::Shared;
use iroh::{Endpoint, RelayMap, RelayUrl, Watcher};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time};

/// How often the gate is asked about those who are connected.
const RECHECK: Duration = Duration::from_secs(1);

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

/// Watches the home relay.
pub(crate) async fn relays(
    endpoint: Endpoint,
    _map: RelayMap,
    shared: Arc<Shared>,
    displaced: watch::Sender<bool>,
) {
    let mut homes = endpoint.home_relay_status();
    loop {
        let taken = homes.get().iter().any(|home| {
            home.auth_denied_reason()
                .is_some_and(|reason| reason.starts_with(DISPLACED))
        });
        if taken {
            tracing::error!(key = %endpoint.id(), "this key was connected elsewhere; this process stops");
            displaced.send_replace(true);
            shared.end_all("this key was connected elsewhere");
            endpoint.close().await;
            return;
        }
        if homes.updated().await.is_err() {
            return;
        }
    }
}
