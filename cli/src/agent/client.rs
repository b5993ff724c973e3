//! How a verb speaks to an order's agent, which it starts if there is none.

use super::{
    chunks::{ChunkReader, ChunkWriter},
    folder::Folder,
    socket,
    wire::{Ask, Greeting, Leases, Line, Reply, MAX_MESSAGE, VERSION},
};
use crate::error::{CliError, Result};
use iog_job::{frame, wire::Verb, Key};
use std::{
    io,
    time::{Duration, Instant},
};
use tokio::net::{
    unix::{OwnedReadHalf, OwnedWriteHalf},
    UnixStream,
};

/// How long an agent may take to end.
const END: Duration = Duration::from_secs(15);

/// An order whose agent is spoken to.
pub struct Client {
    pub folder: Folder,
    pub order: Key,
}

/// A stream to a device.
pub struct AgentStream {
    pub line: Line,
    pub from: ChunkReader<OwnedReadHalf>,
    pub to: ChunkWriter<OwnedWriteHalf>,
}

impl Client {
    pub fn open(order: &Key) -> Result<Self> {
        Ok(Self {
            folder: Folder::open(order)?,
            order: *order,
        })
    }

    /// Asks a running agent, or the one that is started for it.
    async fn ask(&self, ask: &Ask) -> Result<(UnixStream, Reply)> {
        let mut stream = self.connect().await?;
        frame::write(&mut stream, ask).await.map_err(gone)?;
        let reply = self.reply(&mut stream).await?;
        Ok((stream, reply))
    }

    async fn reply(&self, stream: &mut UnixStream) -> Result<Reply> {
        match frame::expect(stream, MAX_MESSAGE).await.map_err(gone)? {
            Reply::Failed { code, text } => Err(CliError::Other { text, code }),
            reply => Ok(reply),
        }
    }

    /// The agent's socket, if one listens.
    pub(super) async fn dial(&self) -> Result<Option<UnixStream>> {
        let Ok(mut stream) = UnixStream::connect(socket::told(&self.folder)?).await else {
            return Ok(None);
        };
        let own = rustix::process::getuid().as_raw();
        if !stream
            .peer_cred()
            .is_ok_and(|cred| cred.uid() == own || cred.uid() == 0)
        {
            return Err(CliError::usage("somebody else listens at the agent's socket: set XDG_RUNTIME_DIR to a folder of yours"));
        }
        let Ok(greeting) = frame::expect::<Greeting, _>(&mut stream, MAX_MESSAGE).await else {
            return Ok(None);
        };
        if greeting.iog_agent != VERSION || greeting.order != self.order {
            return Err(CliError::usage(format!(
                "the agent of order {} is another version's: end it (kill {}), and run this again",
                self.order, greeting.pid
            )));
        }
        Ok(Some(stream))
    }

    /// Whether an agent runs; none is started.
    pub async fn runs(&self) -> Result<bool> {
        Ok(self.dial().await?.is_some())
    }

    /// Starts it where it does not run.
    pub async fn wake(&self) -> Result<()> {
        self.connect().await.map(|_| ())
    }

    pub async fn deliver(&self) -> Result<()> {
        self.ask(&Ask::Deliver).await.map(|_| ())
    }

    /// Ends an agent that runs.
    pub async fn stop(&self) -> Result<bool> {
        let Some(mut stream) = self.dial().await? else {
            return Ok(false);
        };
        frame::write(&mut stream, &Ask::Stop).await.map_err(gone)?;
        self.reply(&mut stream).await?;
        // Its devices are told before it goes.
        let since = Instant::now();
        while socket::lock(&self.folder)?.is_none() && since.elapsed() < END {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(true)
    }

    /// Where everything stands, again and again.
    pub async fn follow(&self) -> Result<Follow> {
        let (stream, first) = self.ask(&Ask::Follow).await?;
        Ok(Follow {
            stream,
            first: Some(first),
        })
    }

    pub async fn stream(&self, lease: &Key, verb: Verb) -> Result<AgentStream> {
        let ask = Ask::Open {
            lease: *lease,
            verb,
        };
        let (stream, reply) = self.ask(&ask).await?;
        let Reply::Opened(line) = reply else {
            return Err(strange());
        };
        let (from, to) = stream.into_split();
        Ok(AgentStream {
            line,
            from: ChunkReader::new(from),
            to: ChunkWriter::new(to),
        })
    }

    /// A local address that leads to a port of a lease's job, for as long as the stream is held.
    pub async fn forward(
        &self,
        lease: &Key,
        local: std::net::SocketAddr,
        port: u16,
    ) -> Result<(UnixStream, std::net::SocketAddr)> {
        let ask = Ask::Forward {
            lease: *lease,
            local,
            port,
        };
        match self.ask(&ask).await? {
            (stream, Reply::Listening(at)) => Ok((stream, at)),
            _ => Err(strange()),
        }
    }
}

/// See [`Client::follow`].
pub struct Follow {
    stream: UnixStream,
    first: Option<Reply>,
}

impl Follow {
    pub async fn next(&mut self) -> Result<Leases> {
        let reply = match self.first.take() {
            Some(reply) => reply,
            None => frame::expect(&mut self.stream, MAX_MESSAGE)
                .await
                .map_err(gone)?,
        };
        match reply {
            Reply::Leases(leases) => Ok(leases),
            _ => Err(strange()),
        }
    }
}

impl AgentStream {
    /// One message; an end where one should be is a refusal of the device.
    pub async fn message<T: serde::de::DeserializeOwned>(&mut self, max: usize) -> Result<T> {
        frame::expect(&mut self.from, max).await.map_err(cut)
    }
}

/// The first eight letters of a key: enough to tell an order's leases apart.
pub fn short(key: &Key) -> String {
    key.to_string().chars().take(8).collect()
}

fn gone(error: io::Error) -> CliError {
    CliError::Other {
        text: format!("the agent went away ({error}): run the command again"),
        code: 4,
    }
}

fn strange() -> CliError {
    CliError::usage(
        "the agent answered something else: is it of the same version? iog agent stop ends it",
    )
}

/// A stream that ended before its end.
pub fn cut(error: io::Error) -> CliError {
    let (text, code) = match error.kind() {
        io::ErrorKind::InvalidData => (
            format!("the device said something that is no answer: {error}"),
            3,
        ),
        _ => (format!("the line was cut: {error}"), 5),
    };
    CliError::Other { text, code }
}
