use super::{book::Book, etc, Shared};
use crate::{
    cgroup::Group,
    engine::RunSpec,
    runs::Runs,
    supervise::{Bind, Plan},
};
use iog_job::Kind;
use std::path::Path;

/// Of the kernel's words that say more of the host than a job needs. Masked as container engines do.
const MASKED: [&str; 7] = [
    "/proc/cmdline",
    "/proc/kallsyms",
    "/proc/keys",
    "/proc/key-users",
    "/proc/sched_debug",
    "/proc/timer_list",
    "/proc/version",
];
/// Where programs look for what no program of ours overrides. redteam J3
const FIXED: [&str; 3] = ["HOME", "USER", "PATH"];

impl Shared {
    pub(super) fn plan(&self, book: &Book, group: Option<Group>) -> Plan {
        let run = &book.run;
        let mut args = arguments(run, self.root);
        args.extend(self.of_the_host());
        let mut binds = vec![
            bind(&self.run_dir(&run.id).join("etc"), "/etc", false),
            bind(&book.work, "/work", true),
            bind(&book.secrets, "/run/iog/secrets", false),
        ];
        for (name, is_dir) in etc::OF_THE_HOST {
            let path = Path::new("/etc").join(name);
            if path.exists() && path.is_dir() == is_dir {
                binds.push(bind(&path, &path.to_string_lossy(), false));
            }
        }
        for program in &self.settings.programs {
            binds.push(bind(program, &program.to_string_lossy(), false));
        }
        let secrets = run.spec.secrets.iter().filter_map(|secret| {
            let env = secret.env.clone()?;
            Some((env, book.secrets.join(&secret.name)))
        });
        let command = match (run.spec.kind, run.spec.command.is_empty()) {
            (Kind::Session, true) | (_, true) => vec!["/usr/bin/sleep".into(), "infinity".into()],
            _ => run.spec.command.clone(),
        };
        Plan {
            program: self.settings.bwrap.clone(),
            args,
            binds,
            command,
            env: environment(run),
            secrets: secrets.collect(),
            group,
            netns: self.net(&run.id).map(|net| net.path()),
            uid: self
                .root
                .then(|| run.uid_base.saturating_add(super::INSIDE_UID)),
            limits: Some(run.limits),
            log: self.lease_dir(&run.id).join("log"),
            time_limit_secs: run.spec.time_limit_secs,
            attempt: run.id.attempt,
        }
    }

    /// The host's programs and libraries as they lie: folders of `/`, or links into `/usr`.
    fn of_the_host(&self) -> Vec<String> {
        let mut args = Vec::new();
        let mut add = |words: [&str; 3]| args.extend(words.map(str::to_owned));
        add(["--ro-bind", "/usr", "/usr"]);
        for name in ["/bin", "/sbin", "/lib", "/lib32", "/lib64"] {
            match std::fs::read_link(name) {
                Ok(link) => add(["--symlink", &link.to_string_lossy(), name]),
                Err(_) if Path::new(name).is_dir() => add(["--ro-bind", name, name]),
                Err(_) => {}
            }
        }
        for name in MASKED.iter().filter(|name| Path::new(name).exists()) {
            add(["--ro-bind", "/dev/null", name]);
        }
        args
    }
}

fn arguments(run: &RunSpec, root: bool) -> Vec<String> {
    let id = super::INSIDE_UID.to_string();
    let mut args: Vec<String> = [
        "--unshare-user",
        "--unshare-pid",
        "--unshare-ipc",
        "--unshare-uts",
        "--unshare-cgroup",
        "--new-session",
        "--die-with-parent",
        "--hostname",
        "iog",
        "--uid",
        &id,
        "--gid",
        &id,
        "--proc",
        "/proc",
        "--dev",
        "/dev",
    ]
    .map(str::to_owned)
    .into();
    // As root it starts in a namespace of our making, which belongs to the host: the job has no rights to it.
    if !root {
        args.push("--unshare-net".into());
    }
    for (folder, bytes) in [
        ("/dev/shm", run.limits.shm_bytes),
        ("/tmp", run.limits.memory_bytes / 2),
    ] {
        let bytes = bytes.max(4_096).to_string();
        args.extend(["--perms", "1777", "--size", &bytes, "--tmpfs", folder].map(str::to_owned));
    }
    for node in run.cards.iter().flat_map(|card| &card.nodes) {
        let node = node.to_string_lossy().into_owned();
        args.extend(["--dev-bind".to_owned(), node.clone(), node]);
    }
    args.extend(["--remount-ro", "/dev"].map(str::to_owned));
    args
}

fn bind(source: &Path, target: &str, writable: bool) -> Bind {
    Bind {
        source: source.to_owned(),
        target: target.to_owned(),
        writable,
    }
}

/// The job's own, and over it what the node says.
pub fn environment(run: &RunSpec) -> Vec<(String, String)> {
    let mut env = run.spec.env.clone();
    let defaults = ["/work", "job", "/usr/local/bin:/usr/bin:/bin"];
    for (name, value) in FIXED.iter().zip(defaults) {
        env.entry((*name).to_owned())
            .or_insert_with(|| value.to_owned());
    }
    env.extend(run.env.iter().cloned());
    env.into_iter()
        .filter(|(name, _)| !name.is_empty() && !name.contains('='))
        .collect()
}
