use crate::{
    bench::Bench,
    support::{complete, skips_without_root},
};
use iog_engine::{Card, Engine, EngineError, RunStatus};
use rustix::fs::{mknodat, FileType, Mode, CWD};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU8, Ordering},
};

/// Three fake nodes of a vendor of this test alone, as its CDI specification has them: nobody drives major 240. In a user namespace runc
/// binds a node by its path inside, so they lie in `/dev` as a card's do.
struct Vendor {
    name: String,
    spec: PathBuf,
    nodes: Vec<PathBuf>,
}

impl Vendor {
    fn new() -> Self {
        static COUNT: AtomicU8 = AtomicU8::new(0);
        let id = format!(
            "{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let name = format!("iog-test-{id}.example/gpu");
        let nodes: Vec<PathBuf> = (0..3)
            .map(|n| PathBuf::from(format!("/dev/iog-test-{id}-{n}")))
            .collect();
        for (n, node) in nodes.iter().enumerate() {
            let device = rustix::fs::makedev(240, 7 + n as u32);
            mknodat(
                CWD,
                node,
                FileType::CharacterDevice,
                Mode::from_raw_mode(0o666),
                device,
            )
            .unwrap();
        }
        let paths = nodes.clone();
        let device = |n: usize, nodes: &[usize]| {
            let nodes: Vec<_> = nodes.iter().map(|n| serde_json::json!({"path": paths[*n], "type": "c", "major": 240, "minor": 7 + n})).collect();
            serde_json::json!({"name": n.to_string(), "containerEdits": {"deviceNodes": nodes}})
        };
        // `2` brings what is not in it.
        let spec = serde_json::json!({"cdiVersion": "0.5.0", "kind": name, "devices": [device(0, &[0]), device(1, &[1]), device(2, &[0, 2])]});
        std::fs::create_dir_all("/etc/cdi").unwrap();
        let path = PathBuf::from(format!("/etc/cdi/{}.json", name.replace('/', "-")));
        std::fs::write(&path, spec.to_string()).unwrap();
        Self {
            name,
            spec: path,
            nodes,
        }
    }

    fn card(&self, cdi: usize, node: usize) -> Card {
        Card {
            uuid: format!("GPU-{node}"),
            cdi: Some(format!("{}={cdi}", self.name)),
            nodes: vec![self.nodes[node].clone()],
        }
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        for path in self.nodes.iter().chain([&self.spec]) {
            std::fs::remove_file(path).ok();
        }
    }
}

/// redteam E1: the lease's card is inside, by its node, and the other is not.
#[tokio::test]
async fn a_job_has_the_leases_cards_and_no_others() {
    if skips_without_root() {
        return;
    }
    let (bench, vendor) = (Bench::new(), Vendor::new());
    let mut run = bench.shell(&format!(
        "ls -l /dev | grep iog-test; ls {}",
        vendor.nodes[1].display()
    ));
    run.cards = vec![vendor.card(0, 0)];
    let (status, log) = complete(bench.engine(), &run).await;
    assert_eq!(status, RunStatus::Exited(1), "{log}");
    assert!(
        log.contains("240,   7") && log.contains("-0\n") && log.contains("-1: No such file"),
        "{log}"
    );
}

/// redteam E1: a card that is not what the lease says, one too many, one missing, one unknown: before the job's first instruction.
#[tokio::test]
async fn other_cards_than_the_leases_are_the_hosts_fault() {
    if skips_without_root() {
        return;
    }
    let (bench, vendor) = (Bench::new(), Vendor::new());
    for (card, detail) in [
        (vendor.card(1, 0), "device 240:7 is not in the container"),
        (
            vendor.card(2, 0),
            "device 240:9 is in the container and not the lease's",
        ),
        (vendor.card(9, 0), "unresolvable CDI devices"),
    ] {
        let mut run = bench.shell("echo it ran; touch /work/ran");
        run.cards = vec![card];
        let prepared = bench.engine().prepare(&run).await.unwrap();
        match bench.engine().start(&run).await {
            Err(EngineError::Host {
                what: "cards",
                detail: found,
            }) => assert!(found.contains(detail), "{found}"),
            other => panic!("{detail}: {other:?}"),
        }
        assert!(!prepared.work.join("ran").exists());
        assert!(bench
            .podman("/containers/json?all=true")
            .as_array()
            .is_none_or(Vec::is_empty));
        assert_eq!(
            bench.engine().status(&run.id).await.unwrap(),
            RunStatus::Prepared
        );
    }
}
