//! Docker in Podman's place: the operator's own daemon, by the Engine API.
//!
//! It has no user namespace for a lease alone: a job is a user of the host that is the lease's own, without a right. Its network is
//! Docker's `none`, named afterwards as a run's, so that filter and ports are the same.

use super::{
    api::Api,
    create::{rlimits, Make, MASKED},
    gate::Gate,
    host, Runtime,
};
use crate::error::EngineError;
use serde_json::{json, Value};
use std::path::{Path, PathBuf};

/// The oldest that has all that is asked here: Docker 20.10.
const VERSION: (u32, u32) = (1, 41);
/// Docker's own, which a list of ours replaces.
const MASKED_BY_DOCKER: [&str; 9] = [
    "/proc/acpi",
    "/proc/asound",
    "/proc/kcore",
    "/proc/keys",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/scsi",
    "/proc/timer_list",
    "/proc/timer_stats",
];

/// Speaks to a daemon that jobs are safe with.
///
/// # Errors
/// It does not answer, or is set up so that a job would not be what the order says; the message says what to change.
pub fn connect(socket: &Path, runtime: Runtime) -> Result<(Api, PathBuf), EngineError> {
    if runtime == Runtime::Runsc {
        return Err(host(
            "engine",
            "runsc runs by Podman only: set engine = \"container\"",
        ));
    }
    let version = Api::new(socket, "").get("/version")?;
    let version = version_of(&version)?;
    let api = Api::new(socket, &format!("/v{}.{}", version.0, version.1));
    let info = api.get("/info")?;
    match unfit(&info) {
        Some(why) => Err(host(
            "engine",
            &format!("Docker at {}: {why}", socket.display()),
        )),
        None => {
            let store = info.get("DockerRootDir").and_then(Value::as_str);
            Ok((api, PathBuf::from(store.unwrap_or("/var/lib/docker"))))
        }
    }
}

fn version_of(value: &Value) -> Result<(u32, u32), EngineError> {
    let of = |name: &str| {
        let (major, minor) = value.get(name)?.as_str()?.split_once('.')?;
        Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
    };
    let least = of("MinAPIVersion").unwrap_or(VERSION);
    match of("ApiVersion") {
        Some(most) if most >= VERSION => Ok(VERSION.max(least)),
        _ => Err(host("engine", "this is no Docker of 20.10 or later")),
    }
}

/// Why jobs do not run with a daemon.
fn unfit(info: &Value) -> Option<String> {
    let text = |name: &str| info.get(name).and_then(Value::as_str).unwrap_or_default();
    let list = |name: &str| info.get(name).map(Value::to_string).unwrap_or_default();
    let options = list("SecurityOptions");
    if info.get("LiveRestoreEnabled") != Some(&Value::Bool(true)) {
        return Some(
            "its restart would end all jobs: set \"live-restore\": true in daemon.json".into(),
        );
    }
    if text("CgroupDriver") != "cgroupfs" {
        return Some("all jobs together cannot be limited: set \"exec-opts\": [\"native.cgroupdriver=cgroupfs\"] in daemon.json".into());
    }
    if options.contains("name=userns") || options.contains("name=rootless") {
        return Some(
            "files of a job would be another user's: set no \"userns-remap\" and run it as root"
                .into(),
        );
    }
    if !options.contains("name=seccomp") {
        return Some("it filters no system calls: use a build with seccomp".into());
    }
    if list("DriverStatus").contains("io.containerd.snapshotter") {
        return Some("it names images otherwise than by their configuration: set \"features\": {\"containerd-snapshotter\": false} in daemon.json".into());
    }
    None
}

impl Make<'_> {
    /// For `POST /containers/create` of Docker. What the image says is not in it: its configuration there is ours.
    pub fn docker(&self, gate: &Gate, profile: &str) -> Value {
        let limits = &self.run.limits;
        let user = format!("{0}:{0}", self.uid);
        let masked = [&MASKED_BY_DOCKER[..], &MASKED, &["/sys/fs/cgroup"]].concat();
        json!({
            "Image": format!("sha256:{}", self.image),
            "Entrypoint": [],
            "Cmd": gate.command,
            "Env": [],
            "User": user,
            "WorkingDir": "/work",
            "Hostname": "iog",
            "Labels": {"iog.run": self.run.id.to_string()},
            "StopSignal": "9",
            "Tty": false,
            "OpenStdin": false,
            "HostConfig": {
                "Runtime": "runc",
                "NetworkMode": "none",
                "IpcMode": "private",
                "CgroupnsMode": "private",
                "CgroupParent": "/iog",
                "ReadonlyRootfs": true,
                "CapDrop": ["ALL"],
                "SecurityOpt": ["no-new-privileges:true", format!("seccomp={profile}")],
                "RestartPolicy": {"Name": "no"},
                "LogConfig": {"Type": "none", "Config": {}},
                "Memory": limits.memory_bytes,
                "MemorySwap": limits.memory_bytes,
                "CpuQuota": self.cpu_quota(),
                "CpuPeriod": 100_000,
                "CpuShares": 256,
                "PidsLimit": limits.pids,
                "OomScoreAdj": 500,
                "ShmSize": limits.shm_bytes,
                "Ulimits": self.ulimits(),
                "Tmpfs": {"/tmp": format!("rw,exec,nosuid,nodev,mode=1777,size={}", self.tmp_bytes())},
                "Mounts": self.binds(gate),
                "MaskedPaths": masked,
                "Devices": self.nodes(),
                "DeviceRequests": self.requests(),
            },
        })
    }

    fn ulimits(&self) -> Vec<Value> {
        let limits = rlimits(self.run).map(|(name, value)| {
            json!({"Name": name.to_ascii_lowercase(), "Soft": value, "Hard": value})
        });
        limits.to_vec()
    }

    fn binds(&self, gate: &Gate) -> Vec<Value> {
        let bind = |source: &Path, target: &str, read_only: bool| {
            json!({"Type": "bind", "Source": source, "Target": target, "ReadOnly": read_only,
                "BindOptions": {"Propagation": "rprivate"}})
        };
        let mut binds = vec![
            bind(&self.work, "/work", false),
            bind(&self.secrets, "/run/iog/secrets", true),
        ];
        for name in ["resolv.conf", "hosts"] {
            binds.push(bind(&self.etc.join(name), &format!("/etc/{name}"), true));
        }
        binds.extend(
            self.of_host()
                .map(|path| bind(path, &path.to_string_lossy(), true)),
        );
        let of_gate = gate.binds.iter();
        binds.extend(of_gate.map(|(source, target)| bind(source, target, true)));
        binds
    }

    /// Of cards that no vendor's runtime has to bring.
    fn nodes(&self) -> Vec<Value> {
        let cards = self.run.cards.iter().filter(|card| card.cdi.is_none());
        let nodes = cards.flat_map(|card| &card.nodes);
        nodes
            .map(|node| {
                json!({"PathOnHost": node, "PathInContainer": node, "CgroupPermissions": "rw"})
            })
            .collect()
    }

    fn requests(&self) -> Vec<Value> {
        let cards = self.run.cards.iter().filter(|card| card.cdi.is_some());
        let ids: Vec<_> = cards.map(|card| card.uuid.as_str()).collect();
        match ids.is_empty() {
            true => Vec::new(),
            false => vec![
                json!({"Driver": "nvidia", "DeviceIDs": ids, "Capabilities": [["gpu", "compute", "utility"]]}),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{unfit, version_of};
    use serde_json::json;

    #[test]
    fn a_daemon_that_would_break_jobs_is_refused_with_what_to_change() {
        let good = json!({"LiveRestoreEnabled": true, "CgroupDriver": "cgroupfs",
            "SecurityOptions": ["name=apparmor", "name=seccomp,profile=default"],
            "DriverStatus": [["Backing Filesystem", "extfs"]]});
        assert_eq!(unfit(&good), None);
        for (name, value, word) in [
            ("LiveRestoreEnabled", json!(false), "\"live-restore\": true"),
            (
                "CgroupDriver",
                json!("systemd"),
                "native.cgroupdriver=cgroupfs",
            ),
            (
                "SecurityOptions",
                json!(["name=seccomp", "name=userns"]),
                "userns-remap",
            ),
            ("SecurityOptions", json!(["name=apparmor"]), "seccomp"),
            (
                "DriverStatus",
                json!([["driver-type", "io.containerd.snapshotter.v1"]]),
                "containerd-snapshotter",
            ),
        ] {
            let mut bad = good.clone();
            bad[name] = value;
            assert!(unfit(&bad).unwrap_or_default().contains(word), "{name}");
        }
    }

    #[test]
    fn the_api_is_the_oldest_that_both_know() {
        let of = |least: &str, most: &str| {
            version_of(&json!({"ApiVersion": most, "MinAPIVersion": least})).ok()
        };
        assert_eq!(of("1.12", "1.41"), Some((1, 41)));
        assert_eq!(of("1.44", "1.52"), Some((1, 44)));
        assert_eq!(of("1.12", "1.40"), None);
    }
}
