//! What a renter names by an address: fetched by a process of its own behind the filter of jobs, so that nothing of the supplier's network
//! is reached or told. redteam J6

mod address;
mod child;

pub use address::Network;
pub use child::{main, Outcome};

use child::{AsUser, Request};
use iog_engine::netns::{Egress, Net};
use rand::RngCore;
use std::{ffi::OsString, io, process::Stdio, time::Duration};
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
    /// Begins to fetch what has `len` bytes from the byte `from` on, as a user that nobody else is.
    ///
    /// # Errors
    /// If the process or its network cannot be made.
    pub async fn begin(&self, url: &str, from: u64, len: u64, user: u32) -> io::Result<Fetch> {
        let way = match &self.egress {
            Some(egress) => Some(way(egress.clone()).await?),
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
    /// How it ended, once its bytes have.
    ///
    /// # Errors
    /// If the process says nothing that can be read.
    pub async fn outcome(mut self) -> io::Result<Outcome> {
        let mut text = Vec::new();
        if let Some(stderr) = self.process.stderr.take() {
            stderr.take(MAX_OUTCOME).read_to_end(&mut text).await?;
        }
        self.process.wait().await?;
        let last = text.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
        Ok(serde_json::from_slice(last.unwrap_or_default())?)
    }
}

async fn way(egress: Egress) -> io::Result<Way> {
    let mut name = [0; 5];
    rand::rng().fill_bytes(&mut name);
    let net = Net::of(&hex::encode(name));
    let made = tokio::task::spawn_blocking(move || {
        net.make(Some(&egress))?;
        Ok::<_, iog_engine::EngineError>(Way(net))
    });
    made.await
        .map_err(io::Error::other)?
        .map_err(io::Error::other)
}
