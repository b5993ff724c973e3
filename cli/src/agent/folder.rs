//! What a renter's machine keeps of an order: keys, job, and what its devices said. For its owner's eyes alone.

use crate::error::{CliError, Result};
use base64::{engine::general_purpose::STANDARD, Engine};
use clap::ValueEnum;
use ed25519_dalek::SigningKey;
use iog_job::{wire::Secrets, Binding, Hash, JobSpec, Key};
use iog_link::RelayAddr;
use serde::{de::DeserializeOwned, Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

pub const ENGINEER: &str = "engineer.json";
pub const RECEIPT: &str = "receipt.json";
/// Another program has the engineer key's line; whoever wants it back removes this.
pub const DISPLACED: &str = "displaced";
const ORDER: &str = "order.json";
const JOB: &str = "job.json";
const SOURCES: &str = "sources.json";
const SECRETS: &str = "secrets";
const TICKET: &str = "ticket";

/// Whether the machines are measured before they get the job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// No
    Off,
    /// The job goes there all the same; what failed is told
    #[default]
    Warn,
    /// Nothing goes to a machine that failed
    Require,
}

/// How an order's devices are found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderFile {
    /// 1.
    pub version: u32,
    pub order: Key,
    /// The market program.
    pub program: Key,
    /// Hash of the chain's genesis.
    pub genesis: Key,
    pub rpc_url: String,
    /// Further endpoints, of other hosts: nothing is opened on one's word alone.
    #[serde(default)]
    pub witness_urls: Vec<String>,
    /// The renter believes the one endpoint.
    #[serde(default)]
    pub trust_endpoint: bool,
    pub commitment: String,
    /// Name or file of the network, which names its relays.
    #[serde(default)]
    pub network: Option<String>,
    /// These instead of the network's.
    #[serde(default)]
    pub relays: Vec<RelayAddr>,
    /// No address of this machine is told: everything goes by relay.
    #[serde(default)]
    pub relay_only: bool,
    /// The key file with which the agent ends the order when its job is over.
    #[serde(default)]
    pub ends_with: Option<PathBuf>,
    #[serde(default)]
    pub check: Check,
    /// Known from the first time that the order was seen on chain: its address may come again.
    #[serde(default)]
    pub created_ts: Option<i64>,
}

/// `~/.local/share/iog/orders/<order>`.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// Where all orders of this machine are.
pub fn root() -> Result<PathBuf> {
    let data = std::env::var_os("XDG_DATA_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    data.or_else(home)
        .map(|data| data.join("iog").join("orders"))
        .ok_or_else(|| {
            CliError::usage("there is no home directory to keep an order's keys in: set HOME")
        })
}

/// Makes a folder, and those above it, that only its owner may enter.
pub fn private_folder(path: &Path) -> io::Result<()> {
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

/// Replaces a file as a whole; nobody else may read it.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        private_folder(parent)?;
    }
    let new = path.with_extension("new");
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(new, path)
}

impl Folder {
    #[cfg(test)]
    pub fn at(path: PathBuf) -> Self {
        Self(path)
    }

    pub fn of(order: &Key) -> Result<Self> {
        Ok(Self(root()?.join(order.to_string())))
    }

    /// The folder of an order that was booked on this machine, or for which it has a ticket.
    pub fn open(order: &Key) -> Result<Self> {
        let folder = Self::of(order)?;
        let found = fs::symlink_metadata(&folder.0).map_err(|_| {
            CliError::usage(format!(
                "this machine has no keys of order {order}: book it here, or take a ticket of the machine that did (iog order ticket, iog agent join)"
            ))
        })?;
        if !found.is_dir() || found.uid() != rustix::process::getuid().as_raw() {
            return Err(folder.refuse(&"it is not a folder of yours"));
        }
        if found.mode() & 0o077 != 0 {
            return Err(folder.refuse(&format!(
                "others may enter it; run: chmod 700 {}",
                folder.0.display()
            )));
        }
        Ok(folder)
    }

    /// Every order that this machine knows.
    pub fn all() -> Result<Vec<Key>> {
        let Ok(entries) = fs::read_dir(root()?) else {
            return Ok(Vec::new());
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut orders: Vec<Key> = names.filter_map(|name| name.parse().ok()).collect();
        orders.sort();
        Ok(orders)
    }

    /// A new one; what an earlier order of the same address left is moved aside.
    pub fn make(order: &Key) -> Result<Self> {
        let folder = Self::of(order)?;
        if folder.0.exists() {
            let aside = (1u32..)
                .map(|number| folder.0.with_file_name(format!("{order}.{number}")))
                .find(|path| !path.exists());
            if let Some(aside) = aside {
                fs::rename(&folder.0, aside).map_err(|error| folder.refuse(&error))?;
            }
        }
        private_folder(&folder.0).map_err(|error| folder.refuse(&error))?;
        Ok(folder)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    fn refuse(&self, reason: &dyn std::fmt::Display) -> CliError {
        CliError::usage(format!("cannot use {}: {reason}", self.0.display()))
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    /// Replaces a file as a whole; nobody else may read it.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        self.replace(name, bytes)
            .map_err(|error| self.refuse(&format!("{name}: {error}")))
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        write_private(&self.0.join(name), bytes)
    }

    pub fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Result<()> {
        let bytes = serde_json::to_vec_pretty(value).map_err(|error| self.refuse(&error))?;
        self.write(name, &bytes)
    }

    /// `None` where there is no such file.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        let bytes = match fs::read(self.0.join(name)) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.refuse(&format!("{name}: {error}"))),
        };
        serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| self.refuse(&format!("{name}: {error}")))
    }

    pub fn order(&self) -> Result<OrderFile> {
        self.read(ORDER)?
            .ok_or_else(|| self.refuse(&format!("{ORDER} is missing")))
    }

    pub fn set_order(&self, order: &OrderFile) -> Result<()> {
        self.write_json(ORDER, order)
    }

    /// A key in the form of `solana-keygen`.
    pub fn set_key(&self, name: &str, key: &SigningKey) -> Result<()> {
        self.write_json(name, &key.to_keypair_bytes().to_vec())
    }

    /// `None` where the key is elsewhere.
    pub fn key(&self, name: &str) -> Result<Option<SigningKey>> {
        let path = self.0.join(name);
        if !path.exists() {
            return Ok(None);
        }
        let pair = iog_tx::read_keypair_file(&path)?;
        Ok(Some(SigningKey::from_bytes(pair.secret_bytes())))
    }

    pub fn set_job(&self, spec: &JobSpec, sources: &BTreeMap<Hash, PathBuf>) -> Result<()> {
        self.write_json(JOB, spec)?;
        self.write_json(SOURCES, sources)
    }

    /// `None` on a machine that has a ticket only.
    pub fn job(&self) -> Result<Option<JobSpec>> {
        self.read(JOB)
    }

    /// Where inputs and the image's archive are on this machine.
    pub fn sources(&self) -> Result<BTreeMap<Hash, PathBuf>> {
        Ok(self.read(SOURCES)?.unwrap_or_default())
    }

    pub fn set_secret(&self, name: &str, value: &[u8]) -> Result<()> {
        self.write(&format!("{SECRETS}/{name}"), value)
    }

    pub fn secret_path(&self, name: &str) -> PathBuf {
        self.0.join(SECRETS).join(name)
    }

    pub fn secret(&self, name: &str) -> Result<Vec<u8>> {
        fs::read(self.secret_path(name))
            .map_err(|error| self.refuse(&format!("secret {name}: {error}")))
    }

    /// The values of these names, as they travel.
    pub fn secrets(&self, names: &[String]) -> Result<Secrets> {
        let value = |name: &String| Ok((name.clone(), STANDARD.encode(self.secret(name)?)));
        names.iter().map(value).collect::<Result<_>>().map(Secrets)
    }

    /// When no device will ask for them again.
    pub fn forget_secrets(&self) {
        let _ = fs::remove_dir_all(self.0.join(SECRETS));
    }

    pub fn set_ticket(&self, ticket: &str) -> Result<()> {
        self.write(TICKET, ticket.as_bytes())
    }

    pub fn ticket(&self) -> Option<String> {
        fs::read_to_string(self.0.join(TICKET)).ok()
    }

    /// Where what a lease's device says in one match is kept, beneath the folder.
    pub fn lease_name(binding: &Binding) -> String {
        format!("leases/{}-{}", binding.lease, binding.matched_ts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn files_are_the_owners_alone() {
        let home = tempfile::tempdir().unwrap();
        let folder = Folder(home.path().join("a/b"));
        private_folder(folder.path()).unwrap();
        folder.set_secret("TOKEN", b"x\0y").unwrap();
        let key = SigningKey::from_bytes(&[7; 32]);
        folder.set_key(ENGINEER, &key).unwrap();
        assert_eq!(folder.key(ENGINEER).unwrap().unwrap().to_bytes(), [7; 32]);
        assert!(folder.key(RECEIPT).unwrap().is_none());
        for name in ["", "secrets", "secrets/TOKEN", ENGINEER] {
            let mode = fs::metadata(folder.path().join(name))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o077, 0, "{name}");
        }
        let secrets = folder.secrets(&["TOKEN".to_string()]).unwrap();
        assert_eq!(secrets.0["TOKEN"], "eAB5");
        assert!(folder.secrets(&["NONE".to_string()]).is_err());
        folder.forget_secrets();
        assert!(folder.secrets(&["TOKEN".to_string()]).is_err());
    }
}
