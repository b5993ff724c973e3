//! A peer's streams, and what it asks on them.

use crate::{
    connection::{close, code},
    gate::why,
    shared::Shared,
    stream::Stream,
    ticket::Ticket,
};
use iog_job::{
    frame,
    wire::{Hello, Refusal, MAX_HELLO_BYTES},
    Key,
};
use iroh::endpoint;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{sleep, timeout},
};

/// How long the opener of a stream may take for its first message.
const HELLO: Duration = Duration::from_secs(2);

/// Takes the peer's streams; reads their first messages at the same time, so that a slow one holds up nobody.
pub(crate) async fn hear_all(
    conn: endpoint::Connection,
    shared: Arc<Shared>,
    peer: Key,
    ticket: Option<Ticket>,
    to: mpsc::Sender<(Hello, Stream)>,
) {
    let ticket = ticket.map(Arc::new);
    let end = ticket.as_ref().map(|ticket| {
        let left = ticket.until_ts.saturating_sub(shared.gate.now_ts());
        Duration::from_secs(u64::try_from(left).unwrap_or(0))
    });
    let over = async {
        match end {
            Some(left) => sleep(left).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(over);
    let mut hellos = JoinSet::new();
    loop {
        tokio::select! {
            accepted = conn.accept_bi() => {
                let Ok((send, recv)) = accepted else { break };
                hellos.spawn(hear((send, recv), Arc::clone(&shared), peer, ticket.clone(), to.clone()));
            }
            Some(_) = hellos.join_next() => {}
            () = &mut over => {
                shared.refuse(&peer, why::NO_MORE);
                close(&conn, code::NO_MORE, "the ticket is over");
                break;
            }
        }
    }
}

async fn hear(
    (send, mut recv): (endpoint::SendStream, endpoint::RecvStream),
    shared: Arc<Shared>,
    peer: Key,
    ticket: Option<Arc<Ticket>>,
    to: mpsc::Sender<(Hello, Stream)>,
) {
    let read = timeout(HELLO, frame::expect::<Hello, _>(&mut recv, MAX_HELLO_BYTES)).await;
    let Ok(Ok(hello)) = read else {
        shared.refuse(&peer, why::HELLO);
        let stream = Stream::new(send, recv, Arc::default());
        stream
            .refuse(Refusal::Malformed, "the first message is not a request")
            .await;
        return;
    };
    if ticket.is_some_and(|ticket| !ticket.allows(&hello.binding, &hello.verb)) {
        shared.refuse(&peer, why::TICKET_SCOPE);
        let stream = Stream::new(send, recv, Arc::default());
        let reason = format!(
            "the ticket does not allow `{}` of this lease",
            hello.verb.name()
        );
        stream.refuse(Refusal::NotAllowed, &reason).await;
        return;
    }
    // Counted once it is admitted: a peer names what it likes.
    let stream = Stream::new(send, recv, Arc::default());
    // Nobody listens any more: the stream is cut.
    let _ = to.send((hello, stream)).await;
}
