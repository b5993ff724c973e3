//! Network namespaces, made and removed by `ip`.

use anyhow::{bail, Context, Result};
use nix::sched::{setns, CloneFlags};
use std::{
    fs::File,
    process::{Command, Output},
    thread::JoinHandle,
};

/// A network namespace with a name; gone, with every process in it, when dropped.
pub struct Namespace {
    name: String,
}

impl Namespace {
    /// Makes it, with its loopback up and IPv6 off. `what` is unique in this process.
    ///
    /// # Errors
    /// Without the right to make one, or where the name is taken.
    pub fn new(what: &str) -> Result<Self> {
        remove_leftovers()?;
        let name = format!("{PREFIX}{}-{what}", std::process::id());
        ip(&["netns", "add", &name]).context(NEEDS)?;
        let made = Self { name };
        made.ip(&["link", "set", "lo", "up"])?;
        for scope in ["all", "default"] {
            made.sysctl(&format!("net.ipv6.conf.{scope}.disable_ipv6"), "1")?;
        }
        Ok(made)
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    /// `ip` on what is in it.
    pub fn ip(&self, args: &[&str]) -> Result<String> {
        let mut all = vec!["-n", self.name.as_str()];
        all.extend(args);
        ip(&all)
    }

    /// Runs a program in it to its end, with success.
    pub fn run(&self, program: &str, args: &[&str]) -> Result<String> {
        let mut command = self.command(program);
        let output = command
            .args(args)
            .output()
            .with_context(|| program.to_string())?;
        checked(&output, program, args)
    }

    /// A program that will run in it. Not by `ip netns exec`, which mounts a `/sys` of its own: there are no control groups in that.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/run/netns/{}", self.name));
        command.arg(program);
        command
    }

    pub fn sysctl(&self, name: &str, value: &str) -> Result<()> {
        self.run("sysctl", &["-qw", &format!("{name}={value}")])?;
        Ok(())
    }

    /// Runs `work` on a thread of its own in it; sockets that are made there stay there.
    pub fn thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<JoinHandle<Result<T>>> {
        let path = format!("/run/netns/{}", self.name);
        let file = File::open(&path).context(path)?;
        Ok(std::thread::spawn(move || {
            setns(file, CloneFlags::CLONE_NEWNET)?;
            work()
        }))
    }

    /// Process ids in it.
    pub fn processes(&self) -> Vec<i32> {
        processes(&self.name)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

/// What a person can do who is not root. The names of namespaces then lie in a `/run` of their own.
const NEEDS: &str =
    "the lab makes network namespaces: run it as root, or its network part as any user by \
    unshare -Urnm sh -c 'mount -t tmpfs tmpfs /run && exec cargo test -p iog-lab --test network'";

/// Every name begins so, then the process id of who made it.
const PREFIX: &str = "ioglab";

fn processes(name: &str) -> Vec<i32> {
    let listed = ip(&["netns", "pids", name]).unwrap_or_default();
    listed
        .lines()
        .filter_map(|pid| pid.trim().parse().ok())
        .collect()
}

fn remove(name: &str) {
    for pid in processes(name) {
        let _ = nix::sys::signal::kill(
            nix::unistd::Pid::from_raw(pid),
            nix::sys::signal::Signal::SIGKILL,
        );
    }
    let _ = ip(&["netns", "del", name]);
}

/// What a lab that was killed could not take away.
fn remove_leftovers() -> Result<()> {
    for line in ip(&["netns", "list"])?.lines() {
        let name = line.split_whitespace().next().unwrap_or_default();
        let owner = name
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.split('-').next());
        let dead = owner.is_some_and(|pid| !std::path::Path::new(&format!("/proc/{pid}")).exists());
        if dead {
            remove(name);
        }
    }
    Ok(())
}

/// Runs `ip` with success.
pub(crate) fn ip(args: &[&str]) -> Result<String> {
    let output = Command::new("ip")
        .args(args)
        .output()
        .context("ip (Debian's iproute2)")?;
    checked(&output, "ip", args)
}

fn checked(output: &Output, program: &str, args: &[&str]) -> Result<String> {
    if !output.status.success() {
        bail!(
            "{program} {}: {}{}",
            args.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
