//! Processes: starting one that outlives the keeper, knowing it again, and ending it with all it started.

use crate::error::EngineError;
use nix::{
    errno::Errno,
    sys::signal::{killpg, Signal},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File},
    path::Path,
    process::Stdio,
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::process::{Child, Command};

/// The job's first process. It waits for a line on its standard input, so that a keeper that dies before the process is on
/// record leaves a shell that ends at once, not a job that nobody knows. It writes the exit code down, so that a keeper that
/// was away learns it, and ends what the command left running. On TERM it lets the command end first.
const SUPERVISOR: &str = r#"
dir=$1; shift
read -r go || exit 0
: > "$dir/ran"
trap : TERM
"$@" < /dev/null
echo $? > "$dir/exit.new" && mv "$dir/exit.new" "$dir/exit"
kill -KILL 0
"#;

/// Enough to know a process again after a restart of the keeper or of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProcessRecord {
    /// Also the number of its process group.
    pub pid: i32,
    /// Clock ticks from boot to the process's start; a later process with the same number has another.
    pub start_ticks: Option<u64>,
    pub boot_id: Option<String>,
    pub started_unix_secs: u64,
}

impl ProcessRecord {
    pub(crate) fn of(pid: i32) -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            pid,
            start_ticks: start_ticks(pid),
            boot_id: boot_id(),
            started_unix_secs: now.as_secs(),
        }
    }

    /// True while this very process runs. A zombie has ended.
    pub(crate) fn is_alive(&self) -> bool {
        match self.start_ticks {
            Some(ticks) => self.boot_id == boot_id() && start_ticks(self.pid) == Some(ticks),
            // Without /proc the number is all there is.
            None => nix::sys::signal::kill(Pid::from_raw(self.pid), None).is_ok(),
        }
    }

    /// Signals the job's process group, if the process that leads it is still the job's.
    pub(crate) fn signal(&self, signal: Signal) {
        if !self.is_alive() {
            return;
        }
        match killpg(Pid::from_raw(self.pid), signal) {
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(error) => tracing::warn!(pid = self.pid, %error, "could not signal a job"),
        }
    }
}

/// What the supervisor needs to know.
pub(crate) struct Launch<'a> {
    pub dir: &'a Path,
    pub work: &'a Path,
    pub command: &'a [String],
    pub env: Vec<(String, String)>,
    pub stdout: File,
    pub stderr: File,
}

/// Starts the supervisor, which waits for its line. The job inherits nothing of the keeper's environment but the PATH.
pub(crate) fn launch(launch: Launch<'_>) -> std::io::Result<Child> {
    let mut command = Command::new("/bin/sh");
    command
        .arg("-c")
        .arg(SUPERVISOR)
        .arg("iog-job")
        .arg(launch.dir)
        .args(launch.command);
    command
        .current_dir(launch.work)
        .env_clear()
        .envs(launch.env);
    command
        .stdin(Stdio::piped())
        .stdout(launch.stdout)
        .stderr(launch.stderr);
    command.process_group(0).kill_on_drop(false).spawn()
}

fn start_ticks(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The program's name may hold anything; what follows its last parenthesis is numbers.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

fn boot_id() -> Option<String> {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .ok()
        .map(|id| id.trim().to_string())
}

/// The state directory's lock, held as long as the engine lives.
pub(crate) fn lock(path: &Path) -> Result<File, EngineError> {
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(EngineError::file(path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => {
            Err(EngineError::Locked(path.parent().unwrap_or(path).into()))
        }
        Err(fs::TryLockError::Error(source)) => Err(EngineError::File {
            path: path.into(),
            source,
        }),
    }
}
