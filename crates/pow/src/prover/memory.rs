//! What main memory is free. Linux promises more than it has and kills the process that uses it, so an allocation that
//! succeeds proves nothing.

use super::ProverError;
use std::{fs, path::Path, string::String};

/// Bytes that may be taken now, or nothing where the system does not tell: what the kernel calls available, within the
/// limit of the control group.
#[must_use]
pub fn available() -> Option<u64> {
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let line = info
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kib: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    let machine = kib.saturating_mul(1024);
    Some(group().map_or(machine, |group| group.min(machine)))
}

/// What the control group (version 2) leaves; nothing without a limit.
fn group() -> Option<u64> {
    let number = |name: &str| -> Option<u64> {
        let text: String = fs::read_to_string(Path::new("/sys/fs/cgroup").join(name)).ok()?;
        text.trim().parse().ok()
    };
    Some(number("memory.max")?.saturating_sub(number("memory.current")?))
}

/// Refuses a table that would leave the machine less than a sixteenth of its size.
pub(super) fn check(bytes: u64) -> Result<(), ProverError> {
    let needed = bytes.saturating_add(bytes >> 4);
    match available() {
        Some(free) if free < needed => Err(ProverError::Memory { bytes }),
        _ => Ok(()),
    }
}
