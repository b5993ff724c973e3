use super::{
    layer::{self, Layer, Used},
    manifest::{digest, parse, Config, Manifest},
    read_small, refuse, ImageLimits, Layout,
};
use crate::error::EngineError;
use iog_job::{Hash, Platform};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// An image that is what its digests say.
#[derive(Debug)]
pub struct Checked {
    /// The configuration's digest: what the image is called by.
    pub config: Hash,
    pub manifest: Hash,
    /// Unpacked.
    pub bytes: u64,
    pub start: Start,
    pub(super) config_len: u64,
    pub(super) layers: Vec<Layer>,
}

/// What an image runs by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Start {
    pub command: Vec<String>,
    pub env: Vec<(String, String)>,
}

/// Reckons every digest of an image anew and holds it against its manifest, its configuration and what was ordered (zeros: not asked).
///
/// # Errors
/// [`EngineError::Image`], with what is wrong with it.
pub fn check(
    layout: &Layout,
    ordered: &Hash,
    platform: Platform,
    limits: &ImageLimits,
) -> Result<Checked, EngineError> {
    let manifest: Manifest = parse("manifest", &layout.manifest)?;
    let config_digest = manifest.config.digest()?;
    if !ordered.is_none() && config_digest != *ordered {
        return Err(refuse(format!(
            "it is sha256:{config_digest}, ordered was sha256:{ordered}"
        )));
    }
    let config_bytes = read_small(&layout.blob(&config_digest))?;
    if sha256(&config_bytes) != config_digest {
        return Err(refuse("its configuration is not what its digest says"));
    }
    let config: Config = parse("configuration", &config_bytes)?;
    let made_for = format!("{}/{}", config.os, config.architecture);
    if made_for != platform.to_string() {
        return Err(refuse(format!(
            "it is made for {}, this device is {platform}",
            made_for.escape_debug()
        )));
    }
    let (layers, used) = layers(layout, &manifest, &config, limits)?;
    Ok(Checked {
        config: config_digest,
        manifest: sha256(&layout.manifest),
        bytes: used.bytes,
        start: start(config),
        config_len: u64::try_from(config_bytes.len()).unwrap_or(u64::MAX),
        layers,
    })
}

fn layers(
    layout: &Layout,
    manifest: &Manifest,
    config: &Config,
    limits: &ImageLimits,
) -> Result<(Vec<Layer>, Used), EngineError> {
    let count = manifest.layers.len();
    if count > limits.layers {
        return Err(refuse(format!(
            "it has {count} layers, at most {} are taken",
            limits.layers
        )));
    }
    if config.rootfs.diff_ids.len() != count {
        return Err(refuse(
            "its configuration names another number of layers than its manifest",
        ));
    }
    let mut used = Used::default();
    let mut layers = Vec::with_capacity(count);
    for (descriptor, diff_id) in manifest.layers.iter().zip(&config.rootfs.diff_ids) {
        let named = descriptor.digest()?;
        let layer = layer::read(&layout.blob(&named), limits, &mut used)?;
        if layer.digest != named || layer.len != descriptor.size {
            return Err(refuse("a layer is not what the manifest says"));
        }
        if layer.diff_id != digest(diff_id)? {
            return Err(refuse("a layer is not what the configuration says"));
        }
        layers.push(layer);
    }
    Ok((layers, used))
}

fn start(config: Config) -> Start {
    let started = config.config;
    let env = started.env.unwrap_or_default();
    Start {
        command: [
            started.entrypoint.unwrap_or_default(),
            started.cmd.unwrap_or_default(),
        ]
        .concat(),
        env: env
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    }
}

pub(super) fn sha256(bytes: &[u8]) -> Hash {
    Hash(Sha256::digest(bytes).into())
}
