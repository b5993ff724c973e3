//! gVisor: the job's calls go to a kernel of its own.

use crate::{
    bench::Bench,
    support::{complete, exec, logged, skips_without_root, until_logged, within},
};
use iog_engine::{Engine, EngineError, Exec, RunStatus, Runtime};
use iog_job::{wire::Terminal, Secret, Why};
use std::os::unix::fs::MetadataExt;

fn bench() -> Option<Bench> {
    if skips_without_root() {
        return None;
    }
    if !std::path::Path::new("/usr/bin/runsc").exists() {
        eprintln!("not run: runsc is not installed");
        return None;
    }
    Some(Bench::with(|settings| settings.runtime = Runtime::Runsc))
}

/// redteam E6, J2: another kernel, the lease's own user, no rights, nothing of the host, and what it leaves is there.
#[tokio::test]
async fn a_job_runs_under_another_kernel() {
    let Some(bench) = bench() else {
        return;
    };
    let mut run = bench.shell(
        "dmesg | head -1; cat /proc/version; id -u; grep -E 'Cap(Prm|Eff|Bnd)' /proc/self/status; ls /sys/class/net; hostname; \
         ulimit -c; ulimit -n; touch /x; touch /work/out/x && touch /tmp/x && echo wrote; cat /run/iog/secrets/token; echo $TOKEN; ls / | tr '\\n' ' '; exit 7",
    );
    run.spec.secrets = vec![Secret {
        name: "token".into(),
        env: Some("TOKEN".into()),
    }];
    let prepared = bench.engine().prepare(&run).await.unwrap();
    let secret = prepared.secrets.join("token");
    std::fs::write(&secret, "s3cret\n").unwrap();
    let uid = run.uid_base + 1_000;
    std::os::unix::fs::chown(&secret, Some(uid), Some(uid)).unwrap();
    let (status, log) = complete(bench.engine(), &run).await;
    assert_eq!(status, RunStatus::Exited(7), "{log}");
    assert!(log.contains("Starting gVisor"), "{log}");
    let host = std::fs::read_to_string("/proc/version").unwrap();
    assert!(!log.contains(host.trim()), "{log}");
    let uid = uid.to_string();
    for line in [
        uid.as_str(),
        "CapPrm:\t0000000000000000",
        "CapEff:\t0000000000000000",
        "CapBnd:\t0000000000000000",
        "lo",
        "iog",
        "0",
        "256",
        "wrote",
        "s3cret",
    ] {
        assert!(
            log.lines().any(|found| found == line),
            "`{line}` is not in {log}"
        );
    }
    assert!(log.contains("touch: /x: Permission denied"), "{log}");
    assert_eq!(
        prepared.work.join("out/x").metadata().unwrap().uid(),
        run.uid_base + 1_000
    );
}

/// redteam E6: what would be run inside beside the job runs there, or is refused with a word that says so.
#[tokio::test]
async fn commands_are_run_beside_it() {
    let Some(bench) = bench() else {
        return;
    };
    let run = bench.shell("ulimit -a; echo up; nc -l -p 8080 -e /bin/cat & exec sleep 1000");
    bench.engine().prepare(&run).await.unwrap();
    bench.engine().start(&run).await.unwrap();
    let of_job = logged(bench.engine(), &run.id, "up\n").await;
    let engine = bench.engine();
    let of_exec = exec(engine, &run.id, &["/bin/sh", "-c", "ulimit -a; echo up"]).await;
    assert_eq!(of_exec, (0, of_job));
    let (code, text) = exec(
        engine,
        &run.id,
        &[
            "/bin/sh",
            "-c",
            "id -u; pwd; dmesg | head -1; grep CapEff /proc/self/status; exit 5",
        ],
    )
    .await;
    assert_eq!(code, 5, "{text}");
    assert!(
        text.starts_with(&format!("{}\n/work\n", run.uid_base + 1_000)),
        "{text}"
    );
    assert!(
        text.contains("gVisor") && text.contains("CapEff:\t0000000000000000"),
        "{text}"
    );
    let terminal = Exec {
        command: Vec::new(),
        env: Vec::new(),
        terminal: Some(Terminal { rows: 9, cols: 9 }),
    };
    let refused = engine
        .exec(&run.id, terminal)
        .await
        .unwrap_err()
        .to_string();
    assert_eq!(
        refused,
        "a terminal inside runsc; run a command without one is not there"
    );
    let refused = engine.sftp(&run.id).await.unwrap_err().to_string();
    assert_eq!(refused, "an SFTP server inside runsc is not there");
    // Who hangs up ends the command.
    let long = Exec {
        command: ["/bin/sh", "-c", "echo here; exec sleep 4321"]
            .map(str::to_owned)
            .to_vec(),
        env: Vec::new(),
        terminal: None,
    };
    let (stdin, mut events) = engine.exec(&run.id, long).await.unwrap();
    within(events.recv()).await.unwrap();
    drop((stdin, events));
    within(async { while exec(engine, &run.id, &["/bin/ps"]).await.1.contains("4321") {} }).await;
    within(engine.stop(&run.id)).await.unwrap();
    assert_eq!(engine.status(&run.id).await.unwrap(), RunStatus::Stopped);
}

/// redteam E6, J8: memory and processes end, and with them the job; the host's processes are not there.
#[tokio::test]
async fn what_it_may_use_ends() {
    let Some(bench) = bench() else {
        return;
    };
    let hungry = bench.run(&[
        "/bin/dd",
        "if=/dev/zero",
        "of=/dev/null",
        "bs=200M",
        "count=1",
    ]);
    let (status, log) = complete(bench.engine(), &hungry).await;
    assert_eq!(status, RunStatus::Failed(Why::OutOfMemory), "{log}");
    let disk = bench.shell("dd if=/dev/zero of=/work/x bs=1M count=40 2>&1 | grep -c 'No space'");
    assert_eq!(
        complete(bench.engine(), &disk).await,
        (RunStatus::Exited(0), "1\n".into())
    );
    let forks =
        bench.shell("n=0; while [ $n -lt 2000 ]; do sleep 100 & n=$((n+1)); done; echo all $n");
    let (status, log) = complete(bench.engine(), &forks).await;
    assert!(
        status != RunStatus::Exited(0) && !log.contains("all 2000"),
        "{status:?} {log}"
    );
    let sees =
        bench.shell("ls /proc | grep -c '^[0-9]'; nc -w 1 127.0.0.1 22 </dev/null || echo refused");
    let (_, log) = complete(bench.engine(), &sees).await;
    assert!(log.ends_with("refused\n"), "{log}");
    assert!(
        log.lines().next().unwrap().parse::<u32>().unwrap() < 6,
        "{log}"
    );
}

/// redteam E6: no cards pass through it; a wrong command is the job's.
#[tokio::test]
async fn cards_are_refused() {
    let Some(bench) = bench() else {
        return;
    };
    let mut cards = bench.shell("true");
    cards.cards = vec![iog_engine::Card {
        uuid: "GPU-1".into(),
        cdi: None,
        nodes: vec!["/dev/null".into()],
    }];
    let refused = bench.engine().prepare(&cards).await.unwrap_err();
    assert!(
        matches!(refused, EngineError::Host { what: "cards", .. }),
        "{refused}"
    );
    // Its own words for a command that is not there are none: a known-good program tells whose fault that is.
    let absent = bench.run(&["/bin/absent"]);
    bench.engine().prepare(&absent).await.unwrap();
    let refused = bench.engine().start(&absent).await.unwrap_err();
    assert!(matches!(refused, EngineError::Job(_)), "{refused}");
    let up = bench.shell("echo up; sleep 1000");
    bench.engine().prepare(&up).await.unwrap();
    bench.engine().start(&up).await.unwrap();
    until_logged(bench.engine(), &up.id, "up").await;
}
