//! The cgroups that a container engine made for a container.

use crate::supervise::First;
use std::{fs, path::PathBuf};

/// Folders of all cgroups of a process, one a hierarchy.
pub fn folders(first: &First) -> Vec<PathBuf> {
    each(first).into_iter().map(|(_, folder)| folder).collect()
}

/// Kills all in the unified tree's group of a process; false where there is none of its own. redteam E7
pub fn kill(first: &First) -> bool {
    let groups = each(first);
    let unified = groups
        .iter()
        .find(|(controllers, _)| controllers.is_empty());
    First::of(first.pid) == Some(*first)
        && unified.is_some_and(|(_, folder)| fs::write(folder.join("cgroup.kill"), "1").is_ok())
}

/// The files that count what the kernel killed in a process's group for want of memory, of both versions.
pub fn memory(first: &First) -> Vec<PathBuf> {
    let groups = each(first).into_iter();
    groups
        .filter_map(|(controllers, folder)| match controllers.as_str() {
            "" => Some(folder.join("memory.events")),
            other => other
                .split(',')
                .any(|name| name == "memory")
                .then(|| folder.join("memory.oom_control")),
        })
        .collect()
}

pub fn oom_kills(files: &[PathBuf]) -> u64 {
    let count = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("oom_kill "));
        line.and_then(|count| count.trim().parse::<u64>().ok())
            .unwrap_or(0)
    };
    files.iter().map(count).fold(0, u64::saturating_add)
}

fn each(first: &First) -> Vec<(String, PathBuf)> {
    let groups = fs::read_to_string(format!("/proc/{}/cgroup", first.pid)).unwrap_or_default();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let found = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        // Never the root: it holds the whole machine.
        let path = path
            .strip_prefix('/')
            .filter(|path| !path.is_empty() && !path.contains(".."))?;
        Some((
            controllers.to_owned(),
            mount(&mounts, controllers)?.join(path),
        ))
    });
    found.collect()
}

fn mount(mounts: &str, controllers: &str) -> Option<PathBuf> {
    let first = controllers.split(',').next().unwrap_or_default();
    mounts.lines().find_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let mut right = right.split(' ');
        let (kind, options) = (right.next()?, right.nth(1).unwrap_or_default());
        let ours = match first {
            "" => kind == "cgroup2",
            name => kind == "cgroup" && options.split(',').any(|option| option == name),
        };
        ours.then(|| left.split(' ').nth(4).map(PathBuf::from))
            .flatten()
    })
}
