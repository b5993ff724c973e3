//! What is said on a stream of the link: the opener's [`Hello`], the device's [`Answer`], then what the verb says.
//!
//! Messages are frames of [`crate::frame`]. The device answers before anything else is read: connected is not yet admitted. A stream
//! that the link's peer opens reaches the job side as it is, behind one [`Forwarded`].

use crate::{
    ids::{Binding, Hash, Key},
    join::SignedJoin,
    offer::Offer,
    statement::Signed,
};
use serde::{Deserialize, Serialize};

/// The link's protocol of renters and devices, as ALPN.
pub const ALPN: &[u8] = b"iog/1";
/// The same for who has a ticket and is no engineer key: one ticket of at most [`MAX_TICKET_BYTES`] is read first.
pub const ALPN_TICKET: &[u8] = b"iog/ticket/1";
pub const MAX_TICKET_BYTES: usize = 1_024;
/// Largest [`Hello`].
pub const MAX_HELLO_BYTES: usize = 8 << 10;

/// The first message of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hello {
    pub binding: Binding,
    /// Counts the opener's requests of this lease: what changes something is done once. redteam L5
    pub number: u64,
    pub verb: Verb,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Terminal {
    pub rows: u16,
    pub cols: u16,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Before the start: what the job will be. Nothing follows.
    Offer(Offer),
    /// The specification follows as one frame of JSON; then the device sends a [`Needs`] whenever it changes, the last one empty.
    Job,
    /// Bytes of an input or an image's archive follow, from `from` on, until the stream's end; then the device sends a [`Received`].
    Input { sha256: Hash, from: u64 },
    /// A [`Secrets`] follows; the device sends a [`Done`].
    Secrets,
    /// The device sends [`Signed`] statuses: all from number `from` on; with `follow` until the job is over, else those there are.
    Status { from: u64, follow: bool },
    /// The device sends frames of [`LogFrame`] from the byte `from` of the log on; with `follow` until the job is over.
    Logs { from: u64, follow: bool },
    /// The device sends one frame with a `Vec<`[`OutputFile`]`>`.
    Outputs,
    /// The device sends an [`OutputFile`], then its bytes from `from` on.
    Fetch { path: String, from: u64 },
    /// Frames of [`ExecFrame`] both ways, the last one an exit.
    Exec {
        command: Vec<String>,
        #[serde(default)]
        terminal: Option<Terminal>,
        /// The terminal's name, `TERM`.
        #[serde(default)]
        term: Option<String>,
    },
    /// Bytes of an SSH connection both ways; the device is the server.
    Ssh,
    /// The device sends one [`Signed`] of the [`crate::HostKey`] that its SSH server shows. redteam S3
    HostKey,
    /// Bytes of a TCP connection to a port of the job both ways.
    Port { port: u16 },
    /// The device sends [`Facts`], with `every_secs` again and again.
    Facts {
        #[serde(default)]
        every_secs: Option<u32>,
    },
    /// Walks the cards for a seed of the opener's; what follows is in [`crate::check`]. redteam S5
    Check(crate::check::Size),
    /// A receipt follows as one [`Signed`]; the device sends a [`Done`].
    Receipt,
    /// That an order is of the lease's mesh, or the lease's own order of another one's. From the engineer key itself. The device sends a
    /// [`Joined`] when it has found on chain whether that holds.
    Join(SignedJoin),
    /// Stops the job, not the lease; the device sends a [`Done`] when it is over.
    Stop,
}

impl Verb {
    pub fn name(&self) -> &'static str {
        match self {
            Self::Offer(_) => "offer",
            Self::Job => "job",
            Self::Input { .. } => "input",
            Self::Secrets => "secrets",
            Self::Status { .. } => "status",
            Self::Logs { .. } => "logs",
            Self::Outputs => "outputs",
            Self::Fetch { .. } => "fetch",
            Self::Exec { .. } => "exec",
            Self::Ssh => "ssh",
            Self::HostKey => "host_key",
            Self::Port { .. } => "port",
            Self::Facts { .. } => "facts",
            Self::Check(_) => "check",
            Self::Receipt => "receipt",
            Self::Join(_) => "join",
            Self::Stop => "stop",
        }
    }

    /// What stays open after a lease's end, for as long as outputs are kept: it reads only. redteam K3
    pub fn reads_what_is_kept(&self) -> bool {
        matches!(
            self,
            Self::Status { .. } | Self::Logs { .. } | Self::Outputs | Self::Fetch { .. }
        )
    }
}

/// Why a stream is not served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The node has no such lease, or it is another's.
    NotYours,
    /// Another network, match or device than this one.
    WrongBinding,
    /// Not before the order starts.
    NotStarted,
    /// The lease is over; outputs and logs may still be read.
    Over,
    /// The ticket does not allow it.
    NotAllowed,
    /// The job does not run (yet, or any more).
    NotRunning,
    /// No such port, file or input.
    NotFound,
    /// Too many streams, or too much at once.
    Busy,
    /// It was done under this number before.
    Repeated,
    /// The message is not what it should be.
    Malformed,
    /// The node cannot do it at the moment.
    Unavailable,
}

/// The device's first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    Admitted,
    Refused { code: Refusal, reason: String },
}

/// An input, or an image's archive, that the device has not got, or only the first bytes of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    pub sha256: Hash,
    pub len: u64,
    /// Bytes that are there: sending goes on from here.
    pub have: u64,
}

/// What the device lacks to start.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Needs {
    pub inputs: Vec<Need>,
    /// Names.
    pub secrets: Vec<String>,
}

impl Needs {
    pub fn is_empty(&self) -> bool {
        self.inputs.is_empty() && self.secrets.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// Bytes that are there now.
    pub have: u64,
    /// All are, and the hash is right.
    pub complete: bool,
}

/// Values by name, base64. Has no `Debug`: it is in no log.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secrets(pub std::collections::BTreeMap<String, String>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {}

/// What became of a join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Joined {
    /// It holds.
    Yes,
    /// It does not, in words; it is kept, and looked at again.
    No(String),
    /// The node could not find out in time; it looks on.
    NotYet,
}

/// A file that a job left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutputFile {
    /// Relative, with `/`; bytes that are no UTF-8, control characters and `%` as `%XX`.
    pub path: String,
    pub len: u64,
    pub sha256: Hash,
    #[serde(default)]
    pub executable: bool,
}

/// A piece of the log in a frame: offset u64 little-endian, kind u8, bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFrame {
    /// Of its first byte in the lease's log; reading goes on at `offset + bytes.len()`.
    pub offset: u64,
    pub kind: LogKind,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum LogKind {
    Stdout = 1,
    Stderr = 2,
    /// The node's own words, such as "1,024 bytes were cut here".
    Node = 3,
}

impl LogFrame {
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.offset.to_le_bytes().to_vec();
        bytes.push(self.kind as u8);
        bytes.extend(&self.bytes);
        bytes
    }

    pub fn decode(frame: &[u8]) -> Option<Self> {
        let (offset, rest) = frame.split_first_chunk::<8>()?;
        let (kind, bytes) = rest.split_first()?;
        Some(Self {
            offset: u64::from_le_bytes(*offset),
            kind: match kind {
                1 => LogKind::Stdout,
                2 => LogKind::Stderr,
                3 => LogKind::Node,
                _ => return None,
            },
            bytes: bytes.to_vec(),
        })
    }
}

/// A piece of a command's life in a frame: kind u8, then the bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecFrame {
    /// To the command; empty at its end.
    Stdin(Vec<u8>),
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    Resize(Terminal),
    Exit(i32),
}

impl ExecFrame {
    pub fn encode(&self) -> Vec<u8> {
        let with = |kind: u8, bytes: &[u8]| [&[kind], bytes].concat();
        match self {
            Self::Stdin(bytes) => with(0, bytes),
            Self::Stdout(bytes) => with(1, bytes),
            Self::Stderr(bytes) => with(2, bytes),
            Self::Resize(size) => with(
                3,
                &[size.rows.to_le_bytes(), size.cols.to_le_bytes()].concat(),
            ),
            Self::Exit(code) => with(4, &code.to_le_bytes()),
        }
    }

    pub fn decode(frame: &[u8]) -> Option<Self> {
        let (kind, bytes) = frame.split_first()?;
        Some(match kind {
            0 => Self::Stdin(bytes.to_vec()),
            1 => Self::Stdout(bytes.to_vec()),
            2 => Self::Stderr(bytes.to_vec()),
            3 => {
                let (rows, cols) = bytes.split_first_chunk::<2>()?;
                Self::Resize(Terminal {
                    rows: u16::from_le_bytes(*rows),
                    cols: u16::from_le_bytes(cols.try_into().ok()?),
                })
            }
            4 => Self::Exit(i32::from_le_bytes(bytes.try_into().ok()?)),
            _ => return None,
        })
    }
}

/// What the node says of the machine: the supplier's word. redteam S5
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    pub platform: String,
    pub cpus: u32,
    pub memory_bytes: u64,
    pub disk_free_bytes: u64,
    pub cards: Vec<CardFacts>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CardFacts {
    pub uuid: String,
    pub name: String,
    pub memory_bytes: u64,
    pub memory_used_bytes: u64,
    /// Per cent; none where the driver does not tell.
    pub load: Option<u32>,
    pub celsius: Option<u32>,
    pub milliwatts: Option<u32>,
    pub driver: String,
    /// Of its processors.
    pub megahertz: Option<u32>,
    /// ECC errors since the driver was loaded that could not be mended.
    pub uncorrected_errors: Option<u64>,
    /// How many hold it.
    pub processes: Option<u32>,
    pub mig: Option<bool>,
    pub compute_mode: Option<String>,
    /// The driver's number of the newest fault since the node began.
    pub last_xid: Option<u64>,
}

/// Who opened a stream that the link side hands to the job side, before the opener's [`Hello`] in the same frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forwarded {
    /// The key that the handshake proved.
    pub peer: Key,
    /// The engineer key behind it; another than `peer` where that has a ticket.
    pub engineer: Key,
    /// Verbs that the ticket allows, by name; none for the engineer key itself, which may everything.
    #[serde(default)]
    pub ticket: Option<Vec<String>>,
    pub hello: Hello,
}

/// The job side's requests on the link side's control connection, and its answers: the tunnel key signs what the job side found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Control {
    /// Sign this statement of the lease (hexadecimal) with the lease's tunnel key.
    Sign {
        lease: Key,
        message: String,
    },
    Signed(Signed),
    NotSigned(String),
}
