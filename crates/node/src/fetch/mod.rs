//! What a renter names by an address: fetched by a process of its own behind the filter of jobs, so that nothing of the supplier's network
//! is reached or told. redteam J6

mod address;
mod child;

pub use address::Network;
pub use child::{main, Outcome};

use child::{AsUser, Request};
use iog_engine::netns::{Egress, Net};
use rand::RngCore;
use sha2::{Digest, Sha256};
use std::{ffi::OsString, io, path::Path, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStdout, Command},
};

/// Largest outcome.
const MAX_OUTCOME: u64 = 4 << 10;

#[derive(Clone, Debug)]
pub struct FetchSettings {
    /// Program and arguments of the process that calls [`main`].
    pub command: Vec<OsString>,
    /// Its way to the internet, in a namespace of its own, which needs root. Without one only the operator's own jobs are fetched for.
    pub egress: Option<Egress>,
    /// Networks that may be reached though they are private.
    pub allowed: Vec<Network>,
    /// Certificates (PEM) that are trusted beside the usual ones.
    pub roots: Vec<String>,
    /// Between the first two rounds; twice as long each further time.
    pub pause: Duration,
    /// Mirrors are asked when the renter's machine has sent nothing for so long, and at once where it is away. redteam V2
    pub patience: Duration,
}

/// What begins the names of a node's networks for fetches. They end with an `x`, which no run's name has.
fn mark(node_dir: &Path) -> String {
    let dir = node_dir.canonicalize().unwrap_or_else(|_| node_dir.into());
    let hash = Sha256::digest(dir.as_os_str().as_encoded_bytes());
    hash.iter()
        .take(2)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The networks of this node's fetches.
pub fn networks(node_dir: &Path) -> Vec<Net> {
    let begins = format!("iog-{}", mark(node_dir));
    let is_of = |net: &Net| net.name().starts_with(&begins) && net.name().ends_with('x');
    Net::all().into_iter().filter(is_of).collect()
}

/// Removes what the fetches of a job side have left that was killed, or ends. No fetch may be under way.
pub fn sweep(node_dir: &Path) {
    for net in networks(node_dir) {
        if let Err(error) = net.delete() {
            tracing::warn!(%error, name = net.name(), "the network of a fetch is left");
        }
    }
}

/// A fetch that is under way. Dropped, it is ended.
pub struct Fetch {
    process: Child,
    pub bytes: ChildStdout,
    _way: Option<Way>,
}

/// A namespace that goes with the fetch.
struct Way(Net);

impl Drop for Way {
    fn drop(&mut self) {
        let net = self.0.clone();
        std::thread::spawn(move || {
            if let Err(error) = net.delete() {
                tracing::error!(%error, "the network of a fetch is left");
            }
        });
    }
}

impl FetchSettings {
    /// Begins to fetch what has `len` bytes from the byte `from` on, as a user that nobody else is, for the node of a folder.
    ///
    /// # Errors
    /// If the process or its network cannot be made.
    pub async fn begin(
        &self,
        node_dir: &Path,
        url: &str,
        (from, len): (u64, u64),
        user: u32,
    ) -> io::Result<Fetch> {
        let way = match &self.egress {
            Some(egress) => Some(way(node_dir, egress.clone()).await?),
            None => None,
        };
        let mut args = Vec::new();
        if let Some(way) = &way {
            args.extend(["ip", "netns", "exec", way.0.name()].map(OsString::from));
        }
        args.extend(self.command.iter().cloned());
        let (program, args) = args.split_first().ok_or(io::ErrorKind::InvalidInput)?;
        let mut process = Command::new(program)
            .args(args)
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let as_user = self.egress.as_ref().map(|egress| AsUser {
            id: user,
            resolvers: egress.resolvers.clone(),
        });
        let request = Request {
            url: url.into(),
            from,
            len,
            allowed: self.allowed.clone(),
            roots: self.roots.clone(),
            as_user,
        };
        let mut stdin = process.stdin.take().ok_or(io::ErrorKind::BrokenPipe)?;
        stdin.write_all(&serde_json::to_vec(&request)?).await?;
        drop(stdin);
        let bytes = process.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?;
        Ok(Fetch {
            process,
            bytes,
            _way: way,
        })
    }
}

impl Fetch {
    /// How it ended. Bytes that were not read are left: the process ends for it.
    ///
    /// # Errors
    /// If the process says nothing that can be read.
    pub async fn outcome(self) -> io::Result<Outcome> {
        let Self {
            mut process,
            bytes,
            _way,
        } = self;
        drop(bytes);
        let mut text = Vec::new();
        if let Some(stderr) = process.stderr.take() {
            stderr.take(MAX_OUTCOME).read_to_end(&mut text).await?;
        }
        process.wait().await?;
        let last = text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
        Ok(serde_json::from_slice(last.unwrap_or_default())?)
    }
}

async fn way(node_dir: &Path, egress: Egress) -> io::Result<Way> {
    let mut name = [0; 3];
    rand::rng().fill_bytes(&mut name);
    let random: String = hex::encode(name).chars().take(5).collect();
    let net = Net::of(&format!("{}{random}x", mark(node_dir)));
    let made = tokio::task::spawn_blocking(move || {
        net.make(Some(&egress))?;
        Ok::<_, iog_engine::EngineError>(Way(net))
    });
    made.await
        .map_err(io::Error::other)?
        .map_err(io::Error::other)
}
