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
    let unified = groups.iter().find(|(controllers, _)| controllers.is_empty());
    First::of(first.pid) == Some(*first) && unified.is_some_and(|(_, folder)| fs::write(folder.join("cgroup.kill"), "1").is_ok())
}

fn each(first: &First) -> Vec<(String, PathBuf)> {
    let groups = fs::read_to_string(format!("/proc/{}/cgroup", first.pid)).unwrap_or_default();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let found = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        // Never the root: it holds the whole machine.
        let path = path.strip_prefix('/').filter(|path| !path.is_empty() && !path.contains(".."))?;
        Some((controllers.to_owned(), mount(&mounts, controllers)?.join(path)))
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
        ours.then(|| left.split(' ').nth(4).map(PathBuf::from)).flatten()
    })
}
