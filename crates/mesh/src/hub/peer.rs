//! One fellow device in one mesh: dialled at the first packet, or taken when it dials.

use super::{private, receive::Receives, routes::MeshId, ways::Ways, Shared};
use crate::piece::cut;
use bytes::Bytes;
use iog_job::Key;
use iog_link::{Link, MemberConnection};
use std::{
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc, Mutex, PoisonError, Weak,
    },
    time::{Duration, Instant},
};
use tokio::{
    sync::mpsc::{self, Receiver, Sender},
    task::{AbortHandle, JoinSet},
    time::sleep,
};

/// Batches that wait for a peer; what comes above is dropped, and who sent it slows down.
pub const QUEUE: usize = 64;
/// Between two tries to reach it.
const PAUSE: Duration = Duration::from_secs(1);
/// Where both have dialled, the connection of the smaller key stays: so long after it stands none of the other's takes its place.
const SETTLED: Duration = Duration::from_secs(3);

pub(super) struct Peer {
    pub private: bool,
    pub ways: Arc<Ways>,
    queue: Sender<Vec<Bytes>>,
    passed: Sender<Vec<Bytes>>,
    inbound: Sender<MemberConnection>,
    own: Arc<Own>,
    task: AbortHandle,
}

/// What its task tells.
#[derive(Default)]
struct Own {
    smaller: bool,
    /// It dials, or has dialled then.
    dialled: Mutex<Option<Instant>>,
    connected: AtomicBool,
}

impl Own {
    fn dials(&self, since: Option<Instant>) {
        *self.dialled.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // The connection goes with its task.
        self.task.abort();
    }
}

impl Peer {
    pub fn start(
        shared: Weak<Shared>,
        link: Arc<Link>,
        (mesh, local, key): (MeshId, Key, Key),
        private: bool,
    ) -> Self {
        let (queue, packets) = mpsc::channel(QUEUE);
        let (passed, to_pass) = mpsc::channel(QUEUE);
        let (inbound, came) = mpsc::channel(4);
        let own = Arc::new(Own {
            smaller: local < key,
            ..Own::default()
        });
        let task = Task {
            shared,
            link,
            mesh,
            local,
            key,
            private,
            own: Arc::clone(&own),
        };
        let task = tokio::spawn(task.run(packets, to_pass, came)).abort_handle();
        Self {
            private,
            ways: Arc::default(),
            queue,
            passed,
            inbound,
            own,
            task,
        }
    }

    pub fn is_over(&self) -> bool {
        self.task.is_finished()
    }

    pub fn is_connected(&self) -> bool {
        self.own.connected.load(Relaxed)
    }

    pub fn send(&self, packets: Vec<Bytes>) {
        // Full: dropped, as a slow line drops.
        let _ = self.queue.try_send(packets);
    }

    /// What takes items of a private mesh.
    pub fn line(&self) -> Sender<Vec<Bytes>> {
        self.queue.clone()
    }

    /// Items that another one sends by this machine; false where they are dropped.
    pub fn pass(&self, items: Vec<Bytes>) -> bool {
        self.is_connected() && self.passed.try_send(items).is_ok()
    }

    /// Whether a connection that the peer dials is taken now.
    pub fn takes(&self) -> bool {
        let dialled = *self
            .own
            .dialled
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let settled = dialled.is_none_or(|since| since.elapsed() >= SETTLED);
        !self.own.smaller || settled
    }

    pub fn came(&self, connection: MemberConnection) {
        let _ = self.inbound.try_send(connection);
    }
}

struct Task {
    shared: Weak<Shared>,
    link: Arc<Link>,
    mesh: MeshId,
    local: Key,
    key: Key,
    private: bool,
    own: Arc<Own>,
}

impl Task {
    async fn run(
        self,
        mut packets: Receiver<Vec<Bytes>>,
        mut to_pass: Receiver<Vec<Bytes>>,
        mut came: Receiver<MemberConnection>,
    ) {
        let (mut next, mut dials_at) = (None, Instant::now());
        loop {
            let connection = match next.take() {
                Some(connection) => connection,
                None => match self.connect(&mut packets, &mut came, &mut dials_at).await {
                    Some(connection) => connection,
                    None => return,
                },
            };
            self.own.connected.store(true, Relaxed);
            next = tokio::select! {
                () = self.pump(&connection, &mut packets, &mut to_pass) => None,
                newer = came.recv() => newer,
            };
            self.own.connected.store(false, Relaxed);
            connection.close("another connection, or none any more");
            if next.is_none() {
                // What waited for it is late by now.
                while packets.try_recv().is_ok() || to_pass.try_recv().is_ok() {}
            }
        }
    }

    /// Waits for the first packet, then dials until there is a connection, whoever dialled it.
    async fn connect(
        &self,
        packets: &mut Receiver<Vec<Bytes>>,
        came: &mut Receiver<MemberConnection>,
        dials_at: &mut Instant,
    ) -> Option<MemberConnection> {
        let mut first = Vec::new();
        if !self.private {
            tokio::select! {
                connection = came.recv() => return connection,
                packet = packets.recv() => first = packet?,
            }
        }
        loop {
            // Also after one that it took and closed at once: handshakes are work.
            tokio::select! {
                connection = came.recv() => return connection,
                () = sleep(dials_at.saturating_duration_since(Instant::now())) => {}
            }
            self.own.dials(Some(Instant::now()));
            let dialled = tokio::select! {
                connection = came.recv() => {
                    self.own.dials(None);
                    return connection;
                }
                dialled = self.dial() => dialled?,
            };
            *dials_at = Instant::now().checked_add(PAUSE)?;
            match dialled {
                Ok(connection) => {
                    self.own.dials(Some(Instant::now()));
                    let mut pieces = Vec::new();
                    cut_all(first, &mut 0, connection.max_datagram_bytes(), &mut pieces);
                    if !self.private {
                        let _ = connection.send(&pieces).await;
                    }
                    return Some(connection);
                }
                Err(error) => {
                    tracing::debug!(peer = %self.key, %error, "a device of the mesh is not reached");
                    self.own.dials(None);
                }
            }
        }
    }

    /// None where this machine is in the mesh no more.
    async fn dial(&self) -> Option<Result<MemberConnection, iog_link::LinkError>> {
        let (hello, at) = {
            let shared = self.shared.upgrade()?;
            (
                shared.hello(self.mesh, &self.local)?,
                shared.addresses(&self.key),
            )
        };
        let dialled = self
            .link
            .dial_member_at(&self.key, &at, &hello, self.private);
        Some(dialled.await)
    }

    /// Both ways until the connection is lost.
    async fn pump(
        &self,
        connection: &MemberConnection,
        packets: &mut Receiver<Vec<Bytes>>,
        to_pass: &mut Receiver<Vec<Bytes>>,
    ) {
        // Beside the sender, on a thread of its own; it ends with this.
        let mut receives = JoinSet::new();
        let to = Receives {
            shared: Weak::clone(&self.shared),
            mesh: self.mesh,
            local: self.local,
            key: self.key,
        };
        receives.spawn(to.run(connection.clone()));
        tokio::select! {
            () = self.sends(connection, packets, to_pass) => {}
            _ = receives.join_next() => {}
        }
    }

    async fn sends(
        &self,
        connection: &MemberConnection,
        packets: &mut Receiver<Vec<Bytes>>,
        to_pass: &mut Receiver<Vec<Bytes>>,
    ) {
        if self.private {
            let of = (self.mesh, self.local, self.key);
            let tell = || self.shared.upgrade()?.tell(of);
            return private::send(connection, packets, to_pass, tell).await;
        }
        let (mut number, mut pieces) = (0, Vec::new());
        while let Some(batch) = packets.recv().await {
            cut_all(
                batch,
                &mut number,
                connection.max_datagram_bytes(),
                &mut pieces,
            );
            if connection.send(&pieces).await.is_err() {
                return;
            }
            pieces.clear();
        }
    }
}

/// Packets as they travel. One that is larger than its pieces may be is dropped.
fn cut_all(batch: Vec<Bytes>, number: &mut u16, max: usize, pieces: &mut Vec<Bytes>) {
    for packet in batch {
        *number = number.wrapping_add(1);
        cut(packet, *number, max, pieces);
    }
}
