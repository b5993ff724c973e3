//! The toolchain cache: one folder per part and content key, which is there only when it is whole.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::{repo, run};

pub struct Cache {
    root: PathBuf,
    // Held for as long as the cache is in use; the system frees it if the process dies.
    _lock: File,
}

impl Cache {
    /// Opens the cache for this process alone; waits while another one makes the same things.
    pub fn open() -> Result<Self> {
        let root = repo::cache()?;
        fs::create_dir_all(&root).with_context(|| {
            format!(
                "creating {}: set IOG_CACHE to a folder you can write to",
                root.display()
            )
        })?;
        let path = root.join("lock");
        let lock = File::create(&path).with_context(|| format!("opening {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                eprintln!("waiting for another setup in {}", root.display());
                lock.lock().context("locking the cache")?;
            }
            Err(TryLockError::Error(error)) => return Err(error).context("locking the cache"),
        }
        Ok(Self { root, _lock: lock })
    }

    /// The folder of a part, made by `make` if it is not there. `make` fills a temporary folder, renamed when whole.
    pub fn part(
        &self,
        part: &str,
        key: &str,
        make: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<PathBuf> {
        let done = self.root.join(part).join(key);
        if done.exists() {
            return Ok(done);
        }
        let work = self.root.join(part).join(format!("{key}.part"));
        // What an interrupted run left. The lock makes sure that nobody is filling it.
        if work.exists() {
            fs::remove_dir_all(&work).with_context(|| format!("removing {}", work.display()))?;
        }
        fs::create_dir_all(&work).with_context(|| format!("creating {}", work.display()))?;
        run::step(part, || make(&work))?;
        fs::rename(&work, &done).with_context(|| format!("publishing {}", done.display()))?;
        Ok(done)
    }
}

/// A key that changes with any of the inputs. Lengths go in, so that no two lists run together alike.
pub fn key<T: AsRef<[u8]>>(inputs: impl IntoIterator<Item = T>) -> String {
    let mut hash = Sha256::new();
    for input in inputs {
        let input = input.as_ref();
        hash.update((input.len() as u64).to_le_bytes());
        hash.update(input);
    }
    let digest = hash.finalize();
    digest[..8]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::key;

    #[test]
    fn key_depends_on_where_an_input_ends() {
        assert_eq!(key(["a", "b"]), key(["a", "b"]));
        assert_ne!(key(["a", "b"]), key(["ab"]));
        assert_ne!(key(["ab", ""]), key(["ab"]));
    }
}
