//! The specification of a job, version 2.

use crate::{
    canonical,
    ids::{Hash, ParseError},
    mesh::MeshSpec,
    ray::RaySpec,
    sealed::{Mirrors, Sealed},
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// Largest specification that a node reads.
pub const MAX_SPEC_BYTES: usize = 256 << 10;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Runs to its end.
    #[default]
    Batch,
    /// Runs until it is stopped, and says when it is ready.
    Service,
    /// Runs nothing by itself: a shell for people.
    Session,
    /// A node of a Ray cluster over the order's mesh; a command is submitted to it as a job of Ray's.
    Ray,
}

/// What a machine runs on, as the registry and orders number it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Platform {
    #[serde(rename = "linux/amd64")]
    LinuxAmd64 = 1,
    #[serde(rename = "linux/arm64")]
    LinuxArm64 = 2,
}

/// The container image. Named by the digest of its configuration, which a node reckons anew from what arrived; one that is pulled may be
/// named by its manifest alone, which names the configuration: people know no other digest of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// `registry/name` to pull from, without tag; none for an archive (OCI layout, tar) that travels by the link.
    #[serde(default)]
    pub reference: Option<String>,
    /// For a pull: digest of the manifest. For an archive: SHA-256 of the file.
    pub digest: Hash,
    /// Bytes of the archive; 0 for a pull.
    #[serde(default)]
    pub len: u64,
    /// Digest of the image's configuration. Zeros where only the manifest of a pull is known: the node reports what it found.
    #[serde(default)]
    pub config: Hash,
}

impl Image {
    /// What the image is called by: its configuration's digest, or its manifest's where that is not known.
    pub fn id(&self) -> Hash {
        match self.config.is_none() {
            true => self.digest,
            false => self.config,
        }
    }
}

/// A file that the job finds in its working directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// Where the job finds it, relative to its working directory, with `/`.
    pub target: String,
    pub sha256: Hash,
    pub len: u64,
    /// May be run.
    #[serde(default)]
    pub executable: bool,
    /// Where a node fetches it from itself (https only); none where the renter sends it. No part of the job's hash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A value that is in no specification, hash or log: only its name is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// The file's name under `/run/iog/secrets`.
    pub name: String,
    /// Also in the environment under this name.
    #[serde(default)]
    pub env: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Port {
    pub port: u16,
    /// What a person calls it.
    #[serde(default)]
    pub name: Option<String>,
}

/// What the job may use. 0 takes the lease's share of the machine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resources {
    /// Thousandths of a processor.
    pub cpu_millis: u32,
    pub memory_bytes: u64,
    pub disk_bytes: u64,
    pub shm_bytes: u64,
    pub pids: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    #[default]
    Never,
    /// After a failure, at most so often.
    OnFailure(u32),
}

/// When a service is ready: its port takes connections and, with a path, answers `GET` by 2xx or 3xx.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Readiness {
    pub port: u16,
    #[serde(default)]
    pub path: Option<String>,
    /// Given up after so long.
    #[serde(default = "ten_minutes")]
    pub within_secs: u32,
}

fn ten_minutes() -> u32 {
    600
}

/// One job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSpec {
    /// 2.
    pub version: u32,
    /// 32 random bytes, new for each order: the hashes on chain tell nobody what runs.
    pub salt: Hash,
    #[serde(default)]
    pub kind: Kind,
    /// None where the operator's own image or the host's programs will do.
    #[serde(default)]
    pub image: Option<Image>,
    #[serde(default)]
    pub platform: Option<Platform>,
    /// Program and arguments, run as they are, without a shell. Empty: the image's own.
    #[serde(default)]
    pub command: Vec<String>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    #[serde(default)]
    pub secrets: Vec<Secret>,
    #[serde(default)]
    pub inputs: Vec<Input>,
    /// No part of the job's hash: whatever comes is checked by the hashes of inputs and image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mirrors: Option<Mirrors>,
    /// What to keep, relative to the working directory: files or folders. Everything under `/work/out` is kept besides.
    #[serde(default)]
    pub outputs: Vec<String>,
    #[serde(default)]
    pub ports: Vec<Port>,
    #[serde(default)]
    pub resources: Resources,
    #[serde(default)]
    pub restart: Restart,
    #[serde(default)]
    pub readiness: Option<Readiness>,
    /// Asks for connections to the internet.
    #[serde(default)]
    pub egress: bool,
    /// Counted from the start; none is for ever.
    #[serde(default)]
    pub time_limit_secs: Option<u64>,
    /// The renter's client ends the order when the job is over.
    #[serde(default)]
    pub end_when_done: bool,
    /// What kind `ray` may say of its cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ray: Option<RaySpec>,
    /// How the order's machines are connected; none is plainly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mesh: Option<MeshSpec>,
}

impl JobSpec {
    /// A session without an image: what an order without a job is.
    pub fn session(salt: Hash) -> Self {
        Self {
            version: 2,
            salt,
            kind: Kind::Session,
            image: None,
            platform: None,
            command: Vec::new(),
            env: BTreeMap::new(),
            secrets: Vec::new(),
            inputs: Vec::new(),
            mirrors: None,
            outputs: Vec::new(),
            ports: Vec::new(),
            resources: Resources::default(),
            restart: Restart::Never,
            readiness: None,
            egress: false,
            time_limit_secs: None,
            end_when_done: false,
            ray: None,
            mesh: None,
        }
    }

    /// What `Order.command_hash` holds: SHA-256 of the canonical JSON, without `mirrors`, and without `url` of inputs.
    ///
    /// # Errors
    /// None for a specification that was read as one.
    pub fn hash(&self) -> Result<Hash, ParseError> {
        let mut hashed = self.clone();
        hashed.mirrors = None;
        for input in &mut hashed.inputs {
            input.url = None;
        }
        canonical::hash(&hashed)
    }

    /// How an input or the archive can be had from the mirrors.
    pub fn sealed(&self, sha256: &Hash) -> Option<&Sealed> {
        self.mirrors.as_ref()?.sealed.get(sha256)
    }

    /// What `Order.image_hash` holds: SHA-256 of `iog:image:1`, salt and [`Image::id`]; zeros without an image.
    pub fn image_hash(&self) -> Hash {
        let Some(image) = &self.image else {
            return Hash::default();
        };
        let mut hash = Sha256::new();
        hash.update(b"iog:image:1");
        hash.update(self.salt.0);
        hash.update(image.id().0);
        Hash(hash.finalize().into())
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LinuxAmd64 => "linux/amd64",
            Self::LinuxArm64 => "linux/arm64",
        })
    }
}

impl FromStr for Platform {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text {
            "linux/amd64" => Ok(Self::LinuxAmd64),
            "linux/arm64" => Ok(Self::LinuxArm64),
            other => Err(ParseError(format!(
                "no platform is called `{other}`; use linux/amd64 or linux/arm64"
            ))),
        }
    }
}
