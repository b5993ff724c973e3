//! A template's job on one machine or on two.

use crate::support::{exec, is_root, run, Bench};
use iog_engine::{Engine, Limits, Prepared, RunSpec, RunStatus};
use iog_job::{
    template::{template, ImageChoice},
    Hash, RunId,
};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, fs, process::Command, time::Duration};

pub const LIMITS: Limits = Limits {
    cpu_millis: 2_000,
    memory_bytes: 4 << 30,
    disk_bytes: 256 << 20,
    inodes: 20_000,
    shm_bytes: 512 << 20,
    pids: 1_024,
    open_files: 8_192,
    log_bytes: 4 << 20,
};

/// What `iog job template use NAME --set ... --no-image` makes, with the files that the renter has.
pub fn made(name: &str, values: &[(&str, &str)], own: &[(&str, &str)]) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let template = template(name).unwrap();
    for (file, text) in template.files.iter().chain(own) {
        fs::write(folder.path().join(file), text).unwrap();
    }
    let values: BTreeMap<String, String> = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let filled = template
        .fill(Some(&ImageChoice::None), &values, folder.path())
        .unwrap();
    let resolved = filled.job.resolve(Hash([7; 32])).unwrap();
    Made { resolved, folder }
}

pub struct Made {
    pub resolved: iog_job::Resolved,
    folder: tempfile::TempDir,
}

impl Made {
    /// As the machine of a rank gets it.
    pub fn run(&self, rank: u16, world: u16) -> RunSpec {
        let _kept = &self.folder;
        let mut made = run(&[]);
        made.spec = self.resolved.spec.clone();
        made.limits = LIMITS;
        let env = [
            ("IOG_RANK", rank.to_string()),
            ("IOG_WORLD_SIZE", world.to_string()),
            ("IOG_ADDRESS", address(rank)),
            ("IOG_OUTPUT_DIR", "/work/out".into()),
            ("MASTER_ADDR", address(0)),
            ("MASTER_PORT", "29500".into()),
            ("GLOO_SOCKET_IFNAME", "iog0".into()),
        ];
        made.env = env.map(|(name, value)| (name.to_owned(), value)).into();
        made
    }

    /// Its disk with the inputs on it.
    pub async fn prepare(&self, bench: &Bench, run: &RunSpec) -> Prepared {
        let prepared = bench.engine.prepare(run).await.unwrap();
        for input in &self.resolved.spec.inputs {
            let to = prepared.work.join(&input.target);
            fs::copy(&self.resolved.sources[&input.sha256], to).unwrap();
        }
        prepared
    }

    /// On one machine, to its end.
    pub async fn alone(&self, bench: &Bench) -> Prepared {
        let run = self.run(0, 1);
        let prepared = self.prepare(bench, &run).await;
        bench.engine.start(&run).await.unwrap();
        succeeded(bench, &run).await;
        prepared
    }

    /// On two machines with one network between them, to the end of both.
    pub async fn together(&self, bench: &Bench) -> [Prepared; 2] {
        let runs = [self.run(0, 2), self.run(1, 2)];
        let prepared = [
            self.prepare(bench, &runs[0]).await,
            self.prepare(bench, &runs[1]).await,
        ];
        connect(&runs);
        for run in &runs {
            bench.engine.start(run).await.unwrap();
        }
        for run in &runs {
            succeeded(bench, run).await;
        }
        prepared
    }
}

/// Waits for the end, which must be a good one, and returns what the job said. Ray says nothing for longer than other jobs.
pub async fn succeeded(bench: &Bench, run: &RunSpec) -> String {
    let mut frames = bench.engine.logs(&run.id, 0, true).await.unwrap();
    let mut text = String::new();
    let all = async {
        while let Some(frame) = frames.recv().await {
            text += &String::from_utf8_lossy(&frame.bytes);
        }
    };
    let over = tokio::time::timeout(Duration::from_secs(180), all).await;
    assert!(over.is_ok(), "not over after three minutes: {text}");
    let status = bench.engine.status(&run.id).await.unwrap();
    assert_eq!(status, RunStatus::Exited(0), "{text}");
    text
}

pub fn address(rank: u16) -> String {
    format!("10.77.0.{}", rank + 1)
}

/// A line between two runs' namespaces, with the mesh's names and addresses.
pub fn connect(runs: &[RunSpec; 2]) {
    assert!(
        is_root(),
        "templates on two machines need root: namespaces, and a line between them"
    );
    let [one, two] = [namespace(&runs[0].id), namespace(&runs[1].id)];
    ip(&[
        "link", "add", "iog0", "netns", &one, "mtu", "1400", "type", "veth", "peer", "name",
        "iog0", "netns", &two,
    ]);
    for (rank, name) in [(0, &one), (1, &two)] {
        let address = format!("{}/16", address(rank));
        ip(&["-n", name, "address", "add", &address, "dev", "iog0"]);
        ip(&["-n", name, "link", "set", "iog0", "up"]);
    }
}

pub fn namespace(id: &RunId) -> String {
    let name = hex::encode(Sha256::digest(id.to_string()));
    format!("iog-{}", &name[..10])
}

fn ip(args: &[&str]) {
    let done = Command::new("ip").args(args).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "ip {}: {said}", args.join(" "));
}

#[tokio::test]
async fn a_session_waits_for_commands() {
    let bench = Bench::new();
    let made = made("ssh", &[("disk", "64MiB")], &[]);
    let run = made.run(0, 1);
    made.prepare(&bench, &run).await;
    bench.engine.start(&run).await.unwrap();
    let (code, text) = exec(&bench.engine, &run.id, &["sh", "-c", "pwd; id -u"]).await;
    assert_eq!((code, text.as_str()), (0, "/work\n1000\n"));
    bench.engine.stop(&run.id).await.unwrap();
}
