//! An agent is started by the first verb that needs one.

use super::{
    client::Client,
    folder::DISPLACED,
    run::{displaced, log_file},
};
use crate::error::{CliError, Result};
use std::{
    fs::{self, OpenOptions},
    io,
    os::unix::fs::OpenOptionsExt,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tokio::net::UnixStream;

/// How long an agent may take to listen.
const START: Duration = Duration::from_secs(15);
/// The code of an agent that finds that another one has the order's lock.
const OTHER_RUNS: i32 = 3;
/// The log of earlier agents, beyond which it begins anew.
const MAX_LOG_BYTES: u64 = 4 << 20;

impl Client {
    pub(super) async fn connect(&self) -> Result<UnixStream> {
        if let Some(stream) = self.dial().await? {
            return Ok(stream);
        }
        if self.folder.has(DISPLACED) {
            return Err(displaced(&self.order, 3));
        }
        let mut child = self.start()?;
        let since = Instant::now();
        loop {
            if let Some(stream) = self.dial().await? {
                return Ok(stream);
            }
            let ended = child.try_wait().ok().flatten();
            let other_runs = ended.is_some_and(|status| status.code() == Some(OTHER_RUNS));
            if other_runs && since.elapsed() < START {
                tokio::time::sleep(Duration::from_millis(100)).await;
                // Unless it listens by now, it is one that is about to end.
                if self.dial().await?.is_none() {
                    child = self.start()?;
                }
            } else if ended.is_some() || since.elapsed() > START {
                let log = fs::read_to_string(log_file(&self.folder)).unwrap_or_default();
                let last = log
                    .lines()
                    .next_back()
                    .unwrap_or("it says nothing")
                    .trim_start_matches("iog: ")
                    .to_string();
                let code = ended.and_then(|status| u8::try_from(status.code()?).ok());
                return Err(CliError::Other {
                    text: format!("the agent does not start: {last}"),
                    code: code.filter(|code| *code != 0).unwrap_or(4),
                });
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
    }

    /// Takes the line back from whoever has it. redteam link L1
    pub fn take_over(&self) -> Result<()> {
        match fs::remove_file(self.folder.path().join(DISPLACED)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(CliError::usage(format!(
                "cannot remove {DISPLACED} in {}: {error}",
                self.folder.path().display()
            ))),
            _ => Ok(()),
        }
    }

    fn start(&self) -> Result<Child> {
        let path = log_file(&self.folder);
        let refuse = |error: io::Error| CliError::usage(format!("cannot start the agent: {error}"));
        if fs::metadata(&path).is_ok_and(|found| found.len() > MAX_LOG_BYTES) {
            let _ = fs::rename(&path, path.with_extension("log.old"));
        }
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&path)
            .map_err(refuse)?;
        let program = std::env::current_exe().map_err(refuse)?;
        Command::new(program)
            .args(["agent", "run", &self.order.to_string(), "--detach"])
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(refuse)
    }
}
