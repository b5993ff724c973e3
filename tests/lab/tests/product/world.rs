//! Two suppliers and a renter, each behind its own router, and a job that has a secret, an input, a port and a result.

use anyhow::{Context, Result};
use iog_lab::{text, wait_until, Nat, Node, Process, Product, Renter, Shape, PATIENCE};
use std::{fs, path::PathBuf};

/// Words that nobody between renter and device may read.
pub const MARKERS: [&str; 4] = [
    "input-marker-5c1",
    "secret-marker-9e2",
    "log-marker-7d3",
    "result-marker-4f8",
];
/// Of the local network, proved by any processor.
pub const CLASS: u16 = 2;

pub struct World {
    pub product: Product,
    pub relays: Vec<Process>,
    pub nodes: Vec<Node>,
    pub renter: Renter,
    _crank: Process,
}

pub fn behind(nat: Nat) -> Shape {
    Shape {
        nat: Some(nat),
        line: true,
        forward: None,
    }
}

impl World {
    /// Everything up, both devices for hire.
    pub fn new(tag: &str, nats: [Nat; 2], renter: Nat) -> Result<Self> {
        let mut product = Product::start(tag, 100)?;
        let relays = vec![product.relay(0, &[])?, product.relay(1, &[])?];
        let crank = product.crank()?;
        let mut nodes = Vec::new();
        for (name, nat) in ["a", "b"].into_iter().zip(nats) {
            let mut node = product.supplier(name, CLASS, behind(nat))?;
            node.start(&product)?;
            nodes.push(node);
        }
        for node in &nodes {
            product.list(node).with_context(|| node.tail())?;
        }
        let renter = product.renter("c", behind(renter))?;
        Ok(Self {
            product,
            relays,
            nodes,
            renter,
            _crank: crank,
        })
    }

    /// The job's files on the renter's machine.
    pub fn write_job(&self) -> Result<PathBuf> {
        let folder = self.renter.folder.join("job");
        fs::create_dir_all(&folder)?;
        let [input, secret, log, result] = MARKERS;
        fs::write(folder.join("data.txt"), input)?;
        fs::write(folder.join("token"), secret)?;
        let script = format!(
            "set -eu\necho {log}\nmkdir -p /work/out\n(cat data.txt; echo {result}; sha256sum < /run/iog/secrets/TOKEN) > /work/out/result.txt\n(n=0; while :; do n=$((n+1)); echo tick $n; sleep 1; done) &\nexec python3 -u -m http.server 8000 --directory /work/out\n"
        );
        fs::write(folder.join("run.sh"), script)?;
        let job = "kind: service\ncommand: [sh, run.sh]\ninputs: [{source: run.sh}, {source: data.txt}]\nsecrets: [TOKEN]\nports: [8000]\nreadiness: {port: 8000, path: /result.txt, within: 2m}\nrestart: {on_failure: 3}\nresources: {cpus: 1, memory: 256MiB, disk: 64MiB}\n";
        fs::write(folder.join("job.yaml"), job)?;
        Ok(folder)
    }

    /// Books `gpus` and waits until the job runs on each; the order's address.
    pub fn book(&self, gpus: u32, check: &str) -> Result<String> {
        let folder = self.write_job()?;
        let (gpus, class) = (gpus.to_string(), CLASS.to_string());
        let job = folder.join("job.yaml").display().to_string();
        let secret = format!("TOKEN=@{}", folder.join("token").display());
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
            &job,
            "--secret",
            &secret,
            "--check",
            check,
            "--wait",
            "--wait-secs",
            "150",
        ];
        let made = self.renter.json(&args).with_context(|| self.tails())?;
        text(&made, "order")
    }

    /// What the nodes said last, for a test's failure.
    pub fn tails(&self) -> String {
        let tails: Vec<String> = self
            .nodes
            .iter()
            .map(|node| format!("node {}:\n{}", node.name, node.tail()))
            .collect();
        tails.join("\n")
    }

    /// Runs `iog` of the renter until it gives what is wanted.
    pub fn until(&self, args: &[&str], wanted: impl Fn(&str) -> bool) -> Result<String> {
        let what = format!("iog {}", args.join(" "));
        let mut last = String::new();
        wait_until(&what, PATIENCE, || {
            last = match self.renter.run(args) {
                Ok(text) => text,
                Err(error) => error.to_string(),
            };
            Ok(wanted(&last).then(|| last.clone()))
        })
        .with_context(|| format!("{last}\n{}", self.tails()))
    }
}
