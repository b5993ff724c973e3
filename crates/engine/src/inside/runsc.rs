//! Commands beside a job of gVisor, by its own `exec`: there is no way into its kernel by the host's namespaces.

use super::client::{host, read_pipe, write_pipe};
use crate::{
    engine::{Exec, ExecEvent, ExecInput},
    error::EngineError,
};
use serde_json::json;
use std::{
    os::{fd::OwnedFd, unix::process::ExitStatusExt},
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use tokio::{
    net::unix::pipe::{Receiver as PipeReader, Sender as PipeWriter},
    process::Command,
    sync::mpsc::{channel, Receiver, Sender},
};

const TOLD_WITHIN: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(10);

/// A container of runsc that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sandboxed {
    pub program: PathBuf,
    /// Where it keeps what it knows of its containers.
    pub state: PathBuf,
    pub container: String,
    /// A folder of ours for what it is told; not on a command line, which others read.
    pub dir: PathBuf,
    pub uid: u32,
    pub env: Vec<(String, String)>,
    /// Names and values as in a runtime's specification.
    pub rlimits: Vec<(&'static str, u64)>,
}

/// As [`super::exec`].
pub async fn exec(
    sandboxed: Sandboxed,
    exec: Exec,
) -> Result<(Sender<ExecInput>, Receiver<ExecEvent>), EngineError> {
    if exec.terminal.is_some() {
        return Err(EngineError::NotFound(
            "a terminal inside runsc; run a command without one".into(),
        ));
    }
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = |end: &str| {
        sandboxed
            .dir
            .join(format!("exec-{}-{number}.{end}", std::process::id()))
    };
    let (told, inside_pid) = (name("json"), name("pid"));
    let broken = |error: std::io::Error| host(&error.to_string());
    let text = serde_json::to_vec(&process(&sandboxed, &exec))
        .map_err(|error| host(&error.to_string()))?;
    std::fs::write(&told, text).map_err(EngineError::file(&told))?;
    let pipe = || std::io::pipe().map_err(broken);
    let ((stdin, to_stdin), (from_stdout, stdout), (from_stderr, stderr)) =
        (pipe()?, pipe()?, pipe()?);
    let mut command = runsc(&sandboxed);
    command
        .arg("exec")
        .arg("-internal-pid-file")
        .arg(&inside_pid)
        .arg("-process")
        .arg(&told)
        .arg(&sandboxed.container)
        .stdin(stdin)
        .stdout(stdout)
        .stderr(stderr);
    let mut child = command.spawn().map_err(broken)?;
    // Our copies of its ends of the pipes would keep them open.
    drop(command);
    let (to_command, inputs) = channel(16);
    let (events, from_command) = channel(16);
    let stdin = PipeWriter::from_owned_fd(OwnedFd::from(to_stdin)).map_err(broken)?;
    let stdout = PipeReader::from_owned_fd(OwnedFd::from(from_stdout)).map_err(broken)?;
    let stderr = PipeReader::from_owned_fd(OwnedFd::from(from_stderr)).map_err(broken)?;
    tokio::spawn(write_pipe(stdin, inputs));
    tokio::spawn(async move {
        let both = async {
            tokio::join!(
                read_pipe(stdout, &events, ExecEvent::Stdout),
                read_pipe(stderr, &events, ExecEvent::Stderr)
            );
            child.wait().await
        };
        let ended = tokio::select! {
            ended = both => Some(ended),
            () = events.closed() => None,
        };
        match ended {
            Some(Ok(status)) => {
                let by_signal = status.signal().map(|signal| signal.saturating_add(128));
                let code = status.code().or(by_signal).unwrap_or(255);
                events.send(ExecEvent::Exit(code)).await.ok();
            }
            // Nobody wants it any more.
            _ => kill(&sandboxed, &inside_pid).await,
        }
        child.kill().await.ok();
        for path in [told, inside_pid] {
            std::fs::remove_file(path).ok();
        }
    });
    Ok((to_command, from_command))
}

fn runsc(sandboxed: &Sandboxed) -> Command {
    let mut command = Command::new(&sandboxed.program);
    command
        .arg(format!("--root={}", sandboxed.state.display()))
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// The caller that ends does not end what it called. Its number is written after its first output may have come.
async fn kill(sandboxed: &Sandboxed, inside_pid: &std::path::Path) {
    let end = Instant::now() + TOLD_WITHIN;
    let pid = loop {
        let pid = std::fs::read_to_string(inside_pid).unwrap_or_default();
        if pid.trim().parse::<u32>().is_ok() {
            break pid;
        }
        if Instant::now() > end {
            return;
        }
        tokio::time::sleep(LOOK).await;
    };
    let mut command = runsc(sandboxed);
    command
        .arg("kill")
        .arg("-pid")
        .arg(pid.trim())
        .arg(&sandboxed.container)
        .arg("KILL");
    command.status().await.ok();
}

fn process(sandboxed: &Sandboxed, exec: &Exec) -> serde_json::Value {
    let env: Vec<String> = sandboxed
        .env
        .iter()
        .chain(&exec.env)
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let args = match exec.command.is_empty() {
        true => vec!["/bin/sh".to_owned()],
        false => exec.command.clone(),
    };
    let rlimits: Vec<_> = sandboxed
        .rlimits
        .iter()
        .map(
            |(name, value)| json!({"type": format!("RLIMIT_{name}"), "soft": value, "hard": value}),
        )
        .collect();
    json!({
        "args": args, "env": env, "cwd": "/work", "noNewPrivileges": true, "rlimits": rlimits,
        "user": {"uid": sandboxed.uid, "gid": sandboxed.uid}, "capabilities": {},
    })
}
