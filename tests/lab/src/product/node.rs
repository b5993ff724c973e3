//! A supplier's machine with one device.

use super::{program, text, Product, PATIENCE};
use crate::{wait_until, Host, Process, Shape, Spawn};
use anyhow::{Context, Result};
use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

impl Product {
    /// Joins a supplier's machine with one device: registered and staked. `a` and those after it with an odd number in the alphabet belong
    /// to the first supplier, the others to the second.
    pub fn supplier(&mut self, name: &str, class: u16, shape: Shape) -> Result<Node> {
        let host = self.lab.host(&format!("node-{name}"), shape)?;
        self.joined(name, class, host)
    }

    /// The same in the home of another one's machine.
    pub fn neighbour(&mut self, name: &str, class: u16, of: &mut Node) -> Result<Node> {
        let host = self.lab.neighbour(&format!("node-{name}"), &mut of.host)?;
        self.joined(name, class, host)
    }

    fn joined(&self, name: &str, class: u16, host: Host) -> Result<Node> {
        let folder = self.folder.path().join(format!("node-{name}"));
        fs::create_dir_all(folder.join("keys"))?;
        let odd = name.bytes().next().is_some_and(|letter| letter % 2 == 1);
        let owner = if odd { "a" } else { "b" };
        let wallet = format!("supplier-{owner}");
        let device_file = self.key(&format!("device-{name}"));
        let keygen = |file: &Path| {
            let file = file.display().to_string();
            self.iog(&wallet, &["device", "keygen", &file])
        };
        if !device_file.exists() {
            keygen(&device_file)?;
        }
        let tunnel_file = folder.join("keys/tunnel.json");
        let made = keygen(&tunnel_file)?;
        let tunnel = text(&made, "device_key")?;
        for (from, to) in [
            (&device_file, "device.json"),
            (&self.key(&wallet), "payer.json"),
        ] {
            fs::copy(from, folder.join("keys").join(to))?;
        }
        own_program(&folder)?;
        if name == owner {
            self.iog(&wallet, &["operator", "register", "--name", name])?;
        }
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
            "--platform",
            "linux/amd64",
            "--tunnel-key",
            &tunnel,
        ];
        let device = text(&self.iog(&wallet, &args)?, "device")?;
        self.iog(&wallet, &["stake", "open", &device, "1000"])?;
        for pay in ["io", "usdc"].iter().filter(|_| name == owner) {
            self.iog(&wallet, &["market", "open-earnings", "--pay", pay])?;
        }
        let node = Node {
            name: name.into(),
            device,
            tunnel,
            host,
            folder,
            wallet,
            engine: "sandbox",
            rpc: None,
            tick_secs: "1",
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
}

/// A supplier's machine.
pub struct Node {
    pub name: String,
    pub device: String,
    pub tunnel: String,
    pub host: Host,
    pub folder: PathBuf,
    pub wallet: String,
    pub engine: &'static str,
    /// An endpoint of its own.
    pub rpc: Option<String>,
    /// From look to look at the chain.
    pub tick_secs: &'static str,
    /// Further lines of keeper.toml.
    pub settings: String,
    pub process: Option<Process>,
}

impl Node {
    /// Starts `iog-keeper node`.
    pub fn start(&mut self, product: &Product) -> Result<()> {
        let network = product.network_file(&self.folder)?;
        let text = format!(
            "rpc_url = '{}'\nwitness_urls = ['{}']\nfee_payer = 'keys/payer.json'\nroles = ['node']\nstate_dir = 'state'\nbooks_mib = 1\ntick_secs = {}\nlock_dir = '.'\n[fees]\ncap_micro_lamports = 0\nfloor_micro_lamports = 0\n[prover]\nthreads = 1\n[[device]]\nkey = 'keys/device.json'\ntunnel_key = 'keys/tunnel.json'\n[node]\nengine = '{}'\nnetwork = '{}'\n{}",
            self.rpc.as_deref().unwrap_or(product.rpc.url()),
            product.witness.url(),
            self.tick_secs,
            self.engine,
            network.display(),
            self.settings
        );
        fs::write(self.folder.join("keeper.toml"), text)?;
        self.start_again()
    }

    /// Starts it with the files that it has.
    pub fn start_again(&mut self) -> Result<()> {
        let config = self.folder.join("keeper.toml").display().to_string();
        let keeper = self.folder.join(KEEPER);
        let spawn = Spawn::new(keeper, &["node", "--config", &config]).env("RUST_LOG", "info");
        self.process = Some(spawn.start(&self.host.inside, &self.log())?);
        Ok(())
    }

    /// Ends `iog-keeper node` as a service manager does: what runs goes on.
    pub fn stop(&mut self) -> Result<()> {
        if let Some(mut process) = self.process.take() {
            process.end(PATIENCE)?;
        }
        Ok(())
    }

    /// From now on its walks for renters are of half the table, as on a card of half the memory.
    pub fn walks_half(&self) -> Result<()> {
        let script = format!(
            "#!/bin/sh\n[ \"$1\" = walk ] && set -- $(echo \"$@\" | sed 's/--rows 1024/--rows 512/')\nexec {} \"$@\"\n",
            program("iog-keeper")?.display()
        );
        let other = self.folder.join("other-keeper");
        fs::write(&other, script)?;
        fs::set_permissions(&other, fs::Permissions::from_mode(0o755))?;
        fs::rename(other, self.folder.join(KEEPER)).context("its program")
    }

    pub fn log(&self) -> PathBuf {
        self.folder.join("node.log")
    }

    /// As a machine that loses its power: every process of it and of its jobs is gone, none was asked; so are namespaces and mounts.
    pub fn crash(&mut self) {
        self.process = None;
        crate::power::cut(&self.folder, self.host.inside.name());
    }

    /// Processes of the machine, and the network namespaces of what it runs for renters.
    pub fn runs(&self) -> (BTreeSet<i32>, Vec<String>) {
        let host = self.host.inside.name();
        let processes = crate::power::of(&self.folder, host);
        let namespaces = crate::power::namespaces(&processes, host);
        (processes, namespaces.into_iter().collect())
    }

    /// What it said last, for a test's failure.
    pub fn tail(&self) -> String {
        self.process.as_ref().map(Process::tail).unwrap_or_default()
    }
}

/// Its own copy: another one can take its place while it runs.
const KEEPER: &str = "iog-keeper";

fn own_program(folder: &Path) -> Result<()> {
    let (built, own) = (program("iog-keeper")?, folder.join(KEEPER));
    if fs::hard_link(&built, &own).is_err() {
        fs::copy(&built, &own).with_context(|| own.display().to_string())?;
    }
    Ok(())
}

impl Drop for Node {
    /// Jobs outlive the node's processes, as they should; not the lab.
    fn drop(&mut self) {
        self.crash();
    }
}
