//! The programs that have an IDL, in the order of their dependencies.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context, Result};
use serde_json::Value;

use crate::{repo, run};

/// A program of the on-chain workspace with the feature `idl-build`.
#[derive(Clone, Debug)]
pub struct Source {
    pub package: String,
    /// Folder under programs/, which names the IDL and the client's module.
    pub module: String,
    folder: PathBuf,
    /// Other programs it is compiled with, by module.
    pub dependencies: Vec<String>,
}

impl Source {
    /// Names of the structs and enums in its source files.
    pub fn declared(&self) -> Result<BTreeSet<String>> {
        let mut names = BTreeSet::new();
        collect_names(&self.folder.join("src"), &mut names)?;
        Ok(names)
    }
}

/// Every program, dependencies first.
pub fn all() -> Result<Vec<Source>> {
    let text = run::output(
        Command::new(env!("CARGO"))
            .args(["metadata", "--no-deps", "--format-version", "1"])
            .current_dir(repo::programs()),
        "the manifests of programs/ must be valid",
    )?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata")?;
    let packages = metadata["packages"].as_array().context("cargo metadata")?;
    let mut found: Vec<Source> = packages.iter().filter_map(source).collect();
    found.sort_by(|a, b| a.module.cmp(&b.module));
    let modules: Vec<(String, String)> = found
        .iter()
        .map(|s| (s.package.clone(), s.module.clone()))
        .collect();
    for source in &mut found {
        source.dependencies = modules
            .iter()
            .filter(|(package, _)| source.dependencies.contains(package))
            .map(|(_, module)| module.clone())
            .collect();
    }
    Ok(in_order(found))
}

/// The programs named by folder or package, or all.
pub fn select(all: &[Source], names: &[String]) -> Result<Vec<Source>> {
    let known = |name: &String| all.iter().any(|s| s.module == *name || s.package == *name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let modules: Vec<_> = all.iter().map(|s| s.module.as_str()).collect();
        bail!(
            "no program {unknown} with an IDL; there are: {}",
            modules.join(", ")
        );
    }
    let wanted =
        |s: &&Source| names.is_empty() || names.contains(&s.module) || names.contains(&s.package);
    Ok(all.iter().filter(wanted).cloned().collect())
}

fn source(package: &Value) -> Option<Source> {
    package["features"].get("idl-build")?;
    // A library that programs share may have the feature for its types; only programs are built for the chain.
    let targets = package["targets"].as_array()?.iter();
    let is_program = |kind: &Value| kind == "cdylib";
    let mut kinds = targets
        .filter_map(|t| t["crate_types"].as_array())
        .flatten();
    kinds.any(is_program).then_some(())?;
    let folder = Path::new(package["manifest_path"].as_str()?).parent()?;
    let names = package["dependencies"].as_array()?.iter();
    Some(Source {
        package: package["name"].as_str()?.to_string(),
        module: folder.file_name()?.to_str()?.to_string(),
        folder: folder.to_path_buf(),
        // Development dependencies may point back at a program that uses this one.
        dependencies: names
            .filter(|d| d["kind"].is_null())
            .filter_map(|d| d["name"].as_str().map(str::to_string))
            .collect(),
    })
}

fn in_order(mut left: Vec<Source>) -> Vec<Source> {
    let mut ordered: Vec<Source> = Vec::new();
    while !left.is_empty() {
        let ready = |s: &Source| {
            s.dependencies
                .iter()
                .all(|d| ordered.iter().any(|o| o.module == *d))
        };
        // Cargo allows no cycle, so one is always ready.
        let next = left.iter().position(ready).unwrap_or(0);
        ordered.push(left.remove(next));
    }
    ordered
}

fn collect_names(folder: &Path, names: &mut BTreeSet<String>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            collect_names(&path, names)?;
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text =
                fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
            names.extend(text.lines().filter_map(declared_name));
        }
    }
    Ok(())
}

fn declared_name(line: &str) -> Option<String> {
    let mut words = line.split_whitespace().skip_while(|w| w.starts_with("pub"));
    matches!(words.next(), Some("struct" | "enum")).then_some(())?;
    let name: String = words
        .next()?
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_declarations_and_nothing_else() {
        assert_eq!(declared_name("pub struct Config {"), Some("Config".into()));
        assert_eq!(
            declared_name("    pub(crate) enum State<T> {"),
            Some("State".into())
        );
        assert_eq!(declared_name("/// struct Config"), None);
        assert_eq!(declared_name("use crate::Config;"), None);
    }
}
