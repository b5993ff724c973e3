//! The keeper as processes: what happens to the others, or to the disk, stops no heartbeat.

use crate::world::World;
use iog_client::registry;
use std::{
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Ended with everything that it started, by the signal that does that.
struct Running(Child, &'static str);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = signal(self.1, self.0.id());
        let _ = self.0.wait();
    }
}

fn signal(name: &str, pid: u32) -> bool {
    let sent = Command::new("kill")
        .args([format!("-{name}"), pid.to_string()])
        .status();
    sent.is_ok_and(|status| status.success())
}

/// A node's configuration over the world's network, with its folders in `dir`.
fn configured(world: &World, dir: &Path, further: &str) -> PathBuf {
    let key = |name: &str| world.key_file(name).display().to_string();
    let locks = dir.join("locks");
    fs::create_dir_all(&locks).unwrap();
    let text = format!(
        "rpc_url = '{}'\nsingle_rpc = true\nfee_payer = '{}'\nstate_dir = '{}'\nlock_dir = '{}'\nroles = ['node', 'crank']\ntick_secs = 1\nbooks_mib = 2\n\
         {further}\n[fees]\nfloor_micro_lamports = 0\ncap_micro_lamports = 0\n[[device]]\nkey = '{}'\n[node]\nengine = 'sandbox'\n",
        world.net.rpc_url,
        key("keeper"),
        dir.join("state").display(),
        locks.display(),
        key("device-a"),
    );
    let path = dir.join("keeper.toml");
    fs::write(&path, text).unwrap();
    path
}

fn beats(world: &World) -> u64 {
    let device: registry::Device = world.read(&world.device).unwrap();
    device.beats_total
}

/// After two hours a device beats at once.
fn beats_again(world: &World) {
    let before = beats(world);
    world.net.net.advance_secs(2 * 3_600).unwrap();
    while beats(world) == before {
        thread::yield_now();
    }
}

/// Processes that this one started, by what they do.
fn child(of: u32, verb: &str) -> u32 {
    loop {
        let path = format!("/proc/{of}/task/{of}/children");
        let children = fs::read_to_string(path).unwrap_or_default();
        let found = children.split_whitespace().find(|pid| {
            let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split('\0').nth(1) == Some(verb)
        });
        if let Some(pid) = found {
            return pid.parse().unwrap();
        }
        thread::yield_now();
    }
}

/// redteam J1, K6: the job side is killed and the link side stopped.
#[tokio::test(flavor = "multi_thread")]
async fn heartbeats_need_no_other_process() {
    let world = World::new().await;
    let config = configured(&world, world.dir.path(), "");
    let node = Command::new(env!("CARGO_BIN_EXE_iog-keeper"))
        .args(["node", "--config"])
        .arg(&config)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let node = Running(node, "TERM");
    beats_again(&world);
    assert!(signal("KILL", child(node.0.id(), "jobs")));
    assert!(signal("STOP", child(node.0.id(), "link")));
    let chain = child(node.0.id(), "run");
    for _ in 0..3 {
        beats_again(&world);
    }
    assert_eq!(child(node.0.id(), "run"), chain, "it was never restarted");
    // Another one is there instead of the one that was killed.
    child(node.0.id(), "jobs");
    assert!(signal("CONT", child(node.0.id(), "link")));
}

/// redteam X1: the process that meets strangers dies. Its endpoint is back in less than five seconds, and chain and jobs, with whatever job there
/// is, have run on.
#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_dies_is_back_and_takes_nobody_with_it() {
    let world = World::new().await;
    let tunnel = world.dir.path().join("tunnel.json");
    fs::copy(world.key_file("supplier-b"), &tunnel).unwrap();
    let config = configured(&world, world.dir.path(), "");
    let text = fs::read_to_string(&config).unwrap();
    let tunnel = format!("[[device]]\ntunnel_key = '{}'\n", tunnel.display());
    fs::write(&config, text.replace("[[device]]\n", &tunnel)).unwrap();
    let node = Command::new(env!("CARGO_BIN_EXE_iog-keeper"))
        .args(["node", "--config"])
        .arg(&config)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let node = Running(node, "TERM");
    // Written when the endpoint is there.
    let bound = world.dir.path().join("state/node/link/bound.json");
    let is_bound = |begun: Instant| {
        while !bound.exists() {
            assert!(begun.elapsed() < Duration::from_secs(60), "no endpoint");
            thread::yield_now();
        }
        begun.elapsed()
    };
    is_bound(Instant::now());
    let id = node.0.id();
    let others = [child(id, "run"), child(id, "jobs")];
    let link = child(id, "link");
    fs::remove_file(&bound).unwrap();
    let killed = Instant::now();
    assert!(signal("KILL", link));
    let away = is_bound(killed);
    assert!(away < Duration::from_secs(5), "{away:?}");
    assert_ne!(child(id, "link"), link);
    assert_eq!([child(id, "run"), child(id, "jobs")], others);
    beats_again(&world);
}

/// redteam X4: everything that the keeper writes to lies on a disk without a free byte.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_stops_no_heartbeat() {
    let world = World::new().await;
    let dir = world.dir.path().join("small");
    fs::create_dir_all(&dir).unwrap();
    let (go, full) = (world.dir.path().join("go"), world.dir.path().join("full"));
    assert!(Command::new("mkfifo").arg(&go).status().unwrap().success());
    let config = configured(&world, world.dir.path(), "");
    let text = fs::read_to_string(&config).unwrap();
    let state = world.dir.path().join("state").display().to_string();
    fs::write(
        &config,
        text.replace(&state, &dir.join("state").display().to_string()),
    )
    .unwrap();
    let script = "set -e; mount -t tmpfs -o size=8m none \"$1\"; \"$2\" run --config \"$3\" & \
        read x < \"$4\"; \
        cat /dev/zero > \"$1/fill\" || :; head -c 1 /dev/zero > \"$1/more\" || :; [ -s \"$1/more\" ] || echo full > \"$5\"; wait";
    let keeper = Command::new("unshare")
        .args([
            "--user",
            "--map-root-user",
            "--mount",
            "--pid",
            "--kill-child",
            "sh",
            "-c",
            script,
            "sh",
        ])
        .args([
            &dir,
            Path::new(env!("CARGO_BIN_EXE_iog-keeper")),
            &config,
            &go,
            &full,
        ])
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .unwrap();
    // The first process of a namespace takes all others with it.
    let _keeper = Running(keeper, "KILL");
    beats_again(&world);
    // Waits for the reader at its other end.
    fs::write(&go, "go\n").unwrap();
    while !full.exists() {
        thread::yield_now();
    }
    for _ in 0..5 {
        beats_again(&world);
    }
}
