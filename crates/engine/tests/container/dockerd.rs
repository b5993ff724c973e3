//! A Docker of the tests' own with its own containerd, in a folder that goes with it.

#![allow(dead_code)]

use std::{
    ffi::OsString,
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::{Duration, Instant},
};
use tempfile::TempDir;

const READY_WITHIN: Duration = Duration::from_secs(30);

pub struct Dockerd {
    pub socket: PathBuf,
    containerd: Child,
    daemon: Mutex<Child>,
    dir: TempDir,
    path: Option<OsString>,
}

/// Prints why and is true where a test cannot have one.
pub fn skips() -> bool {
    let absent = ["/usr/sbin/dockerd", "/usr/bin/containerd"]
        .into_iter()
        .find(|path| !Path::new(path).exists());
    if let Some(absent) = absent {
        eprintln!("not run: {absent} is not installed");
    }
    crate::support::skips_without_root() || absent.is_some()
}

impl Dockerd {
    /// One for all tests that run at a time.
    pub fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Dockerd>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let new = Arc::new(Self::start(None));
            *shared = Arc::downgrade(&new);
            new
        })
    }

    /// With a folder of programs before all others.
    pub fn start(programs: Option<&Path>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let configuration = dir.path().join("containerd.toml");
        let text = "version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n";
        std::fs::write(&configuration, text).unwrap();
        let path = programs.map(|programs| {
            let mut path = OsString::from(programs);
            path.push(":/usr/sbin:/usr/bin:/sbin:/bin");
            path
        });
        let mut command = Command::new("/usr/bin/containerd");
        command.arg("--config").arg(configuration);
        for (flag, name) in [
            ("--root", "root"),
            ("--state", "state"),
            ("--address", "c.sock"),
        ] {
            command.arg(flag).arg(dir.path().join(name));
        }
        let containerd = quiet(&mut command, path.as_ref());
        until_listening(&dir.path().join("c.sock"));
        let daemon = daemon(dir.path(), path.as_ref());
        Self {
            socket: dir.path().join("d.sock"),
            containerd,
            daemon: Mutex::new(daemon),
            dir,
            path,
        }
    }

    /// Ends the daemon as a crash would, and starts it again.
    pub fn crash_and_start(&self) {
        let mut held = self.daemon.lock().unwrap();
        held.kill().unwrap();
        held.wait().unwrap();
        std::fs::remove_file(self.dir.path().join("d.pid")).ok();
        *held = daemon(self.dir.path(), self.path.as_ref());
    }

    pub fn get(&self, path: &str) -> serde_json::Value {
        let output = curl(&self.socket, &format!("http://docker/v1.41{path}"));
        serde_json::from_slice(&output).unwrap_or_default()
    }
}

fn curl(socket: &Path, url: &str) -> Vec<u8> {
    let mut command = Command::new("curl");
    command.arg("-s").arg("--unix-socket").arg(socket).arg(url);
    command.output().unwrap().stdout
}

fn daemon(dir: &Path, path: Option<&OsString>) -> Child {
    let configuration = dir.join("daemon.json");
    std::fs::write(&configuration, "{\"live-restore\": true}").unwrap();
    let mut command = Command::new("/usr/sbin/dockerd");
    for (flag, name) in [
        ("--config-file", "daemon.json"),
        ("--containerd", "c.sock"),
        ("--data-root", "data"),
        ("--exec-root", "exec"),
        ("--pidfile", "d.pid"),
    ] {
        command.arg(flag).arg(dir.join(name));
    }
    command
        .arg("--host")
        .arg(format!("unix://{}", dir.join("d.sock").display()))
        .args(["--iptables=false", "--ip6tables=false", "--bridge=none"])
        .arg("--exec-opt=native.cgroupdriver=cgroupfs");
    let daemon = quiet(&mut command, path);
    let end = Instant::now() + READY_WITHIN;
    while curl(&dir.join("d.sock"), "http://docker/_ping") != b"OK" {
        assert!(Instant::now() < end, "dockerd does not answer");
        std::thread::yield_now();
    }
    daemon
}

fn quiet(command: &mut Command, path: Option<&OsString>) -> Child {
    if let Some(path) = path {
        command.env("PATH", path);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn until_listening(socket: &Path) {
    let end = Instant::now() + READY_WITHIN;
    while UnixStream::connect(socket).is_err() {
        assert!(Instant::now() < end, "{} is not there", socket.display());
        std::thread::yield_now();
    }
}

fn end(child: &mut Child) {
    let pid = i32::try_from(child.id()).unwrap();
    if let Some(pid) = rustix::process::Pid::from_raw(pid) {
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).ok();
    }
    let last = Instant::now() + READY_WITHIN;
    while matches!(child.try_wait(), Ok(None)) {
        if Instant::now() > last {
            child.kill().ok();
            child.wait().ok();
        }
        std::thread::yield_now();
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        end(&mut self.daemon.lock().unwrap_or_else(PoisonError::into_inner));
        // What a failed test left: each of them names its containerd.
        let address = self.dir.path().join("c.sock").display().to_string();
        for entry in std::fs::read_dir("/proc").unwrap().flatten() {
            let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            let pid = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            let pid = pid.and_then(rustix::process::Pid::from_raw);
            if let (true, Some(pid)) = (
                line.contains("containerd-shim") && line.contains(&address),
                pid,
            ) {
                rustix::process::kill_process(pid, rustix::process::Signal::KILL).ok();
            }
        }
        end(&mut self.containerd);
        crate::bench::unmount_beneath(self.dir.path());
    }
}
