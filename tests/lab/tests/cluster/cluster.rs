//! A cluster of Ray on the lab's machines, by the renter's `iog` and Ray's own programs.

use anyhow::{ensure, Context, Result};
use iog_lab::{ray, text, wait_until, Fleet, Process, PATIENCE};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// Words of the job that nobody between may read.
pub const MARKER: &str = "ray-marker-8d1";
/// Twelve shares of a sum, spread over the nodes in turn; a share whose node is gone is counted again, on another.
const TASK: &str = "import ray,sys,time
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy as On
ray.init(log_to_driver=False)
@ray.remote(num_cpus=1,max_retries=-1)
def share(n,pause):
    time.sleep(pause)
    return sum(i*i for i in range(n*1000,(n+1)*1000)),ray.util.get_node_ip_address()
nodes=[node['NodeID'] for node in ray.nodes() if node['Alive']]
shares=[share.options(scheduling_strategy=On(nodes[n%len(nodes)],soft=True)).remote(n,float(sys.argv[1])) for n in range(12)]
print('ray-marker-8d1 begun',flush=True)
got=ray.get(shares)
print('SUM',sum(s for s,_ in got),'OF',','.join(sorted({p for _,p in got})),flush=True)
";
/// What one machine alone gives.
const SUM: u64 = 11_999 * 12_000 * 23_999 / 6;
pub const NAME: &str = "lab";
pub const RAY_PATIENCE: Duration = Duration::from_secs(240);

pub struct Cluster {
    pub fleet: Fleet,
    pub root: String,
    token: String,
    address: String,
    ports: Option<Process>,
    since: Instant,
}

impl Cluster {
    pub fn tell(&self, what: &str) {
        println!("{:.1} s: {what}", self.since.elapsed().as_secs_f64());
    }

    pub fn create(fleet: Fleet) -> Result<Self> {
        let job = fleet.job("ray", &job()?, &[])?;
        let args = [
            "cluster",
            "create",
            "--name",
            NAME,
            "--class",
            "2",
            "--gpus",
            "4",
            "--hours",
            "3",
            "--pay",
            "usdc",
            "--check",
            "off",
            "--wait-secs",
            "240",
            "--job",
            &job,
        ];
        let since = Instant::now();
        let made = fleet.renter.json(&args).with_context(|| fleet.tails())?;
        println!("{:.1} s: four nodes", since.elapsed().as_secs_f64());
        let members = made["members"].as_array().context("no members")?;
        let addresses = members
            .iter()
            .filter_map(|member| member["address"].as_str());
        let addresses: BTreeSet<&str> = addresses.collect();
        ensure!(
            addresses == ["10.77.0.1", "10.77.0.2", "10.77.0.3", "10.77.0.4"].into(),
            "{made}"
        );
        Ok(Self {
            root: text(&made, "root_order")?,
            token: text(&made, "token_path")?,
            address: String::new(),
            fleet,
            ports: None,
            since,
        })
    }

    pub fn connect(&mut self) -> Result<()> {
        let args = [
            "-o",
            "json",
            "cluster",
            "connect",
            NAME,
            "--dashboard-port",
            "0",
            "--client-port",
            "0",
        ];
        let renter = &self.fleet.renter;
        let log = renter.folder.join("connect.log");
        let _ = std::fs::remove_file(&log);
        let mut ports = renter.spawn(&args)?.start(&renter.host.inside, &log)?;
        ports.says("\"ray_address\"", PATIENCE)?;
        let said = ports.text();
        let line = said.lines().find(|line| line.starts_with('{'));
        let line: Value = serde_json::from_str(line.with_context(|| said.clone())?)?;
        self.address = text(&line, "ray_address")?;
        self.ports = Some(ports);
        self.tell("ports are led");
        Ok(())
    }

    /// `ray job submit` as anybody has it, in the background.
    pub fn submits(&self, pause: &str) -> Result<Process> {
        let renter = &self.fleet.renter;
        let folder = renter.folder.join("task");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("task.py"), TASK)?;
        let folder = folder.display().to_string();
        let args = [
            "job",
            "submit",
            "--working-dir",
            &folder,
            "--",
            "python3",
            "task.py",
            pause,
        ];
        let program = ray()?.join("bin/ray").display().to_string();
        let spawn = renter
            .program(&program, &args)
            .env("RAY_API_SERVER_ADDRESS", self.address.as_str())
            // What it says is read while it runs.
            .env("PYTHONUNBUFFERED", "1")
            .env("RAY_AUTH_MODE", "token")
            .env("RAY_AUTH_TOKEN_PATH", self.token.as_str());
        let log = renter.folder.join("submit.log");
        let _ = std::fs::remove_file(&log);
        spawn.start(&renter.host.inside, &log)
    }

    /// On how many machines its shares were counted.
    pub fn result(&self, job: &mut Process) -> Result<usize> {
        let status = job.wait(RAY_PATIENCE).with_context(|| self.fleet.tails())?;
        let said = job.text();
        ensure!(status.success(), "{said}");
        let sum = format!("SUM {SUM} OF ");
        let places = said
            .lines()
            .find_map(|line| line.strip_prefix(sum.as_str()));
        let places = places.with_context(|| said.clone())?;
        self.tell(&format!("a job's result, of {places}"));
        Ok(places.split(',').count())
    }

    pub fn submit(&self, pause: &str) -> Result<usize> {
        let mut job = self.submits(pause)?;
        self.result(&mut job)
    }

    pub fn status(&self) -> Result<Value> {
        self.fleet.renter.json(&["cluster", "status", NAME])
    }

    /// Waits until Ray counts so many nodes alive, and so many or more dead.
    pub fn nodes(&self, alive: u64, dead: u64) -> Result<Value> {
        let mut last = Value::Null;
        wait_until("Ray's nodes", RAY_PATIENCE, || {
            last = self.status().unwrap_or_default();
            let lost = last["ray_dead_nodes"].as_u64() >= Some(dead);
            Ok((last["ray_nodes"] == alive && lost).then(|| last.clone()))
        })
        .with_context(|| format!("{last}\n{}", self.fleet.tails()))
    }

    pub fn member(&self, rank: u64) -> Result<Value> {
        let status = self.status()?;
        let members = status["members"].as_array().context("no members")?;
        let found = members.iter().find(|member| member["rank"] == rank);
        Ok(found.with_context(|| status.to_string())?.clone())
    }

    pub fn ends(self) -> Result<()> {
        self.fleet.renter.run(&["cluster", "end", NAME])?;
        wait_until("an empty machine", PATIENCE, || {
            let mut left = self.fleet.nodes.iter().map(|node| node.runs().1.len());
            Ok((left.all(|left| left == 0)).then_some(()))
        })
        .with_context(|| self.fleet.tails())
    }
}

/// A cluster without a command, of the Ray that the machines show.
fn job() -> Result<String> {
    let node = "{cpus: 1, object_store: 100MiB}";
    Ok(format!(
        "kind: ray\nenv: {{PATH: '{}/bin:/usr/bin:/bin'}}\nray: {{min_nodes: 4, head: {node}, worker: {node}}}\nresources: {{cpus: 1, memory: 2GiB, disk: 512MiB}}\n",
        ray()?.display()
    ))
}
