use super::INSIDE_UID;
use crate::{engine::RunSpec, error::EngineError, image::Start};
use iog_job::{Hash, Kind};
use serde_json::{json, Value};
use std::{collections::BTreeMap, path::Path};

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// A tmpfs; what is in it counts as the job's memory.
const TMP_SHARE: u64 = 2;
/// What the kernel says of the machine and no job needs, beside the engine's own list.
const MASKED: [&str; 7] = [
    "/sys/class/dmi",
    "/sys/devices/virtual/dmi",
    "/sys/firmware",
    "/sys/fs/ext4",
    "/sys/kernel",
    "/sys/power",
    "/sys/block",
];

/// What a container is made of, for `containers/create`.
pub struct Make<'a> {
    pub run: &'a RunSpec,
    pub name: &'a str,
    pub image: &'a Hash,
    pub start: &'a Start,
    pub work: &'a Path,
    pub secrets: &'a Path,
    /// The kernel's files of the run's own network, none of the host's.
    pub sys: &'a Path,
    pub etc: &'a Path,
    pub net: &'a Path,
}

impl Make<'_> {
    pub fn json(&self) -> Result<Value, EngineError> {
        let (run, limits) = (self.run, &self.run.limits);
        let map = json!([{"container_id": 0, "host_id": run.uid_base, "size": 65_536}]);
        let private = json!({"nsmode": "private"});
        let memory = limits.memory_bytes;
        let quota = u64::from(limits.cpu_millis).saturating_mul(100).max(1_000);
        Ok(json!({
            "name": self.name,
            "image": self.image.to_string(),
            "entrypoint": [],
            "command": self.command()?,
            "env": self.env(),
            "unsetenvall": true,
            "work_dir": "/work",
            "user": format!("{INSIDE_UID}:{INSIDE_UID}"),
            "hostname": "iog",
            "labels": {"iog.run": run.id.to_string()},
            "read_only_filesystem": true,
            // Volumes that an image names would lie beside the lease's disk, and its health checks run by the host's clock.
            "image_volume_mode": "ignore",
            "healthconfig": {"Test": ["NONE"]},
            "cap_drop": ["all"],
            "no_new_privileges": true,
            "privileged": false,
            "init": false,
            "stdin": false,
            "terminal": false,
            "restart_policy": "no",
            "userns": private,
            "idmappings": {"HostUIDMapping": false, "HostGIDMapping": false, "UIDMap": map, "GIDMap": map},
            "netns": {"nsmode": "path", "value": self.net},
            "pidns": private, "ipcns": private, "utsns": private, "cgroupns": private,
            "use_image_hosts": true,
            "use_image_resolve_conf": true,
            "log_configuration": {"driver": "none"},
            "cgroup_parent": "/iog",
            "mask": MASKED,
            "shm_size": limits.shm_bytes,
            "mounts": self.mounts(),
            "devices": self.devices(),
            "resource_limits": {
                "memory": {"limit": memory, "swap": memory},
                "cpu": {"quota": quota, "period": 100_000, "shares": 256},
                "pids": {"limit": limits.pids},
            },
            "r_limits": rlimits(run),
        }))
    }

    fn command(&self) -> Result<Vec<String>, EngineError> {
        let command = match (self.run.spec.kind, self.run.spec.command.is_empty()) {
            // Waits for people; its shell buries what they leave.
            (Kind::Session, _) => ["/bin/sh", "-c", "while :; do sleep 3600 & wait $!; done"]
                .map(String::from)
                .to_vec(),
            (_, false) => self.run.spec.command.clone(),
            (_, true) => self.start.command.clone(),
        };
        if command.is_empty() {
            return Err(EngineError::Image(
                "neither it nor the job says what to run".into(),
            ));
        }
        Ok(wrapped(self.run, command))
    }

    /// The image's, without what cards' runtimes and the loader obey; the job's; the node's. redteam E5, J3
    fn env(&self) -> BTreeMap<String, String> {
        let mut env: BTreeMap<String, String> = BTreeMap::from([("PATH".into(), PATH.into())]);
        let of_image = self
            .start
            .env
            .iter()
            .filter(|(name, _)| !is_vendors(name) && !name.starts_with("LD_"));
        env.extend(of_image.cloned());
        env.extend(of_job(self.run));
        env
    }

    fn mounts(&self) -> Vec<Value> {
        let bind = |source: &Path, target: &str, options: &[&str]| {
            let options = [&["bind", "rprivate", "nosuid", "nodev"], options].concat();
            json!({"destination": target, "source": source, "type": "bind", "options": options})
        };
        let tmp = self.run.limits.memory_bytes / TMP_SHARE;
        let mut mounts = vec![
            bind(self.work, "/work", &["rw"]),
            bind(self.secrets, "/run/iog/secrets", &["ro", "noexec"]),
            bind(self.sys, "/sys", &["ro", "noexec"]),
            json!({"destination": "/tmp", "source": "tmpfs", "type": "tmpfs",
                "options": ["rw", "nosuid", "nodev", "mode=1777", "notmpcopyup", format!("size={tmp}")]}),
        ];
        for name in ["resolv.conf", "hosts"] {
            mounts.push(bind(
                &self.etc.join(name),
                &format!("/etc/{name}"),
                &["ro", "noexec"],
            ));
        }
        mounts
    }

    fn devices(&self) -> Vec<Value> {
        let cards = self.run.cards.iter();
        let paths = cards.flat_map(|card| match &card.cdi {
            Some(name) => vec![json!({"path": name})],
            None => card
                .nodes
                .iter()
                .map(|node| json!({"path": node}))
                .collect(),
        });
        paths.collect()
    }
}

fn of_job(run: &RunSpec) -> impl Iterator<Item = (String, String)> + '_ {
    let own = run
        .spec
        .env
        .iter()
        .filter(|(name, _)| !name.starts_with("NVIDIA_"));
    let fixed = [("HOME", "/work"), ("NVIDIA_VISIBLE_DEVICES", "void")];
    let own = own.map(|(name, value)| (name.clone(), value.clone()));
    own.chain(fixed.map(|(name, value)| (name.into(), value.into())))
        .chain(run.env.iter().cloned())
}

/// Of commands that are run beside the job.
pub fn environment(run: &RunSpec) -> Vec<(String, String)> {
    let env: BTreeMap<String, String> = [("PATH".into(), PATH.into())]
        .into_iter()
        .chain(of_job(run))
        .collect();
    env.into_iter().collect()
}

fn is_vendors(name: &str) -> bool {
    name.starts_with("NVIDIA_") || name == "CUDA_VISIBLE_DEVICES"
}

/// Where secrets are wanted in the environment, a shell inside puts them there: they are in no configuration of the engine. redteam S1, E3
fn wrapped(run: &RunSpec, command: Vec<String>) -> Vec<String> {
    let exports: Vec<String> = run
        .spec
        .secrets
        .iter()
        .filter_map(|secret| {
            let name = secret.env.as_ref().filter(|name| is_variable(name))?;
            let file = format!("/run/iog/secrets/{}", secret.name).replace('\'', r"'\''");
            // The letter behind keeps line feeds at the value's end.
            Some(format!("{name}=$(cat '{file}' && printf x) || exit 126; {name}=${{{name}%x}}; export {name}; "))
        })
        .collect();
    if exports.is_empty() {
        return command;
    }
    let script = format!("{}exec \"$@\"", exports.concat());
    let mut wrapped = vec![
        "/bin/sh".to_owned(),
        "-c".to_owned(),
        script,
        "iog".to_owned(),
    ];
    wrapped.extend(command);
    wrapped
}

fn is_variable(name: &str) -> bool {
    let first = name
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    first
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

pub fn wants_shell(run: &RunSpec) -> bool {
    run.spec.kind == Kind::Session || run.spec.secrets.iter().any(|secret| secret.env.is_some())
}

/// All of them explicit: a host that lacks the right to raise them refuses the engine's own defaults.
fn rlimits(run: &RunSpec) -> Vec<Value> {
    use rustix::process::{getrlimit, Resource};
    let own = |resource, wanted: u64| {
        getrlimit(resource)
            .maximum
            .map_or(wanted, |most| wanted.min(most))
    };
    let pids = own(Resource::Nproc, u64::from(run.limits.pids));
    let files = own(Resource::Nofile, run.limits.open_files);
    [
        ("NPROC", pids),
        ("NOFILE", files),
        ("CORE", 0),
        ("MEMLOCK", own(Resource::Memlock, run.limits.memory_bytes)),
    ]
    .into_iter()
    .map(|(name, value)| json!({"type": name, "soft": value, "hard": value}))
    .collect()
}
