//! What this machine remembers of a cluster: its name, its orders, and at which rank each begins.

use crate::{
    agent::{
        chain::{key, pubkey},
        folder::{self, Folder},
    },
    error::{CliError, Result},
};
use iog_job::{ray::TOKEN, Key};
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;
use std::{fs, io, path::PathBuf, time::Duration};

/// One order of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    pub order: Key,
    /// Rank of its place 0.
    pub offset: u16,
    /// Ranks that it may have.
    pub span: u16,
}

/// `~/.local/share/iog/clusters/<name>.json`. The first order is the root: its place 0 is the head.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// 1.
    pub version: u32,
    pub name: String,
    pub orders: Vec<Part>,
}

fn folder() -> Result<PathBuf> {
    let orders = folder::root()?;
    Ok(orders.with_file_name("clusters"))
}

fn path(name: &str) -> Result<PathBuf> {
    Ok(folder()?.join(format!("{name}.json")))
}

/// A name is that of a file.
pub fn name(text: &str) -> std::result::Result<String, String> {
    let sound = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let ends = text.starts_with('-') || text.ends_with('-');
    match text.is_empty() || text.len() > 32 || ends || !text.chars().all(sound) {
        true => {
            Err("a cluster's name has 1 to 32 small letters, digits and -, not at its ends".into())
        }
        false => Ok(text.to_string()),
    }
}

impl Cluster {
    pub fn new(name: &str) -> Self {
        Self {
            version: 1,
            name: name.to_string(),
            orders: Vec::new(),
        }
    }

    pub fn exists(name: &str) -> Result<bool> {
        Ok(path(name)?.exists())
    }

    pub fn open(name: &str) -> Result<Self> {
        let path = path(name)?;
        let refuse =
            |reason: String| CliError::usage(format!("cannot use {}: {reason}", path.display()));
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(CliError::usage(format!(
                    "this machine has no cluster {name}: see iog cluster list"
                )));
            }
            Err(error) => return Err(refuse(error.to_string())),
        };
        let found: Self =
            serde_json::from_slice(&bytes).map_err(|error| refuse(error.to_string()))?;
        match found.orders.is_empty() || found.version != 1 {
            true => Err(refuse("it is another version's, or names no order".into())),
            false => Ok(found),
        }
    }

    pub fn all() -> Result<Vec<Self>> {
        let Ok(entries) = fs::read_dir(folder()?) else {
            return Ok(Vec::new());
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut names: Vec<String> = names
            .filter_map(|file| file.strip_suffix(".json").map(str::to_string))
            .collect();
        names.sort();
        names.iter().map(|name| Self::open(name)).collect()
    }

    pub fn write(&self) -> Result<()> {
        let path = path(&self.name)?;
        let bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        folder::write_private(&path, &bytes)
            .map_err(|error| CliError::usage(format!("cannot write {}: {error}", path.display())))
    }

    /// Since it was written last; none where that is not known.
    pub fn age(&self) -> Result<Option<Duration>> {
        let written = fs::metadata(path(&self.name)?).and_then(|found| found.modified());
        Ok(written.ok().and_then(|at| at.elapsed().ok()))
    }

    pub fn forget(&self) -> Result<()> {
        let _ = fs::remove_file(path(&self.name)?);
        Ok(())
    }

    pub fn add(&mut self, order: &Pubkey, offset: u16, span: u16) {
        let order = key(order);
        self.orders.retain(|part| part.order != order);
        self.orders.push(Part {
            order,
            offset,
            span,
        });
    }

    pub fn remove(&mut self, order: &Key) {
        self.orders.retain(|part| part.order != *order);
    }

    pub fn root(&self) -> Result<Key> {
        let first = self.orders.first().map(|part| part.order);
        first.ok_or_else(|| CliError::usage(format!("cluster {} has no order", self.name)))
    }

    pub fn root_address(&self) -> Result<Pubkey> {
        Ok(pubkey(&self.root()?))
    }

    /// The first offset at which so many ranks are free.
    pub fn free_offset(&self, span: u16, most: u16) -> Option<u16> {
        let mut offset = 0u16;
        let mut parts = self.orders.clone();
        parts.sort_by_key(|part| part.offset);
        for part in parts {
            if offset.checked_add(span)? <= part.offset {
                break;
            }
            offset = offset.max(part.offset.checked_add(part.span)?);
        }
        (offset.checked_add(span)? <= most).then_some(offset)
    }
}

/// Where the cluster's token is, for Ray's own programs (`RAY_AUTH_TOKEN_PATH`).
pub fn token_path(root: &Key) -> Result<PathBuf> {
    Ok(Folder::of(root)?.secret_path(TOKEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_files_names() {
        for good in ["a", "ray-4090", "0"] {
            assert_eq!(name(good), Ok(good.to_string()));
        }
        let long = "a".repeat(33);
        for bad in ["", "A", "../a", "a.b", "-a", "a-", "a b", long.as_str()] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    /// redteam mesh M3: no rank is given twice, and a gap is used again.
    #[test]
    fn offsets_never_overlap() {
        let mut cluster = Cluster::new("x");
        let order = |seed: u8| Pubkey::new_from_array([seed; 32]);
        for (seed, span, offset) in [(1, 4, 0), (2, 2, 4), (3, 3, 6)] {
            assert_eq!(cluster.free_offset(span, 1_024), Some(offset));
            cluster.add(&order(seed), offset, span);
        }
        cluster.remove(&key(&order(2)));
        assert_eq!(cluster.free_offset(2, 1_024), Some(4));
        assert_eq!(cluster.free_offset(3, 1_024), Some(9));
        assert_eq!(cluster.free_offset(3, 11), None);
        assert_eq!(cluster.free_offset(u16::MAX, u16::MAX), None);
    }
}
