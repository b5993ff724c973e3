//! The whole product in a lab: a chain, endpoints, relays, nodes and renters, each a process with folders of its own.

use crate::{wait_until, Host, Lab, Process, RpcProxy, Shape, Spawn};
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
const RELAYS: u8 = 20;
const PORT: u16 = 8899;
const RELAY_PORT: u16 = 3340;
const QUIC_PORT: u16 = 7842;

/// A chain with two endpoints in the internet.
pub struct Product {
    pub lab: Lab,
    pub rpc: RpcProxy,
    pub witness: RpcProxy,
    folder: TempDir,
    chain: Process,
    /// Entries of the network's file.
    relays: Vec<String>,
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
            relays: Vec::new(),
        })
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

    /// Starts relay `number` in the internet; from now on the network's file names it.
    pub fn relay(&mut self, number: u8, args: &[&str]) -> Result<Process> {
        let address = self.relay_address(number);
        let (listen, quic) = (
            format!("{address}:{RELAY_PORT}"),
            format!("{address}:{QUIC_PORT}"),
        );
        let dir = self.folder.path().join(format!("relay{number}"));
        let dir = dir.display().to_string();
        let name = address.to_string();
        let mut all = vec![
            "relay",
            "--allow-any",
            "--bytes-per-second",
            "100000000",
            "--listen",
            &listen,
            "--quic",
            &quic,
            "--dir",
            &dir,
            "--name",
            &name,
        ];
        all.extend(args);
        let log = self.folder.path().join(format!("relay{number}.log"));
        let mut relay = Spawn::new(program("iog-keeper")?, &all).start(&self.lab.internet, &log)?;
        relay.says("relay started", PATIENCE)?;
        let text = relay.text();
        let entry: Vec<&str> = text
            .lines()
            .skip_while(|line| !line.starts_with("[[relays]]"))
            .take_while(|line| line.starts_with(['[', 'u', 'q', 'p']))
            .collect();
        let entry = entry.join("\n");
        if !self.relays.contains(&entry) {
            self.relays.push(entry);
        }
        Ok(relay)
    }

    pub fn relay_address(&self, number: u8) -> std::net::Ipv4Addr {
        self.lab.server(RELAYS + number)
    }

    /// Writes the network's file as it is now; returns its path.
    fn network_file(&self, folder: &Path) -> Result<PathBuf> {
        let known = include_str!("../../../networks/localnet.toml");
        let path = folder.join("network.toml");
        fs::write(&path, format!("{known}\n{}\n", self.relays.join("\n")))?;
        Ok(path)
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

    /// Joins a supplier's machine with one device: registered, staked, listed. `name` is `a` or `b`, whose wallet and device key the chain has.
    pub fn supplier(&mut self, name: &str, class: u16, shape: Shape) -> Result<Node> {
        let host = self.lab.host(&format!("node-{name}"), shape)?;
        let folder = self.folder.path().join(format!("node-{name}"));
        fs::create_dir_all(folder.join("keys"))?;
        let wallet = format!("supplier-{name}");
        let device_file = self.key(&format!("device-{name}"));
        let tunnel_file = folder.join("keys/tunnel.json");
        let made = self.iog(
            &wallet,
            &["device", "keygen", &tunnel_file.display().to_string()],
        )?;
        let tunnel = text(&made, "device_key")?;
        for (from, to) in [
            (&device_file, "device.json"),
            (&self.key(&wallet), "payer.json"),
        ] {
            fs::copy(from, folder.join("keys").join(to))?;
        }
        self.iog(&wallet, &["operator", "register", "--name", name])?;
        let (key, class) = (device_file.display().to_string(), class.to_string());
        let args = [
            "device",
            "register",
            "--device-key",
            &key,
            "--class",
            &class,
            "--country",
            "DE",
            "--tunnel-key",
            &tunnel,
        ];
        let device = text(&self.iog(&wallet, &args)?, "device")?;
        self.iog(&wallet, &["stake", "open", &device, "1000"])?;
        for pay in ["io", "usdc"] {
            self.iog(&wallet, &["market", "open-earnings", "--pay", pay])?;
        }
        let node = Node {
            name: name.into(),
            device,
            tunnel,
            host,
            folder,
            wallet,
            settings: String::new(),
            process: None,
        };
        Ok(node)
    }

    /// Offers a device, once its node has proved it.
    pub fn list(&self, node: &Node) -> Result<()> {
        let listed = |product: &Self| {
            product.iog(
                &node.wallet,
                &["market", "list-device", &node.device, "--pay", "usdc"],
            )
        };
        wait_until("the device's proof", PATIENCE * 2, || {
            Ok(listed(self).ok().map(|_| ()))
        })
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

/// A supplier's machine.
pub struct Node {
    pub name: String,
    pub device: String,
    pub tunnel: String,
    pub host: Host,
    pub folder: PathBuf,
    pub wallet: String,
    /// Further lines of keeper.toml.
    pub settings: String,
    pub process: Option<Process>,
}

impl Node {
    /// Starts `iog-keeper node`.
    pub fn start(&mut self, product: &Product) -> Result<()> {
        let network = product.network_file(&self.folder)?;
        let text = format!(
            "rpc_url = '{}'\nwitness_urls = ['{}']\nfee_payer = 'keys/payer.json'\nroles = ['node']\nstate_dir = 'state'\nbooks_mib = 1\ntick_secs = 1\nlock_dir = '.'\n[fees]\ncap_micro_lamports = 0\nfloor_micro_lamports = 0\n[prover]\nthreads = 1\n[[device]]\nkey = 'keys/device.json'\ntunnel_key = 'keys/tunnel.json'\n[node]\nengine = 'sandbox'\nnetwork = '{}'\n{}",
            product.rpc.url(),
            product.witness.url(),
            network.display(),
            self.settings
        );
        fs::write(self.folder.join("keeper.toml"), text)?;
        let config = self.folder.join("keeper.toml").display().to_string();
        let spawn = Spawn::new(program("iog-keeper")?, &["node", "--config", &config])
            .env("RUST_LOG", "info");
        self.process = Some(spawn.start(&self.host.inside, &self.log())?);
        Ok(())
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("node.log")
    }

    /// As a machine that loses its power: every process of it and of its jobs is gone, none was asked; so are namespaces and mounts.
    pub fn crash(&mut self) {
        self.process = None;
        crate::power::cut(&self.folder, self.host.inside.name());
    }

    /// What it said last, for a test's failure.
    pub fn tail(&self) -> String {
        self.process.as_ref().map(Process::tail).unwrap_or_default()
    }
}

impl Drop for Node {
    /// Jobs outlive the node's processes, as they should; not the lab.
    fn drop(&mut self) {
        self.crash();
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
        let mut spawn = Spawn::new(program("iog")?, &all)
            .env("HOME", self.folder.display().to_string())
            .env(
                "XDG_RUNTIME_DIR",
                self.folder.join("run").display().to_string(),
            );
        spawn.folder = Some(self.folder.clone());
        Ok(spawn)
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

/// The folder of the built on-chain programs.
fn programs() -> Result<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/deploy");
    let folder = folder
        .canonicalize()
        .context("target/deploy: run `cargo xtask build` first")?;
    Ok(folder.display().to_string())
}
