//! Solana's own toolchain.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::programs::Program;
use crate::{repo, run};

/// Whether `cargo build-sbf` is on PATH and has the platform-tools that it would use: it downloads them otherwise.
pub fn ready() -> bool {
    let Ok(version) = run::output(Command::new("cargo-build-sbf").arg("--version"), "") else {
        return false;
    };
    let Some(tools) = tools_version(&version) else {
        return false;
    };
    let Some(home) = env::var_os("HOME") else {
        return false;
    };
    let cache = PathBuf::from(home).join(".cache/solana").join(tools);
    cache.join("platform-tools/rust/bin/rustc").exists()
}

/// `cargo build-sbf --version` prints a line `platform-tools v1.52`.
fn tools_version(text: &str) -> Option<&str> {
    text.lines()
        .find_map(|line| line.strip_prefix("platform-tools "))
        .map(str::trim)
}

pub fn build(program: &Program, deploy: &Path) -> Result<()> {
    run::step(&format!("{} (cargo build-sbf)", program.lib), || {
        run::check(
            Command::new("cargo-build-sbf")
                .arg("--manifest-path")
                .arg(&program.manifest)
                .arg("--sbf-out-dir")
                .arg(deploy)
                .current_dir(repo::programs()),
            "see its messages above; it comes with Solana's tools",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::tools_version;

    #[test]
    fn reads_the_version_of_the_tools() {
        let text = "solana-cargo-build-sbf 3.1.0\nplatform-tools v1.52\nrustc 1.89.0\n";
        assert_eq!(tools_version(text), Some("v1.52"));
        assert_eq!(tools_version("cargo 1.95.0"), None);
    }
}
