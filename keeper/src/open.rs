//! From a configuration to a keeper.

use crate::{
    board::Desk,
    config::{device, Config, Role},
    error::{KeeperError, Result},
    keeper::Keeper,
    locks,
    memory::Memory,
    outbox::Outbox,
    plan::Policy,
    price::Prices,
    provers::{Cards, Provers, Store},
    senders::Senders,
    theft::Thefts,
    vitals::Vitals,
};
use iog_client::pda;
use iog_pow_gpu::{Backend, Settings};
use iog_tx::read_keypair_file;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::DirBuilderExt,
    path::Path,
    sync::{atomic::AtomicBool, Arc, OnceLock},
};

impl Keeper {
    /// Reads keys, takes locks, opens the books. Asks no node yet. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// If something cannot be read, or another keeper has the state directory or a device key.
    pub fn open(config: Config) -> Result<Self> {
        config.validate()?;
        let fee_payer = read_keypair_file(&config.fee_payer)?;
        let keys = device_keys(&config)?;
        make_private(&config.state_dir)?;
        // The lock comes first: it keeps a second keeper from the books.
        let mut all_locks = vec![locks::of_state(&config.state_dir)?];
        for key in &keys {
            let lock = locks::of_device(config.lock_dir.as_deref(), &key.pubkey())?;
            all_locks.push(lock);
        }
        let vitals = Vitals::new(config.tick)
            .map_err(|error| KeeperError::Config(format!("metrics: {error}")))?;
        let vitals = Arc::new(vitals);
        let prices = match config.has(Role::Price) {
            true => Some(Arc::new(Prices::open(&config.price, vitals.clone())?)),
            false => None,
        };
        let named = device::named(&config.devices)?;
        let cards = Cards::new(keys.iter().map(Signer::pubkey).zip(named));
        vitals.saw_prover(prover_trouble(&config));
        let machine = Arc::new(Settings::from(&config.prover));
        let provers = Provers::new(machine, Store::new(config.proofs_dir()), vitals.clone());
        provers.restore(&cards.devices().collect::<Vec<_>>());
        let devices = keys.into_iter().map(|key| {
            let account = pda::registry::device(&key.pubkey());
            (account, key)
        });
        let devices: BTreeMap<Pubkey, Keypair> = devices.collect();
        let desk = Desk::open(&config.node_dir())?;
        Ok(Self {
            senders: Senders::new(&config),
            outbox: Outbox::open(&config.outbox_file(), config.books_mib)?,
            memory: Memory::with(desk.leases()),
            desk,
            thefts: Thefts::open(config.stolen_file()),
            policy: policy(&config, &fee_payer),
            provers,
            cards,
            prices,
            vitals,
            stopping: AtomicBool::new(false),
            fee_payer,
            devices,
            genesis: OnceLock::new(),
            bound_ts: OnceLock::new(),
            _locks: all_locks,
            config,
        })
    }
}

fn policy(config: &Config, fee_payer: &Keypair) -> Policy {
    Policy {
        roles: config.roles.clone(),
        crank: config.crank.clone(),
        price: config.price.clone(),
        turn: config.turn.clone(),
        jobs: config.policy.clone(),
        operator: fee_payer.pubkey(),
    }
}

fn device_keys(config: &Config) -> Result<Vec<Keypair>> {
    let keys = config
        .devices
        .iter()
        .map(|device| read_keypair_file(&device.key));
    Ok(keys.collect::<std::result::Result<_, _>>()?)
}

/// Books tell who rents what: nobody else reads them.
fn make_private(dir: &Path) -> Result<()> {
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir);
    made.map_err(KeeperError::file(dir))
}

/// A driver that is missing is said at the start, and not when the first window opens. Field case 16.
fn prover_trouble(config: &Config) -> Option<String> {
    let walks = config.has(Role::Node) && !config.devices.is_empty();
    let prover = &config.prover;
    if !walks || prover.fallback || prover.backend == Backend::Cpu {
        return None;
    }
    let trouble = Settings::from(prover).cards().err()?.to_string();
    tracing::error!(backend = %prover.backend, trouble, "the prover cannot be used: nothing will be proved");
    Some(trouble)
}

/// Whether the prover works, and the cards that are named are there.
///
/// # Errors
/// A line that says what to change.
pub fn check_cards(config: &Config) -> Result<()> {
    if let Some(trouble) = prover_trouble(config) {
        return Err(KeeperError::Config(format!("prover: {trouble}")));
    }
    let settings = Settings::from(&config.prover);
    for (device, cards) in config.devices.iter().zip(device::named(&config.devices)?) {
        if cards.is_empty() {
            continue;
        }
        let count = u32::try_from(cards.len()).unwrap_or(u32::MAX);
        let found = settings.numbers(&cards, count);
        let file = device.key.display();
        found
            .map_err(|error| KeeperError::Config(format!("cards of the device {file}: {error}")))?;
    }
    Ok(())
}
