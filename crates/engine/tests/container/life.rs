use crate::{
    bench::Bench,
    support::{complete, exec, finish, logged, skips_without_root, until, until_logged, within},
};
use iog_engine::{ContainerEngine, Engine, EngineError, RunStatus};
use iog_job::{Kind, Secret, Why};
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn a_job_runs_to_its_end() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let run = bench.shell("echo out; echo err >&2; echo -n result > out/file; exit 7");
    let prepared = bench.engine().prepare(&run).await.unwrap();
    std::fs::write(prepared.work.join("input"), "x").unwrap();
    assert_eq!(
        bench.engine().status(&run.id).await.unwrap(),
        RunStatus::Prepared
    );
    bench.engine().start(&run).await.unwrap();
    // A second start does nothing.
    bench.engine().start(&run).await.unwrap();
    let (status, log) = finish(bench.engine(), &run.id).await;
    assert_eq!(status, RunStatus::Exited(7));
    assert_eq!(log, "out\nerr\n");
    let outputs = bench.engine().outputs(&run.id).await.unwrap();
    assert_eq!(
        (outputs.len(), outputs[0].path.as_str(), outputs[0].len),
        (1, "out/file", 6)
    );
    let mut bytes = bench.engine().fetch(&run.id, "out/file", 2).await.unwrap();
    let mut text = String::new();
    bytes.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "sult");
    assert!(matches!(
        bench.engine().fetch(&run.id, "input", 0).await,
        Err(EngineError::NotFound(_))
    ));
    // Kept until it is removed, then gone.
    bench.engine().seal(&run.id).await.unwrap();
    assert_eq!(
        bench.engine().status(&run.id).await.unwrap(),
        RunStatus::Exited(7)
    );
    assert_eq!(bench.engine().outputs(&run.id).await.unwrap().len(), 1);
    bench.engine().remove(&run.id).await.unwrap();
    assert!(matches!(
        bench.engine().status(&run.id).await,
        Err(EngineError::Unknown(_))
    ));
}

#[tokio::test]
async fn a_wrong_command_is_the_jobs_fault_and_not_the_hosts() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let absent = bench.run(&["/bin/absent"]);
    assert_eq!(
        complete(bench.engine(), &absent).await,
        (
            RunStatus::Exited(127),
            "iog: the command cannot be run (127)\n".into()
        )
    );
    let folder = bench.run(&["/etc"]);
    assert_eq!(
        complete(bench.engine(), &folder).await.0,
        RunStatus::Exited(126)
    );
    let of_image = bench.run(&[]);
    assert_eq!(
        complete(bench.engine(), &of_image).await,
        (RunStatus::Exited(0), "the image ran\n".into())
    );
}

/// A node's folder may lie as deep as it likes: Podman takes 50 bytes for its own, a socket 107.
#[tokio::test]
async fn a_deep_folder_is_no_hindrance() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::with(|settings| {
        let deep = "a-folder-of-a-node/".repeat(8);
        settings.root = settings.root.join(deep).join("engine");
    });
    assert!(bench.settings.root.as_os_str().len() > 150);
    let run = bench.shell("echo deep");
    assert_eq!(
        complete(bench.engine(), &run).await,
        (RunStatus::Exited(0), "deep\n".into())
    );
}

/// redteam X1: neither the node's nor the container engine's end ends a job, and all of its output is there afterwards.
#[tokio::test]
async fn a_run_outlives_the_process_that_started_it() {
    if skips_without_root() {
        return;
    }
    let mut bench = Bench::new();
    let run = bench.shell("echo one; while ! [ -e go ]; do sleep 0.02; done; echo two; sleep 1000");
    let prepared = bench.engine().prepare(&run).await.unwrap();
    bench.engine().start(&run).await.unwrap();
    until_logged(bench.engine(), &run.id, "one").await;
    bench.engine = None;
    bench.kill_service();
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

/// Field case 13: what left its session goes with the run.
#[tokio::test]
async fn nothing_outlives_a_stop() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let mark = format!("{}", 100_000 + std::process::id());
    let run = bench.shell(&format!("(sleep {mark} &) ; sleep {mark} & echo up; wait"));
    bench.engine().prepare(&run).await.unwrap();
    bench.engine().start(&run).await.unwrap();
    until_logged(bench.engine(), &run.id, "up").await;
    let alive = || {
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        all.filter(|entry| {
            std::fs::read(entry.path().join("cmdline"))
                .is_ok_and(|line| line == format!("sleep\0{mark}\0").as_bytes())
        })
        .count()
    };
    until("both sleep", || alive() == 2).await;
    within(bench.engine().stop(&run.id)).await.unwrap();
    until("all are gone", || alive() == 0).await;
    assert_eq!(
        bench.engine().status(&run.id).await.unwrap(),
        RunStatus::Stopped
    );
    assert!(bench
        .podman("/containers/json?all=true")
        .as_array()
        .is_none_or(Vec::is_empty));
}

/// redteam V1: what a machine lost is told as lost.
#[tokio::test]
async fn a_container_that_is_gone_is_lost() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let run = bench.shell("sleep 1000");
    bench.engine().prepare(&run).await.unwrap();
    bench.engine().start(&run).await.unwrap();
    let id = bench.podman("/containers/json")[0]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    let socket = &bench.socket;
    let url = format!("http://engine/v4.0.0/libpod/containers/{id}?force=true&timeout=0");
    let gone = std::process::Command::new("curl")
        .args(["-s", "-X", "DELETE", "--unix-socket"])
        .arg(socket)
        .arg(url)
        .output()
        .unwrap();
    assert!(gone.status.success());
    assert_eq!(
        bench.engine().status(&run.id).await.unwrap(),
        RunStatus::Failed(Why::Lost)
    );
}

/// redteam S1, E3: a secret is in the job's environment and nowhere in the engine's store.
#[tokio::test]
async fn secrets_reach_the_job_and_not_the_engine() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let mut run = bench.shell("echo \"$TOKEN\" | wc -c; cat /run/iog/secrets/token; touch /run/iog/secrets/x; exec sleep 1000");
    run.spec.secrets = vec![Secret {
        name: "token".into(),
        env: Some("TOKEN".into()),
    }];
    let prepared = bench.engine().prepare(&run).await.unwrap();
    let file = prepared.secrets.join("token");
    std::fs::write(&file, "marker-of-a-secret\n\n").unwrap();
    std::os::unix::fs::chown(
        &file,
        Some(run.uid_base + 1_000),
        Some(run.uid_base + 1_000),
    )
    .unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o400)).unwrap();
    bench.engine().start(&run).await.unwrap();
    // 18 letters, the two line feeds of the value and the one of echo.
    until_logged(
        bench.engine(),
        &run.id,
        "21\nmarker-of-a-secret\n\ntouch: /run/iog/secrets/x: Read-only file system",
    )
    .await;
    let grep = |what: &str| {
        std::process::Command::new("grep")
            .args(["-rlaF", what])
            .arg(&bench.settings.root)
            .arg("--exclude-dir=work")
            .args([
                "--exclude-dir=secrets",
                "--exclude-dir=log",
                "--exclude-dir=merged",
            ])
            .output()
            .unwrap()
    };
    assert_eq!(
        String::from_utf8_lossy(&grep("marker-of-a-secret").stdout),
        ""
    );
    // The search finds what is there.
    assert_ne!(String::from_utf8_lossy(&grep("FROM_IMAGE").stdout), "");
    bench.engine().seal(&run.id).await.unwrap();
    assert!(!file.exists());
}

#[tokio::test]
async fn a_session_takes_commands() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let mut run = bench.run(&[]);
    run.spec.kind = Kind::Session;
    bench.engine().prepare(&run).await.unwrap();
    bench.engine().start(&run).await.unwrap();
    let (code, text) = exec(
        bench.engine(),
        &run.id,
        &[
            "/bin/sh",
            "-c",
            "id -u; echo $HOME; ls -d /run/iog/secrets; exit 3",
        ],
    )
    .await;
    assert_eq!(
        (code, text.as_str()),
        (3, "1000\n/work\n/run/iog/secrets\n")
    );
    let refused = bench.engine().connect(&run.id, 9).await.unwrap_err();
    assert!(matches!(refused, EngineError::NotFound(_)), "{refused}");
}

/// redteam E7: who comes in beside the job has the job's limits, not the node's.
#[tokio::test]
async fn commands_inside_have_the_jobs_limits() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let run = bench.shell("ulimit -Ha; ulimit -Sa; echo up; exec sleep 1000");
    bench.engine().prepare(&run).await.unwrap();
    bench.engine().start(&run).await.unwrap();
    let of_job = logged(bench.engine(), &run.id, "up\n").await;
    let of_exec = exec(
        bench.engine(),
        &run.id,
        &["/bin/sh", "-c", "ulimit -Ha; ulimit -Sa; echo up"],
    )
    .await;
    assert_eq!(of_exec, (0, of_job));
    let (_, few) = exec(
        bench.engine(),
        &run.id,
        &["/bin/sh", "-c", "ulimit -c; ulimit -n"],
    )
    .await;
    assert_eq!(few, "0\n256\n");
}

/// redteam mesh M5: as in the sandbox. What was only prepared takes its network along, too.
#[tokio::test]
async fn the_device_of_a_mesh_is_not_the_jobs_to_change() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let engine = bench.engine();
    let job = bench.shell(
        "cat /proc/net/dev /proc/net/if_inet6; ip addr add 10.77.0.9/16 dev iog0; echo added $?; ping -c1 -w1 10.77.0.2; echo raw $?",
    );
    engine.prepare(&job).await.unwrap();
    let mesh = || engine.mesh(&job.id, [10, 77, 0, 1].into(), 1_400);
    let open = mesh().await.unwrap();
    assert!(mesh().await.is_err(), "it is open already");
    // No header of the device's, and the first byte of an IPv4 packet.
    let packet = [vec![0; 10], vec![0x45], vec![0; 39]].concat();
    rustix::io::write(&open, &packet).unwrap();
    engine.start(&job).await.unwrap();
    let (_, log) = finish(engine, &job.id).await;
    assert_eq!(log.matches("iog0:").count(), 1, "{log}");
    assert!(
        log.contains("permission denied") && log.contains("raw 1"),
        "{log}"
    );
    assert!(log.contains("added ") && !log.contains("added 0"), "{log}");
    engine.remove(&job.id).await.unwrap();
    until("the device is gone", || {
        rustix::io::write(&open, &packet).is_err()
    })
    .await;
    let other = bench.shell("true");
    engine.prepare(&other).await.unwrap();
    let open = engine
        .mesh(&other.id, [10, 77, 0, 1].into(), 1_400)
        .await
        .unwrap();
    rustix::io::write(&open, &packet).unwrap();
    engine.remove(&other.id).await.unwrap();
    until("the device is gone", || {
        rustix::io::write(&open, &packet).is_err()
    })
    .await;
}
