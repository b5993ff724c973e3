use crate::{
    board::Desk,
    config::{Config, Role},
    done::Done,
    error::Result,
    http,
    locks::Lock,
    memory::Memory,
    outbox::Outbox,
    plan::Policy,
    price::Prices,
    provers::{Cards, Provers},
    senders::Senders,
    snapshot::Local,
    theft::Thefts,
    vitals::Vitals,
};
use iog_job::Key;
use iog_tx::Sender;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc, OnceLock,
    },
};
use tokio::task::JoinHandle;

/// A keeper of one machine.
pub struct Keeper {
    pub(crate) config: Config,
    pub(crate) senders: Senders,
    pub(crate) fee_payer: Keypair,
    /// By the device's account.
    pub(crate) devices: BTreeMap<Pubkey, Keypair>,
    pub(crate) outbox: Outbox,
    pub(crate) provers: Provers,
    pub(crate) cards: Cards,
    /// What link and jobs are told, and what they tell.
    pub(crate) desk: Desk,
    pub(crate) memory: Memory,
    pub(crate) thefts: Thefts,
    /// With the role `price`.
    pub(crate) prices: Option<Arc<Prices>>,
    pub(crate) vitals: Arc<Vitals>,
    /// Set when the keeper is told to end: nothing new is begun.
    pub(crate) stopping: AtomicBool,
    pub(crate) policy: Policy,
    /// Which chain this is, once it was asked and is the one that the books are of.
    pub(crate) genesis: OnceLock<Key>,
    /// Since when the books know it.
    pub(crate) bound_ts: OnceLock<i64>,
    pub(crate) _locks: Vec<Lock>,
}

impl Keeper {
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The fee payer's address.
    pub fn payer(&self) -> Pubkey {
        self.fee_payer.pubkey()
    }

    /// The endpoint that is asked and sent to.
    pub(crate) fn sender(&self) -> &Sender {
        self.senders.active()
    }

    /// One pass of all roles: plans and acts until nothing more can be done at the chain's present state, or it has gone
    /// round 64 times. Waits for walks of memory that it begins. Returns the last outcome of every action that was tried, in
    /// the order of their first tries. After a commit it waits for the slots of the challenge, too.
    ///
    /// # Errors
    /// If the chain cannot be read. What a single transaction met is in its [`Done`].
    pub async fn tick(&mut self) -> Result<Vec<Done>> {
        self.pass(true).await
    }

    /// Passes, `tick` apart, until `shutdown` is ready; then begins nothing new and follows what is on its way to its
    /// end. Errors of reading the chain are logged and tried again. Serves health and metrics, if so configured.
    ///
    /// # Errors
    /// If the address to listen on cannot be had, or the books are another chain's.
    pub async fn run(&mut self, shutdown: impl Future<Output = ()>) -> Result<()> {
        let serving = self.serve().await?;
        tokio::pin!(shutdown);
        let pause = self.config.tick;
        let mut told = false;
        while !told {
            let keeper = &*self;
            let pass = keeper.pass(false);
            tokio::pin!(pass);
            let passed = tokio::select! {
                passed = &mut pass => passed,
                () = &mut shutdown => {
                    told = true;
                    keeper.stopping.store(true, Ordering::Relaxed);
                    tracing::info!("ending: following what is on its way");
                    pass.await
                }
            };
            if let Err(error) = passed {
                if error.is_for_good() {
                    return Err(error);
                }
                tracing::error!(%error, "the pass failed");
            }
            if !told {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    // Its deadline counts slots: a finished walk is committed at once.
                    () = self.provers.next_end(), if self.provers.is_busy() => {}
                    // A job waits for the memory.
                    () = self.provers.next_free(), if self.is_awaited() => {}
                    // A price is worth most while it is new.
                    () = next_look(self.prices.as_deref()), if is_looking(self.prices.as_deref()) => {}
                    () = &mut shutdown => told = true,
                }
            }
        }
        self.provers.end().await;
        for serving in serving {
            serving.abort();
            // Ended by that: the only news is that the port is free again.
            let _ = serving.await;
        }
        Ok(())
    }

    async fn serve(&self) -> Result<Vec<JoinHandle<()>>> {
        let mut serving = Vec::new();
        if let Some(address) = self.config.listen {
            let (vitals, prices) = (self.vitals.clone(), self.prices.clone());
            serving.push(http::serve(address, vitals, prices).await?);
        }
        if let Some((address, prices)) = self.config.price.listen.zip(self.prices.clone()) {
            serving.push(http::serve_price(address, prices).await?);
        }
        Ok(serving)
    }

    /// What this machine has in hand.
    pub(crate) fn local(&self) -> Local {
        let prices = self.prices.as_ref();
        let price = prices.map(|prices| prices.view()).unwrap_or_default();
        if !self.config.has(Role::Node) {
            return Local {
                price,
                ..Local::default()
            };
        }
        let reported = self.desk.reported();
        self.vitals.saw_engine(match self.devices.is_empty() {
            true => None,
            false => reported.ability.trouble.clone(),
        });
        Local {
            price,
            own: self.devices.keys().copied().collect(),
            proofs: self.provers.view(),
            ability: reported.ability,
            reports: reported.leases,
            receipts: reported.receipts,
            leases: self.memory.leases(),
            doubts: self.memory.doubts(),
            draining: self.config.drain_file().exists(),
            ..Local::default()
        }
    }
}

impl Drop for Keeper {
    /// Its walks have threads of their own.
    fn drop(&mut self) {
        self.provers.give_up();
    }
}

fn is_looking(prices: Option<&Prices>) -> bool {
    prices.is_some_and(Prices::is_looking)
}

/// Returns when the look at the price that is under way ends; at once if none is.
pub(crate) async fn next_look(prices: Option<&Prices>) {
    if let Some(prices) = prices {
        prices.next_end().await;
    }
}
