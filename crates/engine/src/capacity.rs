//! What this machine has for jobs, without what the node keeps for itself. redteam J8

use crate::{engine::Capacity, error::EngineError};
use iog_job::Platform;
use std::path::Path;

/// Processors of the node's own where the machine has more.
const OWN_CPUS: usize = 2;
/// Memory of the node's own where the machine has more processors than that.
const OWN_MEMORY_BYTES: u64 = 2 << 30;

pub fn platform() -> Platform {
    match cfg!(target_arch = "aarch64") {
        true => Platform::LinuxArm64,
        false => Platform::LinuxAmd64,
    }
}

/// For all jobs together, with the disk on which a folder lies.
pub fn of_jobs(root: &Path) -> Result<Capacity, EngineError> {
    let disk = rustix::fs::statvfs(root).map_err(|error| EngineError::file(root)(error.into()))?;
    let (cpus, memory_bytes) = without_own(cpus(), memory_bytes()?);
    Ok(Capacity {
        platform: platform(),
        cpu_millis: u32::try_from(cpus)
            .unwrap_or(u32::MAX)
            .saturating_mul(1_000),
        memory_bytes,
        disk_bytes: disk.f_bavail.saturating_mul(disk.f_frsize),
    })
}

/// A machine of one or two processors has none to set aside: there the node goes first by its weight.
pub fn without_own(cpus: usize, memory_bytes: u64) -> (usize, u64) {
    match cpus.checked_sub(OWN_CPUS) {
        None | Some(0) => (cpus, memory_bytes),
        // Never more than half of a machine with many processors and little memory.
        Some(left) => (
            left,
            memory_bytes
                .saturating_sub(OWN_MEMORY_BYTES)
                .max(memory_bytes / 2),
        ),
    }
}

fn cpus() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

fn memory_bytes() -> Result<u64, EngineError> {
    let memory =
        std::fs::read_to_string("/proc/meminfo").map_err(EngineError::file("/proc/meminfo"))?;
    let line = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    let kib: u64 = line
        .and_then(|line| line.trim().trim_end_matches("kB").trim().parse().ok())
        .unwrap_or(0);
    Ok(kib.saturating_mul(1_024))
}

/// What all jobs together may use, for the group above theirs: none where nothing is set aside.
pub fn together() -> Option<(u32, u64)> {
    let memory = memory_bytes().ok()?;
    let (left, bytes) = without_own(cpus(), memory);
    let millis = u32::try_from(left).ok()?.saturating_mul(1_000);
    (left < cpus()).then_some((millis, bytes))
}

#[cfg(test)]
mod tests {
    use super::without_own;

    /// redteam J8: two processors and 2 GiB are the node's where there are more than two.
    #[test]
    fn the_node_keeps_something_for_itself() {
        const GIB: u64 = 1 << 30;
        assert_eq!(without_own(1, 8 * GIB), (1, 8 * GIB));
        assert_eq!(without_own(2, 8 * GIB), (2, 8 * GIB));
        assert_eq!(without_own(3, 8 * GIB), (1, 6 * GIB));
        assert_eq!(without_own(64, 512 * GIB), (62, 510 * GIB));
        assert_eq!(without_own(8, 3 * GIB), (6, 3 * GIB / 2));
    }
}
