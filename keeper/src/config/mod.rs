//! What an operator may set. One reader for file, environment and flags.

pub(crate) mod device;
mod endpoints;
mod example;
mod file;
mod kubernetes;
mod node;
mod price;
mod settings;
mod shows;

pub use device::Device;
pub use endpoints::shown;
pub use example::EXAMPLE;
pub use file::Overrides;
pub use kubernetes::Kubernetes;
pub use node::{EngineKind, Lan, Node, RuntimeKind};
pub use price::{Hermes as HermesSettings, Price, Source};
pub use settings::{Crank, Fees, Prover, Turn};

use crate::error::{KeeperError, Result};
use iog_node::policy::Policy;
use serde::Deserialize;
use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
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

/// Everything a keeper needs. [`Config::new`] has the defaults of the TOML file.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub rpc_url: String,
    /// Endpoints of other operators: a lease is served only when one of them tells the same of it, and the next is asked where the first is
    /// silent. redteam L2, V3
    #[serde(default)]
    pub witness_urls: Vec<String>,
    /// Lets the role node start with `rpc_url` alone.
    #[serde(default)]
    pub single_rpc: bool,
    /// Keypair file that pays fees and the rent of leases. Mode 0600.
    pub fee_payer: PathBuf,
    /// The devices of this machine: `[[device]]`.
    #[serde(default, rename = "device")]
    pub devices: Vec<Device>,
    #[serde(default = "all_roles")]
    pub roles: BTreeSet<Role>,
    /// Books, walks and openings. Of one keeper and one chain.
    pub state_dir: PathBuf,
    /// The books' file takes this much from the start, and needs no other room: a full disk stops no heartbeat. redteam X4
    #[serde(default = "quarter_of_a_gib")]
    pub books_mib: u32,
    /// Where keepers of one machine see who has which device key; `/run/lock` or the like if not set.
    #[serde(default)]
    pub lock_dir: Option<PathBuf>,
    /// Machine seconds between two passes of [`crate::Keeper::run`].
    #[serde(
        default = "five_secs",
        rename = "tick_secs",
        deserialize_with = "settings::secs"
    )]
    pub tick: Duration,
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
    pub node: Node,
    #[serde(default)]
    pub policy: Policy,
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

fn five_secs() -> Duration {
    Duration::from_secs(5)
}

fn eight() -> usize {
    8
}

fn quarter_of_a_gib() -> u32 {
    256
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
            witness_urls: Vec::new(),
            single_rpc: false,
            devices: Vec::new(),
            roles: all_roles(),
            state_dir: state_dir.into(),
            books_mib: quarter_of_a_gib(),
            lock_dir: None,
            tick: five_secs(),
            concurrency: eight(),
            spending_cap_lamports_per_hour: fifth_of_a_sol(),
            listen: None,
            dry_run: false,
            fees: Fees::default(),
            prover: Prover::default(),
            node: Node::default(),
            policy: Policy::default(),
            turn: Turn::default(),
            crank: Crank::default(),
            price: Price::default(),
        }
    }

    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// The folder that the processes of a node share.
    pub fn node_dir(&self) -> PathBuf {
        let own = || self.state_dir.join("node");
        self.node.dir.clone().unwrap_or_else(own)
    }

    /// While it exists no match is accepted.
    pub fn drain_file(&self) -> PathBuf {
        self.state_dir.join("drain")
    }

    /// Says that somebody else used a device key of this machine, until it is removed.
    pub fn stolen_file(&self) -> PathBuf {
        self.state_dir.join("stolen")
    }

    /// The endpoints that are asked, the first one first.
    pub fn rpc_urls(&self) -> impl Iterator<Item = &String> {
        [&self.rpc_url].into_iter().chain(&self.witness_urls)
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
        device::named(&self.devices)?;
        self.check_endpoints()?;
        if self.roles.is_empty() {
            return refuse("roles is empty; name at least one of node, scheduler, crank, price");
        }
        if self.tick.is_zero() || self.concurrency == 0 || self.turn.keepers == 0 {
            return refuse("tick_secs must be above 0, concurrency and turn.keepers at least 1");
        }
        if self.fees.floor_micro_lamports > self.fees.cap_micro_lamports {
            return refuse("fees.floor_micro_lamports is above fees.cap_micro_lamports");
        }
        if self.fees.percentile > 100 {
            return refuse("fees.percentile must be 0 to 100");
        }
        if let Err(reason) = self.node.validate() {
            return refuse(reason);
        }
        if self.has(Role::Price) {
            self.price.validate()?;
        }
        Ok(())
    }

    /// Paths in a file are relative to the file, not to where the keeper was started.
    fn resolve(&mut self, base: &Path) {
        for path in [&mut self.fee_payer, &mut self.state_dir] {
            *path = base.join(&path);
        }
        for path in self.lock_dir.iter_mut() {
            *path = base.join(&path);
        }
        for device in &mut self.devices {
            device.resolve(base);
        }
        self.node.resolve(base);
        self.price.resolve(base);
    }
}
