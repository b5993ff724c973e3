//! Runs for tests, and what a test wants to know of them.
#![allow(dead_code)]

pub mod image;

use iog_engine::{
    Engine, Exec, ExecEvent, Limits, RunSpec, RunStatus, SandboxEngine, SandboxSettings,
};
use iog_job::{Hash, JobSpec, Key, Kind, RunId};
use std::{
    path::PathBuf,
    sync::atomic::{AtomicU8, Ordering},
    time::{Duration, Instant},
};
use tempfile::TempDir;

pub const LIMITS: Limits = Limits {
    cpu_millis: 2_000,
    memory_bytes: 128 << 20,
    disk_bytes: 32 << 20,
    inodes: 2_000,
    shm_bytes: 1 << 20,
    pids: 64,
    open_files: 256,
    log_bytes: 1 << 20,
};

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Prints why and is true where a test needs root and has it not.
pub fn skips_without_root() -> bool {
    if !is_root() {
        eprintln!("not run: needs root");
    }
    !is_root()
}

pub fn helper() -> Vec<std::ffi::OsString> {
    vec![env!("CARGO_BIN_EXE_iog-engine-helper").into()]
}

/// An engine whose runs all go at the end, also of a failed test.
pub struct Bench {
    pub engine: SandboxEngine,
    pub settings: SandboxSettings,
    dir: Option<TempDir>,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut SandboxSettings)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut settings = SandboxSettings::new(dir.path().join("runs"), helper());
        settings.own_jobs_only = !is_root();
        change(&mut settings);
        let engine = SandboxEngine::open(settings.clone()).unwrap();
        Self {
            engine,
            settings,
            dir: Some(dir),
        }
    }

    pub fn dir(&self) -> PathBuf {
        self.dir.as_ref().unwrap().path().to_owned()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let settings = self.settings.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let engine = SandboxEngine::open(settings).unwrap();
                for (id, _) in engine.list().await.unwrap_or_default() {
                    if let Err(error) = engine.remove(&id).await {
                        eprintln!("{id} was not removed: {error}");
                    }
                }
            });
        })
        .join()
        .ok();
    }
}

/// A run that no other test has.
pub fn run(command: &[&str]) -> RunSpec {
    static COUNT: AtomicU8 = AtomicU8::new(1);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let mut lease = [number; 32];
    lease[..4].copy_from_slice(&std::process::id().to_le_bytes());
    let mut spec = JobSpec::session(Hash([7; 32]));
    spec.kind = Kind::Batch;
    spec.command = command.iter().map(|word| (*word).to_owned()).collect();
    RunSpec {
        id: RunId {
            lease: Key(lease),
            matched_ts: 1_700_000_000,
            attempt: 0,
        },
        spec,
        archive: None,
        cards: Vec::new(),
        limits: LIMITS,
        env: Vec::new(),
        uid_base: 900_000_000 + u32::from(number) * 65_536,
        egress: false,
    }
}

pub fn shell(script: &str) -> RunSpec {
    run(&["/bin/sh", "-c", script])
}

/// Follows the log to its end, with all that the job wrote, then asks for the status.
pub async fn finish(engine: &dyn Engine, id: &RunId) -> (RunStatus, String) {
    let mut frames = engine.logs(id, 0, true).await.unwrap();
    let mut text = String::new();
    while let Some(frame) = within(frames.recv()).await {
        text += &String::from_utf8_lossy(&frame.bytes);
    }
    (engine.status(id).await.unwrap(), text)
}

/// Runs it to its end.
pub async fn complete(engine: &dyn Engine, run: &RunSpec) -> (RunStatus, String) {
    engine.prepare(run).await.unwrap();
    engine.start(run).await.unwrap();
    finish(engine, &run.id).await
}

/// Waits until the job has written something into its log.
pub async fn until_logged(engine: &dyn Engine, id: &RunId, wanted: &str) {
    logged(engine, id, wanted).await;
}

/// The log up to something in it.
pub async fn logged(engine: &dyn Engine, id: &RunId, wanted: &str) -> String {
    let mut frames = engine.logs(id, 0, true).await.unwrap();
    let mut text = String::new();
    while !text.contains(wanted) {
        let frame = within(frames.recv()).await;
        let frame = frame.unwrap_or_else(|| panic!("`{wanted}` is not in the log: {text}"));
        text += &String::from_utf8_lossy(&frame.bytes);
    }
    text
}

pub async fn exec(engine: &dyn Engine, id: &RunId, command: &[&str]) -> (i32, String) {
    let exec = Exec {
        command: command.iter().map(|word| (*word).to_owned()).collect(),
        env: Vec::new(),
        terminal: None,
    };
    let (_stdin, mut events) = engine.exec(id, exec).await.unwrap();
    let mut text = String::new();
    loop {
        match within(events.recv()).await.expect("an exit comes last") {
            ExecEvent::Stdout(bytes) | ExecEvent::Stderr(bytes) => {
                text += &String::from_utf8_lossy(&bytes)
            }
            ExecEvent::Exit(code) => return (code, text),
        }
    }
}

/// No test hangs: half a minute is for ever here.
pub async fn within<T>(work: impl std::future::Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(30), work)
        .await
        .expect("it takes too long")
}

/// Looks until something is so, without an end of its own to wait for.
pub async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < end, "never: {what}");
        tokio::task::yield_now().await;
    }
}
