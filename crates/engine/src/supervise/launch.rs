use super::{host, plan::Plan, PLAN, SANDBOX};
use crate::{error::EngineError, files::read_json, seccomp};
use nix::sched::{unshare, CloneFlags};
use rustix::{
    fs::{memfd_create, MemfdFlags, Mode, OFlags, CWD},
    io::{fcntl_setfd, FdFlags},
    mount::{
        mount, mount_change, move_mount, open_tree, MountFlags, MountPropagationFlags,
        MoveMountFlags, OpenTreeFlags,
    },
    process::{getrlimit, setrlimit, Gid, Resource, Rlimit, Uid},
    thread::{
        move_into_link_name_space, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
        LinkNameSpaceType,
    },
};
use std::{
    fs::File,
    io::{Seek, Write},
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::process::CommandExt,
    },
    path::Path,
    process::Command,
};

/// Where the run's folders are put so that the run's user can reach them: they lie in folders that it may not enter.
const STAGE: &str = "/tmp";

/// Puts itself into the run's group, network and user, and becomes the sandbox. Returns only where that failed.
pub fn launch(dir: &Path) -> Result<(), EngineError> {
    let plan: Plan = read_json(&dir.join(PLAN))?.ok_or_else(|| host("there is no plan"))?;
    let status = rustix::fs::open(
        dir.join(SANDBOX),
        OFlags::WRONLY | OFlags::CREATE | OFlags::APPEND,
        Mode::from_raw_mode(0o600),
    );
    let status = inherited(status.map_err(|error| EngineError::file(dir)(error.into()))?)?;
    let filter = inherited(memory(&seccomp::bytes()?)?)?;
    let environment = environment(&plan)?;
    // From here on all that happens counts for the run.
    if let Some(group) = plan.group() {
        group.add(std::process::id())?;
    }
    std::fs::write("/proc/self/oom_score_adj", "500").ok();
    if let Some(netns) = &plan.netns {
        let file = File::open(netns).map_err(EngineError::file(netns))?;
        move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
            .map_err(failed("its network"))?;
    }
    let mut args = plan.args.clone();
    args.extend(environment);
    args.extend(binds(&plan)?);
    args.extend(["--remount-ro", "/", "--chdir", "/work", "--"].map(str::to_owned));
    limit(&plan)?;
    if let Some(uid) = plan.uid {
        become_user(uid)?;
    }
    let text: Vec<u8> = args.iter().flat_map(|arg| arg.bytes().chain([0])).collect();
    let text = inherited(memory(&text)?)?;
    let number = |fd: &OwnedFd| fd.as_raw_fd().to_string();
    let error = Command::new(&plan.program)
        .args([
            "--json-status-fd",
            &number(&status),
            "--seccomp",
            &number(&filter),
            "--args",
            &number(&text),
        ])
        .args(&plan.command)
        .env_clear()
        .current_dir("/")
        .exec();
    Err(host(&format!("{}: {error}", plan.program.display())))
}

/// The environment as arguments that go by a descriptor: on the command line other users of the host would read it, and in the sandbox's
/// own environment an `LD_PRELOAD` of the job would run outside. redteam S1, J3
fn environment(plan: &Plan) -> Result<Vec<String>, EngineError> {
    let mut args = vec!["--clearenv".to_owned()];
    let mut set =
        |name: &str, value: String| args.extend(["--setenv".to_owned(), name.to_owned(), value]);
    for (name, value) in &plan.env {
        set(name, value.clone());
    }
    for (name, path) in &plan.secrets {
        let value = std::fs::read_to_string(path).map_err(EngineError::file(path))?;
        set(name, value);
    }
    if args.iter().any(|arg| arg.contains('\0')) {
        return Err(host("the environment has a zero byte"));
    }
    Ok(args)
}

/// As root the sources are moved to where the run's user sees them, in a mount namespace that only the sandbox has.
fn binds(plan: &Plan) -> Result<Vec<String>, EngineError> {
    let mut args = Vec::new();
    let mut add = |writable: bool, source: String, target: &str| {
        let option = if writable { "--bind" } else { "--ro-bind" };
        args.extend([option.to_owned(), source, target.to_owned()]);
    };
    if plan.uid.is_none() {
        for bind in &plan.binds {
            add(
                bind.writable,
                bind.source.to_string_lossy().into_owned(),
                &bind.target,
            );
        }
        return Ok(args);
    }
    unshare(CloneFlags::CLONE_NEWNS).map_err(|error| host(&format!("its mounts: {error}")))?;
    mount_change(
        "/",
        MountPropagationFlags::PRIVATE | MountPropagationFlags::REC,
    )
    .map_err(failed("its mounts"))?;
    let mut trees = Vec::new();
    for bind in &plan.binds {
        let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
        let tree = open_tree(CWD, &bind.source, flags);
        trees.push(tree.map_err(|error| EngineError::file(&bind.source)(error.into()))?);
    }
    let options = Some(c"mode=0711,size=1m");
    mount(
        "iog",
        STAGE,
        "tmpfs",
        MountFlags::NOSUID | MountFlags::NODEV,
        options,
    )
    .map_err(failed("its mounts"))?;
    for (index, (bind, tree)) in plan.binds.iter().zip(&trees).enumerate() {
        let staged = Path::new(STAGE).join(index.to_string());
        let is_dir = bind.source.is_dir()
            || rustix::fs::fstat(tree)
                .is_ok_and(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir());
        let made = if is_dir {
            std::fs::create_dir(&staged)
        } else {
            File::create(&staged).map(drop)
        };
        made.map_err(EngineError::file(&staged))?;
        move_mount(
            tree,
            "",
            CWD,
            &staged,
            MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH,
        )
        .map_err(failed("its mounts"))?;
        add(
            bind.writable,
            staged.to_string_lossy().into_owned(),
            &bind.target,
        );
    }
    Ok(args)
}

/// What cgroups do not limit. Without the right to raise a limit, what there is must do.
fn limit(plan: &Plan) -> Result<(), EngineError> {
    let set = |resource: Resource, value: u64| {
        let most = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let value = Some(value.min(most));
        setrlimit(
            resource,
            Rlimit {
                current: value,
                maximum: value,
            },
        )
        .map_err(failed("its limits"))
    };
    set(Resource::Core, 0)?;
    let Some(limits) = plan.limits else {
        return Ok(());
    };
    set(Resource::Nofile, limits.open_files)?;
    if plan.uid.is_some() {
        // Counted by user: the run's own.
        set(Resource::Nproc, limits.pids.into())
    } else {
        set(Resource::Fsize, limits.disk_bytes)?;
        set(Resource::Data, limits.memory_bytes)
    }
}

fn become_user(uid: u32) -> Result<(), EngineError> {
    let (user, group) = (Uid::from_raw(uid), Gid::from_raw(uid));
    set_thread_groups(&[]).map_err(failed("its user"))?;
    set_thread_res_gid(group, group, group).map_err(failed("its user"))?;
    set_thread_res_uid(user, user, user).map_err(failed("its user"))
}

/// A file in memory, at its beginning.
fn memory(bytes: &[u8]) -> Result<OwnedFd, EngineError> {
    let file = memfd_create("iog", MemfdFlags::CLOEXEC).map_err(failed("a file in memory"))?;
    let mut file = File::from(file);
    file.write_all(bytes)
        .and_then(|()| file.rewind())
        .map_err(|error| host(&error.to_string()))?;
    Ok(file.into())
}

fn inherited(fd: OwnedFd) -> Result<OwnedFd, EngineError> {
    fcntl_setfd(&fd, FdFlags::empty()).map_err(failed("a descriptor"))?;
    Ok(fd)
}

fn failed(what: &'static str) -> impl Fn(rustix::io::Errno) -> EngineError {
    move |error| host(&format!("{what}: {error}"))
}
