//! Limits of memory, processor and processes of a run, and its end: cgroups of version 1, version 2 and both at once behind one interface.
//!
//! On a hybrid host the limits are version 1's, and killing and freezing go by the unified tree, which has no controllers there. redteam E7

mod tree;

pub use tree::Tree;

use crate::{capacity, engine::Limits, error::EngineError};
use serde::{Deserialize, Serialize};
use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Period of the processor's quota; the kernel's own default.
const CPU_PERIOD_US: u64 = 100_000;
/// Against 1,024 of a process of the node: where both want the processor, the node has it.
const CPU_SHARES: u64 = 256;
const CPU_WEIGHT: u64 = 25;
/// How long the killed may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(5);

/// The group of one run. It lives in the kernel: whoever knows its name has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// Its folders: with both versions one each.
    folders: Vec<PathBuf>,
    kill: Option<PathBuf>,
    v1_memory: Option<PathBuf>,
    v2_memory: Option<PathBuf>,
}

impl Group {
    /// Makes it with its limits.
    ///
    /// # Errors
    /// The limits cannot be had: the run must not start.
    pub fn create(tree: &Tree, name: &str, limits: &Limits) -> Result<Self, EngineError> {
        let group = Self::open(tree, name);
        if !tree.limits() {
            return Err(host("memory, processor and processes cannot be limited"));
        }
        for folder in &group.folders {
            std::fs::create_dir_all(folder).map_err(refused(folder))?;
        }
        if let Err(error) = group.limit(tree, name, limits) {
            group.remove().ok();
            return Err(error);
        }
        Ok(group)
    }

    /// The group of that name, whether it is there or not.
    pub fn open(tree: &Tree, name: &str) -> Self {
        Self {
            folders: tree.folders(name),
            kill: tree.unified_folder(name),
            v1_memory: tree.v1_folder("memory", name),
            v2_memory: tree.v2_folder("memory", name),
        }
    }

    fn limit(&self, tree: &Tree, name: &str, limits: &Limits) -> Result<(), EngineError> {
        // The kernel refuses one above that of all jobs together.
        let millis =
            capacity::together().map_or(limits.cpu_millis, |(most, _)| limits.cpu_millis.min(most));
        let quota = u64::from(millis).saturating_mul(CPU_PERIOD_US / 1_000);
        let quota = quota.max(1_000);
        let set = |folder: PathBuf, file: &str, value: String| {
            let path = folder.join(file);
            std::fs::write(&path, value).map_err(refused(&path))
        };
        if let Some(memory) = &self.v1_memory {
            let bytes = limits.memory_bytes.to_string();
            set(memory.clone(), "memory.limit_in_bytes", bytes.clone())?;
            // Absent where the kernel counts no swap; then swappiness alone keeps the run out of it.
            if memory.join("memory.memsw.limit_in_bytes").exists() {
                set(memory.clone(), "memory.memsw.limit_in_bytes", bytes)?;
            }
            set(memory.clone(), "memory.swappiness", "0".into())?;
        }
        if let Some(memory) = &self.v2_memory {
            set(
                memory.clone(),
                "memory.max",
                limits.memory_bytes.to_string(),
            )?;
            if memory.join("memory.swap.max").exists() {
                set(memory.clone(), "memory.swap.max", "0".into())?;
            }
        }
        if let Some(cpu) = tree.v1_folder("cpu", name) {
            set(cpu.clone(), "cpu.cfs_period_us", CPU_PERIOD_US.to_string())?;
            set(cpu.clone(), "cpu.cfs_quota_us", quota.to_string())?;
            set(cpu, "cpu.shares", CPU_SHARES.to_string())?;
        }
        if let Some(cpu) = tree.v2_folder("cpu", name) {
            set(cpu.clone(), "cpu.max", format!("{quota} {CPU_PERIOD_US}"))?;
            set(cpu, "cpu.weight", CPU_WEIGHT.to_string())?;
        }
        let pids = tree
            .v1_folder("pids", name)
            .or_else(|| tree.v2_folder("pids", name));
        match pids {
            Some(pids) => set(pids, "pids.max", limits.pids.to_string()),
            None => Err(host("processes cannot be counted")),
        }
    }

    /// Puts a process, and all that it starts from now on, into the group.
    ///
    /// # Errors
    /// The process is gone, or the kernel refuses.
    pub fn add(&self, pid: u32) -> Result<(), EngineError> {
        for folder in &self.folders {
            let path = folder.join("cgroup.procs");
            std::fs::write(&path, pid.to_string()).map_err(refused(&path))?;
        }
        Ok(())
    }

    pub fn exists(&self) -> bool {
        self.folders.iter().any(|folder| folder.exists())
    }

    /// Where a process's number is written to put it into the group.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// The processes in it.
    pub fn pids(&self) -> Vec<u32> {
        let mut pids: Vec<u32> = Vec::new();
        for folder in &self.folders {
            if let Ok(text) = std::fs::read_to_string(folder.join("cgroup.procs")) {
                pids.extend(text.lines().filter_map(|line| line.parse::<u32>().ok()));
            }
        }
        pids.sort_unstable();
        pids.dedup();
        pids
    }

    /// How often the kernel killed for want of memory.
    pub fn oom_kills(&self) -> u64 {
        let count = |path: PathBuf| {
            let text = std::fs::read_to_string(path).unwrap_or_default();
            let line = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
            line.and_then(|count| count.trim().parse().ok())
                .unwrap_or(0)
        };
        let v1 = self
            .v1_memory
            .as_ref()
            .map(|dir| count(dir.join("memory.oom_control")));
        let v2 = self
            .v2_memory
            .as_ref()
            .map(|dir| count(dir.join("memory.events")));
        v1.or(v2).unwrap_or(0)
    }

    /// Kills everything in it and returns once all of it is gone.
    ///
    /// # Errors
    /// Something is still there after 20 s: it hangs in the kernel.
    pub fn kill(&self) -> Result<(), EngineError> {
        let end = Instant::now() + GONE_WITHIN;
        loop {
            let by_kernel = self
                .kill
                .as_ref()
                .is_some_and(|folder| std::fs::write(folder.join("cgroup.kill"), "1").is_ok());
            let pids = self.pids();
            if pids.is_empty() {
                return Ok(());
            }
            if !by_kernel {
                // Before 5.14, or no unified tree: nothing forks faster than it is killed while it is counted.
                for pid in pids {
                    let pid = i32::try_from(pid)
                        .ok()
                        .and_then(rustix::process::Pid::from_raw);
                    pid.map(|pid| {
                        rustix::process::kill_process(pid, rustix::process::Signal::KILL)
                    });
                }
            }
            if Instant::now() > end {
                return Err(host("processes of the run do not end"));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Deletes an empty group.
    ///
    /// # Errors
    /// It is not empty.
    pub fn remove(&self) -> Result<(), EngineError> {
        let end = Instant::now() + GONE_WITHIN;
        for folder in &self.folders {
            loop {
                match std::fs::remove_dir(folder) {
                    Ok(()) => break,
                    Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                    // The last process is being buried.
                    Err(error) if error.raw_os_error() == Some(16) && Instant::now() < end => {
                        std::thread::sleep(PAUSE);
                    }
                    Err(error) => return Err(refused(folder)(error)),
                }
            }
        }
        Ok(())
    }
}

fn host(detail: &str) -> EngineError {
    EngineError::Host {
        what: "limits",
        detail: detail.to_owned(),
    }
}

fn refused(path: &Path) -> impl FnOnce(io::Error) -> EngineError + '_ {
    move |error| host(&format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests;
