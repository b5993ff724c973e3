//! What an operator may set. One reader for file, environment and flags.

mod example;
mod file;
mod price;
mod settings;

pub use example::EXAMPLE;
pub use file::Overrides;
pub use price::{Hermes as HermesSettings, Price, Source};
pub use settings::{Crank, Fees, Prover, Turn};

use crate::error::{KeeperError, Result};
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
};

/// A part that a keeper can play. Any number of keepers may play the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Proves its own devices, keeps them earning and runs their leases.
    Node,
    /// Gives open orders to idle devices.
    Scheduler,
    /// Does the hourly work that anyone may do.
    Crank,
    /// Says what IO costs.
    Price,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Role::Node => "node",
            Role::Scheduler => "scheduler",
            Role::Crank => "crank",
            Role::Price => "price",
        }
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        match text.trim() {
            "node" => Ok(Role::Node),
            "scheduler" => Ok(Role::Scheduler),
            "crank" => Ok(Role::Crank),
            "price" => Ok(Role::Price),
            other => Err(format!(
                "no role is called `{other}`; use node, scheduler, crank, price"
            )),
        }
    }
}

/// What runs the jobs of leases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// Child processes of this machine.
    #[default]
    Local,
}

/// Everything a keeper needs. [`Config::new`] has the defaults of the TOML file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub rpc_url: String,
    /// Keypair file that pays fees and the rent of leases. Mode 0600.
    pub fee_payer: PathBuf,
    /// Keypair files of the devices on this machine. Mode 0600.
    #[serde(default)]
    pub device_keys: Vec<PathBuf>,
    #[serde(default = "all_roles")]
    pub roles: BTreeSet<Role>,
    /// Outbox, engine state and the outputs of jobs.
    pub state_dir: PathBuf,
    /// Job specifications, `<hash in hex>.json`; `jobs` in the state directory if not set.
    #[serde(default)]
    pub jobs_dir: Option<PathBuf>,
    /// Machine seconds between two passes of [`crate::Keeper::run`].
    #[serde(default = "five")]
    pub tick_secs: u64,
    #[serde(default)]
    pub engine: EngineKind,
    /// Most transactions on their way at a time.
    #[serde(default = "eight")]
    pub concurrency: usize,
    /// Most that fees and rent may cost in an hour of chain time.
    #[serde(default = "fifth_of_a_sol")]
    pub spending_cap_lamports_per_hour: u64,
    /// Where /livez, /readyz and /metrics are served; nowhere if not set.
    #[serde(default)]
    pub listen: Option<SocketAddr>,
    /// Simulate and say what would be done; send nothing.
    #[serde(default)]
    pub dry_run: bool,
    #[serde(default)]
    pub fees: Fees,
    #[serde(default)]
    pub prover: Prover,
    #[serde(default)]
    pub turn: Turn,
    #[serde(default)]
    pub crank: Crank,
    #[serde(default)]
    pub price: Price,
}

/// The roles that need nothing but the network; the price needs sources and a key.
fn all_roles() -> BTreeSet<Role> {
    [Role::Node, Role::Scheduler, Role::Crank].into()
}

fn five() -> u64 {
    5
}

fn eight() -> usize {
    8
}

fn fifth_of_a_sol() -> u64 {
    200_000_000
}

impl Config {
    /// The roles node, scheduler and crank, with every default of the TOML file.
    pub fn new(
        rpc_url: impl Into<String>,
        fee_payer: impl Into<PathBuf>,
        state_dir: impl Into<PathBuf>,
    ) -> Self {
        Self {
            rpc_url: rpc_url.into(),
            fee_payer: fee_payer.into(),
            device_keys: Vec::new(),
            roles: all_roles(),
            state_dir: state_dir.into(),
            jobs_dir: None,
            tick_secs: five(),
            engine: EngineKind::Local,
            concurrency: eight(),
            spending_cap_lamports_per_hour: fifth_of_a_sol(),
            listen: None,
            dry_run: false,
            fees: Fees::default(),
            prover: Prover::default(),
            turn: Turn::default(),
            crank: Crank::default(),
            price: Price::default(),
        }
    }

    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Where job specifications lie.
    pub fn jobs_dir(&self) -> PathBuf {
        self.jobs_dir
            .clone()
            .unwrap_or_else(|| self.state_dir.join("jobs"))
    }

    /// Where the outputs of jobs are put: `<order>/<lease>/` under it.
    pub fn outputs_dir(&self) -> PathBuf {
        self.state_dir.join("outputs")
    }

    pub(crate) fn engine_dir(&self) -> PathBuf {
        self.state_dir.join("engine")
    }

    /// Where walks and openings are kept.
    pub(crate) fn proofs_dir(&self) -> PathBuf {
        self.state_dir.join("proofs")
    }

    pub(crate) fn outbox_file(&self) -> PathBuf {
        self.state_dir.join("outbox.sqlite")
    }

    /// Refuses what cannot work, in one line that says what to change.
    pub fn validate(&self) -> Result<()> {
        let refuse = |reason: &str| Err(KeeperError::Config(reason.into()));
        if !self.rpc_url.starts_with("http://") && !self.rpc_url.starts_with("https://") {
            return refuse("rpc_url must begin with http:// or https://");
        }
        if self.roles.is_empty() {
            return refuse("roles is empty; name at least one of node, scheduler, crank, price");
        }
        if self.tick_secs == 0 || self.concurrency == 0 || self.turn.keepers == 0 {
            return refuse("tick_secs, concurrency and turn.keepers must be at least 1");
        }
        if self.fees.floor_micro_lamports > self.fees.cap_micro_lamports {
            return refuse("fees.floor_micro_lamports is above fees.cap_micro_lamports");
        }
        if self.fees.percentile > 100 {
            return refuse("fees.percentile must be 0 to 100");
        }
        self.prover.named()?;
        if self.has(Role::Price) {
            self.price.validate()?;
        }
        Ok(())
    }

    /// Paths in a file are relative to the file, not to where the keeper was started.
    fn resolve(&mut self, base: &Path) {
        let paths = [Some(&mut self.fee_payer), Some(&mut self.state_dir)];
        let jobs_dir = [self.jobs_dir.as_mut()];
        let all = paths.into_iter().chain(jobs_dir).flatten();
        for path in all.chain(self.device_keys.iter_mut()) {
            *path = base.join(&path);
        }
        self.price.resolve(base);
    }
}
