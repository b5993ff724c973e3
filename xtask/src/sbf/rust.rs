//! The compiler: rustc with the source of its standard library, and that source with the changes that SBF needs.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context, Result};

use super::debian;
use crate::{repo, run};

/// rustc, cargo and std's source under one prefix: Debian's `rustc-web` in /usr, or a toolchain with `rust-src`.
pub struct Rust {
    prefix: PathBuf,
    /// `rustc -vV`: part of every key, since std's source and the compiler go together.
    pub version: String,
}

impl Rust {
    pub fn ensure() -> Result<Self> {
        let chosen = env::var_os("IOG_SBF_RUST").filter(|value| !value.is_empty());
        if chosen.is_none() {
            debian::install_missing(debian::RUST_PACKAGES)?;
        }
        let prefix = PathBuf::from(chosen.unwrap_or("/usr".into()));
        let mut rust = Self {
            prefix,
            version: String::new(),
        };
        if !rust.library().join("std/src/lib.rs").exists() {
            bail!(
                "no standard library source in {}: install rust-web-src, or set IOG_SBF_RUST to a toolchain that has \
                 the rust-src component",
                rust.library().display()
            );
        }
        rust.version = run::output(
            Command::new(rust.rustc()).arg("-vV"),
            "install rustc-web, or set IOG_SBF_RUST",
        )?;
        Ok(rust)
    }

    pub fn rustc(&self) -> PathBuf {
        self.prefix.join("bin/rustc")
    }

    fn library(&self) -> PathBuf {
        self.prefix.join("lib/rustlib/src/rust/library")
    }

    /// A cargo that sees this compiler and nothing of the build that runs us.
    pub fn cargo(&self) -> Result<Command> {
        let mut command = Command::new(self.prefix.join("bin/cargo"));
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(is_of_the_outer_build) {
                command.env_remove(name);
            }
        }
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = [self.prefix.join("bin")];
        let path = env::join_paths(folders.into_iter().chain(env::split_paths(&path)))?;
        command.env("PATH", path).env("RUSTC", self.rustc());
        Ok(command)
    }

    /// Copies std's source and applies `toolchain/std-solana.patch`.
    pub fn copy_std(&self, folder: &Path) -> Result<()> {
        run::quiet(
            Command::new("cp")
                .args(["-r", "--preserve=timestamps", "--dereference"])
                .arg(self.library())
                .arg(folder.join("library")),
            "the disk may be full",
        )?;
        run::quiet(
            Command::new("patch")
                .args([
                    "--strip=1",
                    "--batch",
                    "--forward",
                    "--no-backup-if-mismatch",
                ])
                .arg("--directory")
                .arg(folder.join("library"))
                .arg("--input")
                .arg(patch_file()),
            "toolchain/std-solana.patch is for std 1.96; adapt it to this compiler's source",
        )
    }

    /// The BPF target with Solana's name; `linker` is where it will be.
    pub fn target_spec(&self, linker: &str) -> Result<String> {
        let text = run::output(
            Command::new(self.rustc())
                .args(["-Zunstable-options", "--print", "target-spec-json"])
                .args(["--target", "bpfel-unknown-none"])
                .env("RUSTC_BOOTSTRAP", "1"),
            "this compiler has no BPF target",
        )?;
        let mut spec: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&text).context("target specification")?;
        spec.insert("os".into(), "solana".into());
        spec.insert("vendor".into(), "solana".into());
        // The VM is single-threaded: LLVM turns atomics into plain loads and stores.
        spec.insert("atomic-cas".into(), true.into());
        spec.remove("min-atomic-width");
        spec.insert("metadata".into(), serde_json::json!({}));
        spec.insert("features".into(), "+allows-misaligned-mem-access".into());
        spec.insert("linker".into(), linker.into());
        Ok(serde_json::to_string_pretty(&spec)?)
    }
}

pub fn patch_text() -> Result<Vec<u8>> {
    let path = patch_file();
    fs::read(&path).with_context(|| format!("reading {}", path.display()))
}

fn patch_file() -> PathBuf {
    repo::root().join("toolchain/std-solana.patch")
}

/// `cargo run` hands its own settings to what it runs; those of the network and the home folder stay.
fn is_of_the_outer_build(name: &str) -> bool {
    const KEPT: &[&str] = &[
        "CARGO_HOME",
        "CARGO_HTTP_",
        "CARGO_NET_",
        "CARGO_REGISTR",
        "RUST_BACKTRACE",
    ];
    let ours = name.starts_with("CARGO") || name.starts_with("RUST") || name == "LD_LIBRARY_PATH";
    ours && !KEPT.iter().any(|kept| name.starts_with(kept))
}
