//! From a stranger's first packet to an admitted connection.

use crate::{
    connection::{close, code, Connection},
    gate::why,
    limits::{self, Pace, Source},
    shared::Shared,
    ticket::{SignedTicket, Ticket},
};
use iog_job::{
    frame,
    wire::{Answer, Refusal, ALPN, ALPN_TICKET, MAX_TICKET_BYTES},
    Key,
};
use iroh::{
    endpoint::{self, Incoming, IncomingAddr, QuicTransportConfig, ServerConfig, VarInt},
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
/// The same before a ticket was read.
const TICKET_WINDOW: u32 = 2_048;

/// Takes all who come until the endpoint closes.
pub(crate) async fn run(
    endpoint: Endpoint,
    shared: Arc<Shared>,
    transport: endpoint::QuicTransportConfigBuilder,
    to: mpsc::Sender<Connection>,
) {
    let before_ticket = Arc::new(ticket_config(&endpoint, transport));
    let mut tasks = JoinSet::new();
    loop {
        tokio::select! {
            incoming = endpoint.accept() => {
                let Some(incoming) = incoming else { break };
                let Some((incoming, pending)) = sift(&shared, incoming) else { continue };
                let config = wants_ticket(&incoming).then(|| Arc::clone(&before_ticket));
                let (shared, to) = (Arc::clone(&shared), to.clone());
                tasks.spawn(async move {
                    let admitted = admit(&shared, incoming, config).await;
                    drop(pending);
                    if let Some(connection) = admitted {
                        let _ = to.send(connection).await;
                    }
                });
            }
            Some(_) = tasks.join_next() => {}
        }
    }
}

fn ticket_config(
    endpoint: &Endpoint,
    transport: endpoint::QuicTransportConfigBuilder,
) -> ServerConfig {
    let little: QuicTransportConfig = transport
        .receive_window(VarInt::from_u32(TICKET_WINDOW))
        .max_concurrent_bidi_streams(VarInt::from_u32(1))
        .build();
    endpoint
        .create_server_config_builder(vec![ALPN_TICKET.to_vec()])
        .set_transport_config(little)
        .build()
}

/// A handshake that is under way.
struct Pending(Arc<Shared>, fn(&Shared) -> &AtomicUsize);

impl Pending {
    fn begin(shared: &Arc<Shared>, count: fn(&Shared) -> &AtomicUsize, max: usize) -> Option<Self> {
        let before = count(shared).fetch_add(1, Relaxed);
        let pending = Self(Arc::clone(shared), count);
        (before < max).then_some(pending)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        (self.1)(&self.0).fetch_sub(1, Relaxed);
    }
}

/// What is decided before any work is done for the peer.
fn sift(shared: &Arc<Shared>, incoming: Incoming) -> Option<(Incoming, Pending)> {
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
    let known = peer.is_some_and(|peer| shared.gate.admits(&peer));
    let named = peer.unwrap_or_default();
    // The relay has proved this key already; only with a ticket may another key go on.
    if peer.is_some() && !known && !wants_ticket(&incoming) {
        shared.refuse(&named, why::UNKNOWN_BEFORE);
        incoming.refuse();
        return None;
    }
    let crowd = shared.strangers.load(Relaxed) >= limits::RETRY_ABOVE;
    if !known && crowd && !incoming.remote_addr_validated() {
        let _ = incoming.retry();
        return None;
    }
    match shared.pace(source) {
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
    let pending = if known {
        Pending::begin(shared, |shared| &shared.known, limits::RESERVED)
    } else {
        Pending::begin(shared, |shared| &shared.strangers, limits::MAX_PENDING)
    };
    let Some(pending) = pending else {
        shared.refuse(&named, why::PENDING);
        incoming.ignore();
        return None;
    };
    Some((incoming, pending))
}

fn wants_ticket(incoming: &Incoming) -> bool {
    let protocols = incoming.decrypt().and_then(|initial| initial.alpns());
    protocols.is_some_and(|mut protocols| {
        protocols.any(|name| name.is_ok_and(|name| name == ALPN_TICKET))
    })
}

async fn admit(
    shared: &Arc<Shared>,
    incoming: Incoming,
    ticket: Option<Arc<ServerConfig>>,
) -> Option<Connection> {
    let nobody = Key::default();
    let accepting = match ticket {
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
        return with_ticket(shared, conn, peer).await;
    }
    if conn.alpn() != ALPN || !shared.gate.admits(&peer) {
        shared.refuse(&peer, why::UNKNOWN_AFTER);
        close(&conn, code::NOT_ADMITTED, "unknown key");
        return None;
    }
    shared.enter(&conn, peer, peer, true);
    Some(Connection::admitted(conn, Arc::clone(shared), peer, None))
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
