//! The attacks' program, and the engines that it is set upon.

use crate::support::{complete, run, Bench};
use iog_engine::{Engine, RunSpec, RunStatus};
use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

/// Compiled once, static.
pub fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
        let (new, program) = (
            dir.join(format!("attack.{}", std::process::id())),
            dir.join("attack"),
        );
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hostile/attacks.c");
        let output = Command::new("cc")
            .args(["-static", "-O1", "-w", "-o"])
            .arg(&new)
            .arg(source)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        std::fs::rename(&new, &program).unwrap();
        program
    })
}

/// An engine that has the program in its jobs' reach.
pub fn bench() -> Bench {
    Bench::with(|settings| settings.programs = vec![program().to_owned()])
}

pub fn attack(words: &[&str]) -> RunSpec {
    let program = program().to_str().unwrap();
    run(&[&[program], words].concat())
}

/// Runs it to its end and demands that it was refused.
pub async fn refused(bench: &Bench, words: &[&str]) -> String {
    let (status, log) = complete(&bench.engine, &attack(words)).await;
    assert_eq!(status, RunStatus::Exited(1), "{words:?}: {log}");
    assert!(!log.contains("WORKED"), "{words:?}: {log}");
    log
}

/// The same attack without a sandbox, by root.
pub fn works_outside(words: &[&str]) {
    let output = Command::new(program()).args(words).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.contains("WORKED"),
        "{words:?} does not even work outside: {text}"
    );
}

/// Many attacks in one run each.
pub async fn all_refused(bench: &Bench, attacks: &[&[&str]]) {
    for words in attacks {
        refused(bench, words).await;
    }
}

pub async fn stop_all(engine: &dyn Engine) {
    for (id, _) in engine.list().await.unwrap() {
        engine.stop(&id).await.unwrap();
    }
}
