//! Members that come and go leave nothing behind.

use crate::{full, mesh};
use anyhow::{ensure, Context, Result};
use iog_lab::{wait_until, Fleet, PATIENCE};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Joins and leaves of the short form and of the long one.
const TIMES: usize = 10;
const TIMES_FULL: usize = 100;
/// Leases of one order in a round.
const GPUS: usize = 2;

/// As many joins and leaves as these machines have orders leave no process, network namespace, device, mount, loop device or control group,
/// and of files only what a lease keeps for its renter.
#[test]
fn who_comes_and_goes_leaves_nothing() {
    let fleet = Fleet::public("churn").unwrap();
    let job = fleet
        .job("job", mesh::JOB, &[("serve.py", mesh::SERVE)])
        .unwrap();
    let times = if full() { TIMES_FULL } else { TIMES };
    let mut before = None;
    for _ in 0..times / GPUS {
        let names = round(&fleet, &job).unwrap();
        assert_eq!(names.len(), GPUS, "{names:?}");
        let left = quiet(&fleet, &names).unwrap();
        // The first round opens what stays: connections, logs.
        let first = before.get_or_insert_with(|| left.clone());
        assert_eq!(*first, left);
    }
}

/// An order's members meet, and go; the names of their namespaces.
fn round(fleet: &Fleet, job: &str) -> Result<Vec<String>> {
    let order = fleet.book(job, GPUS)?;
    wait_until("the other member", PATIENCE, || {
        let command = ["curl", "-s", "-m", "5", "http://10.77.0.2:8000/"];
        Ok(fleet.exec(&order, "0", &command).ok().map(|_| ()))
    })
    .with_context(|| fleet.tails())?;
    let names = fleet.nodes.iter().flat_map(|node| node.runs().1).collect();
    fleet.renter.run(&["order", "end", &order])?;
    fleet.renter.run(&["agent", "stop", &order])?;
    Ok(names)
}

/// What there is of the machines once no run is left.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Left {
    processes: usize,
    /// Open TUN devices.
    tuns: usize,
    namespaces: BTreeSet<String>,
    mounts: usize,
    loops: BTreeSet<String>,
    groups: Vec<PathBuf>,
}

fn quiet(fleet: &Fleet, names: &[String]) -> Result<Left> {
    let mut last = None;
    wait_until("machines without a run", PATIENCE, || {
        let left = left(fleet, names)?;
        let none = left.namespaces.is_empty() && left.loops.is_empty() && left.groups.is_empty();
        let done = none && left.mounts == 0 && left.tuns == 0;
        last = Some(left.clone());
        Ok(done.then_some(left))
    })
    .with_context(|| format!("{last:?}\n{}", fleet.tails()))
}

fn left(fleet: &Fleet, names: &[String]) -> Result<Left> {
    let known = fleet.product.lab.internet.ip(&["netns", "list"])?;
    let known = known.lines().filter_map(|line| line.split(' ').next());
    let mut namespaces: BTreeSet<String> = known
        .filter(|name| names.iter().any(|own| own == name))
        .map(str::to_string)
        .collect();
    let (mut processes, mut tuns) = (0, 0);
    for node in &fleet.nodes {
        let (own, spaces) = node.runs();
        processes += own.len();
        tuns += own.iter().map(|pid| tuns_of(*pid)).sum::<usize>();
        namespaces.extend(spaces);
    }
    let folder = fleet.product.folder();
    let mounts = fs::read_to_string("/proc/mounts")?;
    let mounts = mounts.lines().filter(|line| {
        let place = line.split(' ').nth(1).unwrap_or_default();
        Path::new(place).starts_with(folder)
    });
    let shorts = names.iter().filter_map(|name| name.rsplit('-').next());
    Ok(Left {
        processes,
        tuns,
        namespaces,
        mounts: mounts.count(),
        loops: loops(folder)?,
        groups: shorts.flat_map(groups).collect(),
    })
}

fn tuns_of(pid: i32) -> usize {
    let open = fs::read_dir(format!("/proc/{pid}/fd"))
        .into_iter()
        .flatten();
    let open = open.filter_map(|entry| fs::read_link(entry.ok()?.path()).ok());
    open.filter(|file| file == Path::new("/dev/net/tun"))
        .count()
}

/// Control groups of a run, by the short name in its namespace's, in every tree that this host has.
fn groups(short: &str) -> Vec<PathBuf> {
    let trees = fs::read_dir("/sys/fs/cgroup").into_iter().flatten();
    let trees = trees.filter_map(|entry| Some(entry.ok()?.path()));
    let trees = trees.chain([PathBuf::from("/sys/fs/cgroup")]);
    let own = trees.filter_map(|tree| fs::read_dir(tree.join("iog")).ok());
    let own = own.flatten().filter_map(|entry| Some(entry.ok()?.path()));
    // Namespaces have the beginning of a run's name.
    let name = |path: &PathBuf| Some(path.file_name()?.to_str()?.starts_with(short));
    own.filter(|path| name(path) == Some(true)).collect()
}

/// Loop devices whose file lies in the lab's folder.
fn loops(folder: &Path) -> Result<BTreeSet<String>> {
    let listed = std::process::Command::new("losetup")
        .args(["-l", "-n", "-O", "NAME,BACK-FILE"])
        .output()
        .context("losetup")?;
    ensure!(listed.status.success(), "{listed:?}");
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    let own = text.lines().filter(|line| {
        let file = line.split_whitespace().nth(1).unwrap_or_default();
        Path::new(file).starts_with(folder)
    });
    Ok(own.map(str::to_string).collect())
}
