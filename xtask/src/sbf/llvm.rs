//! LLVM 23, whose BPF backend returns aggregates and passes more than five arguments. Debian has it in `sid` only, and
//! sid's libraries must not reach the system: a private apt root resolves and fetches them, nothing is installed.

use std::fs;
use std::os::unix::fs::{symlink, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{bail, Context, Result};

use super::cache::{key, Cache};
use super::mirror::{self, Mirror};
use crate::run;

/// Resolved with everything it depends on: it is loaded at run time.
const LIBRARY: &str = "libllvm23";
/// Fetched alone: headers, `llvm-config` and archives whose own dependencies no step of ours runs.
const TOOLS: &[&str] = &["llvm-23", "llvm-23-dev", "llvm-23-linker-tools"];
/// `llvm-config` asks its own file name where it lives. The loader runs it, so it finds the loader's folder instead,
/// and `usr/lib/lib` has to be LLVM's.
const LLVM_CONFIG: &str = r#"#!/bin/sh
root=$(cd "$(dirname "$0")/../../root" && pwd)
exec "$root/usr/lib64/ld-linux-x86-64.so.2" \
    --library-path "$root/usr/lib/x86_64-linux-gnu:$root/usr/lib/llvm-23/lib" \
    "$root/usr/lib/llvm-23/bin/llvm-config" "$@"
"#;

/// An unpacked LLVM: `root` holds the packages, `prefix` is what `llvm-sys` is pointed at.
pub struct Llvm {
    pub key: String,
    folder: PathBuf,
}

impl Llvm {
    pub fn ensure(cache: &Cache) -> Result<Self> {
        let inputs = [&[LIBRARY, LLVM_CONFIG], TOOLS].concat();
        let key = key(inputs);
        let folder = cache.part("llvm", &key, make)?;
        Ok(Self { key, folder })
    }

    pub fn prefix(&self) -> PathBuf {
        self.folder.join("prefix")
    }

    pub fn root(&self) -> PathBuf {
        self.folder.join("root")
    }

    /// Folders of shared libraries, those of sid's own C library among them.
    pub fn libraries(&self) -> [PathBuf; 2] {
        let lib = self.root().join("usr/lib");
        [lib.join("llvm-23/lib"), lib.join("x86_64-linux-gnu")]
    }
}

fn make(folder: &Path) -> Result<()> {
    let architecture = run::output(
        Command::new("dpkg").arg("--print-architecture"),
        "the recipe needs Debian; elsewhere install Solana's tools, which bring `cargo build-sbf`",
    )?;
    if architecture.trim() != "amd64" {
        bail!(
            "the recipe is for amd64 only: install Solana's tools, which bring `cargo build-sbf`"
        );
    }
    let apt = folder.join("apt");
    let debs = folder.join("debs");
    for sub in ["lists/partial", "cache/archives/partial", "state"] {
        fs::create_dir_all(apt.join(sub))?;
    }
    fs::create_dir_all(&debs)?;
    let packages = fetchable(&apt)?;
    run::quiet(
        apt_command(&apt, "apt-get")
            .arg("download")
            .args(&packages)
            .current_dir(&debs),
        "check the network and run it again",
    )?;
    unpack(&debs, &folder.join("root"))?;
    remove_archives(&folder.join("root/usr/lib/llvm-23/lib"))?;
    make_prefix(folder)?;
    // 130 MB that nothing reads again.
    fs::remove_dir_all(&debs)?;
    fs::remove_dir_all(&apt)?;
    Ok(())
}

/// Everything to download, resolved on the first mirror that has it.
fn fetchable(apt: &Path) -> Result<Vec<String>> {
    let mut failures = String::new();
    for mirror in mirror::candidates()? {
        match resolve(apt, &mirror) {
            Ok(packages) => return Ok(packages),
            Err(error) => failures.push_str(&format!("\n{error:#}")),
        }
    }
    bail!("no mirror of this machine serves {LIBRARY} in sid; sid may have moved on:{failures}")
}

fn resolve(apt: &Path, mirror: &Mirror) -> Result<Vec<String>> {
    let sources = apt.join("sid.sources");
    fs::write(&sources, mirror.sid())?;
    fs::write(apt.join("apt.conf"), configuration(apt))?;
    run::quiet(
        apt_command(apt, "apt-get").arg("update"),
        "check the network",
    )?;
    // Simulated on an empty system, so every dependency is listed.
    let plan = run::output(
        apt_command(apt, "apt-get").args(["install", "--simulate", "-qq", LIBRARY]),
        "sid is inconsistent at times: try again later",
    )?;
    let mut packages: Vec<String> = plan
        .lines()
        .filter_map(|line| line.strip_prefix("Inst "))
        .filter_map(|rest| rest.split_whitespace().next())
        .map(str::to_string)
        .collect();
    packages.extend(TOOLS.iter().map(|tool| tool.to_string()));
    Ok(packages)
}

/// Everything that apt would read from or write to the system, except its proxy and its credentials.
fn configuration(apt: &Path) -> String {
    let at = |name: &str| apt.join(name).display().to_string();
    format!(
        "Dir::Etc::sourcelist \"{}\";\nDir::Etc::sourceparts \"-\";\n\
         Dir::Etc::preferencesparts \"-\";\nDir::State \"{}\";\nDir::State::Lists \"{}\";\n\
         Dir::State::status \"/dev/null\";\nDir::Cache \"{}\";\nAPT::Architecture \"amd64\";\n\
         APT::Install-Recommends \"false\";\nAPT::Sandbox::User \"\";\n\
         Acquire::Languages \"none\";\nAcquire::Retries \"3\";\n",
        at("sid.sources"),
        at("state"),
        at("lists"),
        at("cache"),
    )
}

fn apt_command(apt: &Path, program: &str) -> Command {
    let mut command = Command::new(program);
    command.env("APT_CONFIG", apt.join("apt.conf"));
    command
}

fn unpack(debs: &Path, root: &Path) -> Result<()> {
    fs::create_dir_all(root)?;
    for deb in fs::read_dir(debs)? {
        let deb = deb?.path();
        run::quiet(
            Command::new("dpkg").arg("-x").arg(&deb).arg(root),
            "the download is broken or the disk is full: run it again",
        )?;
    }
    Ok(())
}

/// The linker links the shared library, so 400 MB of static ones go.
fn remove_archives(lib: &Path) -> Result<()> {
    for file in fs::read_dir(lib)? {
        let path = file?.path();
        if path.extension().is_some_and(|extension| extension == "a") {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn make_prefix(folder: &Path) -> Result<()> {
    let bin = folder.join("prefix/bin");
    fs::create_dir_all(&bin)?;
    let config = bin.join("llvm-config");
    fs::write(&config, LLVM_CONFIG)?;
    fs::set_permissions(&config, fs::Permissions::from_mode(0o755))?;
    symlink("../root/usr/lib/llvm-23/lib", folder.join("prefix/lib"))?;
    symlink("llvm-23/lib", folder.join("root/usr/lib/lib"))?;
    run::quiet(
        Command::new(&config).arg("--version"),
        "sid's LLVM does not run here; its layout may have changed",
    )
    .context("trying llvm-config")
}
