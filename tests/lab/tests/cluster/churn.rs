//! Members that come and go leave nothing behind.

use crate::{full, mesh};
use anyhow::{ensure, Context, Result};
use iog_lab::{text, wait_until, Fleet, PATIENCE};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Joins and leaves of the short form and of the long one.
const TIMES: usize = 10;
const TIMES_FULL: usize = 100;
const GPUS: usize = 2;

/// A member that leaves the mesh and joins it again, job and order staying, adds nothing to what its machine has open; and when the order
/// has ended no process of the job, network namespace, TUN device or control group of it is left, and no mount or loop device but its disk's,
/// which is kept for the renter.
#[test]
fn who_comes_and_goes_leaves_nothing() {
    let mut fleet = Fleet::public("churn").unwrap();
    let job = fleet
        .job("job", mesh::JOB, &[("serve.py", mesh::SERVE)])
        .unwrap();
    let idle = left(&fleet, &[]).unwrap();
    let order = fleet.book(&job, GPUS).unwrap();
    answers(&fleet, &order, true).unwrap();
    let names: Vec<String> = fleet.nodes.iter().flat_map(|node| node.runs().1).collect();
    assert_eq!(names.len(), GPUS, "{names:?}");
    let before = left(&fleet, &names).unwrap();
    let leases = fleet.leases(&order).unwrap();
    let device = text(&leases[1], "device").unwrap();
    for _ in 0..if full() { TIMES_FULL } else { TIMES } {
        fleet.node(&device).unwrap().stop().unwrap();
        answers(&fleet, &order, false).unwrap();
        fleet.node(&device).unwrap().start_again().unwrap();
        answers(&fleet, &order, true).unwrap();
    }
    settles(&fleet, &names, "no more than before", |now| *now == before).unwrap();
    fleet.renter.run(&["order", "end", &order]).unwrap();
    // Outputs stay for their hours: their disk may.
    let nothing = |now: &Left| {
        let runs = now.namespaces.is_empty() && now.groups.is_empty() && now.tuns == 0;
        let kept = now.mounts <= before.mounts && now.loops.is_subset(&before.loops);
        runs && kept && now.processes <= idle.processes
    };
    settles(&fleet, &names, "nothing of the runs", nothing).unwrap();
}

/// Whether rank 0 reaches rank 1.
fn answers(fleet: &Fleet, order: &str, wanted: bool) -> Result<()> {
    let what = format!("a member that answers: {wanted}");
    wait_until(&what, PATIENCE, || {
        let command = ["curl", "-s", "-m", "2", "http://10.77.0.2:8000/"];
        Ok((fleet.exec(order, "0", &command).is_ok() == wanted).then_some(()))
    })
    .with_context(|| fleet.tails())
}

/// What there is of the machines.
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

fn settles(
    fleet: &Fleet,
    names: &[String],
    what: &str,
    wanted: impl Fn(&Left) -> bool,
) -> Result<()> {
    let mut last = None;
    wait_until(what, PATIENCE, || {
        let left = left(fleet, names)?;
        let done = wanted(&left);
        last = Some(left);
        Ok(done.then_some(()))
    })
    .with_context(|| format!("{last:?}"))
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
