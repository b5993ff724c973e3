//! A renter's machine.

use super::{answer, program, Product};
use crate::{Host, Shape, Spawn};
use anyhow::{bail, Result};
use serde_json::Value;
use std::{fs, path::PathBuf};

impl Product {
    /// A renter's machine, whose `iog` has the wallet `renter`.
    pub fn renter(&mut self, name: &str, shape: Shape) -> Result<Renter> {
        let host = self.lab.host(&format!("renter-{name}"), shape)?;
        let folder = self.folder.path().join(format!("renter-{name}"));
        fs::create_dir_all(folder.join("run"))?;
        fs::copy(self.key("renter"), folder.join("wallet.json"))?;
        let network = self.network_file(&folder)?;
        Ok(Renter {
            host,
            folder,
            network,
            url: self.rpc.url().into(),
        })
    }
}

/// A renter's machine.
pub struct Renter {
    pub host: Host,
    pub folder: PathBuf,
    network: PathBuf,
    url: String,
}

impl Renter {
    /// `iog` with the renter's wallet, as a program to start or to run.
    pub fn spawn(&self, args: &[&str]) -> Result<Spawn> {
        let wallet = self.folder.join("wallet.json").display().to_string();
        let network = self.network.display().to_string();
        let mut all = vec!["-u", &self.url, "-k", &wallet, "-y", "--network", &network];
        all.extend(args);
        Ok(self.program(&program("iog")?.display().to_string(), &all))
    }

    /// Another program of the renter's machine.
    pub fn program(&self, name: &str, args: &[&str]) -> Spawn {
        let mut spawn = Spawn::new(name, args)
            .env("HOME", self.folder.display().to_string())
            .env("TERM", "xterm-256color")
            .env(
                "XDG_RUNTIME_DIR",
                self.folder.join("run").display().to_string(),
            );
        spawn.folder = Some(self.folder.clone());
        spawn
    }

    /// Runs another program to success; its standard output.
    pub fn runs(&self, name: &str, args: &[&str]) -> Result<String> {
        let output = self.program(name, args).output(&self.host.inside)?;
        if !output.status.success() {
            bail!("{name} {}: {output:?}", args.join(" "));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs `iog` for so many seconds at most, whatever comes of it.
    pub fn within(&self, secs: u32, args: &[&str]) -> Result<std::process::Output> {
        let mut spawn = self.spawn(args)?;
        let program = spawn.program.display().to_string();
        spawn.args.splice(0..0, [secs.to_string(), program]);
        spawn.program = "timeout".into();
        spawn.output(&self.host.inside)
    }

    /// Where `iog` keeps its data.
    pub fn data(&self) -> PathBuf {
        self.folder.join(".local/share/iog")
    }

    /// Runs it with JSON output.
    pub fn json(&self, args: &[&str]) -> Result<Value> {
        let mut all = vec!["-o", "json"];
        all.extend(args);
        answer(&self.spawn(&all)?.output(&self.host.inside)?, args)
    }

    /// Runs it to success; its standard output.
    pub fn run(&self, args: &[&str]) -> Result<String> {
        let output = self.spawn(args)?.output(&self.host.inside)?;
        if !output.status.success() {
            bail!(
                "iog {}: {}",
                args.join(" "),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}
