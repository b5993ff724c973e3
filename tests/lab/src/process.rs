//! Programs of hosts, each with its own user, folder and log.

use crate::Namespace;
use anyhow::{bail, Context, Result};
use nix::{
    sys::signal::{killpg, Signal},
    unistd::Pid,
};
use std::{
    fs::{self, File},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// How a program is started.
#[derive(Clone, Debug, Default)]
pub struct Spawn {
    pub program: PathBuf,
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
    /// User and group id; none is the one who runs the lab.
    pub user: Option<u32>,
    pub folder: Option<PathBuf>,
}

impl Spawn {
    pub fn new(program: impl Into<PathBuf>, args: &[&str]) -> Self {
        Self {
            program: program.into(),
            args: args.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }

    pub fn env(mut self, name: &str, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    fn command(&self, namespace: &Namespace) -> std::process::Command {
        let mut words: Vec<String> = Vec::new();
        if let Some(user) = self.user {
            let ids = [format!("--reuid={user}"), format!("--regid={user}")];
            words.push("setpriv".into());
            words.extend(ids);
            words.push("--clear-groups".into());
        }
        words.push(self.program.display().to_string());
        words.extend(self.args.iter().cloned());
        let (first, rest) = words
            .split_first()
            .map_or(("true", &[][..]), |(first, rest)| (first.as_str(), rest));
        let mut command = namespace.command(first);
        command.args(rest).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command
    }

    /// Runs it in `namespace` to its end: status, standard output, standard error.
    pub fn output(&self, namespace: &Namespace) -> Result<std::process::Output> {
        let mut command = self.command(namespace);
        let output = command.stdin(Stdio::null()).output();
        output.with_context(|| self.program.display().to_string())
    }

    /// Starts it in `namespace`; both its streams go to the file `log`.
    pub fn start(&self, namespace: &Namespace, log: &Path) -> Result<Process> {
        let file = File::options().create(true).append(true).open(log)?;
        let mut command = self.command(namespace);
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file);
        let child = command
            .process_group(0)
            .spawn()
            .with_context(|| self.program.display().to_string())?;
        Ok(Process {
            child,
            log: log.to_path_buf(),
        })
    }
}

/// A program that runs; killed with its process group when dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        let group = i32::try_from(self.child.id()).unwrap_or(0);
        if group > 1 {
            let _ = killpg(Pid::from_raw(group), signal);
        }
    }

    /// As power failure: nobody is asked.
    pub fn kill(&mut self) {
        self.signal(Signal::SIGKILL);
        let _ = self.child.wait();
    }

    /// Asks it to end, and waits.
    pub fn end(&mut self, within: Duration) -> Result<ExitStatus> {
        self.signal(Signal::SIGTERM);
        self.wait(within)
    }

    pub fn wait(&mut self, within: Duration) -> Result<ExitStatus> {
        let until = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > until {
                bail!(
                    "it did not end within {within:?}; its log ends with:\n{}",
                    self.tail()
                );
            }
            std::thread::sleep(POLL);
        }
    }

    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    pub fn text(&self) -> String {
        fs::read(&self.log)
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default()
    }

    /// Waits until it has written `text`.
    pub fn says(&mut self, text: &str, within: Duration) -> Result<()> {
        let until = Instant::now() + within;
        while !self.text().contains(text) {
            if !self.is_running() {
                bail!("it ended before it said `{text}`:\n{}", self.tail());
            }
            if Instant::now() > until {
                bail!(
                    "it did not say `{text}` within {within:?}:\n{}",
                    self.tail()
                );
            }
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    /// The last lines of what it wrote.
    pub fn tail(&self) -> String {
        let text = self.text();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(30)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

const POLL: Duration = Duration::from_millis(20);

/// Waits for the world: until `look` finds something, or fails with what was waited for.
pub fn wait_until<T>(
    what: &str,
    within: Duration,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let until = Instant::now() + within;
    loop {
        if let Some(found) = look().with_context(|| format!("waiting for {what}"))? {
            return Ok(found);
        }
        if Instant::now() > until {
            bail!("{what} did not come within {within:?}");
        }
        std::thread::sleep(POLL);
    }
}
