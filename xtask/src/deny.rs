//! cargo-deny, installed into the cache where it is missing.

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

use crate::{repo, run};

/// Known to build with the repository's Rust.
const VERSION: &str = "0.20.2";

/// Licences, bans and sources of both workspaces. Advisories need a network beyond package registries.
pub fn check() -> Result<()> {
    deny(&["licenses", "bans", "sources"])
}

/// Known vulnerabilities, from the advisory database that cargo-deny downloads.
pub fn advisories() -> Result<()> {
    deny(&["advisories"])
}

fn deny(checks: &[&str]) -> Result<()> {
    let program = program()?;
    for workspace in [repo::root(), repo::programs()] {
        let mut command = Command::new(&program);
        command
            .args(["--log-level", "error", "--config"])
            .arg(repo::root().join("deny.toml"))
            .arg("check")
            .args(checks)
            .current_dir(workspace);
        run::check(&mut command, "see deny.toml for what is allowed")?;
    }
    Ok(())
}

/// The one on PATH, else ours in the cache.
fn program() -> Result<PathBuf> {
    if run::quiet(Command::new("cargo-deny").arg("--version"), "").is_ok() {
        return Ok("cargo-deny".into());
    }
    let root = repo::cache()?.join(format!("cargo-deny-{VERSION}"));
    let program = root.join("bin/cargo-deny");
    if !program.exists() {
        run::step("install cargo-deny", || {
            let mut command = Command::new(env!("CARGO"));
            command
                .args([
                    "install",
                    "cargo-deny",
                    "--locked",
                    "--version",
                    VERSION,
                    "--root",
                ])
                .arg(&root)
                // Outside the repository, whose settings are not meant for other people's programs.
                .current_dir(std::env::temp_dir());
            run::check(
                &mut command,
                "check that the package registry can be reached, and run this again",
            )
        })?;
    }
    Ok(program)
}
