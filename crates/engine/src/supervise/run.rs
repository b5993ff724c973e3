use super::{
    host,
    plan::{First, Plan},
    replace_json, CONTROL, INSIDE, PAUSE, SANDBOX,
};
use crate::{
    engine::RunStatus,
    error::EngineError,
    files::private_dir,
    log::{Throttle, Writer},
};
use iog_job::{wire::LogKind, Why};
use rustix::{
    event::{poll, PollFd, PollFlags, Timespec},
    fs::{mknodat, FileType, Mode, CWD},
};
use std::{
    fs::{File, OpenOptions},
    io::Read,
    os::{
        fd::{AsFd, OwnedFd},
        unix::{fs::OpenOptionsExt, process::ExitStatusExt},
    },
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

const READ_BYTES: usize = 64 << 10;
/// The log's held-back tail is written after so long without more.
const QUIET: Duration = Duration::from_millis(200);
/// The sandbox must be up within.
const UP_WITHIN: Duration = Duration::from_secs(10);
/// What is in the pipes when all is over is read for at most.
const DRAIN: Duration = Duration::from_secs(2);

pub struct Run<'a> {
    dir: PathBuf,
    plan: &'a Plan,
    child: Child,
    /// Of the child: readable when it has ended.
    ended: OwnedFd,
    control: File,
    pipes: Vec<(LogKind, Option<OwnedFd>)>,
    log: Writer,
    deadline: Option<Instant>,
    began: Instant,
    throttle: Throttle,
    /// The end of standard error, in which the sandbox says why it could not start.
    last_words: Vec<u8>,
    end: Option<RunStatus>,
}

/// This program under the verb that becomes the sandbox.
fn launcher(dir: &Path) -> Result<Command, EngineError> {
    let program = std::env::current_exe().map_err(|error| host(&error.to_string()))?;
    let args = std::env::args_os()
        .skip(1)
        .take_while(|arg| arg != "supervised");
    let mut command = Command::new(program);
    command
        .args(args)
        .arg("launch")
        .arg(dir)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Ok(command)
}

impl<'a> Run<'a> {
    pub fn start(dir: &Path, plan: &'a Plan) -> Result<Self, EngineError> {
        let control = dir.join(CONTROL);
        mknodat(CWD, &control, FileType::Fifo, Mode::from_raw_mode(0o600), 0)
            .map_err(|error| EngineError::file(&control)(error.into()))?;
        // Also for writing: a reader alone would see the end of each writer.
        let control = OpenOptions::new()
            .read(true)
            .write(true)
            .custom_flags(super::nonblocking())
            .open(&control)
            .map_err(EngineError::file(control))?;
        let mut log = Writer::open(
            &plan.log,
            plan.limits.map_or(64 << 20, |limits| limits.log_bytes),
        )?;
        if plan.attempt > 0 {
            log.write(
                LogKind::Node,
                format!("[attempt {}]\n", plan.attempt).as_bytes(),
            );
        }
        let mut child = launcher(dir)?
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| host(&format!("the launcher: {error}")))?;
        let pid = rustix::process::Pid::from_child(&child);
        let ended = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty())
            .map_err(|error| host(&error.to_string()))?;
        let pipes = vec![
            (LogKind::Stdout, child.stdout.take().map(OwnedFd::from)),
            (LogKind::Stderr, child.stderr.take().map(OwnedFd::from)),
        ];
        let began = Instant::now();
        Ok(Self {
            dir: dir.to_owned(),
            plan,
            child,
            ended,
            control,
            pipes,
            log,
            deadline: plan
                .time_limit_secs
                .and_then(|secs| began.checked_add(Duration::from_secs(secs))),
            began,
            throttle: Throttle::default(),
            last_words: Vec::new(),
            end: None,
        })
    }

    /// Calls `up` when the sandbox is up or the run is over, and returns how it ended.
    pub fn until_over(
        &mut self,
        up: impl FnOnce() -> Result<(), EngineError>,
    ) -> Result<RunStatus, EngineError> {
        let mut up = Some(up);
        loop {
            let over = self.wait(up.is_some())?;
            if up.is_some() && (over || self.is_up()? || self.began.elapsed() > UP_WITHIN) {
                if let Some(up) = up.take() {
                    up()?;
                }
            }
            if over {
                return self.bury();
            }
        }
    }

    /// Moves what is in the pipes, and looks at everything else; says whether the run is over.
    fn wait(&mut self, starting: bool) -> Result<bool, EngineError> {
        let mut wait = self
            .deadline
            .map(|end| end.saturating_duration_since(Instant::now()));
        if starting {
            wait = Some(PAUSE);
        } else if self.log.has_tail() {
            wait = Some(wait.map_or(QUIET, |wait| wait.min(QUIET)));
        }
        let wait = wait.and_then(|wait| Timespec::try_from(wait).ok());
        let mut fds = vec![
            PollFd::new(&self.ended, PollFlags::IN),
            PollFd::new(&self.control, PollFlags::IN),
        ];
        let open = self
            .pipes
            .iter()
            .enumerate()
            .filter_map(|(index, (_, pipe))| pipe.as_ref().map(|pipe| (index, pipe)));
        let open: Vec<_> = open.collect();
        fds.extend(
            open.iter()
                .map(|(_, pipe)| PollFd::new(*pipe, PollFlags::IN)),
        );
        match poll(&mut fds, wait.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(host(&error.to_string())),
        }
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        let readable: Vec<usize> = open
            .iter()
            .zip(ready.iter().skip(2))
            .filter(|(_, ready)| **ready)
            .map(|((index, _), _)| *index)
            .collect();
        drop(fds);
        let any = !readable.is_empty();
        for index in readable {
            self.read_pipe(index);
        }
        if !any {
            self.log.flush();
        }
        if ready.get(1) == Some(&true) {
            let mut bytes = [0; 16];
            if self.control.read(&mut bytes).is_ok_and(|len| len > 0) {
                self.finish(RunStatus::Stopped)?;
            }
        }
        if self.deadline.is_some_and(|end| Instant::now() >= end) {
            self.deadline = None;
            self.finish(RunStatus::Failed(Why::TimeLimit))?;
        }
        Ok(ready.first() == Some(&true))
    }

    fn read_pipe(&mut self, index: usize) {
        let Some((kind, slot)) = self.pipes.get_mut(index) else {
            return;
        };
        let mut bytes = vec![0; READ_BYTES];
        let read = match slot
            .as_ref()
            .map(|pipe| rustix::io::read(pipe.as_fd(), &mut bytes[..]))
        {
            Some(Err(rustix::io::Errno::INTR)) | None => return,
            Some(Ok(len)) if len > 0 => len,
            Some(_) => {
                *slot = None;
                return;
            }
        };
        let kind = *kind;
        bytes.truncate(read);
        self.log.write(kind, &bytes);
        if kind == LogKind::Stderr {
            self.last_words.extend_from_slice(&bytes);
            let gone = self.last_words.len().saturating_sub(512);
            self.last_words.drain(..gone);
        }
        self.throttle.read(read);
    }

    /// Kills the run; the first reason stands.
    fn finish(&mut self, status: RunStatus) -> Result<(), EngineError> {
        self.end.get_or_insert(status);
        self.child.kill().ok();
        self.plan.group().map_or(Ok(()), crate::cgroup::Group::kill)
    }

    /// Whether commands may be run inside: the sandbox's first process has a child, which it has only when all is mounted. Before that it
    /// still sees the host.
    fn is_up(&self) -> Result<bool, EngineError> {
        let text = std::fs::read_to_string(self.dir.join(SANDBOX)).unwrap_or_default();
        let mut documents =
            serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>();
        let pid = documents.find_map(|document| document.ok()?["child-pid"].as_u64());
        let Some(first) = pid.and_then(|pid| First::of(u32::try_from(pid).ok()?)) else {
            return Ok(false);
        };
        let pid = first.pid;
        let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children"));
        if children.unwrap_or_default().trim().is_empty() {
            return Ok(false);
        }
        replace_json(&self.dir.join(INSIDE), &first)?;
        Ok(true)
    }

    /// Takes down what may be left, reads the pipes to their ends and finds what the end was.
    fn bury(&mut self) -> Result<RunStatus, EngineError> {
        let oom_kills = self.plan.group().map_or(0, crate::cgroup::Group::oom_kills);
        if let Some(group) = self.plan.group() {
            group.kill()?;
        }
        let end = Instant::now() + DRAIN;
        while self.pipes.iter().any(|(_, pipe)| pipe.is_some()) && Instant::now() < end {
            for index in 0..self.pipes.len() {
                let ready = match self.pipes.get(index) {
                    Some((_, Some(pipe))) => {
                        let mut fds = [PollFd::new(pipe, PollFlags::IN)];
                        let wait = Timespec {
                            tv_sec: 0,
                            tv_nsec: 10_000_000,
                        };
                        poll(&mut fds, Some(&wait)).is_ok_and(|ready| ready > 0)
                    }
                    _ => false,
                };
                if ready {
                    self.read_pipe(index);
                }
            }
        }
        self.log.flush();
        let exit = self
            .child
            .wait()
            .map_err(|error| host(&error.to_string()))?;
        Ok(match self.end.take() {
            Some(end) => end,
            None => self.ended_with(exit, oom_kills),
        })
    }

    /// Whether the same sandbox starts with a program that is known to run: then it is the job that cannot be started, and not the host's
    /// fault. What a job says last is no proof of either.
    fn known_good(&self) -> bool {
        let dir = self.dir.join("probe");
        let plan = Plan {
            command: ["/usr/bin/env", "true"].map(str::to_owned).to_vec(),
            env: Vec::new(),
            secrets: Vec::new(),
            ..self.plan.clone()
        };
        let made = private_dir(&dir).and_then(|()| replace_json(&dir.join(super::PLAN), &plan));
        let child = made.ok().and_then(|()| launcher(&dir).ok()?.spawn().ok());
        let Some(mut child) = child else {
            return false;
        };
        let end = Instant::now() + UP_WITHIN;
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return status.success(),
                Ok(None) if Instant::now() < end => std::thread::sleep(PAUSE),
                _ => {
                    child.kill().ok();
                    child.wait().ok();
                    return false;
                }
            }
        }
    }

    fn refused(&mut self) -> RunStatus {
        self.log.write(
            LogKind::Node,
            b"iog: the sandbox cannot be started with this command and environment (126)\n",
        );
        self.log.flush();
        RunStatus::Exited(126)
    }

    fn ended_with(&mut self, exit: ExitStatus, oom_kills: u64) -> RunStatus {
        let text = std::fs::read_to_string(self.dir.join(SANDBOX)).unwrap_or_default();
        let mut documents =
            serde_json::Deserializer::from_str(&text).into_iter::<serde_json::Value>();
        let told = documents.find_map(|document| document.ok()?["exit-code"].as_i64());
        let told = told.and_then(|code| i32::try_from(code).ok());
        let by_signal = exit.signal().map(|signal| signal.saturating_add(128));
        match told.or(by_signal) {
            Some(137) if oom_kills > 0 => RunStatus::Failed(Why::OutOfMemory),
            Some(code) => RunStatus::Exited(code),
            // The sandbox says no code where it did not come so far as to run the command.
            None => {
                let words = String::from_utf8_lossy(&self.last_words);
                match words.contains("bwrap: execvp") {
                    true if words.contains("No such file") => RunStatus::Exited(127),
                    true => RunStatus::Exited(126),
                    false if self.known_good() => self.refused(),
                    false => RunStatus::Failed(Why::Host("engine".into())),
                }
            }
        }
    }
}
