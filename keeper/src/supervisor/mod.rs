//! The processes of a node, and the one that starts them: three users, so that what meets strangers has no device key. redteam J1
//!
//! The chain side comes up first and goes last: heartbeats depend on no other process. One that dies is started again, after pauses that grow.

mod filter;
mod folders;
mod user;

#[cfg(test)]
mod tests;

pub use filter::Filter;
pub use folders::prepare;
pub use user::User;

use crate::{
    config::Config,
    error::{KeeperError, Result},
};
use rustix::process::{kill_process, Pid, Signal};
use std::{
    ffi::OsString, future::Future, os::unix::process::ExitStatusExt, path::PathBuf,
    process::ExitStatus, time::Duration,
};
use tokio::{
    process::{Child, Command},
    sync::watch,
    task::JoinHandle,
    time::Instant,
};

/// Set for the processes that [`run`] starts: they end with it.
pub const SUPERVISED: &str = "IOG_KEEPER_SUPERVISED";

/// Exit code of a configuration that cannot work.
const USAGE: i32 = 2;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// Who lived for so long starts again at once.
const SOUND: Duration = Duration::from_secs(120);
/// A transaction that is on its way is followed to its end, a job is stopped: then they are killed.
const PATIENCE: Duration = Duration::from_secs(100);

/// One process.
#[derive(Clone, Debug)]
pub struct Process {
    pub name: &'static str,
    pub program: PathBuf,
    pub args: Vec<OsString>,
    /// The supervisor's own, if not set.
    pub user: Option<User>,
    /// A configuration that it refuses at its first start ends all.
    pub vital: bool,
}

/// The processes of a node, in the order in which they are started.
///
/// # Errors
/// If a user is not known.
pub fn processes(config: &Config, file: &std::path::Path) -> Result<Vec<Process>> {
    let program = std::env::current_exe().map_err(KeeperError::file("/proc/self/exe"))?;
    let users = User::of_node(&config.node)?;
    let process = |name: &'static str, verb: &str, user: Option<User>| Process {
        name,
        program: program.clone(),
        args: vec![verb.into(), "--config".into(), file.into()],
        user,
        vital: name == "chain",
    };
    Ok(vec![
        process("chain", "run", users.chain),
        process("jobs", "jobs", users.jobs),
        process("link", "link", users.link),
    ])
}

/// Keeps these processes running until `shutdown`; then ends them, the last one first. Must be called on the thread that lives longest: its
/// end ends them, too.
///
/// # Errors
/// If a vital one refuses its configuration at its first start.
pub async fn run(processes: Vec<Process>, shutdown: impl Future<Output = ()>) -> Result<()> {
    let mut kept: Vec<(watch::Sender<bool>, JoinHandle<()>)> = Vec::new();
    let (refused, mut heard) = tokio::sync::mpsc::channel(1);
    for process in processes {
        let (stop, stopped) = watch::channel(false);
        let refused = refused.clone();
        kept.push((stop, tokio::spawn(keep(process, stopped, refused))));
    }
    let ended = tokio::select! {
        () = shutdown => Ok(()),
        Some(name) = heard.recv() => Err(KeeperError::Config(format!(
            "the process {name} refused its configuration; its own line above says why"
        ))),
    };
    while let Some((stop, process)) = kept.pop() {
        let _ = stop.send(true);
        let _ = process.await;
    }
    ended
}

/// One process, again and again, until it is told to stop.
async fn keep(
    process: Process,
    mut stop: watch::Receiver<bool>,
    refused: tokio::sync::mpsc::Sender<&'static str>,
) {
    let (mut pause, mut first) = (FIRST_PAUSE, true);
    while !*stop.borrow() {
        let started = Instant::now();
        let status = match start(&process) {
            Ok(child) => live(&process, child, &mut stop).await,
            Err(error) => {
                tracing::error!(process = process.name, %error, "it cannot be started");
                None
            }
        };
        if *stop.borrow() {
            return;
        }
        let code = status.and_then(|status| status.code());
        if process.vital && first && code == Some(USAGE) {
            let _ = refused.try_send(process.name);
            return;
        }
        first = false;
        if started.elapsed() >= SOUND {
            pause = FIRST_PAUSE;
        }
        let signal = status.and_then(|status| status.signal());
        tracing::error!(
            process = process.name,
            code,
            signal,
            pause_secs = pause.as_secs(),
            "it ended: it is started again"
        );
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

fn start(process: &Process) -> std::io::Result<Child> {
    let mut command = Command::new(&process.program);
    command.args(&process.args).env(SUPERVISED, "1");
    if let Some(user) = &process.user {
        // Groups of the supervisor's own go, too.
        command.uid(user.uid).gid(user.gid);
    }
    let child = command.spawn()?;
    tracing::info!(process = process.name, pid = child.id(), "started");
    Ok(child)
}

/// Until it ends by itself, or is told to.
async fn live(
    process: &Process,
    mut child: Child,
    stop: &mut watch::Receiver<bool>,
) -> Option<ExitStatus> {
    tokio::select! {
        status = child.wait() => return status.ok(),
        _ = stop.changed() => {}
    }
    let pid = child
        .id()
        .and_then(|id| i32::try_from(id).ok())
        .and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let _ = kill_process(pid, Signal::TERM);
    }
    match tokio::time::timeout(PATIENCE, child.wait()).await {
        Ok(status) => status.ok(),
        Err(_) => {
            tracing::error!(process = process.name, "it does not end: it is killed");
            let _ = child.kill().await;
            None
        }
    }
}

/// For a process that [`run`] started: told to end when the supervisor is gone, so that the next one finds no other.
pub fn end_with_parent() {
    if std::env::var_os(SUPERVISED).is_some() {
        let told = rustix::process::set_parent_process_death_signal(Some(Signal::TERM));
        if let Err(error) = told {
            tracing::warn!(%error, "this process may outlive its supervisor");
        }
    }
}
