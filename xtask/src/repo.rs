//! Places in the repository, and the cache outside it.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_path_buf()
}

/// The workspace of on-chain programs.
pub fn programs() -> PathBuf {
    root().join("programs")
}

pub fn deploy() -> PathBuf {
    root().join("target/deploy")
}

/// Where toolchains are kept: outside the repository, so that `cargo clean` and other checkouts keep them.
pub fn cache() -> Result<PathBuf> {
    let folder = set("IOG_CACHE")
        .map(PathBuf::from)
        .or_else(|| set("XDG_CACHE_HOME").map(|base| PathBuf::from(base).join("iog")))
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".cache/iog")))
        .context("no cache folder: set IOG_CACHE or HOME")?;
    std::path::absolute(&folder).with_context(|| format!("cache folder {}", folder.display()))
}

/// Where cargo keeps what it downloaded.
pub fn cargo_home() -> Result<PathBuf> {
    set("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| PathBuf::from(home).join(".cargo")))
        .context("no cargo folder: set CARGO_HOME or HOME")
}

fn set(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Copies only what differs, so that nothing downstream takes an old file for a new one.
pub fn copy_if_changed(from: &Path, to: &Path) -> Result<()> {
    let new = fs::read(from).with_context(|| format!("reading {}", from.display()))?;
    if fs::read(to).is_ok_and(|old| old == new) {
        return Ok(());
    }
    // A reader never sees half a program.
    let part = to.with_extension("part");
    fs::write(&part, new).with_context(|| format!("writing {}", part.display()))?;
    fs::rename(&part, to).with_context(|| format!("writing {}", to.display()))
}
