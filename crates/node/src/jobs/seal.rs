//! Secrets on disk are sealed with a key of the job side alone. It hides them from backups and other users, not from the machine's root. redteam V1

use rand::RngCore;
use ring::aead::{Aad, LessSafeKey, Nonce, UnboundKey, CHACHA20_POLY1305, NONCE_LEN};
use std::{fs, io, io::Write, os::unix::fs::OpenOptionsExt, path::Path};

pub struct Seal(LessSafeKey);

fn broken() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the seal does not fit")
}

impl Seal {
    /// Reads the key of this file, or makes one.
    ///
    /// # Errors
    /// If it cannot be read or made.
    pub fn open(path: &Path) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let mut bytes = vec![0; 32];
                rand::rng().fill_bytes(&mut bytes);
                write_private(path, &bytes)?;
                bytes
            }
            Err(error) => return Err(error),
        };
        let key = UnboundKey::new(&CHACHA20_POLY1305, &bytes).map_err(|_| broken())?;
        Ok(Self(LessSafeKey::new(key)))
    }

    /// `name` binds it to its lease.
    ///
    /// # Errors
    /// None for less than 256 GiB.
    pub fn seal(&self, name: &str, plain: &[u8]) -> io::Result<Vec<u8>> {
        let mut nonce = [0; NONCE_LEN];
        rand::rng().fill_bytes(&mut nonce);
        let mut bytes = plain.to_vec();
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(unique, Aad::from(name.as_bytes()), &mut bytes)
            .map_err(|_| broken())?;
        Ok([nonce.as_slice(), &bytes].concat())
    }

    /// # Errors
    /// If it was not sealed with this key and name.
    pub fn unseal(&self, name: &str, sealed: &[u8]) -> io::Result<Vec<u8>> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or_else(broken)?;
        let mut bytes = rest.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let aad = Aad::from(name.as_bytes());
        let plain = self.0.open_in_place(nonce, aad, &mut bytes);
        Ok(plain.map_err(|_| broken())?.to_vec())
    }
}

/// A new file that its owner alone can read, whole or not at all.
///
/// # Errors
/// If it cannot be written.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options.open(&new)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(new, path)
}
