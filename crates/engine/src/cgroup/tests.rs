use super::{Group, Tree};
use crate::engine::Limits;
use std::path::Path;

const LIMITS: Limits = Limits {
    cpu_millis: 1_500,
    memory_bytes: 64 << 20,
    disk_bytes: 1 << 30,
    inodes: 1_000,
    shm_bytes: 1 << 20,
    pids: 20,
    open_files: 100,
    log_bytes: 1 << 20,
};

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// redteam E7: version 2 against a tree of files; no host of ours has it alone.
#[test]
fn version_2_gets_its_limits() {
    let dir = tempfile::tempdir().unwrap();
    let mount = dir.path();
    std::fs::write(
        mount.join("cgroup.controllers"),
        "cpuset cpu io memory pids\n",
    )
    .unwrap();
    std::fs::create_dir_all(mount.join("iog/run")).unwrap();
    std::fs::write(mount.join("iog/run/memory.swap.max"), "max").unwrap();
    let tree = Tree::of_mounts(&format!(
        "29 23 0:26 / {} rw - cgroup2 cgroup2 rw,nsdelegate",
        mount.display()
    ));
    assert!(tree.limits());
    let group = Group::create(&tree, "run", &LIMITS).unwrap();
    let run = mount.join("iog/run");
    assert_eq!(text(&run.join("memory.max")), "67108864");
    assert_eq!(text(&run.join("memory.swap.max")), "0");
    assert_eq!(text(&run.join("cpu.max")), "150000 100000");
    assert_eq!(text(&run.join("pids.max")), "20");
    group.add(4_711).unwrap();
    assert_eq!(text(&run.join("cgroup.procs")), "4711");
    std::fs::write(
        run.join("memory.events"),
        "low 0\noom 3\noom_kill 2\noom_group_kill 0\n",
    )
    .unwrap();
    assert_eq!(group.oom_kills(), 2);
}

/// redteam J8: all jobs together leave the node its part, in both versions.
#[test]
fn jobs_together_are_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let mut mounts = String::new();
    for controller in ["memory", "cpu", "pids"] {
        let mount = dir.path().join(controller);
        std::fs::create_dir_all(&mount).unwrap();
        mounts += &format!(
            "31 25 0:27 / {} rw - cgroup cgroup rw,{controller}\n",
            mount.display()
        );
    }
    let tree = Tree::of_mounts(&mounts);
    tree.set_aside(None);
    let memory = dir.path().join("memory/iog/memory.limit_in_bytes");
    assert!(!memory.exists());
    tree.set_aside(Some((6_000, 30 << 30)));
    assert_eq!(text(&memory), "32212254720");
    assert_eq!(text(&dir.path().join("cpu/iog/cpu.cfs_quota_us")), "600000");
    let unified = tempfile::tempdir().unwrap();
    std::fs::write(
        unified.path().join("cgroup.controllers"),
        "cpu memory pids\n",
    )
    .unwrap();
    let tree = Tree::of_mounts(&format!(
        "29 23 0:26 / {} rw - cgroup2 cgroup2 rw",
        unified.path().display()
    ));
    tree.set_aside(Some((6_000, 30 << 30)));
    assert_eq!(text(&unified.path().join("iog/cpu.max")), "600000 100000");
    assert_eq!(text(&unified.path().join("iog/memory.max")), "32212254720");
}

/// redteam E7: of a tree that lacks a controller no run is made.
#[test]
fn without_a_limit_no_group() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("cgroup.controllers"), "cpu pids\n").unwrap();
    let tree = Tree::of_mounts(&format!(
        "29 23 0:26 / {} rw - cgroup2 cgroup2 rw",
        dir.path().display()
    ));
    assert!(!tree.limits());
    let refused = Group::create(&tree, "run", &LIMITS)
        .unwrap_err()
        .to_string();
    assert_eq!(
        refused,
        "the host failed: limits: memory, processor and processes cannot be limited"
    );
}

/// redteam E7: version 1 has the limits, the unified tree kills.
#[test]
fn hybrid_takes_each_from_where_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let mut mounts = String::new();
    for controller in ["memory", "cpu", "pids", "freezer"] {
        let mount = dir.path().join(controller);
        std::fs::create_dir_all(mount.join("iog/run")).unwrap();
        mounts += &format!(
            "31 25 0:27 / {} rw - cgroup cgroup rw,{controller}\n",
            mount.display()
        );
    }
    let unified = dir.path().join("unified");
    std::fs::create_dir(&unified).unwrap();
    std::fs::write(unified.join("cgroup.controllers"), "\n").unwrap();
    mounts += &format!(
        "32 25 0:28 / {} rw - cgroup2 cgroup2 rw\n",
        unified.display()
    );
    let tree = Tree::of_mounts(&mounts);
    assert!(tree.limits());
    assert_eq!(tree.folders("run").len(), 4);
    Group::create(&tree, "run", &LIMITS).unwrap();
    assert_eq!(
        text(&dir.path().join("memory/iog/run/memory.limit_in_bytes")),
        "67108864"
    );
    assert_eq!(
        text(&dir.path().join("cpu/iog/run/cpu.cfs_quota_us")),
        "150000"
    );
    assert_eq!(text(&dir.path().join("pids/iog/run/pids.max")), "20");
    assert_eq!(tree.unified_folder("run"), Some(unified.join("iog/run")));
}

/// redteam E7, on the host's own tree: what is in a group is gone after `kill`.
#[test]
fn the_hosts_own_tree_kills() {
    let tree = Tree::detect();
    if !tree.limits() {
        eprintln!("not run: this host does not let us limit");
        return;
    }
    let group = Group::create(&tree, &format!("test-{}", std::process::id()), &LIMITS).unwrap();
    let mut child = std::process::Command::new("sleep")
        .arg("1000")
        .spawn()
        .unwrap();
    group.add(child.id()).unwrap();
    assert_eq!(group.pids(), [child.id()]);
    // The child is ours and becomes a zombie, which is in no group.
    group.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    group.remove().unwrap();
    assert!(!group.exists());
}
