use super::Runtime;
use crate::{capacity, engine::RunSpec, error::EngineError, image::Start};
use iog_job::{Hash, Kind};
use serde_json::{json, Value};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// A tmpfs; what is in it counts as the job's memory.
const TMP_SHARE: u64 = 2;
const RUNSC_THREADS: u64 = 128;
/// Waits for people; its shell buries what they leave.
pub const SESSION: [&str; 3] = ["/bin/sh", "-c", "while :; do sleep 3600 & wait $!; done"];
/// What the kernel says of the machine and no job needs, beside the engine's own list.
pub const MASKED: [&str; 7] = [
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
    /// Inside.
    pub uid: u32,
    pub runtime: Runtime,
    pub work: PathBuf,
    pub secrets: PathBuf,
    /// The kernel's files of the run's own network, none of the host's.
    pub sys: PathBuf,
    pub etc: PathBuf,
    pub net: PathBuf,
    /// Of system calls.
    pub profile: PathBuf,
    /// With the host's own programs, to see whether it starts any.
    pub of_the_host: bool,
}

impl Make<'_> {
    pub fn json(&self) -> Result<Value, EngineError> {
        let (run, limits) = (self.run, &self.run.limits);
        let private = json!({"nsmode": "private"});
        let memory = limits.memory_bytes;
        let r_limits: Vec<_> = rlimits(run)
            .iter()
            .map(|(name, value)| json!({"type": name, "soft": value, "hard": value}))
            .collect();
        let mut json = json!({
            "name": self.name,
            "image": self.image.to_string(),
            "entrypoint": [],
            "command": self.command()?,
            "env": self.env(),
            "unsetenvall": true,
            "work_dir": "/work",
            "user": format!("{0}:{0}", self.uid),
            "hostname": "iog",
            "labels": {"iog.run": run.id.to_string()},
            "read_only_filesystem": true,
            // An image's own may be no signal at all.
            "stop_signal": 9,
            // Volumes that an image names would lie beside the lease's disk, and its health checks run by the host's clock.
            "image_volume_mode": "ignore",
            "healthconfig": {"Test": ["NONE"]},
            "cap_drop": ["all"],
            "no_new_privileges": true,
            "seccomp_profile_path": self.profile,
            "privileged": false,
            "init": false,
            "stdin": false,
            "terminal": false,
            "restart_policy": "no",
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
                "cpu": {"quota": self.cpu_quota(), "period": 100_000, "shares": 256},
                "pids": {"limit": self.pids()},
            },
            // Where memory is short, the job goes first.
            "oom_score_adj": 500,
            "r_limits": r_limits,
        });
        if let (Runtime::Runc, Some(fields)) = (self.runtime, json.as_object_mut()) {
            let map = json!([{"container_id": 0, "host_id": run.uid_base, "size": 65_536}]);
            fields.insert("userns".into(), private);
            fields.insert("idmappings".into(), json!({"HostUIDMapping": false, "HostGIDMapping": false, "UIDMap": map, "GIDMap": map}));
        }
        Ok(json)
    }

    /// runsc has threads of its own beside those of the job, and one for each of its processes; without them all of it dies. redteam E6
    fn pids(&self) -> u64 {
        let pids = u64::from(self.run.limits.pids);
        match self.runtime {
            Runtime::Runc => pids,
            Runtime::Runsc => pids.saturating_mul(2).saturating_add(RUNSC_THREADS),
        }
    }

    /// The kernel refuses one above that of all jobs together.
    pub fn cpu_quota(&self) -> u64 {
        let own = self.run.limits.cpu_millis;
        let millis = capacity::together().map_or(own, |(most, _)| own.min(most));
        u64::from(millis).saturating_mul(100).max(1_000)
    }

    pub fn tmp_bytes(&self) -> u64 {
        self.run.limits.memory_bytes / TMP_SHARE
    }

    /// Where the host's own programs are, if they are wanted.
    pub fn of_host(&self) -> impl Iterator<Item = &'static Path> {
        let names = ["/usr", "/bin", "/lib", "/lib64"].map(Path::new);
        let wanted = self.of_the_host;
        names
            .into_iter()
            .filter(move |path| wanted && path.exists())
    }

    pub fn command(&self) -> Result<Vec<String>, EngineError> {
        let command = match (self.run.spec.kind, self.run.spec.command.is_empty()) {
            (Kind::Session, _) => SESSION.map(String::from).to_vec(),
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
    pub fn env(&self) -> BTreeMap<String, String> {
        let mut env: BTreeMap<String, String> = BTreeMap::from([("PATH".into(), PATH.into())]);
        let of_image = self
            .start
            .env
            .iter()
            .filter(|(name, value)| is_plain(name, value))
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
        let mut mounts = vec![
            bind(&self.work, "/work", &["rw"]),
            bind(&self.secrets, "/run/iog/secrets", &["ro", "noexec"]),
            bind(&self.sys, "/sys", &["ro", "noexec"]),
            json!({"destination": "/tmp", "source": "tmpfs", "type": "tmpfs",
                "options": ["rw", "nosuid", "nodev", "mode=1777", "notmpcopyup", format!("size={}", self.tmp_bytes())]}),
        ];
        for name in ["resolv.conf", "hosts"] {
            mounts.push(bind(
                &self.etc.join(name),
                &format!("/etc/{name}"),
                &["ro", "noexec"],
            ));
        }
        let of_host = self.of_host();
        mounts.extend(of_host.map(|path| bind(path, &path.to_string_lossy(), &["ro"])));
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

/// Of an image's variables those that are some.
fn is_plain(name: &str, value: &str) -> bool {
    !name.is_empty() && !name.contains('\0') && !value.contains('\0')
}

fn is_vendors(name: &str) -> bool {
    name.starts_with("NVIDIA_") || name == "CUDA_VISIBLE_DEVICES"
}

/// Where secrets are wanted in the environment, a shell inside puts them there: they are in no configuration of the engine. redteam S1, E3
pub fn wrapped(run: &RunSpec, command: Vec<String>) -> Vec<String> {
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
pub fn rlimits(run: &RunSpec) -> [(&'static str, u64); 4] {
    use rustix::process::{getrlimit, Resource};
    let own = |resource, wanted: u64| {
        getrlimit(resource)
            .maximum
            .map_or(wanted, |most| wanted.min(most))
    };
    [
        ("NPROC", own(Resource::Nproc, u64::from(run.limits.pids))),
        ("NOFILE", own(Resource::Nofile, run.limits.open_files)),
        ("CORE", 0),
        ("MEMLOCK", own(Resource::Memlock, run.limits.memory_bytes)),
    ]
}
