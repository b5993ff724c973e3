//! Connections between devices of one mesh: one first message, then datagrams.

use crate::{
    connection::{close, code, lost, path_of},
    gate::why,
    link::Link,
    meter::{Counters, Path},
    shared::Shared,
    LinkError,
};
use bytes::Bytes;
use iog_job::{
    frame,
    wire::{Answer, Refusal},
    Binding, Key, MeshHello, ALPN_MESH, ALPN_MESH_PRIVATE, MAX_MESH_HELLO_BYTES,
};
use iroh::endpoint::{self, SendDatagramError, SendStream};
use std::{
    fmt,
    net::SocketAddr,
    sync::{atomic::Ordering::Relaxed, Arc},
    time::Duration,
};
use tokio::time::timeout;

/// How long who dials may take for its first message, and who answers it for the answer.
const HELLO: Duration = Duration::from_secs(2);
const ANSWER: Duration = Duration::from_secs(5);
/// A fellow that does not answer is tried again soon: it may just have been started anew.
const DIAL: Duration = Duration::from_secs(4);
const MAX_ANSWER_BYTES: usize = 4 << 10;

/// A connection to a fellow device; ends with the last of its clones.
#[derive(Clone)]
pub struct MemberConnection {
    conn: endpoint::Connection,
    peer: Key,
    private: bool,
}

impl fmt::Debug for MemberConnection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MemberConnection({})", self.peer)
    }
}

impl MemberConnection {
    /// The key that the handshake proved.
    pub fn peer(&self) -> Key {
        self.peer
    }

    /// Its packets are of one size.
    pub fn is_private(&self) -> bool {
        self.private
    }

    /// Largest datagram of its paths at the moment.
    pub fn max_datagram_bytes(&self) -> usize {
        self.conn.max_datagram_size().unwrap_or(0)
    }

    /// Sends in this order, and waits where the path is slow. What has become too large for it is dropped.
    ///
    /// # Errors
    /// If the connection was lost.
    pub async fn send(&self, datagrams: &[Bytes]) -> Result<(), LinkError> {
        let bytes = datagrams
            .iter()
            .fold(0, |sum: usize, next| sum.saturating_add(next.len()));
        if bytes <= self.conn.datagram_send_buffer_space() {
            return took(self.conn.send_many_datagrams(datagrams).map(drop));
        }
        for datagram in datagrams {
            took(self.conn.send_datagram_wait(datagram.clone()).await)?;
        }
        Ok(())
    }

    /// The next datagrams, as many as there is room for; how many came.
    ///
    /// # Errors
    /// If the connection was lost.
    pub async fn receive(&self, out: &mut [Bytes]) -> Result<usize, LinkError> {
        let read = self.conn.read_many_datagrams(out).await;
        read.map_err(|error| lost(&error))
    }

    pub fn path(&self) -> Path {
        path_of(&self.conn)
    }

    pub fn close(&self, why: &str) {
        close(&self.conn, code::DONE, why);
    }

    /// Why it ended.
    pub async fn closed(&self) -> LinkError {
        lost(&self.conn.closed().await)
    }
}

fn took(sent: Result<(), SendDatagramError>) -> Result<(), LinkError> {
    match sent {
        Ok(()) | Err(SendDatagramError::TooLarge) => Ok(()),
        Err(SendDatagramError::ConnectionLost(error)) => Err(lost(&error)),
        Err(other) => Err(LinkError::Malformed(other.to_string())),
    }
}

/// A fellow device that has connected and said for which mesh; nothing is answered yet.
#[derive(Debug)]
pub struct Asked {
    pub hello: MeshHello,
    connection: MemberConnection,
    send: SendStream,
}

impl Asked {
    pub fn peer(&self) -> Key {
        self.connection.peer
    }

    pub fn is_private(&self) -> bool {
        self.connection.private
    }

    /// None if it has gone meanwhile.
    pub async fn admit(mut self) -> Option<MemberConnection> {
        self.answer(&Answer::Admitted).await?;
        Some(self.connection)
    }

    pub async fn refuse(mut self, refusal: Refusal, reason: &str) {
        let answer = Answer::Refused {
            code: refusal,
            reason: reason.to_string(),
        };
        if self.answer(&answer).await.is_some() {
            // It hangs up when it has read why.
            let _ = timeout(HELLO, self.connection.conn.closed()).await;
        }
        close(&self.connection.conn, code::DONE, reason);
    }

    async fn answer(&mut self, answer: &Answer) -> Option<()> {
        let written = timeout(ANSWER, frame::write(&mut self.send, answer)).await;
        written.ok()?.ok()?;
        self.send.finish().ok()
    }
}

/// Reads the first message of one that was admitted as a member of some mesh.
pub(crate) async fn hear(
    shared: &Arc<Shared>,
    conn: endpoint::Connection,
    peer: Key,
) -> Option<Asked> {
    let read = timeout(HELLO, async {
        let (send, mut recv) = conn.accept_bi().await.ok()?;
        let hello = frame::expect::<MeshHello, _>(&mut recv, MAX_MESH_HELLO_BYTES).await;
        Some((hello.ok()?, send))
    });
    let Ok(Some((hello, send))) = read.await else {
        shared.refuse(&peer, why::HELLO);
        close(&conn, code::NOT_ADMITTED, why::HELLO);
        return None;
    };
    let private = conn.alpn() == ALPN_MESH_PRIVATE;
    Some(Asked {
        hello,
        connection: MemberConnection {
            conn,
            peer,
            private,
        },
        send,
    })
}

/// Counts what a lease sends and receives in its mesh.
#[derive(Clone, Debug)]
pub struct MeshMeter(Arc<Counters>);

impl MeshMeter {
    pub fn sent(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.0.mesh_sent.fetch_add(bytes, Relaxed);
    }

    pub fn received(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.0.mesh_received.fetch_add(bytes, Relaxed);
    }
}

impl Link {
    /// Connects to a fellow device for one mesh, by the relays of the settings and these addresses.
    ///
    /// # Errors
    /// If it is not reached, or refuses in its own words.
    pub async fn dial_member_at(
        &self,
        peer: &Key,
        at: &[SocketAddr],
        hello: &MeshHello,
        private: bool,
    ) -> Result<MemberConnection, LinkError> {
        let alpn = if private {
            ALPN_MESH_PRIVATE
        } else {
            ALPN_MESH
        };
        let slow = |limit: Duration| LinkError::TimedOut {
            secs: limit.as_secs(),
        };
        let connected = timeout(DIAL, self.connect(peer, at, alpn)).await;
        let conn = connected.map_err(|_| slow(DIAL))??;
        let asked = async {
            let (mut send, mut recv) = conn.open_bi().await.map_err(|error| lost(&error))?;
            frame::write(&mut send, hello).await?;
            let _ = send.finish();
            Ok(frame::expect(&mut recv, MAX_ANSWER_BYTES).await?)
        };
        let answer: Result<Answer, LinkError> =
            timeout(ANSWER, asked).await.map_err(|_| slow(ANSWER))?;
        // A closed connection tells more than the stream that it took along.
        let answer = answer.map_err(|error| conn.close_reason().map_or(error, |end| lost(&end)));
        match answer? {
            Answer::Admitted => {
                self.shared.enter_member(&conn, *peer, false);
                Ok(MemberConnection {
                    conn,
                    peer: *peer,
                    private,
                })
            }
            Answer::Refused { code, reason } => Err(LinkError::Refused { code, reason }),
        }
    }

    /// The next fellow device that asks. None when the endpoint is over.
    pub async fn asked(&self) -> Option<Asked> {
        self.asked.lock().await.recv().await
    }

    pub fn mesh_meter(&self, binding: &Binding) -> MeshMeter {
        MeshMeter(self.shared.meter.of(binding))
    }
}
