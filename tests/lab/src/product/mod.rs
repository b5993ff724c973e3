//! The whole product in a lab: a chain, endpoints, relays, nodes and renters, each a process with folders of its own.

mod fleet;
mod node;
mod relay;
mod renter;

pub use fleet::{ray, Fleet};
pub use node::Node;
use relay::Networks;
pub use renter::Renter;

use crate::{Lab, Process, RpcProxy, Spawn};
use anyhow::{bail, Context, Result};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use tempfile::TempDir;

/// Longest that anything of a lab takes.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Servers of the internet, by the last byte of their address.
const ENDPOINT: u8 = 10;
const WITNESS: u8 = 11;
const PORT: u16 = 8899;

/// A chain with two endpoints in the internet.
pub struct Product {
    pub lab: Lab,
    pub rpc: RpcProxy,
    pub witness: RpcProxy,
    folder: TempDir,
    chain: Process,
    /// What the network's file says.
    networks: Networks,
}

impl Product {
    /// Starts the chain: a block of 400 ms every `block_ms`.
    pub fn start(tag: &str, block_ms: u32) -> Result<Self> {
        let lab = Lab::new(tag, 30)?;
        let folder = tempfile::tempdir()?;
        let keys = folder.path().join("chain");
        let dir = keys.display().to_string();
        let block = block_ms.to_string();
        let args = ["network", "up", "--dir", &dir, "--block-ms", &block];
        let spawn = Spawn::new(program("iog")?, &args)
            .env("IOG_PROGRAMS", programs()?)
            .env("HOME", folder.path().display().to_string());
        let mut chain = spawn.start(&lab.internet, &folder.path().join("chain.log"))?;
        chain.says("running; Ctrl-C ends it", PATIENCE * 2)?;
        let upstream = format!("http://127.0.0.1:{PORT}");
        let at = |server| RpcProxy::start(&lab.internet, lab.server(server), PORT, &upstream);
        let (rpc, witness) = (at(ENDPOINT)?, at(WITNESS)?);
        Ok(Self {
            lab,
            rpc,
            witness,
            folder,
            chain,
            networks: Networks::default(),
        })
    }

    /// A further endpoint of the chain, at the internet's server of that number.
    pub fn endpoint(&self, server: u8) -> Result<RpcProxy> {
        let upstream = format!("http://127.0.0.1:{PORT}");
        RpcProxy::start(&self.lab.internet, self.lab.server(server), PORT, &upstream)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A wallet's or a device's key file, as the chain's start made it.
    pub fn key(&self, name: &str) -> PathBuf {
        self.folder
            .path()
            .join("chain")
            .join(format!("{name}.json"))
    }

    /// An account's address of `addresses.json`, by JSON pointer.
    pub fn address(&self, pointer: &str) -> Result<String> {
        let text = fs::read_to_string(self.folder.path().join("chain/addresses.json"))?;
        let all: Value = serde_json::from_str(&text)?;
        let found = all.pointer(pointer).and_then(Value::as_str);
        Ok(found
            .with_context(|| format!("no {pointer} in addresses.json"))?
            .to_string())
    }

    /// Runs `iog` in the internet with JSON output, for what is no renter's or node's own.
    pub fn iog(&self, wallet: &str, args: &[&str]) -> Result<Value> {
        let key = self.key(wallet).display().to_string();
        let url = self.rpc.url().to_string();
        let mut all = vec!["-u", &url, "-k", &key, "-y", "-o", "json"];
        all.extend(args);
        let home = self.folder.path().join("home");
        let spawn = Spawn::new(program("iog")?, &all).env("HOME", home.display().to_string());
        answer(&spawn.output(&self.lab.internet)?, args)
    }

    /// A keeper that matches, settles and does the hourly work.
    pub fn crank(&self) -> Result<Process> {
        let folder = self.folder.path().join("crank");
        fs::create_dir_all(&folder)?;
        let text = format!(
            "rpc_url = '{}'\nfee_payer = '{}'\nroles = ['scheduler', 'crank']\nstate_dir = 'state'\nbooks_mib = 1\ntick_secs = 1\nlock_dir = '{}'\n[fees]\ncap_micro_lamports = 0\nfloor_micro_lamports = 0\n",
            self.rpc.url(),
            self.key("keeper").display(),
            folder.display()
        );
        fs::write(folder.join("keeper.toml"), text)?;
        let config = folder.join("keeper.toml").display().to_string();
        let spawn = Spawn::new(program("iog-keeper")?, &["run", "--config", &config]);
        spawn.start(&self.lab.internet, &folder.join("log"))
    }

    /// Whether the chain still runs.
    pub fn lives(&mut self) -> bool {
        self.chain.is_running()
    }
}

impl Drop for Product {
    /// Disks of runs that a node was killed with stay mounted, and keep their blocks, until somebody takes them down.
    fn drop(&mut self) {
        let own = self.folder.path().display().to_string();
        let mounts = fs::read_to_string("/proc/mounts").unwrap_or_default();
        let places = mounts.lines().filter_map(|line| line.split(' ').nth(1));
        let mut own: Vec<&str> = places.filter(|place| place.starts_with(&own)).collect();
        own.reverse();
        for place in own {
            let _ = std::process::Command::new("umount")
                .args(["-l", place])
                .status();
        }
    }
}

fn answer(output: &std::process::Output, args: &[&str]) -> Result<Value> {
    if !output.status.success() {
        bail!(
            "iog {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).with_context(|| format!("iog {}: {text}", args.join(" ")))
}

/// A field of an answer, as text.
pub fn text(value: &Value, field: &str) -> Result<String> {
    let found = value.get(field).and_then(Value::as_str);
    Ok(found
        .with_context(|| format!("no {field} in {value}"))?
        .to_string())
}

/// A program of this workspace, as it was built beside the test that runs.
pub fn program(name: &str) -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test.ancestors().find(|path| path.join(name).is_file());
    let folder = folder.with_context(|| {
        format!("{name} is not built: run `cargo build -p iog-cli -p iog-keeper` first")
    })?;
    Ok(folder.join(name))
}

/// The folder of the built on-chain programs; another one by `IOG_PROGRAMS`.
fn programs() -> Result<String> {
    if let Ok(folder) = std::env::var("IOG_PROGRAMS") {
        return Ok(folder);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deploy");
    let folder = folder
        .canonicalize()
        .context("target/deploy: run `cargo xtask build` first")?;
    Ok(folder.display().to_string())
}
