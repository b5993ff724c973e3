//! Images of containers: named by the digest of their configuration, which is reckoned anew here from manifest, configuration and layers
//! before the engine sees any of them. No tag is read or written. redteam C1, C2, E4

mod archive;
mod check;
mod docker;
mod jail;
mod layer;
mod manifest;
mod pull;

pub(crate) use archive::write_empty;
pub use archive::{pack, unpack};
pub use check::{check, Checked, Start};
pub use docker::pack_docker;
pub(crate) use docker::write_empty_docker;
pub use jail::{main as jail_main, sweep, Jail};
pub use pull::{Pull, Registries};

use crate::error::EngineError;
use std::path::{Path, PathBuf};

/// What an image may be at most; beyond it is refused while it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImageLimits {
    /// Of all blobs as they come.
    pub packed_bytes: u64,
    /// Of all layers unpacked.
    pub bytes: u64,
    /// Files, folders and links of all layers.
    pub files: u64,
    pub layers: usize,
}

impl Default for ImageLimits {
    fn default() -> Self {
        Self {
            packed_bytes: 64 << 30,
            bytes: 128 << 30,
            files: 2_000_000,
            layers: 127,
        }
    }
}

/// An image as it came: its manifest, and its blobs as files `<sha256 in hexadecimal>` of a folder. Nothing of it is trusted yet.
#[derive(Clone, Debug)]
pub struct Layout {
    pub manifest: Vec<u8>,
    pub blobs: PathBuf,
}

impl Layout {
    fn blob(&self, digest: &iog_job::Hash) -> PathBuf {
        self.blobs.join(digest.to_string())
    }
}

/// Largest manifest or configuration.
const MAX_JSON: u64 = 4 << 20;

fn refuse(why: impl Into<String>) -> EngineError {
    EngineError::Image(why.into())
}

fn read_small(path: &Path) -> Result<Vec<u8>, EngineError> {
    use std::io::Read;
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path)
        .map_err(|_| refuse("a blob that its manifest names is not in it"))?;
    file.take(MAX_JSON)
        .read_to_end(&mut bytes)
        .map_err(EngineError::file(path))?;
    Ok(bytes)
}
