//! The processes of a node: `[node]`.

use super::Kubernetes;
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
    /// Jobs of a Kubernetes cluster, on this machine of it. In builds with the feature `kubernetes`.
    Kubernetes,
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
    /// Of the engines `container` and `docker`: hosts that images may be pulled from.
    pub registries: Vec<Registry>,
    /// OCI archive of the image for jobs that name none.
    pub session_image: Option<PathBuf>,
    /// GiB of all images together; a quarter of the disk, 256 at most, if not set.
    pub image_cache_gib: Option<u32>,
    /// Mbit/s that a lease may send to the internet, and get from there, each; also what pulls an image.
    pub egress_mbit: Option<u32>,
    /// Folders that jobs of the engine `sandbox` see beside `/usr`, read only, at the same path: a Python, data.
    pub sandbox_shows: Vec<PathBuf>,
    /// Of the engine `kubernetes`.
    pub kubernetes: Option<Kubernetes>,
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

/// A host that images are pulled from, with a port where it is not the usual one; `http://` before it: the operator's own, by plain HTTP and
/// in its own network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registry {
    pub host: String,
    pub plain: bool,
}

impl FromStr for Registry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = text.strip_prefix("http://");
        let host = plain
            .or_else(|| text.strip_prefix("https://"))
            .unwrap_or(text);
        let sound = |byte: u8| byte.is_ascii_alphanumeric() || b".-:".contains(&byte);
        // As references begin: what has neither dot nor port is a folder of Docker's.
        let is_host = host == "localhost" || host.contains(['.', ':']);
        match is_host && host.bytes().all(sound) {
            true => Ok(Self {
                host: host.into(),
                plain: plain.is_some(),
            }),
            false => Err(format!(
                "`{text}` is no registry; write its host alone: docker.io, ghcr.io, or http://registry.lan:5000 for one of your own"
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Registry {
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
            registries: Vec::new(),
            session_image: None,
            image_cache_gib: None,
            egress_mbit: None,
            sandbox_shows: Vec::new(),
            kubernetes: None,
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
        match (
            self.engine == EngineKind::Kubernetes,
            self.kubernetes.is_some(),
        ) {
            (true, false) => {
                return Err("node.engine = \"kubernetes\" needs a table [node.kubernetes]")
            }
            (false, true) => {
                return Err(
                    "[node.kubernetes] is set: set node.engine = \"kubernetes\", or take it out",
                )
            }
            _ => {}
        }
        if self.runtime == RuntimeKind::Runsc && self.engine != EngineKind::Container {
            return Err("node.runtime = \"runsc\" works with node.engine = \"container\" only");
        }
        if !self.sandbox_shows.is_empty() && self.engine != EngineKind::Sandbox {
            return Err("node.sandbox_shows is set: set node.engine = \"sandbox\", or take it out");
        }
        let images = !self.registries.is_empty()
            || self.session_image.is_some()
            || self.image_cache_gib.is_some();
        if images && !matches!(self.engine, EngineKind::Container | EngineKind::Docker) {
            return Err("node.registries, node.session_image or node.image_cache_gib is set: set node.engine = \"container\" or \"docker\", or take it out");
        }
        if self.image_cache_gib == Some(0) || self.egress_mbit == Some(0) {
            return Err("node.image_cache_gib and node.egress_mbit are 1 at least; policy.egress = false keeps jobs from the internet");
        }
        match self.docker_socket.is_some() && self.engine != EngineKind::Docker {
            true => Err("node.docker_socket is set: set node.engine = \"docker\", or take it out"),
            false => Ok(()),
        }
    }

    pub(super) fn resolve(&mut self, base: &Path) {
        if let Some(kubernetes) = &mut self.kubernetes {
            kubernetes.secrets_dir = base.join(&kubernetes.secrets_dir);
        }
        let paths = self.dir.iter_mut().chain(&mut self.docker_socket);
        for path in paths.chain(&mut self.session_image) {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_hosts() {
        let of = |text: &str| text.parse::<Registry>();
        let is = |host: &str, plain| {
            Ok(Registry {
                host: host.into(),
                plain,
            })
        };
        assert_eq!(of("docker.io"), is("docker.io", false));
        assert_eq!(of("https://ghcr.io"), is("ghcr.io", false));
        let own = "registry.lan:5000";
        assert_eq!(of(&format!("http://{own}")), is(own, true));
        for wrong in [
            "",
            "debian",
            "docker.io/library",
            "a b.c",
            "http://",
            "ftp://a.b",
        ] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_of_images_is_not_of_the_sandbox() {
        let node = |change: fn(&mut Node)| {
            let mut node = Node::default();
            change(&mut node);
            node.validate()
        };
        assert_eq!(node(|node| node.image_cache_gib = Some(1)), Ok(()));
        assert!(node(|node| node.image_cache_gib = Some(0)).is_err());
        assert!(node(|node| node.egress_mbit = Some(0)).is_err());
        let sandbox = |node: &mut Node| {
            node.engine = EngineKind::Sandbox;
            node.session_image = Some("shell.tar".into());
        };
        assert!(node(sandbox).is_err());
    }
}
