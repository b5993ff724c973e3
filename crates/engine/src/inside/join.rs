use super::{limits, Plan, Reply, Task, MAX_PLAN_BYTES};
use crate::{error::EngineError, seccomp, supervise::First};
use rustix::{
    event::{poll, PollFd, PollFlags, Timespec},
    io::IoSlice,
    net::{sendmsg, SendAncillaryBuffer, SendAncillaryMessage, SendFlags},
    process::{
        ioctl_tiocsctty, pidfd_open, set_dumpable_behavior, setsid, DumpableBehavior, Gid, Pid,
        PidfdFlags, Signal, Uid,
    },
    pty::{ioctl_tiocgptpeer, openpt, unlockpt, OpenptFlags},
    termios::{tcsetpgrp, tcsetwinsize, Winsize},
    thread::{
        move_into_thread_name_spaces, remove_capability_from_bounding_set, set_capabilities,
        set_no_new_privs, set_thread_groups, set_thread_res_gid, set_thread_res_uid, CapabilitySet,
        CapabilitySets, ThreadNameSpaceType,
    },
};
use std::{
    io::{Read, Write},
    mem::MaybeUninit,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::{
            net::UnixStream,
            process::{CommandExt, ExitStatusExt},
        },
    },
    process::{Child, Command, Stdio},
    time::Duration,
};

const CONNECT_WITHIN: Duration = Duration::from_secs(5);
const NUDGES: u32 = 10;
const NUDGE_AFTER: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 20_000_000,
};

/// The helper's whole life.
pub fn join() -> Result<(), EngineError> {
    let stdin = std::io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map_err(|error| host(&error.to_string()))?;
    let mut socket = UnixStream::from(stdin);
    let plan = read_plan(&mut socket)?;
    let done = match plan.task {
        Task::Connect { port } => enter(
            &plan,
            ThreadNameSpaceType::USER | ThreadNameSpaceType::NETWORK,
        )
        .and_then(|()| connect(&socket, port)),
        Task::Sftp => enter(&plan, all()).and_then(|()| sftp(&socket, &plan.target.cwd)),
        Task::Run { .. } => enter(&plan, all()).and_then(|()| run(&mut socket, &plan)),
    };
    if let Err(error) = &done {
        let reply = match error {
            EngineError::NotFound(what) => Reply::NotFound(what.clone()),
            other => Reply::Failed(other.to_string()),
        };
        send(&socket, &reply, &[])?;
    }
    done
}

fn read_plan(socket: &mut UnixStream) -> Result<Plan, EngineError> {
    let broken = |error: std::io::Error| host(&error.to_string());
    let mut len = [0; 4];
    socket.read_exact(&mut len).map_err(broken)?;
    let len = usize::try_from(u32::from_le_bytes(len)).unwrap_or(usize::MAX);
    if len > MAX_PLAN_BYTES {
        return Err(host("the plan is too long"));
    }
    let mut text = vec![0; len];
    socket.read_exact(&mut text).map_err(broken)?;
    serde_json::from_slice(&text).map_err(|error| broken(error.into()))
}

fn all() -> ThreadNameSpaceType {
    ThreadNameSpaceType::USER
        | ThreadNameSpaceType::MOUNT
        | ThreadNameSpaceType::PROCESS_ID
        | ThreadNameSpaceType::NETWORK
        | ThreadNameSpaceType::INTER_PROCESS_COMMUNICATION
        | ThreadNameSpaceType::HOST_NAME_AND_NIS_DOMAIN_NAME
        | ThreadNameSpaceType::CONTROL_GROUP
}

/// Becomes one of the run's: its groups, namespaces, user, filter, no capability. This process has one thread.
fn enter(plan: &Plan, spaces: ThreadNameSpaceType) -> Result<(), EngineError> {
    let target = &plan.target;
    let me = std::process::id().to_string();
    for folder in &target.groups {
        std::fs::write(folder.join("cgroup.procs"), &me).map_err(EngineError::file(folder))?;
    }
    let pid = i32::try_from(target.first.pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or(EngineError::NotRunning)?;
    let process = pidfd_open(pid, PidfdFlags::empty()).map_err(|_| EngineError::NotRunning)?;
    // Looked at with the descriptor in hand: from here on the number cannot be another's.
    if First::of(target.first.pid) != Some(target.first) {
        return Err(EngineError::NotRunning);
    }
    let of_the_job = limits::of(target.first.pid)?;
    if rustix::process::geteuid().is_root() {
        // Where memory is short, the run's own go first.
        std::fs::write("/proc/self/oom_score_adj", "500").ok();
        set_thread_groups(&[]).map_err(failed("groups"))?;
    }
    let spaces = without_own(target.first.pid, spaces);
    move_into_thread_name_spaces(process.as_fd(), spaces).map_err(failed("namespaces"))?;
    limits::take_over(&of_the_job)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(failed("dumps"))?;
    for capability in CapabilitySet::all().iter() {
        // Of those that this kernel knows.
        remove_capability_from_bounding_set(capability).ok();
    }
    let (uid, gid) = (Uid::from_raw(target.uid), Gid::from_raw(target.gid));
    set_thread_res_gid(gid, gid, gid).map_err(failed("group"))?;
    set_thread_res_uid(uid, uid, uid).map_err(failed("user"))?;
    let none = CapabilitySet::empty();
    let none = CapabilitySets {
        effective: none,
        permitted: none,
        inheritable: none,
    };
    set_capabilities(None, none).map_err(failed("capabilities"))?;
    set_no_new_privs(true).map_err(failed("privileges"))?;
    seccomp::apply()
}

/// The kernel refuses to go into the namespace of users that one is in: Docker's jobs have none of their own.
fn without_own(pid: u32, spaces: ThreadNameSpaceType) -> ThreadNameSpaceType {
    let of = |who: &str| std::fs::read_link(format!("/proc/{who}/ns/user")).ok();
    match of("self").is_some() && of("self") == of(&pid.to_string()) {
        true => spaces.difference(ThreadNameSpaceType::USER),
        false => spaces,
    }
}

fn connect(socket: &UnixStream, port: u16) -> Result<(), EngineError> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let stream = TcpStream::connect_timeout(&address, CONNECT_WITHIN)
        .map_err(|error| EngineError::NotFound(format!("port {port}: {error}")))?;
    send(socket, &Reply::Done, &[stream.as_fd()])
}

fn sftp(socket: &UnixStream, cwd: &str) -> Result<(), EngineError> {
    if std::env::set_current_dir(cwd).is_err() {
        std::env::set_current_dir("/").map_err(EngineError::file("/"))?;
    }
    let (ours, theirs) = UnixStream::pair().map_err(|error| host(&error.to_string()))?;
    send(socket, &Reply::Done, &[theirs.as_fd()])?;
    drop(theirs);
    let reader = ours.try_clone().map_err(|error| host(&error.to_string()))?;
    // The other end is gone: what was asked was done or is of no more use.
    super::sftp::serve(reader, ours).ok();
    Ok(())
}

fn run(socket: &mut UnixStream, plan: &Plan) -> Result<(), EngineError> {
    let Task::Run { command, terminal } = &plan.task else {
        return Ok(());
    };
    let target = &plan.target;
    let (program, args) = match command.split_first() {
        Some((program, args)) => (program.as_str(), args),
        None if std::path::Path::new("/bin/bash").exists() => ("/bin/bash", &[][..]),
        None => ("/bin/sh", &[][..]),
    };
    let cwd = if std::path::Path::new(&target.cwd).is_dir() {
        target.cwd.as_str()
    } else {
        "/"
    };
    let mut started = Command::new(program);
    started
        .args(args)
        .env_clear()
        .envs(target.env.iter().map(|(name, value)| (name, value)));
    started.current_dir(cwd).process_group(0);
    let child = match terminal {
        Some(size) => in_terminal(socket, &mut started, size.rows, size.cols)?,
        None => in_pipes(socket, &mut started)?,
    };
    let code = match child {
        Ok(mut child) => {
            watch(socket, &child, terminal.is_some())?;
            let exit = child.wait().map_err(|error| host(&error.to_string()))?;
            let by_signal = exit.signal().map(|signal| signal.saturating_add(128));
            exit.code().or(by_signal).unwrap_or(255)
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => 127,
        Err(_) => 126,
    };
    socket.write_all(&code.to_le_bytes()).ok();
    Ok(())
}

type Started = std::io::Result<Child>;

fn in_pipes(socket: &UnixStream, command: &mut Command) -> Result<Started, EngineError> {
    let pipe = || std::io::pipe().map_err(|error| host(&error.to_string()));
    let (stdin, to_stdin) = pipe()?;
    let (from_stdout, stdout) = pipe()?;
    let (from_stderr, stderr) = pipe()?;
    send(
        socket,
        &Reply::Done,
        &[to_stdin.as_fd(), from_stdout.as_fd(), from_stderr.as_fd()],
    )?;
    command.stdin(stdin).stdout(stdout).stderr(stderr);
    let started = command.spawn();
    // The command holds its ends of the pipes; ours would keep them open.
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    Ok(started)
}

/// A terminal of the run's own `/dev/pts`: programs inside find it by its name.
fn in_terminal(
    socket: &UnixStream,
    command: &mut Command,
    rows: u16,
    cols: u16,
) -> Result<Started, EngineError> {
    setsid().map_err(failed("a session"))?;
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let ours = openpt(flags).map_err(failed("a terminal"))?;
    unlockpt(&ours).map_err(failed("a terminal"))?;
    let theirs = ioctl_tiocgptpeer(&ours, flags).map_err(failed("a terminal"))?;
    let size = Winsize {
        ws_row: rows,
        ws_col: cols,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    tcsetwinsize(&ours, size).map_err(failed("a terminal"))?;
    ioctl_tiocsctty(&theirs).map_err(failed("a terminal"))?;
    send(socket, &Reply::Done, &[ours.as_fd()])?;
    drop(ours);
    let copy = || -> Result<OwnedFd, EngineError> {
        theirs.try_clone().map_err(|error| host(&error.to_string()))
    };
    command.stdin(copy()?).stdout(copy()?).stderr(copy()?);
    let started = command.spawn();
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Ok(child) = &started {
        // This process is in front of its terminal until now, and behind it from now on.
        tcsetpgrp(&theirs, Pid::from_child(child)).ok();
    }
    Ok(started)
}

/// Waits until the command ends, and kills it when nobody wants it any more. No thread: none can be made in another namespace of
/// processes than one's own.
fn watch(mut socket: &UnixStream, child: &Child, terminal: bool) -> Result<(), EngineError> {
    let pid = Pid::from_child(child);
    let ended = pidfd_open(pid, PidfdFlags::empty()).map_err(failed("the command"))?;
    let mut wanted = true;
    // A shell that looked before it was put in front of its terminal has stopped itself.
    let mut nudges = if terminal { NUDGES } else { 0 };
    loop {
        let mut fds = vec![PollFd::new(&ended, PollFlags::IN)];
        if wanted {
            fds.push(PollFd::new(socket, PollFlags::IN));
        }
        let wait = (nudges > 0).then_some(NUDGE_AFTER);
        match poll(&mut fds, wait.as_ref()) {
            Ok(0) => {
                nudges -= 1;
                rustix::process::kill_process_group(pid, Signal::CONT).ok();
            }
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(failed("the command")(error)),
        }
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        if ready.first() == Some(&true) {
            return Ok(());
        }
        let mut byte = [0];
        if ready.get(1) == Some(&true) && !socket.read(&mut byte).is_ok_and(|len| len > 0) {
            rustix::process::kill_process_group(pid, Signal::KILL).ok();
            wanted = false;
        }
    }
}

fn send(socket: &UnixStream, reply: &Reply, fds: &[BorrowedFd<'_>]) -> Result<(), EngineError> {
    let text = serde_json::to_vec(reply).map_err(|error| host(&error.to_string()))?;
    let len = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let bytes = [&len.to_le_bytes()[..], &text].concat();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(3))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !fds.is_empty() && !control.push(SendAncillaryMessage::ScmRights(fds)) {
        return Err(host("too many descriptors"));
    }
    sendmsg(
        socket,
        &[IoSlice::new(&bytes)],
        &mut control,
        SendFlags::NOSIGNAL,
    )
    .map_err(failed("the answer"))?;
    Ok(())
}

fn failed(what: &'static str) -> impl Fn(rustix::io::Errno) -> EngineError {
    move |error| host(&format!("{what}: {error}"))
}

fn host(detail: &str) -> EngineError {
    EngineError::Host {
        what: "inside",
        detail: detail.to_owned(),
    }
}
