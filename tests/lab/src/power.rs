//! What is left of a machine that lost its power: its disk.

use nix::{
    sys::signal::{kill, Signal},
    unistd::Pid,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::{ffi::OsStrExt, fs::MetadataExt},
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

/// Kills every process that has to do with `folder`, or runs in the host's network, and all that these started; then removes the
/// namespaces and mounts they had.
pub(crate) fn cut(folder: &Path, host: &str) {
    let doomed = of(folder, host);
    let namespaces = namespaces(&doomed, host);
    for pid in &doomed {
        let _ = kill(Pid::from_raw(*pid), Signal::SIGKILL);
    }
    let until = Instant::now() + Duration::from_secs(5);
    while Instant::now() < until && doomed.iter().any(|pid| runs(*pid)) {
        std::thread::sleep(Duration::from_millis(10));
    }
    let folder = folder.display().to_string();
    let mounts = fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    let places = mounts.lines().filter_map(|line| line.split(' ').nth(4));
    let places: Vec<&str> = places.filter(|place| place.starts_with(&folder)).collect();
    for place in places.iter().rev() {
        output("umount", &["-l", place]);
    }
    for name in &namespaces {
        output("ip", &["netns", "del", name]);
    }
}

/// Processes that have to do with `folder`, or run in the host's network, and all that these started.
pub(crate) fn of(folder: &Path, host: &str) -> BTreeSet<i32> {
    let mut found = named(folder);
    found.extend(
        output("ip", &["netns", "pids", host])
            .lines()
            .filter_map(|pid| pid.parse::<i32>().ok()),
    );
    let parents = parents();
    loop {
        let more: Vec<i32> = parents
            .iter()
            .filter(|(pid, parent)| found.contains(*parent) && !found.contains(*pid))
            .map(|(pid, _)| *pid)
            .collect();
        if more.is_empty() {
            break;
        }
        found.extend(more);
    }
    // This program's own threads enter namespaces, too.
    found.remove(&i32::try_from(std::process::id()).unwrap_or(0));
    found
}

/// Network namespaces of processes, without the host's own.
pub(crate) fn namespaces(processes: &BTreeSet<i32>, host: &str) -> BTreeSet<String> {
    let own = |pid: &i32| fs::read_link(format!("/proc/{pid}/ns/net")).ok();
    let own: BTreeSet<PathBuf> = processes.iter().filter_map(own).collect();
    let known = fs::read_dir("/run/netns").into_iter().flatten().flatten();
    let known = known.filter_map(|entry| {
        // Of what is mounted there, not of the folder's entry.
        let inode = fs::metadata(entry.path()).ok()?.ino();
        let found = own.contains(Path::new(&format!("net:[{inode}]")));
        entry.file_name().into_string().ok().filter(|_| found)
    });
    known.filter(|name| name != host).collect()
}

/// Processes whose command line names the folder.
fn named(folder: &Path) -> BTreeSet<i32> {
    let name = folder.as_os_str().as_bytes();
    let names = |pid: &i32| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.windows(name.len()).any(|window| window == name)
    };
    processes().filter(names).collect()
}

fn processes() -> impl Iterator<Item = i32> {
    let entries = fs::read_dir("/proc").into_iter().flatten();
    entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
}

/// State and parent of a process.
fn stat(pid: i32) -> Option<(String, i32)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let mut words = text.rsplit_once(") ")?.1.split(' ');
    Some((words.next()?.to_string(), words.next()?.parse().ok()?))
}

fn parents() -> BTreeMap<i32, i32> {
    processes()
        .filter_map(|pid| Some((pid, stat(pid)?.1)))
        .collect()
}

/// One that is dead and waits for its parent does not.
fn runs(pid: i32) -> bool {
    stat(pid).is_some_and(|(state, _)| state != "Z")
}

fn output(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output();
    output
        .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
        .unwrap_or_default()
}
