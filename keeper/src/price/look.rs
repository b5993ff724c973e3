//! One look: sources, peers and Pyth are asked at a time, and what the sources agree on is signed.

use super::{
    combine::{combine, Answer},
    hermes::HermesError,
    Look, Prices, PythUpdate, UPDATES,
};
use futures_util::future::join_all;
use iog_client::price_report::{message, SignedReport};
use solana_keypair::Keypair;
use solana_signer::Signer;
use std::time::Instant;

impl Prices {
    pub(super) async fn look(&self, look: Look) {
        let (own, others, update) = tokio::join!(
            self.own(look.now),
            self.others(),
            self.update(look.pyth_feed)
        );
        let mut trouble = None;
        let mut state = self.state();
        match own {
            Some(Ok(report)) => state.own = Some((Instant::now(), report)),
            Some(Err(reason)) => trouble = Some(reason),
            None => {}
        }
        state.others = others;
        match update {
            Some(Ok(update)) if state.updates.last() != Some(&update) => {
                state.updates.push(update);
                let more = state.updates.len().saturating_sub(UPDATES);
                state.updates.drain(..more);
            }
            Some(Err(reason)) => trouble = Some(format!("Pyth's price service: {reason}")),
            _ => {}
        }
        drop(state);
        if let Some(trouble) = &trouble {
            tracing::warn!(trouble, "no price");
        }
        self.vitals.saw_price(trouble);
    }

    /// Asks all sources at a time; signs what they agree on.
    async fn own(&self, now: i64) -> Option<std::result::Result<SignedReport, String>> {
        let key = self.key.as_ref()?;
        let mut sources = self.sources.lock().await;
        let asked = sources.iter_mut().map(|source| async {
            let answer = source.ask(&self.http).await;
            (source.label.clone(), answer)
        });
        let mut answers: Vec<Answer> = Vec::new();
        for (label, answer) in join_all(asked).await {
            match answer {
                Ok(answer) => {
                    self.vitals.saw_source(&label, "ok");
                    answers.push(answer);
                }
                Err(error) => {
                    self.vitals.saw_source(&label, error.kind());
                    tracing::warn!(source = label, %error, "a source has no price");
                }
            }
        }
        let combined = match combine(&answers, self.settings.min_sources) {
            Ok(combined) => combined,
            Err(error) => return Some(Err(error.to_string())),
        };
        if combined.dropped > 0 {
            tracing::warn!(dropped = combined.dropped, "sources are far off the others");
        }
        self.vitals.saw_own_price(combined.price, combined.agree);
        Some(Ok(self.sign(key, combined.price, now)))
    }

    fn sign(&self, key: &Keypair, price: u64, ts: i64) -> SignedReport {
        let signature = key.sign_message(&message(&self.feed, price, ts));
        SignedReport {
            feed: self.feed,
            price,
            ts,
            key: key.pubkey(),
            signature: signature.into(),
        }
    }

    async fn others(&self) -> Vec<SignedReport> {
        let asked = self.peers.iter().map(|peer| async {
            let answer = peer.ask(&self.http, &self.feed).await;
            answer
                .inspect_err(
                    |error| tracing::info!(peer = peer.host(), %error, "a peer has no report"),
                )
                .ok()
        });
        join_all(asked).await.into_iter().flatten().collect()
    }

    async fn update(
        &self,
        feed: Option<[u8; 32]>,
    ) -> Option<std::result::Result<PythUpdate, HermesError>> {
        let (hermes, feed) = self.hermes.as_ref().zip(feed)?;
        Some(hermes.latest(&self.http, &feed).await)
    }
}
