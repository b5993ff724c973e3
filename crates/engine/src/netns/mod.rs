//! The network of a run: a namespace of its own with nothing but a loopback, and where order and operator want it a way to the
//! internet behind a filter outside of the run.
//!
//! Needs root, `ip` and `nft`. A name is used for one attempt and never again. redteam J5, J9

mod egress;

pub use egress::{Egress, FORBIDDEN};

use crate::error::EngineError;
use rustix::thread::{move_into_link_name_space, LinkNameSpaceType};
use std::{
    fs::File,
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::fd::{AsFd, OwnedFd},
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

/// The device of a lease's mesh, and the bits of its network.
const MESH: &str = "iog0";
const MESH_PREFIX: u8 = 16;
const FOLDER: &str = "/run/netns";
const CONNECT_WITHIN: Duration = Duration::from_secs(5);

use tun_rs::DeviceBuilder;

/// A namespace by its name, `iog-` and ten hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Net {
    name: String,
}

/// Whether this host makes devices of meshes at all.
pub fn has_tun() -> bool {
    let tun = File::options().read(true).write(true).open("/dev/net/tun");
    tun.is_ok()
}

/// Bytes to and from the internet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    pub sent: u64,
    pub received: u64,
}

impl Net {
    /// By the short name of a run.
    pub fn of(short: &str) -> Self {
        Self {
            name: format!("iog-{}", short.get(..10).unwrap_or(short)),
        }
    }

    /// Of every namespace of ours that there is.
    pub fn all() -> Vec<Self> {
        let entries = std::fs::read_dir(FOLDER).into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        let ours = names.filter(|name| name.starts_with("iog-"));
        ours.map(|name| Self { name }).collect()
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn path(&self) -> PathBuf {
        PathBuf::from(FOLDER).join(&self.name)
    }

    pub fn exists(&self) -> bool {
        self.path().exists()
    }

    /// Makes it, or finds it where it is.
    ///
    /// # Errors
    /// The host cannot do it; then nothing is left of it.
    pub fn make(&self, egress: Option<&Egress>) -> Result<(), EngineError> {
        if self.exists() {
            return Ok(());
        }
        let made = self.make_new(egress);
        if made.is_err() {
            self.delete().ok();
        }
        made
    }

    /// Gives the namespace of a process, which has nothing but a loopback, this name, and opens it as if it were made here.
    ///
    /// # Errors
    /// The host cannot do it; then nothing is left of it.
    pub fn adopt(&self, pid: u32, egress: Option<&Egress>) -> Result<(), EngineError> {
        let pid = pid.to_string();
        let adopted = run("ip", &["netns", "attach", &self.name, &pid], None)
            .and_then(|_| self.open_up(egress));
        if adopted.is_err() {
            self.delete().ok();
        }
        adopted
    }

    fn make_new(&self, egress: Option<&Egress>) -> Result<(), EngineError> {
        run("ip", &["netns", "add", &self.name], None)?;
        self.open_up(egress)
    }

    fn open_up(&self, egress: Option<&Egress>) -> Result<(), EngineError> {
        self.inside(|| {
            // Absent where the kernel has no IPv6 at all.
            for scope in ["all", "default"] {
                let path = format!("/proc/sys/net/ipv6/conf/{scope}/disable_ipv6");
                if std::path::Path::new(&path).exists() {
                    std::fs::write(&path, "1")
                        .map_err(|error| host(&format!("{path}: {error}")))?;
                }
            }
            Ok(())
        })?;
        run("ip", &["-n", &self.name, "link", "set", "lo", "up"], None)?;
        egress.map_or(Ok(()), |egress| egress.open(&self.name))
    }

    /// Makes the device of the lease's mesh: it is in this namespace alone, and so is no path of the endpoint that moves its packets. It
    /// lives as long as somebody has it open, and until [`Self::delete`].
    ///
    /// # Errors
    /// There is no such namespace, or it has the device already and somebody has it open.
    pub fn mesh(&self, address: Ipv4Addr, mtu: u16) -> Result<OwnedFd, EngineError> {
        self.inside(|| {
            let made = DeviceBuilder::new()
                .name(MESH)
                .mtu(mtu)
                .ipv4(address, MESH_PREFIX, None)
                .offload(true)
                .build_sync();
            let device = made.map_err(|error| host(&format!("{MESH}: {error}")))?;
            let open = device.as_fd().try_clone_to_owned();
            open.map_err(|error| host(&format!("{MESH}: {error}")))
        })
    }

    /// A connection to a port inside.
    ///
    /// # Errors
    /// [`EngineError::NotFound`] where nothing listens.
    pub fn connect(&self, port: u16) -> Result<TcpStream, EngineError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        self.inside(|| {
            TcpStream::connect_timeout(&address, CONNECT_WITHIN)
                .map_err(|error| EngineError::NotFound(format!("port {port}: {error}")))
        })
    }

    /// Does something in a thread of the namespace, which ends with it: sockets keep the namespace they were made in.
    ///
    /// # Errors
    /// There is no such namespace, or what was done failed.
    pub fn inside<T: Send>(
        &self,
        work: impl FnOnce() -> Result<T, EngineError> + Send,
    ) -> Result<T, EngineError> {
        let path = self.path();
        let file = File::open(&path).map_err(EngineError::file(path))?;
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                move_into_link_name_space(file.as_fd(), Some(LinkNameSpaceType::Network))
                    .map_err(|error| host(&format!("{}: {error}", self.name)))?;
                work()
            });
            thread
                .join()
                .unwrap_or_else(|_| Err(host("a thread ended")))
        })
    }

    /// What went to the internet and came from it; zero without a way there.
    pub fn traffic(&self) -> Traffic {
        Egress::traffic(&self.name)
    }

    /// Takes it down with its filter. Processes that are still in it keep a network without any way out.
    ///
    /// # Errors
    /// The host cannot do it.
    pub fn delete(&self) -> Result<(), EngineError> {
        Egress::close(&self.name)?;
        if self.exists() {
            // The kernel keeps a network for as long as somebody has its device open: who does hears by this that it is over. Without a mesh
            // there is none.
            run("ip", &["-n", &self.name, "link", "del", MESH], None).ok();
            run("ip", &["netns", "del", &self.name], None)?;
        }
        Ok(())
    }
}

/// Runs one of the host's tools, with text on its standard input, and returns what it wrote.
fn run(program: &str, args: &[&str], input: Option<&str>) -> Result<String, EngineError> {
    let failed = |detail: String| host(&format!("{program} {}: {detail}", args.join(" ")));
    let mut child = Command::new(program)
        .args(args)
        .stdin(input.map_or_else(Stdio::null, |_| Stdio::piped()))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
        stdin
            .write_all(input.as_bytes())
            .map_err(|error| failed(error.to_string()))?;
    }
    let output = child
        .wait_with_output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn host(detail: &str) -> EngineError {
    EngineError::Host {
        what: "network",
        detail: detail.to_owned(),
    }
}

#[cfg(test)]
mod tests;
