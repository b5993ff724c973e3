use crate::support::{complete, finish, run, shell, skips_without_root, until_logged, Bench};
use iog_engine::{Engine, EngineError, RunStatus, SandboxEngine};
use iog_job::{Hash, Image, RunId, Secret, Why};
use std::{os::unix::fs::PermissionsExt, path::Path};

#[tokio::test]
async fn a_command_runs_with_inputs_secrets_and_environment_and_leaves_outputs() {
    let bench = Bench::new();
    let mut job = shell("cat in.txt; cat /run/iog/secrets/token; echo \" $TOKEN $A $IOG_RANK $HOME $PWD\"; id -u; mkdir -p out; echo result > out/r.txt; echo kept > k.txt; echo gone > g.txt; exit 7");
    job.spec.env.insert("A".into(), "b c".into());
    job.spec.env.insert("IOG_RANK".into(), "9".into());
    job.spec.outputs = vec!["k.txt".into()];
    job.spec.secrets = vec![Secret {
        name: "token".into(),
        env: Some("TOKEN".into()),
    }];
    job.env = vec![("IOG_RANK".into(), "0".into())];
    let prepared = bench.engine.prepare(&job).await.unwrap();
    put(&prepared.work.join("in.txt"), "input ", &job);
    put(&prepared.secrets.join("token"), "s3cret", &job);
    assert_eq!(
        bench.engine.status(&job.id).await.unwrap(),
        RunStatus::Prepared
    );
    bench.engine.start(&job).await.unwrap();
    let (status, log) = finish(&bench.engine, &job.id).await;
    assert_eq!(log, "input s3cret s3cret b c 0 /work /work\n1000\n");
    assert_eq!(status, RunStatus::Exited(7));
    let outputs = bench.engine.outputs(&job.id).await.unwrap();
    let outputs: Vec<_> = outputs
        .iter()
        .map(|file| (file.path.as_str(), file.len))
        .collect();
    assert_eq!(outputs, [("k.txt", 5), ("out/r.txt", 7)]);
    let mut bytes = bench.engine.fetch(&job.id, "out/r.txt", 3).await.unwrap();
    let mut text = String::new();
    tokio::io::AsyncReadExt::read_to_string(&mut bytes, &mut text)
        .await
        .unwrap();
    assert_eq!(text, "ult\n");
    // Started once: a second start is none.
    bench.engine.start(&job).await.unwrap();
    assert_eq!(
        finish(&bench.engine, &job.id).await,
        (RunStatus::Exited(7), log)
    );
}

fn put(path: &Path, text: &str, job: &iog_engine::RunSpec) {
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o400)).unwrap();
    if crate::support::is_root() {
        std::os::unix::fs::chown(path, Some(job.uid_base + 1_000), Some(job.uid_base + 1_000))
            .unwrap();
    }
}

/// redteam S1: a secret in the environment is in no file of the engine and on no command line.
#[tokio::test]
async fn a_secret_lies_nowhere_but_in_memory() {
    let bench = Bench::new();
    let mut job = shell("echo up; exec sleep 1000");
    job.spec.secrets = vec![Secret {
        name: "token".into(),
        env: Some("TOKEN".into()),
    }];
    let prepared = bench.engine.prepare(&job).await.unwrap();
    let secret = format!("s3cret-{}", job.id.lease);
    put(&prepared.secrets.join("token"), &secret, &job);
    bench.engine.start(&job).await.unwrap();
    until_logged(&bench.engine, &job.id, "up").await;
    let found = std::process::Command::new("grep")
        .args(["-rlF", &secret])
        .arg(bench.dir())
        .output()
        .unwrap();
    let found = String::from_utf8_lossy(&found.stdout).into_owned();
    assert_eq!(
        found.trim(),
        prepared.secrets.join("token").to_string_lossy()
    );
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        assert!(
            !String::from_utf8_lossy(&line).contains(&secret),
            "{entry:?} has it on its command line"
        );
    }
    bench.engine.seal(&job.id).await.unwrap();
    assert!(!prepared.secrets.join("token").exists());
}

#[tokio::test]
async fn codes_of_commands_that_cannot_be_run_and_of_signals() {
    let bench = Bench::new();
    for (job, code) in [
        (run(&["/no/such"]), 127),
        (run(&["/usr"]), 126),
        (shell("kill -9 $$"), 137),
        (shell("kill -15 $$"), 143),
        (run(&["true"]), 0),
    ] {
        let (status, log) = complete(&bench.engine, &job).await;
        assert_eq!(
            status,
            RunStatus::Exited(code),
            "{:?}: {log}",
            job.spec.command
        );
    }
}

#[tokio::test]
async fn stop_ends_it_and_a_stopped_one_never_starts() {
    let bench = Bench::new();
    let job = shell("trap '' TERM INT HUP; echo up; while :; do sleep 1000; done");
    bench.engine.prepare(&job).await.unwrap();
    bench.engine.start(&job).await.unwrap();
    until_logged(&bench.engine, &job.id, "up").await;
    bench.engine.stop(&job.id).await.unwrap();
    assert_eq!(
        bench.engine.status(&job.id).await.unwrap(),
        RunStatus::Stopped
    );
    let never = shell("echo ran");
    bench.engine.prepare(&never).await.unwrap();
    bench.engine.stop(&never.id).await.unwrap();
    bench.engine.start(&never).await.unwrap();
    assert_eq!(
        finish(&bench.engine, &never.id).await,
        (RunStatus::Stopped, String::new())
    );
}

#[tokio::test]
async fn the_time_limit_ends_it() {
    let bench = Bench::new();
    let mut job = shell("sleep 1000");
    job.spec.time_limit_secs = Some(1);
    let (status, _) = complete(&bench.engine, &job).await;
    assert_eq!(status, RunStatus::Failed(Why::TimeLimit));
}

/// redteam X1, X2: another process of the node finds the run, its log and its end.
#[tokio::test]
async fn a_run_lives_on_without_the_engine_and_is_found_again() {
    let bench = Bench::new();
    let mut job = shell("echo one; while [ ! -e go ]; do sleep 0.05; done; echo two; exit 3");
    job.spec.time_limit_secs = Some(60);
    let prepared = bench.engine.prepare(&job).await.unwrap();
    bench.engine.start(&job).await.unwrap();
    until_logged(&bench.engine, &job.id, "one").await;
    let again = SandboxEngine::open(bench.settings.clone()).unwrap();
    assert_eq!(again.list().await.unwrap(), [(job.id, RunStatus::Running)]);
    assert_eq!(again.prepare(&job).await.unwrap(), prepared);
    std::fs::write(prepared.work.join("go"), "").unwrap();
    assert_eq!(
        finish(&again, &job.id).await,
        (RunStatus::Exited(3), "one\ntwo\n".into())
    );
    let mut other = job.clone();
    other.spec.command.push("more".into());
    assert!(matches!(
        again.prepare(&other).await,
        Err(EngineError::Conflict(_))
    ));
}

/// Field case 13, redteam X2: where the supervisor is killed the job ends with it, and is lost rather than running unseen.
#[tokio::test]
async fn a_job_does_not_outlive_its_supervisor() {
    let bench = Bench::new();
    let job = shell("setsid sh -c 'echo deep; exec sleep 1000'");
    bench.engine.prepare(&job).await.unwrap();
    bench.engine.start(&job).await.unwrap();
    until_logged(&bench.engine, &job.id, "deep").await;
    let marker = bench.dir().to_string_lossy().into_owned();
    let of_run = |verb: &str| {
        let entries = std::fs::read_dir("/proc").unwrap().flatten();
        let mut pids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
        pids.find(|pid| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            line.contains(verb) && line.contains(&marker)
        })
    };
    let supervisor = of_run("supervised").unwrap();
    let pid = rustix::process::Pid::from_raw(supervisor).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while bench.engine.status(&job.id).await.unwrap() == RunStatus::Running {
        assert!(std::time::Instant::now() < end);
    }
    assert_eq!(
        bench.engine.status(&job.id).await.unwrap(),
        RunStatus::Failed(Why::Lost)
    );
    bench.engine.stop(&job.id).await.unwrap();
    assert_eq!(
        bench.engine.status(&job.id).await.unwrap(),
        RunStatus::Failed(Why::Lost)
    );
}

#[tokio::test]
async fn a_new_attempt_finds_the_work_of_the_last_one_and_the_log_goes_on() {
    let bench = Bench::new();
    let job = shell("cat seen 2>/dev/null; echo mine > seen; echo done");
    let (_, log) = complete(&bench.engine, &job).await;
    assert_eq!(log, "done\n");
    let mut second = job.clone();
    second.id = RunId {
        attempt: 1,
        ..job.id
    };
    let (status, log) = complete(&bench.engine, &second).await;
    assert_eq!(status, RunStatus::Exited(0));
    assert_eq!(log, "done\n[attempt 1]\nmine\ndone\n");
    assert_eq!(bench.engine.list().await.unwrap().len(), 2);
    bench.engine.remove(&job.id).await.unwrap();
    assert_eq!(bench.engine.list().await.unwrap(), []);
    assert_eq!(std::fs::read_dir(&bench.settings.root).unwrap().count(), 0);
}

/// redteam E7: without the right to limit, strangers' jobs are refused, and so are images always.
#[tokio::test]
async fn what_it_cannot_do_it_refuses() {
    let bench = Bench::new();
    let mut job = run(&["true"]);
    job.spec.image = Some(Image {
        reference: None,
        digest: Hash([1; 32]),
        len: 1,
        config: Hash([2; 32]),
    });
    assert!(matches!(
        bench.engine.prepare(&job).await,
        Err(EngineError::Image(_))
    ));
    assert!(matches!(
        bench.engine.status(&job.id).await,
        Err(EngineError::Unknown(_))
    ));
    let health = bench.engine.health().await;
    assert!(health.ready, "{health:?}");
    assert_eq!(health.strangers, crate::support::is_root());
    if !crate::support::is_root() {
        let strict = Bench::with(|settings| settings.own_jobs_only = false);
        assert!(matches!(
            strict.engine.prepare(&run(&["true"])).await,
            Err(EngineError::Host { what: "limits", .. })
        ));
        assert!(!strict.engine.health().await.ready);
    }
    let capacity = bench.engine.capacity().await.unwrap();
    assert!(
        capacity.cpu_millis >= 1_000 && capacity.memory_bytes > 1 << 28 && capacity.disk_bytes > 0
    );
}

/// redteam E1: a card whose device node is not there is the host's failure, before the job runs.
#[tokio::test]
async fn a_missing_card_is_the_hosts_failure() {
    if skips_without_root() {
        return;
    }
    let bench = Bench::new();
    let mut job = shell("echo ran");
    job.cards = vec![iog_engine::Card {
        uuid: "GPU-1".into(),
        cdi: None,
        nodes: vec!["/dev/no-such-card".into()],
    }];
    bench.engine.prepare(&job).await.unwrap();
    assert!(matches!(
        bench.engine.start(&job).await,
        Err(EngineError::Host { what: "cards", .. })
    ));
}

/// Whose fault: a secret that no environment holds is the renter's, told before anything starts.
#[tokio::test]
async fn an_odd_secret_is_not_the_hosts_fault() {
    let bench = Bench::new();
    let mut job = shell("echo ran");
    job.spec.secrets = vec![Secret {
        name: "token".into(),
        env: Some("TOKEN".into()),
    }];
    let prepared = bench.engine.prepare(&job).await.unwrap();
    put(&prepared.secrets.join("token"), "a\0b", &job);
    match bench.engine.start(&job).await {
        Err(EngineError::Job(why)) => assert!(why.contains("zero byte"), "{why}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        bench.engine.status(&job.id).await.unwrap(),
        RunStatus::Prepared
    );
}

/// redteam K6: where a sandbox does not start, a known-good program decides whose fault it is.
#[tokio::test]
async fn a_probe_tells_the_jobs_fault_from_the_hosts() {
    let dir = tempfile::tempdir().unwrap();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let args = words("--unshare-user --unshare-pid --ro-bind / / --proc /proc --tmpfs /work");
    // More than bubblewrap takes.
    let many: Vec<_> = (0..3_100)
        .map(|n| (format!("N{n}"), String::new()))
        .collect();
    let broken = [args.clone(), words("--ro-bind /no/such /no/such")].concat();
    for (name, args, env, status) in [
        ("job", args, many.clone(), RunStatus::Exited(126)),
        (
            "host",
            broken,
            Vec::new(),
            RunStatus::Failed(Why::Host("engine".into())),
        ),
    ] {
        let dir = dir.path().join(name);
        std::fs::create_dir(&dir).unwrap();
        let plan = iog_engine::supervise::Plan {
            program: "/usr/bin/bwrap".into(),
            args,
            command: words("/usr/bin/env true"),
            env,
            log: dir.join("log"),
            ..Default::default()
        };
        iog_engine::supervise::start(&crate::support::helper(), &dir, &plan).unwrap();
        crate::support::until("it is over", || {
            iog_engine::supervise::status(&dir).unwrap().is_over()
        })
        .await;
        assert_eq!(
            iog_engine::supervise::status(&dir).unwrap(),
            status,
            "{name}"
        );
    }
}
