use crate::{
    config::{Config, Role},
    done::Done,
    error::{KeeperError, Result},
    http,
    jobs::{self, Jobs},
    memory::Memory,
    outbox::Outbox,
    plan::Policy,
    price::Prices,
    provers::{Cards, Provers, Store},
    snapshot::{Local, RunView},
    vitals::Vitals,
};
use iog_client::pda;
use iog_pow_gpu::Settings;
use iog_tx::{read_keypair_file, FeePolicy, Sender, Timing};
use solana_commitment_config::CommitmentConfig;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{
    collections::BTreeMap,
    fs,
    future::Future,
    sync::{
        atomic::{AtomicBool, Ordering},
        Arc,
    },
    time::Duration,
};
use tokio::task::JoinHandle;

/// A keeper of one machine.
pub struct Keeper {
    pub(crate) config: Config,
    pub(crate) sender: Sender,
    pub(crate) fee_payer: Keypair,
    /// By the device's account.
    pub(crate) devices: BTreeMap<Pubkey, Keypair>,
    pub(crate) outbox: Outbox,
    pub(crate) provers: Provers,
    pub(crate) cards: Cards,
    pub(crate) jobs: Jobs,
    pub(crate) memory: Memory,
    /// With the role `price`.
    pub(crate) prices: Option<Arc<Prices>>,
    pub(crate) vitals: Arc<Vitals>,
    /// Set when the keeper is told to end: nothing new is begun.
    pub(crate) stopping: AtomicBool,
    pub(crate) policy: Policy,
}

impl Keeper {
    /// Reads keys, opens outbox and engine. Asks no node yet. Must be called within a Tokio runtime.
    pub fn open(config: Config) -> Result<Self> {
        config.validate()?;
        let fee_payer = read_keypair_file(&config.fee_payer)?;
        let mut devices = BTreeMap::new();
        let mut keys = Vec::new();
        for path in &config.device_keys {
            let key = read_keypair_file(path)?;
            keys.push(key.pubkey());
            devices.insert(pda::registry::device(&key.pubkey()), key);
        }
        let cards = Cards::new(&config.prover, &keys)?;
        fs::create_dir_all(&config.state_dir).map_err(KeeperError::file(&config.state_dir))?;
        // The engine's lock comes first: it also keeps a second keeper from the outbox.
        let jobs = Jobs::open(&config)?;
        let policy = Policy {
            roles: config.roles.clone(),
            crank: config.crank.clone(),
            price: config.price.clone(),
            turn: config.turn.clone(),
            operator: fee_payer.pubkey(),
        };
        let vitals = Vitals::new(config.tick_secs)
            .map_err(|error| KeeperError::Config(format!("metrics: {error}")))?;
        let vitals = Arc::new(vitals);
        let prices = match config.has(Role::Price) {
            true => Some(Arc::new(Prices::open(&config.price, vitals.clone())?)),
            false => None,
        };
        let machine = Arc::new(Settings::from(&config.prover));
        let store = Store::new(config.proofs_dir());
        let provers = Provers::new(machine, store, vitals.clone());
        provers.restore(&cards.devices().collect::<Vec<_>>());
        Ok(Self {
            prices,
            sender: sender(&config),
            outbox: Outbox::open(&config.outbox_file())?,
            provers,
            cards,
            vitals,
            stopping: AtomicBool::new(false),
            fee_payer,
            devices,
            jobs,
            memory: Memory::default(),
            policy,
            config,
        })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The fee payer's address.
    pub fn payer(&self) -> Pubkey {
        self.fee_payer.pubkey()
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

    /// Passes, `tick_secs` apart, until `shutdown` is ready; then begins nothing new and follows what is on its way to its
    /// end. Errors of reading the chain are logged and tried again. Serves health and metrics, if so configured.
    ///
    /// # Errors
    /// If the address to listen on cannot be had.
    pub async fn run(&mut self, shutdown: impl Future<Output = ()>) -> Result<()> {
        let serving = self.serve().await?;
        tokio::pin!(shutdown);
        let pause = Duration::from_secs(self.config.tick_secs);
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
                tracing::error!(%error, "the pass failed");
            }
            if !told {
                tokio::select! {
                    () = tokio::time::sleep(pause) => {}
                    // Its deadline counts slots: a finished walk is committed at once.
                    () = self.provers.next_end(), if self.provers.is_busy() => {}
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
    pub(crate) async fn local(&self) -> Result<Local> {
        let prices = self.prices.as_ref();
        let price = prices.map(|prices| prices.view()).unwrap_or_default();
        if !self.config.has(Role::Node) {
            return Ok(Local {
                price,
                ..Local::default()
            });
        }
        let statuses = self.jobs.statuses().await?;
        let health = self.jobs.engine().health().await;
        let trouble = (!health.ready).then(|| health.detail.unwrap_or_else(|| "not ready".into()));
        self.vitals.saw_engine(trouble);
        let runs = self.outbox.runs()?.into_iter().map(|run| {
            let view = RunView {
                order: run.order,
                status: statuses.get(&jobs::id(&run.lease)).copied(),
                collected: run.collected,
            };
            (run.lease, view)
        });
        Ok(Local {
            price,
            own: self.devices.keys().copied().collect(),
            proofs: self.provers.view(),
            jobs: self.jobs.known()?,
            runs: runs.collect(),
            leases: self.memory.leases(),
            doubts: self.memory.doubts(),
        })
    }
}

/// Whether the cards that are named are there, and for keys of this machine.
///
/// # Errors
/// A line that says what to change.
pub fn check_cards(config: &Config) -> Result<()> {
    let keys = config.device_keys.iter().map(read_keypair_file);
    let keys = keys.map(|key| Ok(key?.pubkey()));
    let keys: Vec<Pubkey> = keys.collect::<Result<_>>()?;
    Cards::new(&config.prover, &keys)?;
    let settings = Settings::from(&config.prover);
    for (key, cards) in config.prover.named()? {
        let count = u32::try_from(cards.len()).unwrap_or(u32::MAX);
        let found = settings.numbers(&cards, count);
        found.map_err(|error| KeeperError::Config(format!("prover.cards of {key}: {error}")))?;
    }
    Ok(())
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

fn sender(config: &Config) -> Sender {
    let mut timing = Timing::default();
    // A node on this machine may be asked more often than one that many share.
    let near = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    if near.iter().any(|near| config.rpc_url.starts_with(near)) {
        timing.poll = Duration::from_millis(50);
    }
    let fees = FeePolicy::from(&config.fees);
    let explain =
        |program: &Pubkey, code| iog_client::errors::explain(program, code).map(|(_, text)| text);
    Sender::with_timing(&config.rpc_url, CommitmentConfig::confirmed(), fees, timing)
        .with_explainer(explain)
}
