//! The process beside a run: it starts the run, keeps its log, ends it at its time limit or when it is told to, and writes down how it
//! ended. It belongs to nobody: what started it may end and be upgraded, and finds it again by its folder.
//!
//! Files of the folder: `plan.json` what to run; `supervisor.lock` held while the supervisor lives; `control` a FIFO, a byte on it stops
//! the run; `sandbox.json` what the sandbox says of itself; `inside.json` the first process inside; `status.json` the end.

mod detached;
mod launch;
mod plan;
mod run;

pub use plan::{Bind, First, Plan};

pub(crate) use detached::{detach, supervised};
pub(crate) use launch::launch;

use crate::{
    engine::RunStatus,
    error::EngineError,
    files::{read_json, replace_json},
};
use iog_job::Why;
use std::{
    fs::{File, OpenOptions},
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const PLAN: &str = "plan.json";
const LOCK: &str = "supervisor.lock";
const CONTROL: &str = "control";
const SANDBOX: &str = "sandbox.json";
const INSIDE: &str = "inside.json";
const STATUS: &str = "status.json";
const GONE_WITHIN: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// Starts the run that a folder's plan describes, once: a folder that was started is left as it is. Returns when it runs, or is over.
///
/// # Errors
/// The helper cannot be started, or says why it could not.
pub fn start(helper: &[std::ffi::OsString], dir: &Path, plan: &Plan) -> Result<(), EngineError> {
    if dir.join(PLAN).exists() {
        return Ok(());
    }
    replace_json(&dir.join(PLAN), plan)?;
    let (program, args) = helper
        .split_first()
        .ok_or_else(|| host("no helper is set"))?;
    let output = Command::new(program)
        .args(args)
        .arg("supervise")
        .arg(dir)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .map_err(|error| host(&format!("the helper: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(host(String::from_utf8_lossy(&output.stderr).trim()))
}

/// How the run of a folder stands.
///
/// # Errors
/// Its files cannot be read.
pub fn status(dir: &Path) -> Result<RunStatus, EngineError> {
    if !dir.join(PLAN).exists() {
        return Ok(RunStatus::Prepared);
    }
    // The status is written before the lock is given up.
    let alive = is_alive(dir);
    if let Some(status) = read_json(&dir.join(STATUS))? {
        return Ok(status);
    }
    Ok(if alive {
        RunStatus::Running
    } else {
        RunStatus::Failed(Why::Lost)
    })
}

fn is_alive(dir: &Path) -> bool {
    File::open(dir.join(LOCK)).is_ok_and(|file| file.try_lock_shared().is_err())
}

/// The first process inside, while the run runs.
///
/// # Errors
/// [`EngineError::NotRunning`].
pub fn first(dir: &Path) -> Result<First, EngineError> {
    if status(dir)? != RunStatus::Running {
        return Err(EngineError::NotRunning);
    }
    read_json(&dir.join(INSIDE))?.ok_or(EngineError::NotRunning)
}

/// Ends the run of a folder and everything it started, and returns once it is over.
///
/// # Errors
/// Something of it is still there after 20 s.
pub fn stop(dir: &Path) -> Result<(), EngineError> {
    let Some(plan) = read_json::<Plan>(&dir.join(PLAN))? else {
        // Never started: it will not be.
        replace_json(&dir.join(STATUS), &RunStatus::Stopped)?;
        return replace_json(&dir.join(PLAN), &Plan::default());
    };
    let end = Instant::now() + GONE_WITHIN;
    while is_alive(dir) {
        // Without a reader the open fails at once: the supervisor is not there yet, or no more.
        let control = OpenOptions::new()
            .write(true)
            .custom_flags(nonblocking())
            .open(dir.join(CONTROL));
        if let Ok(mut control) = control {
            control.write_all(b"s").ok();
        }
        if Instant::now() > end {
            return Err(host("the supervisor does not end"));
        }
        std::thread::sleep(PAUSE);
    }
    if let Some(group) = plan.group() {
        group.kill()?;
    }
    if !dir.join(STATUS).exists() {
        // The supervisor was killed: what happened is not known, that it is over is.
        replace_json(&dir.join(STATUS), &RunStatus::Failed(Why::Lost))?;
    }
    Ok(())
}

fn nonblocking() -> i32 {
    i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).unwrap_or(0)
}

fn host(detail: &str) -> EngineError {
    EngineError::Host {
        what: "engine",
        detail: detail.to_owned(),
    }
}
