//! Real processes: what they leave behind, how they end, and what a new keeper finds.
#![cfg(unix)]

use iog_engine::{
    job_hash, Engine, EngineError, Input, JobSpec, JobStatus, LocalEngine, Submitted, CODE_LOST,
    CODE_TIME_LIMIT,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};
use tokio::{runtime::Runtime, task::yield_now, time::timeout};

const PATIENCE: Duration = Duration::from_secs(30);
const GRACE: Duration = Duration::from_secs(10);

fn spec(id: &str, script: &str) -> JobSpec {
    let command = ["/bin/sh", "-c", script].map(String::from).to_vec();
    JobSpec {
        id: id.into(),
        command,
        env: Default::default(),
        inputs: Vec::new(),
        time_limit_secs: None,
    }
}

/// A job that blocks until [`release`] opens the pipe's other end.
fn blocked(id: &str, dir: &Path, then: &str) -> (JobSpec, PathBuf) {
    let pipe = dir.join(format!("{id}.pipe"));
    assert!(Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap()
        .success());
    let mut job = spec(id, &format!("read x < \"$PIPE\"; {then}"));
    job.env.insert("PIPE".into(), pipe.to_str().unwrap().into());
    (job, pipe)
}

fn release(pipe: &Path) {
    fs::write(pipe, "go\n").unwrap();
}

async fn until_final(engine: &LocalEngine, id: &str) -> JobStatus {
    let wait = async {
        loop {
            let status = engine.status(id).await.unwrap();
            if status.is_final() {
                return status;
            }
            yield_now().await;
        }
    };
    timeout(PATIENCE, wait).await.expect("the job does not end")
}

#[tokio::test]
async fn runs_a_job_with_inputs_and_outputs() {
    let dir = tempfile::tempdir().unwrap();
    let engine = LocalEngine::open(dir.path().join("state"), GRACE).unwrap();
    let source = dir.path().join("numbers");
    fs::write(&source, "1\n2\n3\n").unwrap();
    let script = "echo begin; echo $GREETING >&2; mkdir $IOG_OUTPUT_DIR/sub; wc -l < in/numbers | tr -d ' ' > $IOG_OUTPUT_DIR/sub/count; echo $IOG_JOB_ID";
    let mut job = spec("lease-1", script);
    job.env.insert("GREETING".into(), "hello".into());
    job.inputs.push(Input {
        source,
        target: "in/numbers".into(),
        sha256: sha256_of("other"),
    });
    let refused = engine.submit(&job).await.unwrap_err();
    assert!(
        matches!(refused, EngineError::InputChanged { ref target } if target == "in/numbers"),
        "{refused}"
    );

    job.inputs[0].sha256 = sha256_of("1\n2\n3\n");
    assert_eq!(engine.submit(&job).await.unwrap(), Submitted::Started);
    assert_eq!(until_final(&engine, "lease-1").await, JobStatus::Succeeded);
    let logs = engine.logs("lease-1", 1_000).await.unwrap();
    assert_eq!(
        (logs.stdout.as_slice(), logs.stderr.as_slice()),
        (&b"begin\nlease-1\n"[..], &b"hello\n"[..])
    );
    assert_eq!(engine.logs("lease-1", 3).await.unwrap().stdout, b"-1\n");
    let outputs = engine.outputs("lease-1").await.unwrap();
    assert_eq!(outputs.len(), 1);
    assert_eq!((outputs[0].path.as_str(), outputs[0].len), ("sub/count", 2));
    assert_eq!(outputs[0].sha256, sha256_of("3\n"));
    assert_eq!(
        fs::read(engine.output_dir("lease-1").unwrap().join("sub/count")).unwrap(),
        b"3\n"
    );
}

#[tokio::test]
async fn same_submission_runs_once() {
    let dir = tempfile::tempdir().unwrap();
    let engine = LocalEngine::open(dir.path(), GRACE).unwrap();
    let job = spec("lease-1", "echo run >> ../../../runs");
    assert_eq!(engine.submit(&job).await.unwrap(), Submitted::Started);
    assert_eq!(engine.submit(&job).await.unwrap(), Submitted::Adopted);
    assert_eq!(until_final(&engine, "lease-1").await, JobStatus::Succeeded);
    assert_eq!(engine.submit(&job).await.unwrap(), Submitted::Adopted);
    assert_eq!(
        fs::read_to_string(dir.path().join("runs")).unwrap(),
        "run\n"
    );

    let other = spec("lease-1", "echo other");
    assert_ne!(job_hash(&job).unwrap(), job_hash(&other).unwrap());
    assert!(
        matches!(engine.submit(&other).await, Err(EngineError::Conflict(id)) if id == "lease-1")
    );
    assert!(matches!(
        engine.status("lease-2").await,
        Err(EngineError::NotFound(_))
    ));
}

#[tokio::test]
async fn failures_keep_their_code() {
    let dir = tempfile::tempdir().unwrap();
    let engine = LocalEngine::open(dir.path(), GRACE).unwrap();
    let mut missing = spec("missing-1", "");
    missing.command = vec!["/no/such/program".into()];
    let mut late = spec("late-1", "read x < /dev/zero");
    late.time_limit_secs = Some(0);
    let cases = [
        (spec("three-1", "exit 3"), 3),
        (spec("signal-1", "kill -USR1 $$"), 128 + 10),
        (missing, 127),
        (late, CODE_TIME_LIMIT),
        // A process that is killed from outside, with its supervisor, can leave nothing behind.
        (spec("lost-1", "kill -KILL 0"), CODE_LOST),
    ];
    for (job, code) in cases {
        engine.submit(&job).await.unwrap();
        assert_eq!(
            until_final(&engine, &job.id).await,
            JobStatus::Failed { code },
            "{}",
            job.id
        );
    }
    let ids: Vec<String> = engine
        .list()
        .await
        .unwrap()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(
        ids,
        ["late-1", "lost-1", "missing-1", "signal-1", "three-1"]
    );
}

#[tokio::test]
async fn stop_ends_the_job_and_what_it_started() {
    let dir = tempfile::tempdir().unwrap();
    let engine = LocalEngine::open(dir.path().join("state"), Duration::ZERO).unwrap();
    // Deaf to TERM, and so is its child: only the kill helps.
    let (mut job, _pipe) = blocked("deaf-1", dir.path(), "");
    job.command[2] =
        "trap '' TERM; (read y < $PIPE) & echo $! > $IOG_OUTPUT_DIR/pid; read x < $PIPE".into();
    engine.submit(&job).await.unwrap();
    let child = wait_for_pid(&engine, "deaf-1").await;
    assert_eq!(engine.health().await.running, 1);
    assert_eq!(engine.stop("deaf-1").await.unwrap(), JobStatus::Stopped);
    assert_eq!(engine.stop("deaf-1").await.unwrap(), JobStatus::Stopped);
    until_gone(&child).await;

    // Asked politely, a job may finish its work; what it leaves running ends with it.
    let engine = LocalEngine::open(dir.path().join("other"), GRACE).unwrap();
    let (mut job, _pipe) = blocked("polite-1", dir.path(), "");
    let script =
        "trap 'echo saved; exit 0' TERM; (read y < $PIPE) & echo $! > $IOG_OUTPUT_DIR/pid; wait";
    job.command[2] = script.into();
    engine.submit(&job).await.unwrap();
    let child = wait_for_pid(&engine, "polite-1").await;
    assert_eq!(engine.stop("polite-1").await.unwrap(), JobStatus::Stopped);
    assert_eq!(
        engine.logs("polite-1", 100).await.unwrap().stdout,
        b"saved\n"
    );
    until_gone(&child).await;
}

#[test]
fn a_new_keeper_adopts_running_jobs() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let (job, pipe) = blocked("lease-1", dir.path(), "echo done; exit 5");
    let (ended, ended_pipe) = blocked("lease-2", dir.path(), "exit 6");

    let first = Runtime::new().unwrap();
    first.block_on(async {
        let engine = LocalEngine::open(&state, GRACE).unwrap();
        assert!(matches!(
            LocalEngine::open(&state, GRACE),
            Err(EngineError::Locked(_))
        ));
        engine.submit(&job).await.unwrap();
        engine.submit(&ended).await.unwrap();
    });
    drop(first);
    // While no keeper is there, one of them ends.
    release(&ended_pipe);

    Runtime::new().unwrap().block_on(async {
        let engine = LocalEngine::open(&state, GRACE).unwrap();
        assert_eq!(engine.submit(&job).await.unwrap(), Submitted::Adopted);
        assert_eq!(engine.status("lease-1").await.unwrap(), JobStatus::Running);
        assert_eq!(
            until_final(&engine, "lease-2").await,
            JobStatus::Failed { code: 6 }
        );
        release(&pipe);
        assert_eq!(
            until_final(&engine, "lease-1").await,
            JobStatus::Failed { code: 5 }
        );
        assert_eq!(engine.logs("lease-1", 100).await.unwrap().stdout, b"done\n");
        assert!(engine.health().await.ready);
    });
}

async fn wait_for_pid(engine: &LocalEngine, id: &str) -> String {
    let path = engine.output_dir(id).unwrap().join("pid");
    let wait = async {
        loop {
            match fs::read_to_string(&path) {
                Ok(text) if text.ends_with('\n') => return text.trim().to_string(),
                _ => yield_now().await,
            }
        }
    };
    timeout(PATIENCE, wait)
        .await
        .expect("the job does not start")
}

async fn until_gone(pid: &str) {
    let wait = async {
        while fs::read_to_string(format!("/proc/{pid}/stat"))
            .is_ok_and(|stat| !stat.contains(") Z "))
        {
            yield_now().await;
        }
    };
    timeout(PATIENCE, wait)
        .await
        .expect("a process was left running");
}

fn sha256_of(text: &str) -> String {
    use sha2::{Digest, Sha256};
    hex::encode(Sha256::digest(text))
}
