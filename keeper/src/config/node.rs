//! The processes of a node: `[node]`.

use serde::{Deserialize, Deserializer};
use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    str::FromStr,
};

/// Hours for which outputs and logs are kept after a lease, at least. redteam K3
const LEAST_KEEP_HOURS: u32 = 24;

/// What runs jobs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EngineKind {
    /// Podman, by a service of the job side's own; needs root.
    #[default]
    Container,
    /// The operator's own Docker, by its socket; needs root.
    Docker,
    /// Bubblewrap: commands only.
    Sandbox,
}

/// What starts the jobs of the engine `container`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuntimeKind {
    #[default]
    Runc,
    /// gVisor: no cards pass through it.
    Runsc,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Node {
    /// Shared by the processes; `node` in the state directory if not set, which only one user can read.
    pub dir: Option<PathBuf>,
    /// Who the processes are, by name or number, where `iog-keeper node` is root. redteam J1
    pub chain_user: Option<String>,
    pub link_user: Option<String>,
    /// The engine's user; root if not set.
    pub jobs_user: Option<String>,
    pub keep_hours: u32,
    pub engine: EngineKind,
    /// Of the engine `container`.
    pub runtime: RuntimeKind,
    /// Of the engine `docker`; `/var/run/docker.sock` if not set.
    pub docker_socket: Option<PathBuf>,
    /// Relays of the link: a network's name or the path of its file.
    pub network: Option<String>,
    /// Where the link listens for direct connections; any port if not set.
    pub bind: Option<SocketAddr>,
    /// Tells nobody the machine's address: everything goes through relays.
    pub relay_only: bool,
    /// Networks of the operator's own that the link may send to. redteam L3
    pub lans: Vec<Lan>,
    /// The library of NVIDIA's driver; where the system has it if not set.
    pub nvml: Option<PathBuf>,
    /// Folders that jobs of the engine `sandbox` see beside `/usr`, read only, at the same path: a Python, data.
    pub sandbox_shows: Vec<PathBuf>,
}

/// A range of addresses, `192.168.1.0/24` or a single one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lan {
    pub address: IpAddr,
    pub bits: u8,
}

impl FromStr for Lan {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no range of addresses; write 192.168.1.0/24");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            Some(bits) => bits.parse().map_err(|_| wrong())?,
            None => most,
        };
        // All addresses there are is no network of anybody's own.
        match (1..=most).contains(&bits) {
            true => Ok(Self { address, bits }),
            false => Err(wrong()),
        }
    }
}

impl fmt::Display for Lan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.bits)
    }
}

impl<'de> Deserialize<'de> for Lan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Default for Node {
    fn default() -> Self {
        Self {
            dir: None,
            chain_user: None,
            link_user: None,
            jobs_user: None,
            keep_hours: LEAST_KEEP_HOURS,
            engine: EngineKind::default(),
            runtime: RuntimeKind::default(),
            docker_socket: None,
            network: None,
            bind: None,
            relay_only: false,
            lans: Vec::new(),
            nvml: None,
            sandbox_shows: Vec::new(),
        }
    }
}

impl Node {
    /// Seconds for which the outputs of a lease are kept after it.
    pub fn keep_secs(&self) -> i64 {
        i64::from(self.keep_hours.max(LEAST_KEEP_HOURS)).saturating_mul(3_600)
    }

    pub fn docker_socket(&self) -> &Path {
        let usual = Path::new("/var/run/docker.sock");
        self.docker_socket.as_deref().unwrap_or(usual)
    }

    /// What no engine does.
    pub(super) fn validate(&self) -> Result<(), &'static str> {
        if self.runtime == RuntimeKind::Runsc && self.engine != EngineKind::Container {
            return Err("node.runtime = \"runsc\" works with node.engine = \"container\" only");
        }
        if !self.sandbox_shows.is_empty() && self.engine != EngineKind::Sandbox {
            return Err("node.sandbox_shows is set: set node.engine = \"sandbox\", or take it out");
        }
        match self.docker_socket.is_some() && self.engine != EngineKind::Docker {
            true => Err("node.docker_socket is set: set node.engine = \"docker\", or take it out"),
            false => Ok(()),
        }
    }

    pub(super) fn resolve(&mut self, base: &Path) {
        for path in self.dir.iter_mut().chain(&mut self.docker_socket) {
            *path = base.join(&path);
        }
        // A name without a slash is looked for by the system.
        let nvml = self.nvml.as_mut();
        if let Some(path) = nvml.filter(|path| path.components().count() > 1) {
            *path = base.join(&path);
        }
        // A name has no slash.
        if let Some(network) = self.network.as_mut().filter(|name| name.contains('/')) {
            *network = base.join(&network).to_string_lossy().into_owned();
        }
    }
}
