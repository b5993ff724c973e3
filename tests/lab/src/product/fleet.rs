//! Several suppliers' machines for one order, and a renter.

use super::{text, Node, Product, Renter};
use crate::{Nat, Process, Shape};
use anyhow::{ensure, Context, Result};
use serde_json::Value;
use std::{fs, path::PathBuf};

/// Of the local network, proved by any processor.
const CLASS: u16 = 2;

pub struct Fleet {
    pub product: Product,
    pub nodes: Vec<Node>,
    pub renter: Renter,
    /// How many of the nodes are for hire.
    offered: usize,
    _others: Vec<Process>,
}

impl Fleet {
    /// `a` and `b` in one home, `c` and `d` each in its own, of both kinds; the renter in a fourth.
    pub fn homes(tag: &str) -> Result<Self> {
        let (one, other) = (Some(Nat::Independent), Some(Nat::Symmetric));
        Self::new(tag, &[one, one, other, one], true)
    }

    /// Two machines with public addresses, for measurements.
    pub fn public(tag: &str) -> Result<Self> {
        Self::new(tag, &[None, None], false)
    }

    fn new(tag: &str, nats: &[Option<Nat>], neighbours: bool) -> Result<Self> {
        let mut product = Product::start(tag, 100)?;
        let others = vec![product.relay(0, &[])?, product.crank()?];
        let renter = product.renter("r", shape(Some(Nat::Independent)))?;
        let mut fleet = Self {
            product,
            nodes: Vec::new(),
            renter,
            offered: 0,
            _others: others,
        };
        for (name, nat) in ["a", "b", "c", "d"].iter().zip(nats) {
            match *name == "b" && neighbours {
                true => fleet.beside(name)?,
                false => fleet.join(name, *nat)?,
            }
        }
        fleet.offer()?;
        Ok(fleet)
    }

    /// Further machines, with public addresses; none is for hire before [`Fleet::offer`].
    pub fn add(&mut self, names: &[&str]) -> Result<()> {
        names.iter().try_for_each(|name| self.join(name, None))
    }

    fn join(&mut self, name: &str, nat: Option<Nat>) -> Result<()> {
        let node = self.product.supplier(name, CLASS, shape(nat))?;
        self.start(node)
    }

    /// In the home of the first.
    fn beside(&mut self, name: &str) -> Result<()> {
        let first = self.nodes.first_mut().context("nobody is there")?;
        let node = self.product.neighbour(name, CLASS, first)?;
        self.start(node)
    }

    fn start(&mut self, mut node: Node) -> Result<()> {
        node.settings = format!("sandbox_shows = ['{}']\n", ray()?.display());
        node.start(&self.product)?;
        self.nodes.push(node);
        Ok(())
    }

    /// Puts all that are there up for hire, each as soon as it has proved its device.
    pub fn offer(&mut self) -> Result<()> {
        for node in self.nodes.iter().skip(self.offered) {
            self.product.list(node).with_context(|| node.tail())?;
        }
        self.offered = self.nodes.len();
        Ok(())
    }

    /// Writes a job and its inputs on the renter's machine; the job's path.
    pub fn job(&self, name: &str, job: &str, inputs: &[(&str, &str)]) -> Result<String> {
        let folder = self.renter.folder.join(name);
        fs::create_dir_all(&folder)?;
        for (name, text) in inputs {
            fs::write(folder.join(name), text)?;
        }
        let path = folder.join("job.yaml");
        fs::write(&path, job)?;
        Ok(path.display().to_string())
    }

    /// Books so many devices and waits until the job runs on each; the order.
    pub fn book(&self, job: &str, gpus: usize) -> Result<String> {
        let (class, gpus) = (CLASS.to_string(), gpus.to_string());
        let args = [
            "order",
            "create",
            "--class",
            &class,
            "--gpus",
            &gpus,
            "--hours",
            "3",
            "--pay",
            "usdc",
            "--job",
            job,
            "--check",
            "off",
            "--wait",
            "--wait-secs",
            "150",
        ];
        let made = self.renter.json(&args).with_context(|| self.tails())?;
        text(&made, "order")
    }

    /// The order's running leases, by place.
    pub fn leases(&self, order: &str) -> Result<Vec<Value>> {
        let status = self.renter.json(&["order", "status", order])?;
        let all = status["leases"].as_array().context("no leases")?;
        let running = all.iter().filter(|lease| lease["stage"] == "running");
        let mut running: Vec<Value> = running.cloned().collect();
        running.sort_by_key(|lease| lease["place"].as_u64());
        Ok(running)
    }

    /// Runs a command beside the job of a lease; its standard output.
    pub fn exec(&self, order: &str, lease: &str, command: &[&str]) -> Result<String> {
        let mut args = vec!["order", "exec", order, "--lease", lease, "--"];
        args.extend(command);
        self.renter.run(&args)
    }

    /// The machine of a lease.
    pub fn node(&mut self, device: &str) -> Result<&mut Node> {
        let mut nodes = self.nodes.iter_mut();
        let found = nodes.find(|node| node.device == device);
        found.with_context(|| format!("no machine has {device}"))
    }

    /// What the nodes said last, for a test's failure.
    pub fn tails(&self) -> String {
        let tails = self.nodes.iter();
        let tails: Vec<String> = tails
            .map(|node| format!("node {}:\n{}", node.name, node.tail()))
            .collect();
        tails.join("\n")
    }
}

fn shape(nat: Option<Nat>) -> Shape {
    Shape {
        nat,
        ..Shape::default()
    }
}

/// The environment with Ray: `IOG_RAY`, else where `cargo xtask setup` has put it.
pub fn ray() -> Result<PathBuf> {
    let set = |name| std::env::var_os(name).map(PathBuf::from);
    let cache = set("IOG_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|base| base.join("iog")))
        .or_else(|| set("HOME").map(|home| home.join(".cache/iog")));
    let folder = set("IOG_RAY").or_else(|| cache.map(|cache| cache.join("python/ray")));
    let folder = folder.context("no HOME")?;
    ensure!(
        folder.join("bin/ray").is_file(),
        "no Ray in {}: run `cargo xtask setup --host-only`, or set IOG_RAY",
        folder.display()
    );
    Ok(folder.canonicalize()?)
}
