//! What outlives the agent: the leases that it saw, and this machine's own key.

use super::{
    folder::{private_folder, root, Folder},
    leased::Leased,
    state::Agent,
};
use crate::{
    error::{CliError, Result},
    output::{printable, rfc3339},
};
use ed25519_dalek::SigningKey;
use iog_job::{Binding, Key};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

const LEASE: &str = "lease.json";
const MACHINE: &str = "machine.json";

/// A match as it was seen on chain: its outputs may be had when the chain has forgotten it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    pub binding: Binding,
    pub tunnel_key: Key,
    pub place: u16,
    pub gpus: u32,
}

pub fn remember(agent: &Agent, leased: &Leased) {
    let kept = Remembered {
        binding: leased.binding,
        tunnel_key: leased.tunnel_key,
        place: leased.place,
        gpus: leased.gpus,
    };
    let name = format!("{}/{LEASE}", Folder::lease_name(&leased.binding));
    let written = serde_json::to_vec(&kept).map_err(|error| error.to_string());
    let written = written.and_then(|bytes| {
        agent
            .folder
            .write(&name, &bytes)
            .map_err(|error| error.line())
    });
    if let Err(reason) = written {
        agent.log(leased, &reason);
    }
}

/// All matches that were ever seen of an order.
pub fn lease_folders(folder: &Folder) -> Vec<(PathBuf, Remembered)> {
    let Ok(entries) = fs::read_dir(folder.path().join("leases")) else {
        return Vec::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let mut found: Vec<(PathBuf, Remembered)> = paths
        .filter_map(|path| {
            let text = fs::read(path.join(LEASE)).ok()?;
            Some((path, serde_json::from_slice(&text).ok()?))
        })
        .collect();
    found.sort_by_key(|(_, kept)| (kept.place, kept.binding.lease, kept.binding.matched_ts));
    found
}

/// This machine's own key, for which others make tickets.
pub fn machine_key() -> Result<SigningKey> {
    let path = root()?.with_file_name(MACHINE);
    if path.exists() {
        let pair = iog_tx::read_keypair_file(&path)?;
        return Ok(SigningKey::from_bytes(pair.secret_bytes()));
    }
    let key = new_key();
    let refuse = |error: std::io::Error| {
        CliError::usage(format!("cannot write {}: {error}", path.display()))
    };
    if let Some(folder) = path.parent() {
        private_folder(folder).map_err(refuse)?;
    }
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)
        .map_err(refuse)?;
    let text = serde_json::to_string(&key.to_keypair_bytes().to_vec())
        .map_err(|error| refuse(error.into()))?;
    file.write_all(text.as_bytes()).map_err(refuse)?;
    Ok(key)
}

/// From the system's own source of randomness.
pub fn new_key() -> SigningKey {
    let mut seed = [0; 32];
    rand::rngs::ThreadRng::default().fill_bytes(&mut seed);
    SigningKey::from_bytes(&seed)
}

impl Agent {
    /// A line in the agent's log. Nothing that is secret is ever told to it.
    pub fn note(&self, text: &str) {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let now = i64::try_from(since.as_secs()).unwrap_or(0);
        eprintln!("{} {}", rfc3339(now), printable(text));
    }

    pub fn log(&self, leased: &Leased, text: &str) {
        self.note(&format!("lease {}: {text}", leased.binding.lease));
    }
}
