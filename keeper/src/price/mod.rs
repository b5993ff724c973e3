//! The price of IO: asked of several sources, agreed on, signed, and handed to whoever asks.
//!
//! A look at the sources goes on in the background, so that a source that takes its time holds up nothing else; what came of the
//! last one is what a pass plans with.

mod combine;
mod decimal;
mod headers;
mod hermes;
mod http;
mod look;
mod peers;
mod pnau;
pub(crate) mod pyth;
mod source;
#[cfg(test)]
mod tests;

pub use decimal::{Decimal, Unit};
pub use pnau::PythUpdate;

use crate::{
    config,
    error::{KeeperError, Result},
    snapshot::PriceView,
    vitals::Vitals,
};
use hermes::Hermes;
use http::Http;
use iog_client::{pda, price_report::SignedReport};
use iog_tx::read_keypair_file;
use peers::Peer;
use reqwest::Url;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use source::Source;
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// For how long a signed report is handed out: programs take none that is older.
const SERVED_FOR: Duration = Duration::from_secs(60);
/// Pyth's updates that are remembered: one is staged in one transaction and posted in the next, while newer ones come.
const UPDATES: usize = 16;

/// What a look is for.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The chain's time, which a report carries: the chain judges by its own clock how old it is.
    pub now: i64,
    /// Pyth's feed, where the network's price is Pyth's.
    pub pyth_feed: Option<[u8; 32]>,
    /// Even if the last look was just now.
    pub at_once: bool,
}

pub struct Prices {
    settings: config::Price,
    feed: Pubkey,
    key: Option<Keypair>,
    /// Locked by the one look that is under way.
    sources: tokio::sync::Mutex<Vec<Source>>,
    peers: Vec<Peer>,
    hermes: Option<Hermes>,
    http: Http,
    state: Mutex<State>,
    changed: Notify,
    vitals: Arc<Vitals>,
}

#[derive(Default)]
struct State {
    looking: bool,
    looked: Option<Instant>,
    own: Option<(Instant, SignedReport)>,
    others: Vec<SignedReport>,
    /// The newest last.
    updates: Vec<PythUpdate>,
}

impl Prices {
    /// Reads the key and the headers' files. Asks nobody yet.
    pub fn open(settings: &config::Price, vitals: Arc<Vitals>) -> Result<Self> {
        let key = settings.key.as_ref().map(read_keypair_file).transpose()?;
        let sources = settings.sources.iter().map(Source::open);
        let peers = settings.peers.iter().map(|url| {
            let peer = Peer::open(url);
            peer.ok_or_else(|| {
                KeeperError::Config(format!("price.peers: `{url}` is not an address"))
            })
        });
        let hermes = settings.hermes.as_ref().map(Hermes::open);
        let http = Http::new();
        Ok(Self {
            feed: pda::token::price_feed(),
            key,
            sources: tokio::sync::Mutex::new(sources.collect::<Result<_>>()?),
            peers: peers.collect::<Result<_>>()?,
            hermes: hermes.transpose()?,
            http: http.map_err(|reason| KeeperError::Config(format!("HTTP: {reason}")))?,
            settings: settings.clone(),
            state: Mutex::default(),
            changed: Notify::new(),
            vitals,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose reports these are.
    pub fn reporter(&self) -> Option<Pubkey> {
        self.key.as_ref().map(Keypair::pubkey)
    }

    /// Begins a look, if it is time for one and none is under way; says whether it does. Must be called within a Tokio runtime.
    pub fn begin(self: &Arc<Self>, look: Look) -> bool {
        let mut state = self.state();
        let pause = Duration::from_secs(self.settings.sample_secs);
        let early = state.looked.is_some_and(|looked| looked.elapsed() < pause);
        if state.looking || (early && !look.at_once) {
            return false;
        }
        state.looking = true;
        state.looked = Some(Instant::now());
        drop(state);
        let prices = self.clone();
        tokio::spawn(async move {
            // Ends the look even if it panics: else there would never be another.
            let _ending = Ending(&prices);
            prices.look(look).await;
        });
        true
    }

    pub fn is_looking(&self) -> bool {
        self.state().looking
    }

    /// Returns when the look that is under way ends; at once if none is.
    pub async fn next_end(&self) {
        let changed = self.changed.notified();
        tokio::pin!(changed);
        // Enlisted before looking, or an end in between would be missed.
        changed.as_mut().enable();
        if self.is_looking() {
            changed.await;
        }
    }

    /// What the last look came to.
    pub fn view(&self) -> PriceView {
        let state = self.state();
        PriceView {
            own: state.own.as_ref().map(|(_, report)| report.clone()),
            others: state.others.clone(),
            updates: state.updates.clone(),
            spent_lamports: 0,
        }
    }

    /// The newest signed report, while it is of use.
    pub fn served(&self) -> Option<SignedReport> {
        let state = self.state();
        let fresh = state
            .own
            .as_ref()
            .filter(|(at, _)| at.elapsed() < SERVED_FOR);
        fresh.map(|(_, report)| report.clone())
    }
}

struct Ending<'a>(&'a Prices);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.state().looking = false;
        self.0.changed.notify_waiters();
    }
}

/// Reads the reporter's key and the headers' files, to say whether they will do.
///
/// # Errors
/// If one of them cannot be used, or others may read it.
pub fn check(config: &config::Config) -> Result<()> {
    let settings = &config.price;
    if !config.has(config::Role::Price) {
        return Ok(());
    }
    settings.key.as_ref().map(read_keypair_file).transpose()?;
    for source in &settings.sources {
        Source::open(source)?;
    }
    settings.hermes.as_ref().map(Hermes::open).transpose()?;
    Ok(())
}

/// A path under an address, whether that ends with a slash or not.
fn join(base: &str, path: &str) -> Option<Url> {
    let base = base.trim_end_matches('/');
    let url: Url = format!("{base}/{path}").parse().ok()?;
    url.has_host().then_some(url)
}
