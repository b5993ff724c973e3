//! `cargo xtask ids`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context, Result};
use clap::Args;

use crate::programs::{self, Program};
use crate::{repo, run};

/// Set the program ids to those of keypairs of your own
///
/// Networks that others share need keys that nobody else has: those in toolchain/keys are public. Reads
/// <keys>/<program>-keypair.json, and writes the ids wherever the sources and Anchor.toml have them. Afterwards run `cargo xtask
/// build` and `cargo xtask idl`, which brings them into the clients.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub struct Ids {
    /// Folder of the keypair files
    keys: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  for p in token registry staking emission market treasury; do
    solana-keygen new --no-bip39-passphrase -o ~/iog-keys/iog_$p-keypair.json
  done
  cargo xtask ids ~/iog-keys && cargo xtask build && cargo xtask idl";

impl Ids {
    pub fn run(self) -> Result<()> {
        let files = sources()?;
        for program in programs::select(&[])? {
            let path = self.keys.join(format!("{}-keypair.json", program.lib));
            if !path.exists() && program.lib == "iog_conformance" {
                continue; // only tests use it
            }
            let (old, new) = (declared(&program)?, address(&path)?);
            for file in &files {
                replace(file, &old, &new)?;
            }
            println!("{:<20} {new}", program.lib);
        }
        Ok(())
    }
}

/// Every file of the repository's own that may name an id, except what `cargo xtask idl` writes.
fn sources() -> Result<Vec<PathBuf>> {
    let text = run::output(
        Command::new("git")
            .args(["ls-files", "programs/*.rs", "Anchor.toml"])
            .current_dir(repo::root()),
        "run this inside the repository",
    )?;
    Ok(text.lines().map(|line| repo::root().join(line)).collect())
}

/// The id in a program's `declare_id!`.
fn declared(program: &Program) -> Result<String> {
    let folder = program.manifest.parent().context("a manifest's folder")?;
    let text = fs::read_to_string(folder.join("src/lib.rs"))?;
    text.split_once("declare_id!(\"")
        .and_then(|(_, rest)| rest.split_once('"'))
        .map(|(id, _)| id.to_string())
        .with_context(|| format!("{} has no declare_id!", program.package))
}

/// The public half of a keypair file: the last 32 of its 64 bytes.
fn address(path: &Path) -> Result<String> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    let bytes: Vec<u8> = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
    match bytes.get(32..64) {
        Some(public) if bytes.len() == 64 => Ok(bs58::encode(public).into_string()),
        _ => bail!(
            "{} is not a keypair file: 64 numbers are needed",
            path.display()
        ),
    }
}

fn replace(file: &Path, old: &str, new: &str) -> Result<()> {
    let text = fs::read_to_string(file)?;
    if text.contains(old) {
        fs::write(file, text.replace(old, new)).with_context(|| file.display().to_string())?;
    }
    Ok(())
}
