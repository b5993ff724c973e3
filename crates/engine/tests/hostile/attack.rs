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
pub enum Host {
    Sandbox(Bench),
    Container(Box<crate::bench::Bench>),
}

impl Host {
    pub fn sandbox() -> Self {
        Self::Sandbox(Bench::with(|settings| {
            settings.programs = vec![program().to_owned()];
        }))
    }

    /// An image of busybox and the program.
    pub fn container() -> Self {
        let program = std::fs::read(program()).unwrap();
        Self::Container(Box::new(crate::bench::Bench::of(&[(
            "bin/attack",
            &program,
        )])))
    }

    pub fn docker() -> Self {
        let program = std::fs::read(program()).unwrap();
        let docker = crate::dockerd::Dockerd::shared();
        Self::Container(Box::new(crate::bench::Bench::in_docker(
            docker,
            &[("bin/attack", &program)],
        )))
    }

    /// Who a job is, inside.
    pub fn uid(&self, run: &RunSpec) -> u32 {
        match self {
            Self::Container(bench) if bench.docker.is_some() => run.uid_base + 1_000,
            _ => 1_000,
        }
    }

    pub fn is_sandbox(&self) -> bool {
        matches!(self, Self::Sandbox(_))
    }

    /// Limits by cgroups: the sandbox has them as root, containers always.
    pub fn limits(&self) -> bool {
        !self.is_sandbox() || !crate::support::skips_without_root()
    }

    pub fn engine(&self) -> &dyn Engine {
        match self {
            Self::Sandbox(bench) => &bench.engine,
            Self::Container(bench) => bench.engine(),
        }
    }

    pub fn dir(&self) -> PathBuf {
        match self {
            Self::Sandbox(bench) => bench.dir(),
            Self::Container(bench) => bench.dir(),
        }
    }

    /// Where the program is inside.
    pub fn program(&self) -> &str {
        match self {
            Self::Sandbox(_) => program().to_str().unwrap(),
            Self::Container(_) => "/bin/attack",
        }
    }

    pub fn run(&self, command: &[&str]) -> RunSpec {
        match self {
            Self::Sandbox(_) => run(command),
            Self::Container(bench) => bench.run(command),
        }
    }

    pub fn shell(&self, script: &str) -> RunSpec {
        self.run(&["/bin/sh", "-c", script])
    }

    pub fn attack(&self, words: &[&str]) -> RunSpec {
        self.run(&[&[self.program()], words].concat())
    }
}

/// Runs it to its end and demands that it was refused.
pub async fn refused(bench: &Host, words: &[&str]) -> String {
    let (status, log) = complete(bench.engine(), &bench.attack(words)).await;
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
pub async fn all_refused(bench: &Host, attacks: &[&[&str]]) {
    for words in attacks {
        refused(bench, words).await;
    }
}

pub async fn stop_all(engine: &dyn Engine) {
    for (id, _) in engine.list().await.unwrap() {
        engine.stop(&id).await.unwrap();
    }
}
