//! Which programs the on-chain workspace has.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{bail, Context, Result};
use serde_json::Value;

use crate::{repo, run};

#[derive(Clone, Debug)]
pub struct Program {
    /// Package name, as in `cargo build -p`.
    pub package: String,
    /// Library name, which names the `.so` and the keypair.
    pub lib: String,
    pub manifest: PathBuf,
}

impl Program {
    pub fn so(&self) -> String {
        format!("{}.so", self.lib)
    }

    fn answers_to(&self, name: &str) -> bool {
        let folder = self.manifest.parent().and_then(|folder| folder.file_name());
        name == self.package || name == self.lib || folder.is_some_and(|folder| folder == name)
    }
}

/// The programs named, or all of them.
pub fn select(names: &[String]) -> Result<Vec<Program>> {
    let all = all()?;
    if names.is_empty() {
        return Ok(all);
    }
    names
        .iter()
        .map(|name| match all.iter().find(|p| p.answers_to(name)) {
            Some(program) => Ok(program.clone()),
            None => {
                let known: Vec<_> = all.iter().map(|p| p.package.as_str()).collect();
                bail!("no program {name}; there are: {}", known.join(", "))
            }
        })
        .collect()
}

/// Every workspace member that is built as a `cdylib`.
fn all() -> Result<Vec<Program>> {
    let text = run::output(
        Command::new(env!("CARGO"))
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(repo::programs()),
        "the manifests of programs/ must be valid",
    )?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata")?;
    let packages = metadata["packages"].as_array().context("cargo metadata")?;
    let mut programs: Vec<_> = packages.iter().filter_map(program).collect();
    programs.sort_by(|a, b| a.lib.cmp(&b.lib));
    Ok(programs)
}

fn program(package: &Value) -> Option<Program> {
    let is_cdylib = |target: &&Value| {
        target["kind"]
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(|kind| kind == "cdylib"))
    };
    let target = package["targets"].as_array()?.iter().find(is_cdylib)?;
    Some(Program {
        package: package["name"].as_str()?.to_string(),
        lib: target["name"].as_str()?.replace('-', "_"),
        manifest: PathBuf::from(package["manifest_path"].as_str()?),
    })
}
