use crate::{cgroup::Group, engine::Limits};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What is run, and how. Has no secret in it: those are read from their folder when it starts. redteam S1
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// `bwrap`.
    pub program: PathBuf,
    /// Its arguments up to the binds; the environment is added by the launcher.
    pub args: Vec<String>,
    /// Put into the sandbox at their targets.
    pub binds: Vec<Bind>,
    /// The job's own.
    pub command: Vec<String>,
    pub env: Vec<(String, String)>,
    /// Names in the environment and files whose content they have.
    pub secrets: Vec<(String, PathBuf)>,
    pub group: Option<Group>,
    pub netns: Option<PathBuf>,
    /// The user and group that runs it on the host; none where that is who runs the supervisor.
    pub uid: Option<u32>,
    pub limits: Option<Limits>,
    pub log: PathBuf,
    pub time_limit_secs: Option<u64>,
    /// Above 0 the log says where it begins.
    pub attempt: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bind {
    pub source: PathBuf,
    pub target: String,
    pub writable: bool,
}

/// The first process inside, by which others come in. The time of its start tells it from another of its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct First {
    pub pid: u32,
    pub start_ticks: u64,
}

impl First {
    /// The process of that number, as it is now.
    pub fn of(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name, in brackets, may hold anything; the start is field 22, the 20th behind it.
        let (_, rest) = stat.rsplit_once(") ")?;
        let start_ticks = rest.split(' ').nth(19)?.parse().ok()?;
        Some(Self { pid, start_ticks })
    }
}

impl Plan {
    pub fn group(&self) -> Option<&Group> {
        self.group.as_ref()
    }
}
