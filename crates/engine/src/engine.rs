use crate::error::EngineError;
use async_trait::async_trait;
use iog_job::{
    wire::{LogFrame, Terminal},
    JobSpec, Platform, RunId, Why,
};
use serde::{Deserialize, Serialize};
use std::{net::Ipv4Addr, os::fd::OwnedFd, path::PathBuf, pin::Pin};
use tokio::{
    io::AsyncRead,
    net::{TcpStream, UnixStream},
    sync::mpsc::{Receiver, Sender},
};

/// A card of the machine, as jobs are given it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub uuid: String,
    /// By which an engine of containers asks for it: `vendor/class=name` of a CDI specification.
    pub cdi: Option<String>,
    /// Device nodes that a job with this card has, and no other of the kind.
    pub nodes: Vec<PathBuf>,
}

/// What a run may use at most. All are set: the job side has put the lease's share where the job asks for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    pub cpu_millis: u32,
    pub memory_bytes: u64,
    pub disk_bytes: u64,
    /// Files and folders on its disk.
    pub inodes: u64,
    pub shm_bytes: u64,
    pub pids: u32,
    pub open_files: u64,
    /// Bytes of its log that are kept; older ones go.
    pub log_bytes: u64,
}

/// One run, ready to be started: inputs and secrets are where [`Engine::prepare`] said they should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunSpec {
    pub id: RunId,
    pub spec: JobSpec,
    /// An image's archive that arrived with the job, checked against the specification's digest and length.
    pub archive: Option<PathBuf>,
    pub cards: Vec<Card>,
    pub limits: Limits,
    /// Environment beside the job's own, which it cannot override: `IOG_RANK`, ...
    pub env: Vec<(String, String)>,
    /// First of the 65,536 user ids that are this lease's alone.
    pub uid_base: u32,
    /// Connections to the internet are wanted and allowed.
    pub egress: bool,
}

/// Where a run's files are put before it starts; all on the run's own limited disk or memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// The job's working directory, `/work` inside. Inputs go here.
    pub work: PathBuf,
    /// `/run/iog/secrets` inside, a tmpfs. Mode of each file 0400, owned by `uid_base + 1000`.
    pub secrets: PathBuf,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RunStatus {
    /// Prepared, not started.
    Prepared,
    Running,
    /// The command's own code, 128 + n after signal n; 126 or 127 where it could not be run.
    Exited(i32),
    Failed(Why),
    /// By [`Engine::stop`].
    Stopped,
}

impl RunStatus {
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Prepared | Self::Running)
    }
}

/// A file that a run left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// As [`iog_job::wire::OutputFile`] has it.
    pub path: String,
    pub len: u64,
    pub executable: bool,
    /// With the length they tell whether its bytes may be others than before.
    pub changed_ns: i128,
    pub inode: u64,
}

/// A command to run beside the job, inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// Empty: a shell.
    pub command: Vec<String>,
    pub env: Vec<(String, String)>,
    /// With a terminal of this size.
    pub terminal: Option<Terminal>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecInput {
    Stdin(Vec<u8>),
    /// The end of standard input.
    Eof,
    Resize(Terminal),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecEvent {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    /// The last one.
    Exit(i32),
}

/// Whether an engine can take work, and why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Health {
    pub ready: bool,
    pub detail: Option<String>,
    /// Takes jobs of strangers: it isolates and limits them.
    pub strangers: bool,
}

/// Which jobs an engine takes at all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Takes {
    pub images: bool,
    /// Jobs that name no image: of the operator's own, or its machine's programs.
    pub no_image: bool,
    /// Hosts that images may be pulled from; none: any.
    pub registries: Option<Vec<String>>,
}

impl Default for Takes {
    fn default() -> Self {
        Self {
            images: true,
            no_image: true,
            registries: None,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capacity {
    pub platform: Platform,
    pub cpu_millis: u32,
    pub memory_bytes: u64,
    pub disk_bytes: u64,
}

pub type Bytes = Pin<Box<dyn AsyncRead + Send>>;

/// Something that runs jobs. A run is started at most once; whatever it is asked twice it does once.
///
/// Runs live on when the process that holds the engine ends, and are found again by [`Engine::list`].
#[async_trait]
pub trait Engine: Send + Sync {
    /// `container` or `sandbox`.
    fn kind(&self) -> &'static str;

    /// What of a job's kind the engine refuses is told before anybody pays for it. redteam K4
    fn takes(&self) -> Takes {
        Takes::default()
    }

    /// Brings a run's image where [`Engine::start`] finds it. Dropped, it is given up.
    async fn fetch_image(&self, _run: &RunSpec) -> Result<(), EngineError> {
        Ok(())
    }

    /// Makes disk, network namespace and folders of a run; finds them where they are.
    async fn prepare(&self, run: &RunSpec) -> Result<Prepared, EngineError>;

    /// Whether its runs have a network of their own, in which a mesh can be.
    fn has_mesh(&self) -> bool {
        false
    }

    /// Makes the device of a prepared run's mesh, with this address and largest packet, and opens it. Whoever has it open moves its packets.
    async fn mesh(
        &self,
        id: &RunId,
        _address: Ipv4Addr,
        _mtu: u16,
    ) -> Result<OwnedFd, EngineError> {
        Err(EngineError::NotFound(format!("a network for {id}")))
    }

    /// Starts a prepared run.
    async fn start(&self, run: &RunSpec) -> Result<(), EngineError>;

    async fn status(&self, id: &RunId) -> Result<RunStatus, EngineError>;

    /// The log from byte `from` on, of all attempts of the same lease and match, then, with `follow`, what comes until the run is over.
    async fn logs(
        &self,
        id: &RunId,
        from: u64,
        follow: bool,
    ) -> Result<Receiver<LogFrame>, EngineError>;

    /// Ends a run and everything it started; returns once it is over.
    async fn stop(&self, id: &RunId) -> Result<(), EngineError>;

    /// Every run the engine knows.
    async fn list(&self) -> Result<Vec<(RunId, RunStatus)>, EngineError>;

    /// Files that the run left of those that its specification names, and under `out`. Nothing of them is read.
    async fn outputs(&self, id: &RunId) -> Result<Vec<Left>, EngineError>;

    /// The bytes of one of them from `from` on.
    async fn fetch(&self, id: &RunId, path: &str, from: u64) -> Result<Bytes, EngineError>;

    /// Runs a command inside. Dropping the sender is the end of input; dropping the receiver kills the command.
    async fn exec(
        &self,
        id: &RunId,
        exec: Exec,
    ) -> Result<(Sender<ExecInput>, Receiver<ExecEvent>), EngineError>;

    /// The bytes of an SFTP connection; the server runs inside, as the job's user.
    async fn sftp(&self, id: &RunId) -> Result<UnixStream, EngineError> {
        Err(EngineError::NotFound(format!("an SFTP server for {id}")))
    }

    /// A TCP connection to a port inside.
    async fn connect(&self, id: &RunId, port: u16) -> Result<TcpStream, EngineError>;

    /// Connections, network and processes of an ended lease go; disk and log stay until [`Engine::remove`].
    async fn seal(&self, id: &RunId) -> Result<(), EngineError>;

    /// Erases everything of a run.
    async fn remove(&self, id: &RunId) -> Result<(), EngineError>;

    async fn health(&self) -> Health;

    async fn capacity(&self) -> Result<Capacity, EngineError>;
}
