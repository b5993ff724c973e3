use iog_engine::{names, Limits, RunSpec};
use iog_job::{Hash, Image, JobSpec, Key, Kind, RunId, Secret};
use iog_kubernetes::KubernetesSettings;
use serde_json::json;
use std::{fs, net::Ipv4Addr, path::Path};
use tempfile::TempDir;

/// Books on a disk, secrets in memory.
pub struct Dirs {
    pub root: TempDir,
    pub secrets: TempDir,
}

impl Dirs {
    pub fn new() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
            secrets: tempfile::tempdir_in("/dev/shm").unwrap(),
        }
    }

    /// As an earlier process left a run that it had started.
    pub fn began(&self, run: &RunSpec) {
        let lease = self
            .root
            .path()
            .join("leases")
            .join(names::lease_name(&run.id));
        let dir = lease.join("runs/0");
        fs::create_dir_all(&dir).unwrap();
        fs::create_dir_all(lease.join("work/out")).unwrap();
        let book = json!({"run": run, "started": true, "stopping": false, "over": null});
        fs::write(dir.join("book.json"), book.to_string()).unwrap();
    }
}

pub fn settings(root: &Path, secrets: &Path) -> KubernetesSettings {
    KubernetesSettings::new(
        root,
        secrets,
        "gpu-1",
        Ipv4Addr::LOCALHOST.into(),
        "registry.example.com/iog/keeper@sha256:0000000000000000000000000000000000000000000000000000000000000000",
    )
}

pub fn key(run: &RunSpec) -> String {
    names::run_name(&run.id)
}

pub fn run() -> RunSpec {
    let spec = JobSpec {
        kind: Kind::Batch,
        image: Some(Image {
            reference: Some("registry.example.com/team/train".into()),
            digest: Hash([9; 32]),
            len: 0,
            config: Hash::default(),
        }),
        command: vec![
            "python3".into(),
            "train.py".into(),
            "$(HOME) costs $5".into(),
        ],
        secrets: vec![Secret {
            name: "TOKEN".into(),
            env: Some("TOKEN".into()),
        }],
        ..JobSpec::session(Hash::default())
    };
    RunSpec {
        id: RunId {
            lease: Key([7; 32]),
            matched_ts: 1_700_000_000,
            attempt: 0,
        },
        spec,
        archive: None,
        cards: Vec::new(),
        limits: Limits {
            cpu_millis: 2_000,
            memory_bytes: 1 << 30,
            disk_bytes: 1 << 30,
            inodes: 10_000,
            shm_bytes: 64 << 20,
            pids: 256,
            open_files: 1_024,
            log_bytes: 1 << 20,
        },
        env: vec![("IOG_RANK".into(), "0".into())],
        uid_base: 1_000_000,
        egress: false,
    }
}
