//! One file for each noun: its verbs, and what they do.

pub mod agent;
pub mod class;
pub mod cluster;
pub mod device;
pub mod dispute;
pub mod emission;
pub mod governance;
pub mod job;
pub mod lease;
pub mod market;
pub mod measurer;
pub mod network;
pub mod offer;
pub mod operator;
pub mod order;
pub mod pow;
pub mod price;
pub mod reward;
pub mod slash;
pub mod stake;
pub mod token;
pub mod treasury;
pub mod vesting;

use crate::{
    args,
    error::{CliError, Result},
};
use sha2::{Digest, Sha256};

/// The hash itself, or that of a file.
pub fn evidence_hash(given: &str) -> Result<[u8; 32]> {
    if let Ok(hash) = args::hex32(given) {
        return Ok(hash);
    }
    let bytes = std::fs::read(given).map_err(|error| {
        CliError::usage(format!(
            "the evidence is neither 64 hexadecimal digits nor a readable file: {given}: {error}"
        ))
    })?;
    Ok(Sha256::digest(bytes).into())
}

/// A zero-padded name.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_end_matches('\0')
        .to_string()
}
