//! Keys of the local network, kept in a folder so that a restart has the same addresses.

use super::UpError;
use solana_keypair::Keypair;
use std::{fs, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

/// Upgrade and config authority, two suppliers, their devices and those devices' ends of the link, a renter, a keeper, and two addresses.
pub const WALLETS: [&str; 11] = [
    "authority",
    "supplier-a",
    "supplier-b",
    "device-a",
    "device-b",
    "tunnel-a",
    "tunnel-b",
    "renter",
    "keeper",
    "usdc-mint",
    "io-price",
];

/// The keys of [`WALLETS`], in that order.
pub struct Wallets(Vec<Keypair>);

impl Wallets {
    /// Reads `<dir>/<name>.json`, and makes what is missing, readable by the owner alone.
    ///
    /// # Errors
    /// [`UpError::File`] names the file.
    pub fn load_or_create(dir: &Path) -> Result<Self, UpError> {
        fs::create_dir_all(dir).map_err(|error| file_error(dir, &error.to_string()))?;
        let key = |name: &&str| {
            let path = dir.join(format!("{name}.json"));
            if path.exists() {
                iog_tx::read_keypair_file(&path)
                    .map_err(|error| file_error(&path, &error.to_string()))
            } else {
                create(&path)
            }
        };
        WALLETS.iter().map(key).collect::<Result<_, _>>().map(Self)
    }

    /// The key of a wallet in [`WALLETS`].
    ///
    /// # Panics
    /// For a name that is not one of them.
    #[must_use]
    pub fn get(&self, name: &str) -> &Keypair {
        match self.iter().find(|(known, _)| *known == name) {
            Some((_, key)) => key,
            None => panic!("there is no wallet named {name}"),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Keypair)> {
        WALLETS.into_iter().zip(&self.0)
    }
}

fn create(path: &Path) -> Result<Keypair, UpError> {
    let key = Keypair::new();
    let mut options = fs::OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(format!("{:?}\n", key.to_bytes()).as_bytes()))
        .map_err(|error| file_error(path, &error.to_string()))?;
    Ok(key)
}

fn file_error(path: &Path, reason: &str) -> UpError {
    UpError::File {
        path: path.display().to_string(),
        reason: reason.into(),
    }
}
