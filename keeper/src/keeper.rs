use crate::{
    config::{Config, Role},
    done::Done,
    error::{KeeperError, Result},
    http,
    jobs::{self, Jobs},
    memory::Memory,
    outbox::Outbox,
    plan::Policy,
    provers::Provers,
    snapshot::{Local, RunView},
    vitals::Vitals,
};
use iog_client::pda;
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

/// A keeper of one machine.
pub struct Keeper {
    pub(crate) config: Config,
    pub(crate) sender: Sender,
    pub(crate) fee_payer: Keypair,
    /// By the device's account.
    pub(crate) devices: BTreeMap<Pubkey, Keypair>,
    pub(crate) outbox: Outbox,
    pub(crate) provers: Provers,
    pub(crate) jobs: Jobs,
    pub(crate) memory: Memory,
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
        for path in &config.device_keys {
            let key = read_keypair_file(path)?;
            devices.insert(pda::registry::device(&key.pubkey()), key);
        }
        fs::create_dir_all(&config.state_dir).map_err(KeeperError::file(&config.state_dir))?;
        // The engine's lock comes first: it also keeps a second keeper from the outbox.
        let jobs = Jobs::open(&config)?;
        let policy = Policy {
            roles: config.roles.clone(),
            crank: config.crank.clone(),
            turn: config.turn.clone(),
            operator: fee_payer.pubkey(),
        };
        let vitals = Vitals::new(config.tick_secs)
            .map_err(|error| KeeperError::Config(format!("metrics: {error}")))?;
        let vitals = Arc::new(vitals);
        Ok(Self {
            sender: sender(&config),
            outbox: Outbox::open(&config.outbox_file())?,
            provers: Provers::new((&config.prover).into(), vitals.clone()),
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
    /// the order of their first tries.
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
        let serving = match self.config.listen {
            Some(address) => Some(http::serve(address, self.vitals.clone()).await?),
            None => None,
        };
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
                    () = self.provers.next_end(), if self.provers.is_walking() => {}
                    () = &mut shutdown => told = true,
                }
            }
        }
        if let Some(serving) = serving {
            serving.abort();
            // Ended by that: the only news is that the port is free again.
            let _ = serving.await;
        }
        Ok(())
    }

    /// What this machine has in hand. Only nodes have anything.
    pub(crate) async fn local(&self) -> Result<Local> {
        if !self.config.has(Role::Node) {
            return Ok(Local::default());
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
            own: self.devices.keys().copied().collect(),
            proofs: self.provers.view(),
            jobs: self.jobs.known()?,
            runs: runs.collect(),
            leases: self.memory.leases(),
            doubts: self.memory.doubts(),
        })
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
