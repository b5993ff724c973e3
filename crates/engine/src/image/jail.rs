//! What fetches images is a program of others that reads what strangers send: it runs as a user that nobody else is, behind the filter of
//! jobs, and sees of the host's files its certificates alone. redteam C2, J6

use crate::{
    error::EngineError,
    names,
    netns::{Egress, Net},
};
use rustix::{
    fs::{chown, Gid, Uid},
    mount::{mount, mount_bind, mount_bind_recursive, mount_move, MountFlags},
    process::{setrlimit, Resource, Rlimit, Signal},
};
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsString,
    fs, io,
    net::Ipv4Addr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::Command,
};

/// A process that has more is no pull.
const MOST_MEMORY: u64 = 2 << 30;
/// Where hosts keep the certificates that they trust.
const CERTIFICATES: [&str; 2] = ["/etc/ssl", "/etc/pki"];

/// Around one pull. Its network goes with it.
pub struct Jail {
    helper: Vec<OsString>,
    user: u32,
    way: Option<(Net, Egress)>,
}

#[derive(Serialize, Deserialize)]
struct Inside {
    folder: PathBuf,
    user: u32,
    file_bytes: u64,
    /// It begins in a namespace of its own, and asks these for names.
    resolvers: Option<Vec<Ipv4Addr>>,
}

/// What the networks of an engine's pulls are called; they end with a letter that no run's name has.
fn mark(root: &Path) -> String {
    names::short(&root.to_string_lossy())
        .chars()
        .take(4)
        .collect()
}

/// Removes the networks of pulls that this process did not survive. None may be under way.
pub fn sweep(root: &Path) {
    let begins = format!("iog-{}", mark(root));
    let is_of = |net: &Net| net.name().starts_with(&begins) && net.name().ends_with('y');
    for net in Net::all().into_iter().filter(is_of) {
        if let Err(error) = net.delete() {
            tracing::warn!(%error, name = net.name(), "the network of a pull is left");
        }
    }
}

impl Jail {
    /// Where the folder of the pull is inside.
    pub const FOLDER: &str = "/run/pull";
    /// Exit code where it could not be shut in.
    pub const NOT_SHUT: i32 = 110;

    /// For one pull of the engine whose folder is `root`; without `egress` in the host's own network.
    ///
    /// # Errors
    /// The host cannot make a network.
    pub fn new(
        helper: &[OsString],
        root: &Path,
        user: u32,
        egress: Option<&Egress>,
    ) -> Result<Self, EngineError> {
        let mut jail = Self {
            helper: helper.to_vec(),
            user,
            way: None,
        };
        if let Some(egress) = egress {
            // The range of users is one lease's alone: so is the name.
            let net = Net::of(&format!("{}{:05x}y", mark(root), user >> 16));
            net.delete()?;
            jail.way = Some((net.clone(), egress.clone()));
            net.make(Some(egress))?;
        }
        Ok(jail)
    }

    /// Makes a folder the user's.
    pub(super) fn give(&self, folder: &Path) -> Result<(), EngineError> {
        let (uid, gid) = (Uid::from_raw(self.user), Gid::from_raw(self.user));
        let given = chown(folder, Some(uid), Some(gid));
        given.map_err(|error| EngineError::file(folder)(error.into()))
    }

    /// A command, shut in.
    pub(super) fn wrap(
        &self,
        folder: &Path,
        file_bytes: u64,
        command: Vec<OsString>,
    ) -> Vec<OsString> {
        let inside = Inside {
            folder: folder.to_owned(),
            user: self.user,
            file_bytes,
            resolvers: self
                .way
                .as_ref()
                .map(|(_, egress)| egress.resolvers.clone()),
        };
        let mut words: Vec<OsString> = Vec::new();
        match &self.way {
            Some((net, _)) => words.extend(["ip", "netns", "exec", net.name()].map(Into::into)),
            None => words.extend(["unshare", "--mount"].map(Into::into)),
        }
        words.extend(self.helper.iter().cloned());
        words.push("pull".into());
        words.push(serde_json::to_string(&inside).unwrap_or_default().into());
        words.extend(command);
        words
    }
}

impl Drop for Jail {
    fn drop(&mut self) {
        if let Some((net, _)) = &self.way {
            if let Err(error) = net.delete() {
                tracing::error!(%error, "the network of a pull is left");
            }
        }
    }
}

/// Becomes the program that fetches: `pull <Inside> <program> ..`, in a mount namespace of its own. Returns where it could not.
pub fn main(args: &[OsString]) -> i32 {
    let shut = |args: &[OsString]| -> anyhow::Result<io::Error> {
        let [inside, program, rest @ ..] = args else {
            anyhow::bail!("this is called by the engine");
        };
        let inside: Inside = serde_json::from_slice(inside.as_encoded_bytes())?;
        confine(&inside)?;
        Ok(Command::new(program).args(rest).exec())
    };
    let error = match shut(args) {
        Ok(error) => error.into(),
        Err(error) => error,
    };
    eprintln!("{error:#}");
    Jail::NOT_SHUT
}

fn confine(inside: &Inside) -> anyhow::Result<()> {
    // Sockets of the host's programs are under /run, and its logins and registries under /etc.
    let flags = MountFlags::NOSUID | MountFlags::NODEV;
    mount("none", "/mnt", "tmpfs", flags, Some(c"mode=755"))?;
    fs::create_dir("/mnt/pull")?;
    mount_bind(&inside.folder, "/mnt/pull")?;
    fs::create_dir("/mnt/etc")?;
    for from in CERTIFICATES.iter().filter(|from| Path::new(from).is_dir()) {
        let to = format!("/mnt{from}");
        fs::create_dir(&to)?;
        mount_bind(*from, &to)?;
    }
    for (name, text) in names_of(inside)? {
        fs::write(format!("/mnt/etc/{name}"), text)?;
    }
    mount_bind_recursive("/mnt/etc", "/etc")?;
    mount_move("/mnt", "/run")?;
    std::env::set_current_dir(Jail::FOLDER)?;
    nix::unistd::setgroups(&[])?;
    nix::unistd::setgid(nix::unistd::Gid::from_raw(inside.user))?;
    nix::unistd::setuid(nix::unistd::Uid::from_raw(inside.user))?;
    rustix::thread::set_no_new_privs(true)?;
    // It ends with the process that waits for it.
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    for (resource, most) in [
        (Resource::Fsize, inside.file_bytes),
        (Resource::Core, 0),
        (Resource::Nofile, 256),
        (Resource::Data, MOST_MEMORY),
    ] {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        setrlimit(resource, limit)?;
    }
    Ok(())
}

/// Files by which names are looked up: the host's own where it is in the host's network.
fn names_of(inside: &Inside) -> io::Result<Vec<(&'static str, String)>> {
    let Some(resolvers) = &inside.resolvers else {
        let own = ["resolv.conf", "hosts"].map(|name| {
            let text = fs::read_to_string(format!("/etc/{name}")).unwrap_or_default();
            (name, text)
        });
        return Ok(own.to_vec());
    };
    let servers = resolvers
        .iter()
        .map(|server| format!("nameserver {server}\n"));
    Ok(vec![
        ("resolv.conf", servers.collect()),
        ("nsswitch.conf", "hosts: dns\n".into()),
    ])
}
