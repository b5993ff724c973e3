//! The TypeScript client, rendered by Codama in Node.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::Tree;
use crate::{repo, run};

/// Beside the client: the hash of the IDLs that it was generated from, for machines without Node.
pub const HASH_FILE: &str = "IDL_SHA256";

/// Finds Node and installs Codama, unless that was done already.
pub fn ready() -> Result<()> {
    for program in ["node", "npm"] {
        run::quiet(
            Command::new(program).arg("--version"),
            "install Node 20 or later",
        )?;
    }
    install(&codama())
}

fn codama() -> PathBuf {
    repo::root().join("toolchain/codama")
}

pub fn render(json: &Tree, folder: &str) -> Result<Tree> {
    let scratch = repo::root().join("target/idl/ts");
    let (from, to) = (scratch.join("idl"), scratch.join("generated"));
    fs::create_dir_all(&from).with_context(|| format!("creating {}", from.display()))?;
    json.write_to(&from)?;
    run::quiet(
        Command::new("node")
            .arg(codama().join("generate.mjs"))
            .args([&from, &to]),
        "Codama must be able to render the IDLs",
    )?;
    Tree::read(&to, folder)
}

/// Type-checks the whole TypeScript client, examples and all.
pub fn check_types() -> Result<()> {
    let client = repo::root().join("clients/ts");
    install(&client)?;
    run::quiet(
        Command::new("npm")
            .args(["run", "--silent", "check"])
            .current_dir(&client),
        "clients/ts must type-check: npm run check in clients/ts",
    )?;
    Ok(())
}

/// Installs what a folder's lock file names, unless that was done already.
fn install(folder: &Path) -> Result<()> {
    let read = |path: &str| fs::read_to_string(folder.join(path)).unwrap_or_default();
    let lock = read("package-lock.json");
    let stamp = folder.join("node_modules/.installed-lock.json");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run::quiet(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(folder),
        "npm ci must work: is the package registry reachable?",
    )?;
    fs::write(&stamp, lock).with_context(|| format!("writing {}", stamp.display()))
}
