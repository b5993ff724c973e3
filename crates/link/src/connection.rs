//! One connection to one peer, and the streams on it.

use crate::{
    hear::hear_all,
    limits,
    meter::{Path, Via},
    shared::Shared,
    stream::Stream,
    ticket::Ticket,
    LinkError,
};
use iog_job::{
    frame,
    wire::{Answer, Hello, Verb},
    Binding, Key,
};
use iroh::{
    endpoint::{self, ConnectionError, VarInt},
    TransportAddr,
};
use std::{fmt, future::Future, sync::Arc, time::Duration};
use tokio::{
    sync::{mpsc, Mutex},
    task::AbortHandle,
    time::timeout,
};

/// How long the device may take to answer it.
const ANSWER: Duration = Duration::from_secs(20);
/// And where it first reads all outputs of a job for their hashes, from a slow disk.
const ANSWER_OF_OUTPUTS: Duration = Duration::from_secs(6 * 3_600);
/// Largest answer that is read.
const MAX_ANSWER_BYTES: usize = 4 << 10;

/// What a closed connection says.
pub(crate) mod code {
    pub const DONE: u32 = 0;
    pub const NOT_ADMITTED: u32 = 403;
    /// It was admitted before.
    pub const NO_MORE: u32 = 410;
    pub const REPLACED: u32 = 429;
}

/// An encrypted connection; clones are the same one, and it ends with the last of them.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    conn: endpoint::Connection,
    shared: Arc<Shared>,
    peer: Key,
    engineer: Key,
    ticket: Option<Ticket>,
    inbox: Option<Mutex<mpsc::Receiver<(Hello, Stream)>>>,
    task: Option<AbortHandle>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Connection({})", self.0.peer)
    }
}

impl Connection {
    pub(crate) fn dialled(conn: endpoint::Connection, shared: Arc<Shared>, peer: Key) -> Self {
        Self(Arc::new(Inner {
            conn,
            shared,
            peer,
            engineer: peer,
            ticket: None,
            inbox: None,
            task: None,
        }))
    }

    pub(crate) fn admitted(
        conn: endpoint::Connection,
        shared: Arc<Shared>,
        peer: Key,
        ticket: Option<Ticket>,
    ) -> Self {
        let (to, inbox) = mpsc::channel(STREAMS_WAITING);
        let task = tokio::spawn(hear_all(
            conn.clone(),
            Arc::clone(&shared),
            peer,
            ticket.clone(),
            to,
        ));
        Self(Arc::new(Inner {
            conn,
            shared,
            peer,
            engineer: ticket.as_ref().map_or(peer, |ticket| ticket.engineer),
            ticket,
            inbox: Some(Mutex::new(inbox)),
            task: Some(task.abort_handle()),
        }))
    }

    /// Whether both are the same one.
    pub fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The key that the handshake proved.
    pub fn peer(&self) -> Key {
        self.0.peer
    }

    /// The key for which the peer was admitted: its own, or that which signed its ticket.
    pub fn engineer(&self) -> Key {
        self.0.engineer
    }

    pub fn ticket(&self) -> Option<&Ticket> {
        self.0.ticket.as_ref()
    }

    /// Opens a stream: says what is wanted, and waits until the other side admits it.
    ///
    /// # Errors
    /// [`LinkError::Refused`] with its words, or that the connection was lost or is too slow.
    pub async fn open(&self, hello: &Hello) -> Result<Stream, LinkError> {
        let opened = async {
            let asked = within(ANSWER, self.ask(hello)).await?;
            within(answers_in(&hello.verb), answer(asked)).await
        };
        match opened.await {
            // A closed connection tells more than the stream that it took along.
            Err(LinkError::Lost(reason)) => Err(self
                .0
                .conn
                .close_reason()
                .map_or_else(|| LinkError::Lost(reason), |closed| lost(&closed))),
            other => other,
        }
    }

    async fn ask(&self, hello: &Hello) -> Result<Stream, LinkError> {
        let opened = self.0.conn.open_bi().await;
        let (send, recv) = opened.map_err(|error| lost(&error))?;
        let counters = self.0.shared.meter.of(&hello.binding);
        let mut stream = Stream::new(send, recv, counters);
        frame::write(&mut stream, hello).await?;
        Ok(stream)
    }

    /// The next stream of the peer and its first message; nothing is answered yet. None when the connection is over.
    pub async fn accept(&self) -> Option<(Hello, Stream)> {
        match &self.0.inbox {
            Some(inbox) => inbox.lock().await.recv().await,
            None => {
                self.0.conn.closed().await;
                None
            }
        }
    }

    /// Counts a stream that the peer opened as its lease's, from here on.
    pub fn count(&self, stream: &mut Stream, binding: &Binding) {
        stream.count_by(self.0.shared.meter.of(binding));
    }

    pub fn path(&self) -> Path {
        path_of(&self.0.conn)
    }

    /// Resolves as soon as packets travel directly; never for peers that cannot.
    pub async fn until_direct(&self) {
        let mut events = self.0.conn.path_events();
        while !self.path().is_direct() {
            if next(&mut events).await.is_none() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Bytes of packets, sent and received.
    pub fn bytes(&self) -> (u64, u64) {
        let stats = self.0.conn.stats();
        (stats.udp_tx.bytes, stats.udp_rx.bytes)
    }

    /// Ends it; streams that were not shut down are cut.
    pub fn close(&self, why: &str) {
        close(&self.0.conn, code::DONE, why);
    }

    /// Why it ended.
    pub async fn closed(&self) -> LinkError {
        lost(&self.0.conn.closed().await)
    }
}

fn answers_in(verb: &Verb) -> Duration {
    match verb {
        Verb::Outputs | Verb::Fetch { .. } => ANSWER_OF_OUTPUTS,
        _ => ANSWER,
    }
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, LinkError>>,
) -> Result<T, LinkError> {
    let secs = limit.as_secs();
    let done = timeout(limit, work).await;
    done.unwrap_or(Err(LinkError::TimedOut { secs }))
}

async fn answer(mut stream: Stream) -> Result<Stream, LinkError> {
    match frame::expect(&mut stream, MAX_ANSWER_BYTES).await? {
        Answer::Admitted => Ok(stream),
        Answer::Refused { code, reason } => Err(LinkError::Refused { code, reason }),
    }
}

/// More than may be open at once are never told.
const STREAMS_WAITING: usize = limits::STREAMS as usize;

pub(crate) fn close(conn: &endpoint::Connection, code: u32, why: &str) {
    conn.close(VarInt::from_u32(code), why.as_bytes());
}

pub(crate) fn path_of(conn: &endpoint::Connection) -> Path {
    let paths = conn.paths();
    let Some(path) = paths.iter().find(endpoint::Path::is_selected) else {
        return Path {
            via: Via::None,
            rtt_micros: 0,
        };
    };
    Path {
        via: match path.remote_addr() {
            TransportAddr::Ip(addr) => Via::Direct(*addr),
            TransportAddr::Relay(url) => Via::Relay(url.to_string()),
            _ => Via::None,
        },
        rtt_micros: u64::try_from(path.rtt().as_micros()).unwrap_or(u64::MAX),
    }
}

pub(crate) async fn next(events: &mut endpoint::PathEventStream) -> Option<endpoint::PathEvent> {
    use futures_util::StreamExt;
    events.next().await
}

/// What a closed connection means to its user.
pub(crate) fn lost(error: &ConnectionError) -> LinkError {
    match error {
        ConnectionError::ApplicationClosed(close) => {
            let reason = String::from_utf8_lossy(&close.reason).into_owned();
            match u32::try_from(close.error_code.into_inner()) {
                Ok(code::NOT_ADMITTED | code::NO_MORE) => LinkError::NotAdmitted(reason),
                _ => LinkError::Lost(reason),
            }
        }
        ConnectionError::ConnectionClosed(close) if is_refusal(close) => {
            LinkError::NotAdmitted("unknown key".into())
        }
        other => LinkError::Lost(other.to_string()),
    }
}

/// `CONNECTION_REFUSED`, RFC 9000, 20.1.
fn is_refusal(close: &endpoint::ConnectionClose) -> bool {
    u64::from(close.error_code) == 2
}
