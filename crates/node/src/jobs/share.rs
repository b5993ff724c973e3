//! What a lease gets of the machine: its share by cards, after what chain, link and the system need. redteam J8

use crate::policy::Share;
use iog_engine::{Capacity, Limits};
use iog_job::Resources;

/// Kept for chain, link and system; at most half the machine. Processors of the node's own the engine has set aside already.
const RESERVED_BYTES: u64 = 2 << 30;
/// Of a disk: for the system, as a part.
const DISK_PARTS: u64 = 10;
/// Inputs lie beside the job's disk once more, so that a restart finds them as they came.
const COPIES: u64 = 2;

/// A disk is allocated whole, and kept with its outputs for a day: who needs more than this says so.
const UNASKED_DISK: u64 = 10 << 30;

const PIDS: u32 = 4_096;
const OPEN_FILES: u64 = 65_536;
/// redteam J10
const LOG_BYTES: u64 = 64 << 20;
/// A file for so many bytes of disk; bounds what 10^6 small files cost.
const BYTES_PER_INODE: u64 = 16 << 10;

/// The share of `gpus` of the machine's `all`.
pub fn share(capacity: &Capacity, gpus: u32, all: u32) -> Share {
    let all = u64::from(all.max(gpus).max(1));
    let gpus = u64::from(gpus.max(1)).min(all);
    let part = |whole: u64| {
        let part = u128::from(whole) * u128::from(gpus) / u128::from(all);
        u64::try_from(part).unwrap_or(whole)
    };
    let millis = capacity.cpu_millis;
    let memory = capacity.memory_bytes;
    let memory = memory.saturating_sub(RESERVED_BYTES.min(memory / 2));
    let disk = capacity.disk_bytes;
    let disk = disk.saturating_sub(disk / DISK_PARTS) / COPIES;
    Share {
        cpu_millis: u32::try_from(part(u64::from(millis))).unwrap_or(millis),
        memory_bytes: part(memory),
        disk_bytes: part(disk),
    }
}

/// What a job may use: what it asks for, which is within the share, or all of that.
pub fn limits(share: &Share, asked: &Resources) -> Limits {
    let or = |asked: u64, all: u64| if asked == 0 { all } else { asked.min(all) };
    let memory_bytes = or(asked.memory_bytes, share.memory_bytes);
    let disk_bytes = or(asked.disk_bytes, share.disk_bytes.min(UNASKED_DISK));
    let cpu = or(u64::from(asked.cpu_millis), u64::from(share.cpu_millis));
    Limits {
        cpu_millis: u32::try_from(cpu).unwrap_or(share.cpu_millis),
        memory_bytes,
        disk_bytes,
        inodes: (disk_bytes / BYTES_PER_INODE).clamp(1_024, 4 << 20),
        shm_bytes: or(asked.shm_bytes, memory_bytes / 4).min(memory_bytes),
        pids: match asked.pids {
            0 => PIDS,
            asked => asked.min(PIDS),
        },
        open_files: OPEN_FILES,
        log_bytes: LOG_BYTES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_job::Platform;

    /// redteam J8: 2 GiB are the node's own, the rest goes by cards; of two processors with two devices each has one.
    #[test]
    fn shares_go_by_cards() {
        let machine = Capacity {
            platform: Platform::LinuxAmd64,
            cpu_millis: 32_000,
            memory_bytes: 66 << 30,
            disk_bytes: 1_000 << 30,
        };
        let two_of_eight = share(&machine, 2, 8);
        assert_eq!(two_of_eight.cpu_millis, 8_000);
        assert_eq!(two_of_eight.memory_bytes, 16 << 30);
        assert_eq!(two_of_eight.disk_bytes, (900 << 30) / 2 / 4);
        let small = Capacity {
            cpu_millis: 2_000,
            memory_bytes: 2 << 30,
            ..machine
        };
        assert_eq!(share(&small, 1, 1).cpu_millis, 2_000);
        assert_eq!(share(&small, 1, 2).cpu_millis, 1_000);
        assert_eq!(share(&small, 1, 1).memory_bytes, 1 << 30);
        let asked = Resources {
            memory_bytes: 1 << 30,
            pids: 1_000_000,
            ..Resources::default()
        };
        let limits = limits(&two_of_eight, &asked);
        assert_eq!(limits.memory_bytes, 1 << 30);
        assert_eq!(limits.cpu_millis, 8_000);
        assert_eq!(limits.shm_bytes, 256 << 20);
        assert_eq!(limits.pids, 4_096);
        assert_eq!(limits.disk_bytes, 10 << 30);
        assert_eq!(limits.inodes, 655_360);
    }
}
