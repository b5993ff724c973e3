//! From a stranger's first packet to an admitted connection.

use crate::{
    connection::{close, code, Connection},
    gate::why,
    limits::{self, Pace, Source},
    member::{self, Asked},
    shared::{Lane, Shared},
    ticket::{SignedTicket, Ticket},
    wants::{Configs, Wants},
};
use iog_job::{
    frame,
    wire::{Answer, Refusal, ALPN, ALPN_TICKET, MAX_TICKET_BYTES},
    Key, ALPN_MESH, ALPN_MESH_PRIVATE,
};
use iroh::{
    endpoint::{self, Incoming, IncomingAddr, ServerConfig, VarInt},
    Endpoint,
};
use std::{
    sync::{
        atomic::{AtomicUsize, Ordering::Relaxed},
        Arc,
    },
    time::Duration,
};
use tokio::{sync::mpsc, task::JoinSet, time::timeout};

/// How long a handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// How long a ticket may take after it.
const TICKET: Duration = Duration::from_secs(2);
/// What one connection may have under way towards us.
pub(crate) const RECEIVE_WINDOW: u32 = 16 << 20;

/// Takes all who come until the endpoint closes.
pub(crate) async fn run(
    endpoint: Endpoint,
    shared: Arc<Shared>,
    to: mpsc::Sender<Connection>,
    to_mesh: mpsc::Sender<Asked>,
) {
    let configs = Configs::of(&endpoint);
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            incoming = endpoint.accept() => {
                let Some(incoming) = incoming else { break };
                let wants = Wants::of(&incoming);
                let Some((incoming, pending)) = sift(&shared, incoming, wants) else { continue };
                let config = configs.of_wants(wants);
                let (shared, to, to_mesh) = (Arc::clone(&shared), to.clone(), to_mesh.clone());
                tasks.spawn(async move {
                    match admit(&shared, incoming, config).await {
                        Some(Admitted::Peer(connection)) => {
                            drop(pending);
                            let _ = to.send(connection).await;
                        }
                        // Its handshake is over with its first message.
                        Some(Admitted::Member(conn, peer)) => {
                            let asked = member::hear(&shared, conn, peer).await;
                            drop(pending);
                            if let Some(asked) = asked {
                                let _ = to_mesh.send(asked).await;
                            }
                        }
                        None => {}
                    }
                });
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

/// A handshake that is under way.
struct Pending {
    shared: Arc<Shared>,
    lane: fn(&Shared) -> &Lane,
    known: bool,
}

impl Pending {
    fn begin(shared: &Arc<Shared>, lane: fn(&Shared) -> &Lane, known: bool) -> Option<Self> {
        let pending = Self {
            shared: Arc::clone(shared),
            lane,
            known,
        };
        let before = pending.count().fetch_add(1, Relaxed);
        let max = match known {
            true => limits::RESERVED,
            false => limits::MAX_PENDING,
        };
        (before < max).then_some(pending)
    }

    fn count(&self) -> &AtomicUsize {
        let lane = (self.lane)(&self.shared);
        match self.known {
            true => &lane.known,
            false => &lane.strangers,
        }
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.count().fetch_sub(1, Relaxed);
    }
}

/// What is decided before any work is done for the peer.
fn sift(shared: &Arc<Shared>, incoming: Incoming, wants: Wants) -> Option<(Incoming, Pending)> {
    let lane = wants.lane();
    let (source, peer) = match incoming.remote_addr() {
        IncomingAddr::Ip(addr) => (Source::from(addr.ip()), None),
        IncomingAddr::Relay { endpoint_id, .. } => {
            let key = *endpoint_id.as_bytes();
            (Source::Key(key), Some(Key(key)))
        }
        _ => {
            incoming.ignore();
            return None;
        }
    };
    let known = peer.is_some_and(|peer| match wants.is_member() {
        true => shared.gate.admits_member(&peer),
        false => shared.gate.admits(&peer),
    });
    let named = peer.unwrap_or_default();
    // The relay has proved this key already; only with a ticket may another key go on.
    if peer.is_some() && !known && wants != Wants::Ticket {
        shared.refuse(&named, why::UNKNOWN_BEFORE);
        incoming.refuse();
        return None;
    }
    let crowd = lane(shared).strangers.load(Relaxed) >= limits::RETRY_ABOVE;
    if !known && crowd && !incoming.remote_addr_validated() {
        let _ = incoming.retry();
        return None;
    }
    match lane(shared).pace(source) {
        Pace::Allowed => {}
        Pace::Crowded if incoming.remote_addr_validated() => {}
        Pace::Crowded => {
            let _ = incoming.retry();
            return None;
        }
        Pace::TooFast => {
            shared.refuse(&named, why::ADDRESS_RATE);
            incoming.ignore();
            return None;
        }
    }
    let Some(pending) = Pending::begin(shared, lane, known) else {
        shared.refuse(&named, why::PENDING);
        incoming.ignore();
        return None;
    };
    Some((incoming, pending))
}

enum Admitted {
    Peer(Connection),
    /// A device of some mesh here; of which, it has yet to say.
    Member(endpoint::Connection, Key),
}

async fn admit(
    shared: &Arc<Shared>,
    incoming: Incoming,
    config: Option<Arc<ServerConfig>>,
) -> Option<Admitted> {
    let nobody = Key::default();
    let accepting = match config {
        Some(config) => incoming.accept_with(config),
        None => incoming.accept(),
    };
    let conn = match accepting {
        // Waits for the whole handshake: early data, which can be replayed, is never read. redteam L5
        Ok(accepting) => timeout(HANDSHAKE, accepting).await,
        Err(_) => return None,
    };
    let Ok(Ok(conn)) = conn else {
        shared.refuse(&nobody, why::HANDSHAKE);
        return None;
    };
    let peer = Key(*conn.remote_id().as_bytes());
    if conn.alpn() == ALPN_TICKET {
        return with_ticket(shared, conn, peer).await.map(Admitted::Peer);
    }
    if conn.alpn() == ALPN_MESH || conn.alpn() == ALPN_MESH_PRIVATE {
        if !shared.gate.admits_member(&peer) {
            shared.refuse(&peer, why::NO_MEMBER);
            close(&conn, code::NOT_ADMITTED, why::NO_MEMBER);
            return None;
        }
        shared.enter_member(&conn, peer, true);
        return Some(Admitted::Member(conn, peer));
    }
    if conn.alpn() != ALPN || !shared.gate.admits(&peer) {
        shared.refuse(&peer, why::UNKNOWN_AFTER);
        close(&conn, code::NOT_ADMITTED, "unknown key");
        return None;
    }
    shared.enter(&conn, peer, peer, true);
    let shared = Arc::clone(shared);
    Some(Admitted::Peer(Connection::admitted(
        conn, shared, peer, None,
    )))
}

/// Reads one ticket in little time, and nothing else before it is found good. redteam L1
async fn with_ticket(
    shared: &Arc<Shared>,
    conn: endpoint::Connection,
    peer: Key,
) -> Option<Connection> {
    let read = timeout(TICKET, async {
        let (send, mut recv) = conn.accept_bi().await.ok()?;
        let bytes = frame::read_bytes(&mut recv, MAX_TICKET_BYTES).await;
        Some((send, bytes.ok()??))
    });
    let Ok(Some((mut send, bytes))) = read.await else {
        shared.refuse(&peer, why::TICKET_SLOW);
        close(&conn, code::NOT_ADMITTED, "no ticket in time");
        return None;
    };
    let judged = judge(shared, &peer, &bytes);
    let answer = match &judged {
        Ok(_) => Answer::Admitted,
        Err((_, reason)) => Answer::Refused {
            code: Refusal::NotAllowed,
            reason: reason.clone(),
        },
    };
    let told = frame::write(&mut send, &answer).await;
    let _ = send.finish();
    match judged {
        Ok(ticket) => {
            told.ok()?;
            conn.set_receive_window(VarInt::from_u32(RECEIVE_WINDOW));
            conn.set_max_concurrent_bi_streams(VarInt::from_u32(limits::STREAMS));
            shared.enter(&conn, peer, ticket.engineer, true);
            let shared = Arc::clone(shared);
            Some(Connection::admitted(conn, shared, peer, Some(ticket)))
        }
        Err((counted, _)) => {
            shared.refuse(&peer, counted);
            // The answer says why; the peer hangs up when it has read it.
            let _ = timeout(TICKET, conn.closed()).await;
            close(&conn, code::NOT_ADMITTED, counted);
            None
        }
    }
}

fn judge(shared: &Shared, peer: &Key, bytes: &[u8]) -> Result<Ticket, (&'static str, String)> {
    let ticket = SignedTicket::from_bytes(bytes)
        .verify(peer, shared.gate.now_ts())
        .map_err(|error| (why::TICKET, format!("the ticket is not good: {error}")))?;
    if !shared.gate.admits(&ticket.engineer) {
        let reason = "who signed the ticket has no lease here".to_string();
        return Err((why::TICKET, reason));
    }
    if shared.ticket_holders(&ticket.engineer, peer) >= limits::TICKETS {
        let reason = format!("{} others use tickets of this key", limits::TICKETS);
        return Err((why::TICKETS, reason));
    }
    Ok(ticket)
}
