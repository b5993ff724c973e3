//! Docker in Podman's place.

use crate::{
    bench::Bench,
    dockerd::{skips, Dockerd},
    support::{complete, exec, image, logged, until_logged, within},
};
use iog_engine::{netns::Egress, Card, ContainerEngine, Engine, EngineError, RunStatus, Runtime};
use iog_job::{Kind, Secret, Why};
use serde_json::json;
use std::{
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::io::AsyncReadExt;

fn bench() -> Option<Bench> {
    (!skips()).then(|| Bench::in_docker(Dockerd::shared(), &[]))
}

/// Containers of this test's runs: others of the same daemon are other tests'.
fn ours(bench: &Bench) -> Vec<serde_json::Value> {
    let docker = bench.docker.as_ref().unwrap();
    let all = docker.get("/containers/json?all=true");
    let leases = bench.settings.root.join("leases");
    let all = all.as_array().unwrap().iter();
    let ours = all.filter(|one| one["Mounts"].to_string().contains(leases.to_str().unwrap()));
    ours.cloned().collect()
}

fn containers(bench: &Bench) -> usize {
    ours(bench).len()
}

/// redteam J2, J3, E5, E2: no rights, nothing of the host, nothing of the image's configuration, and no disk but the lease's.
#[tokio::test]
async fn a_job_sees_itself_alone() {
    let Some(bench) = bench() else {
        return;
    };
    let odd = json!({
        "Env": ["PATH=/bin", "FROM_IMAGE=yes", "LD_PRELOAD=/evil.so", "NVIDIA_VISIBLE_DEVICES=all"],
        "User": "root", "Entrypoint": ["/bin/false"], "WorkingDir": "/etc",
        "Volumes": {"/data": {}, "/work": {}}, "StopSignal": "SIGNONSENSE",
        "Healthcheck": {"Test": ["CMD-SHELL", "touch /work/out/healthy"], "Interval": 1_000_000_000_u64},
    });
    let made = image::image_of(
        &[image::busybox_and(&[("etc/ld.so.preload", b"/evil.so")])],
        &odd,
    );
    let archive = bench.dir().join("odd.tar");
    made.write(&archive);
    let mut run = bench.run_of(&made, &archive, &["/bin/sh", "-c",
        "id; pwd; hostname; env; grep -E 'Cap(Prm|Eff|Bnd|Amb)|NoNewPrivs|Seccomp:' /proc/self/status; cat /etc/hosts; cat /etc/resolv.conf /etc/ld.so.preload | wc -c; \
         ls /sys/class/net /sys/fs/cgroup /sys/block; touch /x; touch /data/x; touch /tmp/x && echo tmp; touch /run/iog/secrets/x; grep -c ' /data ' /proc/mounts; \
         echo \"$(cat /run/iog/secrets/token)$(echo \"$TOKEN\" | wc -c)\"; echo result > out/file; echo err >&2; exit 7"]);
    run.spec.secrets = vec![Secret {
        name: "token".into(),
        env: Some("TOKEN".into()),
    }];
    let prepared = bench.engine().prepare(&run).await.unwrap();
    let (secret, uid) = (prepared.secrets.join("token"), run.uid_base + 1_000);
    std::fs::write(&secret, "marker-of-a-secret").unwrap();
    std::os::unix::fs::chown(&secret, Some(uid), Some(uid)).unwrap();
    std::fs::set_permissions(&secret, PermissionsExt::from_mode(0o400)).unwrap();
    let health = bench.engine().health().await;
    assert!(health.ready && health.strangers, "{health:?}");
    let (status, log) = complete(bench.engine(), &run).await;
    assert_eq!(status, RunStatus::Exited(7), "{log}");
    // Two streams: which line of the one comes before which of the other is not said.
    for line in [
        format!("uid={uid} gid={uid} groups={uid}").as_str(),
        "/work",
        "iog",
        "FROM_IMAGE=yes",
        "HOME=/work",
        "NVIDIA_VISIBLE_DEVICES=void",
        "CapPrm:\t0000000000000000",
        "CapEff:\t0000000000000000",
        "CapBnd:\t0000000000000000",
        "CapAmb:\t0000000000000000",
        "NoNewPrivs:\t1",
        "Seccomp:\t2",
        "127.0.0.1 localhost iog",
        "0",
        "lo",
        "touch: /x: Read-only file system",
        "touch: /data/x: No such file or directory",
        "touch: /run/iog/secrets/x: Read-only file system",
        "tmp",
        "marker-of-a-secret19",
        "err",
    ] {
        assert!(
            log.lines().any(|found| found == line),
            "`{line}` is not in {log}"
        );
    }
    for never in ["LD_PRELOAD", "eth0", "memory", "loop"] {
        assert!(!log.contains(never), "{log}");
    }
    let docker = bench.docker.as_ref().unwrap();
    assert!(docker.get("/volumes")["Volumes"]
        .as_array()
        .is_none_or(Vec::is_empty));
    let outputs = bench.engine().outputs(&run.id).await.unwrap();
    assert_eq!((outputs.len(), outputs[0].path.as_str()), (1, "out/file"));
    assert_eq!(
        prepared.work.join("out/file").metadata().unwrap().uid(),
        uid
    );
    let mut text = String::new();
    let mut bytes = bench.engine().fetch(&run.id, "out/file", 2).await.unwrap();
    bytes.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "sult\n");
    bench.engine().remove(&run.id).await.unwrap();
    assert_eq!(containers(&bench), 0);
}

/// redteam E7, J2: commands, files and ports beside the job, as its user, within its limits and its group.
#[tokio::test]
async fn commands_are_run_beside_it() {
    let Some(bench) = bench() else {
        return;
    };
    let engine = bench.engine();
    let run = bench.shell("ulimit -a; echo up; nc -l -p 8080 -e /bin/cat & exec sleep 1000");
    engine.prepare(&run).await.unwrap();
    engine.start(&run).await.unwrap();
    let of_job = logged(engine, &run.id, "up\n").await;
    let of_exec = exec(engine, &run.id, &["/bin/sh", "-c", "ulimit -a; echo up"]).await;
    assert_eq!(of_exec, (0, of_job));
    let script = "id -u; pwd; ulimit -c; ulimit -n; grep CapEff /proc/self/status; cat /proc/self/cgroup | cut -d: -f3 | sort -u; exit 5";
    let (code, text) = exec(engine, &run.id, &["/bin/sh", "-c", script]).await;
    let uid = run.uid_base + 1_000;
    assert_eq!(
        (code, text),
        (
            5,
            format!("{uid}\n/work\n0\n256\nCapEff:\t0000000000000000\n/\n")
        )
    );
    // What bounds all jobs together bounds it too.
    let docker = bench.docker.as_ref().unwrap();
    let name = ours(&bench)[0]["Id"].as_str().unwrap().to_owned();
    let pid = docker.get(&format!("/containers/{name}/json"))["State"]["Pid"].to_string();
    let groups = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap();
    assert!(
        groups.lines().all(|line| line.contains(":/iog/")),
        "{groups}"
    );
    let mut port = engine.connect(&run.id, 8080).await.unwrap();
    tokio::io::AsyncWriteExt::write_all(&mut port, b"echo\n")
        .await
        .unwrap();
    let mut back = [0; 5];
    within(port.read_exact(&mut back)).await.unwrap();
    assert_eq!(&back, b"echo\n");
    drop(engine.sftp(&run.id).await.unwrap());
    within(engine.stop(&run.id)).await.unwrap();
    assert_eq!(engine.status(&run.id).await.unwrap(), RunStatus::Stopped);
    assert_eq!(containers(&bench), 0);
    let mut session = bench.run(&[]);
    session.spec.kind = Kind::Session;
    engine.prepare(&session).await.unwrap();
    engine.start(&session).await.unwrap();
    assert_eq!(
        exec(engine, &session.id, &["/bin/echo", "here"]).await,
        (0, "here\n".into())
    );
}

/// redteam E2, K6: what a job may use ends; what it cannot start is its own fault.
#[tokio::test]
async fn limits_and_faults_are_the_jobs() {
    let Some(bench) = bench() else {
        return;
    };
    let engine = bench.engine();
    let hungry = bench.run(&[
        "/bin/dd",
        "if=/dev/zero",
        "of=/dev/null",
        "bs=200M",
        "count=1",
    ]);
    assert_eq!(
        complete(engine, &hungry).await.0,
        RunStatus::Failed(Why::OutOfMemory)
    );
    for (command, code) in [("/bin/absent", 127), ("/etc", 126)] {
        let (status, log) = complete(engine, &bench.run(&[command])).await;
        assert_eq!(status, RunStatus::Exited(code));
        assert_eq!(log, format!("iog: the command cannot be run ({code})\n"));
    }
    let entry = |kind, path: &str, link: &str, bytes: &[u8]| {
        let mut tar = tar::Builder::new(Vec::new());
        image::entry(&mut tar, kind, path, link, 0o644, bytes);
        tar.into_inner().unwrap()
    };
    // What the node mounts cannot be there, or would be elsewhere.
    for over in [
        entry(tar::EntryType::Regular, "work", "", b"a file"),
        entry(tar::EntryType::Symlink, "run/iog", "/proc/self", b""),
    ] {
        let made = image::image_of(&[image::busybox(), over], &json!({"Cmd": ["/bin/true"]}));
        let archive = bench.dir().join("odd.tar");
        made.write(&archive);
        let run = bench.run_of(&made, &archive, &["/bin/true"]);
        engine.prepare(&run).await.unwrap();
        match engine.start(&run).await {
            Err(EngineError::Job(why)) => assert!(why.contains("refuses it"), "{why}"),
            other => panic!("{other:?}"),
        }
    }
    // The three that ended, and nothing of these.
    assert_eq!(containers(&bench), 3);
}

/// redteam X1: neither the node's end nor the daemon's crash ends a job, and its output goes on.
#[tokio::test]
async fn a_run_outlives_node_and_daemon() {
    if skips() {
        return;
    }
    let docker = Arc::new(Dockerd::start(None));
    let mut bench = Bench::in_docker(Arc::clone(&docker), &[]);
    let run = bench.shell("echo one; while ! [ -e go ]; do sleep 0.02; done; echo two; sleep 1000");
    let prepared = bench.engine().prepare(&run).await.unwrap();
    bench.engine().start(&run).await.unwrap();
    until_logged(bench.engine(), &run.id, "one").await;
    bench.engine = None;
    docker.crash_and_start();
    bench.engine = Some(ContainerEngine::open(bench.settings.clone()).unwrap());
    assert_eq!(
        bench.engine().list().await.unwrap(),
        [(run.id, RunStatus::Running)]
    );
    until_logged(bench.engine(), &run.id, "restarted").await;
    std::fs::write(prepared.work.join("go"), "").unwrap();
    until_logged(bench.engine(), &run.id, "two").await;
    within(bench.engine().stop(&run.id)).await.unwrap();
    assert_eq!(
        bench.engine().status(&run.id).await.unwrap(),
        RunStatus::Stopped
    );
}

/// redteam J5, J9: a way to the internet only where it is wanted, behind the filter, and gone with the run.
#[tokio::test]
async fn the_network_is_the_runs_own() {
    if skips() {
        return;
    }
    let bench = Bench::in_docker_with(Dockerd::shared(), |settings| {
        settings.egress = Some(Egress::default());
    });
    let table = || {
        let output = std::process::Command::new("nft")
            .args(["list", "tables"])
            .output();
        String::from_utf8_lossy(&output.unwrap().stdout).into_owned()
    };
    let before = table();
    let mut run = bench.shell("ls /sys/class/net; cat /etc/resolv.conf; echo up; exec sleep 1000");
    run.egress = true;
    bench.engine().prepare(&run).await.unwrap();
    bench.engine().start(&run).await.unwrap();
    let log = logged(bench.engine(), &run.id, "up\n").await;
    assert!(log.starts_with("eth0\nlo\nnameserver "), "{log}");
    let new = table()
        .lines()
        .filter(|line| !before.contains(*line))
        .count();
    assert!(new >= 1, "{}", table());
    bench.engine().stop(&run.id).await.unwrap();
    let (_, log) = complete(
        bench.engine(),
        &bench.shell("ls /sys/class/net; wc -c < /etc/resolv.conf"),
    )
    .await;
    assert_eq!(log, "lo\n0\n");
}

/// A device of the host that stands for a card, and a vendor's hook that a daemon of its own calls.
struct Vendor {
    node: PathBuf,
    card: Card,
    dir: tempfile::TempDir,
}

impl Vendor {
    fn new(name: &str) -> Self {
        let node = PathBuf::from(format!("/dev/iog-docker-{}-{name}", std::process::id()));
        let made = std::process::Command::new("mknod")
            .arg("-m0666")
            .arg(&node)
            .args(["c", "240", "7"])
            .status();
        assert!(made.unwrap().success());
        let card = Card {
            uuid: "GPU-7".into(),
            cdi: Some("nvidia.com/gpu=GPU-7".into()),
            nodes: vec![node.clone()],
        };
        let dir = tempfile::tempdir().unwrap();
        Self { node, card, dir }
    }

    /// Docker takes a program of this name for NVIDIA's; what it is asked for it writes down.
    fn hook(&self, script: &str) -> &Path {
        let path = self.dir.path().join("nvidia-container-runtime-hook");
        let asked = self.dir.path().join("asked");
        let text = format!(
            "#!/bin/sh\nstate=$(cat)\nof() {{ echo \"$state\" | sed -n \"s/.*\\\"$1\\\":\\\"*\\([^,\\\"}}]*\\).*/\\1/p\"; }}\npid=$(of pid); bundle=$(of bundle)\n\
             grep -o 'NVIDIA_VISIBLE_DEVICES=[^\"]*' \"$bundle/config.json\" > {}\nroot=$(sed -n 's/.*\"root\":{{\"path\":\"\\([^\"]*\\)\".*/\\1/p' \"$bundle/config.json\")\n{script}\n",
            asked.display()
        );
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        self.dir.path()
    }

    fn asked(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("asked")).unwrap_or_default()
    }
}

impl Drop for Vendor {
    fn drop(&mut self) {
        std::fs::remove_file(&self.node).ok();
    }
}

async fn never_ran(bench: &Bench, card: &Card, wanted: &str) {
    let mut run = bench.shell("echo it ran; touch /work/ran");
    run.cards = vec![card.clone()];
    let prepared = bench.engine().prepare(&run).await.unwrap();
    match bench.engine().start(&run).await {
        Err(EngineError::Host {
            what: "cards",
            detail,
        }) => assert!(detail.contains(wanted), "{detail}"),
        other => panic!("{wanted}: {other:?}"),
    }
    assert!(!prepared.work.join("ran").exists());
    assert_eq!(containers(bench), 0);
}

/// redteam E1: a daemon that has no way to a card, or says nothing and leaves it out, runs no job; one that brings it runs it with that alone.
#[tokio::test]
async fn a_job_has_the_leases_cards_or_does_not_run() {
    let Some(bench) = bench() else {
        return;
    };
    let vendor = Vendor::new("card");
    never_ran(&bench, &vendor.card, "could not select device driver").await;
    let plain = Card {
        cdi: None,
        ..vendor.card.clone()
    };
    let mut run = bench.shell("ls -l /dev | grep -c 240");
    run.cards = vec![plain];
    assert_eq!(
        complete(bench.engine(), &run).await,
        (RunStatus::Exited(0), "1\n".into())
    );
    drop(bench);

    let silent = Arc::new(Dockerd::start(Some(vendor.hook("exit 0"))));
    let bench = Bench::in_docker(silent, &[]);
    never_ran(&bench, &vendor.card, "device 240:7 is not in the container").await;
    assert_eq!(vendor.asked(), "NVIDIA_VISIBLE_DEVICES=GPU-7\n");
    let brings = |device: &str| {
        format!("exec nsenter -t \"$pid\" -m mknod -m666 \"$root/dev/card\" c {device}")
    };
    vendor.hook(&brings("240 8"));
    never_ran(&bench, &vendor.card, "device 240:7 is not in the container").await;
    vendor.hook(&brings("240 7"));
    let mut run = bench.shell("ls -l /dev/card | grep -c '240, *7'; echo $NVIDIA_VISIBLE_DEVICES");
    run.cards = vec![vendor.card.clone()];
    assert_eq!(
        complete(bench.engine(), &run).await,
        (RunStatus::Exited(0), "1\nvoid\n".into())
    );
}

/// redteam E6: what Docker does not do here is said before any job comes.
#[tokio::test]
async fn runsc_by_docker_is_refused() {
    let Some(bench) = bench() else {
        return;
    };
    let mut settings = bench.settings.clone();
    settings.runtime = Runtime::Runsc;
    match ContainerEngine::open(settings) {
        Err(EngineError::Host {
            what: "engine",
            detail,
        }) => {
            assert_eq!(
                detail,
                "runsc runs by Podman only: set engine = \"container\""
            );
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was opened"),
    }
}
