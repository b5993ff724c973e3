//! The folder of one match of one lease on the job side's own disk: books, specification, inputs, sealed secrets. Erased with the lease.

use super::seal::write_private;
use iog_job::{wire::Need, Binding, Hash, JobSpec};
use serde::{de::DeserializeOwned, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs, io,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// The sealed secrets.
pub const SECRETS: &str = "secrets.sealed";

#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
    name: String,
}

/// A folder that its owner alone can enter.
///
/// # Errors
/// If it cannot be made.
pub fn private_dir(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

impl Store {
    /// Addresses come again: networks, orders and matches are told apart. redteam O3
    pub fn name_of(binding: &Binding) -> String {
        let mut hash = Sha256::new();
        for key in [
            binding.genesis,
            binding.program,
            binding.order,
            binding.lease,
            binding.device,
        ] {
            hash.update(key.0);
        }
        hash.update(binding.created_ts.to_le_bytes());
        hash.update(binding.matched_ts.to_le_bytes());
        let digest = hash.finalize();
        hex::encode(digest.get(..16).unwrap_or_default())
    }

    /// # Errors
    /// If the folder cannot be made.
    pub fn open(leases: &Path, binding: &Binding) -> io::Result<Self> {
        let name = Self::name_of(binding);
        let dir = leases.join(&name);
        private_dir(&dir.join("inputs"))?;
        private_dir(&dir.join("receipts"))?;
        Ok(Self { dir, name })
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    /// # Errors
    /// If it cannot be written.
    pub fn write<T: Serialize>(&self, name: &str, value: &T) -> io::Result<()> {
        write_private(&self.path(name), &serde_json::to_vec(value)?)
    }

    /// # Errors
    /// If it is there and cannot be read.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        match fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where an input lies that is whole.
    pub fn input(&self, sha256: &Hash) -> PathBuf {
        self.dir.join("inputs").join(sha256.to_string())
    }

    /// Where it lies until then.
    pub fn part(&self, sha256: &Hash) -> PathBuf {
        self.dir.join("inputs").join(format!("{sha256}.part"))
    }

    /// Bytes of an input that are there; `None` if it is whole.
    pub fn have(&self, sha256: &Hash) -> Option<u64> {
        if self.input(sha256).exists() {
            return None;
        }
        Some(fs::metadata(self.part(sha256)).map_or(0, |meta| meta.len()))
    }

    /// Inputs and archive that are not whole, each once.
    pub fn needs(&self, spec: &JobSpec) -> Vec<Need> {
        let missing = wanted(spec).into_iter();
        missing
            .filter_map(|(sha256, len)| {
                let have = self.have(&sha256)?;
                Some(Need { sha256, len, have })
            })
            .collect()
    }

    /// What the job needed goes with the lease's end; what is kept after it are outputs, log and statuses. redteam V1
    ///
    /// # Errors
    /// If something is left.
    pub fn forget(&self) -> io::Result<()> {
        gone(fs::remove_dir_all(self.dir.join("inputs")))?;
        gone(fs::remove_file(self.path(SECRETS)))
    }

    /// # Errors
    /// If something is left.
    pub fn erase(&self) -> io::Result<()> {
        gone(fs::remove_dir_all(&self.dir))
    }
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// What must come for a job, by hash, with its length.
pub fn wanted(spec: &JobSpec) -> BTreeMap<Hash, u64> {
    let archive = spec
        .image
        .as_ref()
        .filter(|image| image.reference.is_none());
    let archive = archive.map(|image| (image.digest, image.len));
    let inputs = spec.inputs.iter().map(|input| (input.sha256, input.len));
    inputs.chain(archive).collect()
}

/// SHA-256 of a file.
///
/// # Errors
/// If it cannot be read.
pub fn hash_file(path: &Path) -> io::Result<Hash> {
    let mut hash = Sha256::new();
    io::copy(&mut fs::File::open(path)?, &mut hash)?;
    Ok(Hash(hash.finalize().into()))
}
