//! Ray by its own programs, unmodified, on four machines behind three routers.

use crate::full;
use anyhow::{ensure, Context, Result};
use iog_lab::{ray, text, wait_until, Capture, Fleet, Leak, Process, PATIENCE};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// Words of the job that nobody between may read.
const MARKER: &str = "ray-marker-8d1";
/// Twelve shares of a sum, each on the least busy node; a share whose node is gone is counted again.
const TASK: &str = "import ray,sys,time
ray.init(log_to_driver=False)
@ray.remote(num_cpus=1,max_retries=-1,scheduling_strategy='SPREAD')
def share(n,pause):
    time.sleep(pause)
    return sum(i*i for i in range(n*1000,(n+1)*1000)),ray.util.get_node_ip_address()
shares=[share.remote(n,float(sys.argv[1])) for n in range(12)]
print('ray-marker-8d1 begun',flush=True)
got=ray.get(shares)
print('SUM',sum(s for s,_ in got),'OF',','.join(sorted({p for _,p in got})),flush=True)
";
/// What one machine alone gives.
const SUM: u64 = 11_999 * 12_000 * 23_999 / 6;
const NAME: &str = "lab";
const RAY_PATIENCE: Duration = Duration::from_secs(240);

struct Cluster {
    fleet: Fleet,
    root: String,
    token: String,
    address: String,
    ports: Option<Process>,
    since: Instant,
}

/// Unmodified `ray job submit` on four machines gives what one gives, and nobody between reads it; a machine that loses its power is
/// replaced by a spare one at the same rank and address while a job goes on (redteam mesh M3). In the long form the cluster grows and
/// shrinks, and loses its head.
#[test]
fn a_cluster_works_as_one_machine() {
    let fleet = Fleet::homes("ray").unwrap();
    let capture = Capture::start(&fleet.product.lab.internet, fleet.product.folder()).unwrap();
    let mut cluster = Cluster::create(fleet).unwrap();
    cluster.connect().unwrap();
    let places = cluster.submit("0.2").unwrap();
    assert_eq!(places, 4, "each machine had a share");
    let packets = capture.end().unwrap();
    let leaks = packets.leaks(&[MARKER], |_| true);
    let leaks: Vec<&Leak> = leaks
        .iter()
        .filter(|leak| matches!(leak, Leak::Marker(..)))
        .collect();
    assert!(leaks.is_empty(), "{leaks:?}");
    if full() {
        cluster.the_head_falls().unwrap();
    }
    cluster.fleet.spare("e").unwrap();
    if full() {
        cluster.grows_and_shrinks().unwrap();
        // The first spare is paid until its hour ends.
        cluster.fleet.spare("f").unwrap();
    }
    cluster.a_worker_loses_its_power().unwrap();
    cluster.ends().unwrap();
}

impl Cluster {
    fn tell(&self, what: &str) {
        println!("{:.1} s: {what}", self.since.elapsed().as_secs_f64());
    }

    fn create(fleet: Fleet) -> Result<Self> {
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

    fn connect(&mut self) -> Result<()> {
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
    fn submits(&self, pause: &str) -> Result<Process> {
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
            .env("RAY_AUTH_MODE", "token")
            .env("RAY_AUTH_TOKEN_PATH", self.token.as_str());
        let log = renter.folder.join("submit.log");
        let _ = std::fs::remove_file(&log);
        spawn.start(&renter.host.inside, &log)
    }

    /// On how many machines its shares were counted.
    fn result(&self, job: &mut Process) -> Result<usize> {
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

    fn submit(&self, pause: &str) -> Result<usize> {
        let mut job = self.submits(pause)?;
        self.result(&mut job)
    }

    fn status(&self) -> Result<Value> {
        self.fleet.renter.json(&["cluster", "status", NAME])
    }

    fn nodes(&self, wanted: u64) -> Result<Value> {
        let mut last = Value::Null;
        wait_until("Ray's nodes", RAY_PATIENCE, || {
            last = self.status().unwrap_or_default();
            Ok((last["ray_nodes"] == wanted).then(|| last.clone()))
        })
        .with_context(|| format!("{last}\n{}", self.fleet.tails()))
    }

    fn grows_and_shrinks(&self) -> Result<()> {
        let scale = |gpus: &str| self.fleet.renter.json(&["cluster", "scale", NAME, gpus]);
        scale("5").with_context(|| self.fleet.tails())?;
        let grown = self.nodes(5)?;
        let members = grown["members"].as_array().context("no members")?;
        let fifth = members.iter().find(|member| member["rank"] == 4);
        let fifth = fifth.with_context(|| grown.to_string())?;
        ensure!(fifth["address"] == "10.77.0.5", "{grown}");
        self.tell("five nodes");
        scale("4").with_context(|| self.fleet.tails())?;
        self.nodes(4)?;
        Ok(())
    }

    /// redteam mesh M3: the spare machine has the rank and the address of the one that fell.
    fn a_worker_loses_its_power(&mut self) -> Result<()> {
        let mut job = self.submits("3")?;
        job.says("begun", RAY_PATIENCE)
            .with_context(|| self.fleet.tails())?;
        let before = self.member(2)?;
        let device = text(&before, "device")?;
        let node = self.fleet.node(&device)?;
        node.crash();
        let (wallet, lease) = (node.wallet.clone(), text(&before, "lease")?);
        let leave = ["lease", "leave", lease.as_str()];
        self.fleet.product.iog(&wallet, &leave)?;
        self.tell("rank 2 is gone");
        self.result(&mut job)?;
        let after = wait_until("another machine", RAY_PATIENCE, || {
            let found = self.member(2).ok();
            Ok(found.filter(|member| member["device"] != device.as_str()))
        })
        .with_context(|| self.fleet.tails())?;
        ensure!(after["address"] == "10.77.0.3", "{after}");
        self.tell("another machine has its place");
        self.nodes(4)?;
        self.tell("four nodes again");
        Ok(())
    }

    fn member(&self, rank: u64) -> Result<Value> {
        let status = self.status()?;
        let members = status["members"].as_array().context("no members")?;
        let found = members.iter().find(|member| member["rank"] == rank);
        Ok(found.with_context(|| status.to_string())?.clone())
    }

    /// Its processes are started again, on the same machine; the renter is told, and the cluster takes jobs again.
    fn the_head_falls(&mut self) -> Result<()> {
        let before = self.member(0)?["attempt"].as_u64();
        let kill = ["pkill", "-KILL", "gcs_server"];
        let _ = self.fleet.exec(&self.root, "0", &kill);
        wait_until("another attempt", RAY_PATIENCE, || {
            Ok((self.member(0)?["attempt"].as_u64() > before).then_some(()))
        })
        .with_context(|| self.fleet.tails())?;
        self.tell("the head's next attempt");
        self.nodes(4)?;
        self.ports = None;
        self.connect()?;
        ensure!(self.submit("0.2")? > 1);
        Ok(())
    }

    fn ends(self) -> Result<()> {
        self.fleet.renter.run(&["cluster", "end", NAME])?;
        wait_until("an empty machine", PATIENCE, || {
            let mut left = self.fleet.nodes.iter().map(|node| node.runs().1.len());
            Ok((left.all(|left| left == 0)).then_some(()))
        })
        .with_context(|| self.fleet.tails())
    }
}

/// A cluster without a command, of the Ray that the machines show.
pub fn job() -> Result<String> {
    let node = "{cpus: 1, object_store: 100MiB}";
    Ok(format!(
        "kind: ray\nenv: {{PATH: '{}/bin:/usr/bin:/bin'}}\nray: {{min_nodes: 4, head: {node}, worker: {node}}}\nresources: {{cpus: 1, memory: 2GiB, disk: 512MiB}}\n",
        ray()?.display()
    ))
}
