//! What runs inside a job of kind `ray`, with the real Ray, in a network of its own.
//!
//! Needs root, and Ray where `cargo xtask setup` puts it (or `IOG_RAY`).

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const NODE: &str = include_str!("../src/jobs/ray/node.py");
const WITHIN: Duration = Duration::from_secs(180);
/// A network with loopback alone, which has the head's address; memory file systems of its own; all of it goes with the last process.
const INSIDE: &str = "mount -t tmpfs tmpfs /tmp && mount -t tmpfs -o size=512m tmpfs /dev/shm && ip link set lo up && ip addr add 10.77.0.1/16 dev lo && cd \"$HOME\" && exec python3 -c \"$0\" \"$1\"";

fn ray() -> PathBuf {
    let named = std::env::var_os("IOG_RAY").map(PathBuf::from);
    let cache = std::env::var_os("IOG_CACHE").map(PathBuf::from);
    let home = || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/iog");
    let found = named.unwrap_or_else(|| cache.unwrap_or_else(home).join("python/ray"));
    assert!(
        found.join("bin/ray").exists(),
        "there is no Ray in {}: run cargo xtask setup, or name it by IOG_RAY",
        found.display()
    );
    found
}

/// Ends with everything in it, however the test ends.
struct Node(Child);

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(work: &Path, command: &[&str]) -> Node {
    let token = work.join("token");
    fs::write(&token, "0123456789abcdef0123456789abcdef0123456789abcdef").unwrap();
    let config = serde_json::json!({
        "head": true, "command": command, "min_nodes": 1, "cpus": 1, "gpus": 0,
        "memory_bytes": 1u64 << 30, "object_store_bytes": 100_000_000, "resources": {},
    });
    let path = format!("{}/bin:/usr/sbin:/usr/bin:/sbin:/bin", ray().display());
    let child = Command::new("unshare")
        .args([
            "--net",
            "--mount",
            "--pid",
            "--fork",
            "--kill-child",
            "--mount-proc",
        ])
        .args(["sh", "-c", INSIDE, NODE, &config.to_string()])
        .env_clear()
        .env("PATH", path)
        .env("HOME", work)
        .env("IOG_ADDRESS", "10.77.0.1")
        .env("RAY_AUTH_MODE", "token")
        .env("RAY_AUTH_TOKEN_PATH", &token)
        .env("RAY_USAGE_STATS_ENABLED", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("unshare of util-linux, as root");
    Node(child)
}

fn code(node: &mut Node) -> i32 {
    let since = Instant::now();
    loop {
        if let Some(status) = node.0.try_wait().unwrap() {
            return status.code().expect("a code");
        }
        assert!(since.elapsed() < WITHIN, "it does not end");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Reads on in a thread, so that nothing waits for a full pipe.
fn words(node: &mut Node) -> std::thread::JoinHandle<String> {
    let mut from = node.0.stderr.take().unwrap();
    std::thread::spawn(move || {
        let mut words = String::new();
        let _ = from.read_to_string(&mut words);
        words
    })
}

/// The command goes through Ray's own Jobs API: its log, alone, is what the run writes, and its code is the run's. redteam mesh M7: the token
/// is in neither.
#[test]
fn a_commands_log_and_code_are_the_runs() {
    let work = tempfile::tempdir_in("/var/tmp").unwrap();
    let script = "import ray, os\nray.init()\nprint('sum', sum(ray.get([ray.remote(lambda x: x * x).remote(n) for n in range(5)])))\nprint('in', os.getcwd())\nraise SystemExit(7)";
    let mut node = start(work.path(), &["python3", "-c", script]);
    let words = words(&mut node);
    let mut log = String::new();
    let mut from = node.0.stdout.take().unwrap();
    from.read_to_string(&mut log).unwrap();
    let code = code(&mut node);
    let words = words.join().unwrap();
    assert_eq!(code, 7, "{words}");
    assert!(log.contains("sum 30\n"), "{log}\n{words}");
    assert!(
        log.contains(&format!("in {}\n", work.path().display())),
        "{log}"
    );
    assert!(!log.contains("iog:"), "{log}");
    assert!(words.contains("iog: submitted as raysubmit_"), "{words}");
    assert!(!log.contains("0123456789abcdef") && !words.contains("0123456789abcdef"));
}

/// A head that dies under its job ends the run with a code that is not the command's: the job's rule decides what comes then.
#[test]
fn rays_end_is_the_runs_end() {
    let work = tempfile::tempdir_in("/var/tmp").unwrap();
    let script =
        "import os, ray, time\nray.init()\nos.system('pkill -9 gcs_server')\ntime.sleep(600)";
    let mut node = start(work.path(), &["python3", "-c", script]);
    let words = words(&mut node);
    let code = code(&mut node);
    let words = words.join().unwrap();
    assert_eq!(code, 75, "{words}");
    assert!(words.contains("iog: submitted as"), "{words}");
    assert!(words.contains("iog: Ray ended here"), "{words}");
}
