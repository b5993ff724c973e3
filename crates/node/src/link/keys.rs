//! Tunnel key files.

use anyhow::{bail, Context};
use ed25519_dalek::SigningKey;
use iog_job::Key;
use std::{fs, os::unix::fs::PermissionsExt, path::Path};

/// The public key and the seed of a file with 32 bytes, or with a keypair as 64 numbers in JSON.
///
/// # Errors
/// If it cannot be read, others can read it, or it is no key.
pub fn read_seed(path: &Path) -> anyhow::Result<(Key, [u8; 32])> {
    let name = || format!("the tunnel key {}", path.display());
    let mode = fs::metadata(path).with_context(name)?.permissions().mode();
    if mode & 0o077 != 0 {
        bail!("{}: others can read it; chmod 600", name());
    }
    let bytes = fs::read(path).with_context(name)?;
    let bytes = match bytes.len() {
        32 => bytes,
        _ => serde_json::from_slice::<Vec<u8>>(&bytes).with_context(name)?,
    };
    let Some((seed, public)) = bytes.split_first_chunk::<32>() else {
        bail!("{}: not 32 bytes, nor 64 numbers", name());
    };
    let key = SigningKey::from_bytes(seed).verifying_key().to_bytes();
    if !(public.is_empty() || public == key) {
        bail!("{}: its two halves are not of one key", name());
    }
    Ok((Key(key), *seed))
}
