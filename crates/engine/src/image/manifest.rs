use super::refuse;
use crate::error::EngineError;
use iog_job::{Hash, Platform};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Descriptor {
    digest: String,
    #[serde(default)]
    pub size: u64,
    /// Where else it may be fetched.
    #[serde(default)]
    pub urls: Vec<String>,
    #[serde(default)]
    platform: Option<Machine>,
}

#[derive(Debug, Deserialize)]
struct Machine {
    architecture: String,
    os: String,
}

/// A manifest of OCI or of Docker's second version: they differ in names of types only, which are not read.
#[derive(Debug, Deserialize)]
pub struct Manifest {
    pub config: Descriptor,
    pub layers: Vec<Descriptor>,
}

/// A list of manifests, one a platform; also `index.json` of a layout.
#[derive(Debug, Deserialize)]
pub struct Index {
    pub manifests: Vec<Descriptor>,
}

/// The part of an image's configuration that is used.
#[derive(Debug, Deserialize)]
pub struct Config {
    pub architecture: String,
    pub os: String,
    #[serde(default)]
    pub config: Started,
    pub rootfs: RootFs,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub struct Started {
    pub entrypoint: Option<Vec<String>>,
    pub cmd: Option<Vec<String>>,
    pub env: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
pub struct RootFs {
    pub diff_ids: Vec<String>,
}

impl Descriptor {
    pub fn digest(&self) -> Result<Hash, EngineError> {
        digest(&self.digest)
    }

    /// No image, but what its builder says of one.
    pub fn is_note(&self) -> bool {
        let machine = self.platform.as_ref();
        machine.is_some_and(|machine| machine.os == "unknown")
    }

    pub fn is_for(&self, platform: Platform) -> bool {
        self.platform.as_ref().is_some_and(|machine| {
            format!("{}/{}", machine.os, machine.architecture) == platform.to_string()
        })
    }
}

/// `sha256:<64 hexadecimal digits>`; other hashes are refused.
pub fn digest(text: &str) -> Result<Hash, EngineError> {
    let hash = text
        .strip_prefix("sha256:")
        .and_then(|hash| hash.parse().ok());
    hash.ok_or_else(|| refuse(format!("`{}` is no digest of SHA-256", text.escape_debug())))
}

pub fn parse<'a, T: Deserialize<'a>>(what: &str, bytes: &'a [u8]) -> Result<T, EngineError> {
    serde_json::from_slice(bytes)
        .map_err(|error| refuse(format!("its {what} cannot be read: {error}")))
}
