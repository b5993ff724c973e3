//! Streams of admitted peers, handed on to the job side.

use crate::{admission, board, pipe::Pipe, view::View};
use iog_job::{
    frame,
    wire::{Forwarded, Hello, Refusal},
};
use iog_link::{Connection, Link, Stream};
use std::{io, path::PathBuf, sync::Arc};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::UnixStream,
    sync::watch,
    task::JoinSet,
};

const PIECE: usize = 64 << 10;

/// Takes connections of one endpoint until it ends.
pub async fn run(link: Arc<Link>, node_dir: PathBuf, views: watch::Receiver<Arc<View>>) {
    let mut peers = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = peers.join_next() => {}
            accepted = link.accept() => {
                let Some(connection) = accepted else { return };
                let (link, node_dir) = (Arc::clone(&link), node_dir.clone());
                peers.spawn(peer(link, connection, node_dir, views.clone()));
            }
        }
    }
}

async fn peer(
    link: Arc<Link>,
    connection: Connection,
    node_dir: PathBuf,
    views: watch::Receiver<Arc<View>>,
) {
    let mut streams = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = streams.join_next() => {}
            accepted = connection.accept() => {
                let Some((hello, stream)) = accepted else { return };
                let forwarded = forwarded(&connection, hello);
                let key = link.id();
                let (node_dir, views) = (node_dir.clone(), views.clone());
                let (connection, mut stream) = (connection.clone(), stream);
                streams.spawn(async move {
                    let allowed = admission::allows(&views.borrow(), &forwarded, Some(&key)).map(drop);
                    match allowed {
                        Ok(()) => {
                            connection.count(&mut stream, &forwarded.hello.binding);
                            hand_on(forwarded, &key, stream, &node_dir, views).await
                        }
                        Err((code, reason)) => stream.refuse(code, reason).await,
                    }
                });
            }
        }
    }
}

fn forwarded(connection: &Connection, hello: Hello) -> Forwarded {
    Forwarded {
        peer: connection.peer(),
        engineer: connection.engineer(),
        ticket: connection.ticket().map(|ticket| ticket.verbs.clone()),
        hello,
    }
}

async fn hand_on(
    forwarded: Forwarded,
    key: &iog_job::Key,
    mut stream: Stream,
    node_dir: &std::path::Path,
    mut views: watch::Receiver<Arc<View>>,
) {
    let Ok(mut socket) = UnixStream::connect(board::jobs_socket(node_dir)).await else {
        let reason = "the node's job side does not answer; try again later";
        return stream.refuse(Refusal::Unavailable, reason).await;
    };
    if frame::write(&mut socket, &forwarded).await.is_err() {
        let reason = "the node's job side does not answer; try again later";
        return stream.refuse(Refusal::Unavailable, reason).await;
    }
    let mut pipe = Pipe::new(socket);
    let over = async {
        loop {
            let allowed =
                admission::allows(&views.borrow_and_update(), &forwarded, Some(key)).is_ok();
            if !allowed || views.changed().await.is_err() {
                return;
            }
        }
    };
    let given_up = stream.given_up();
    let whole = tokio::select! {
        whole = both_ways(&mut stream, &mut pipe) => whole.is_ok(),
        // The lease left the stage in which this is allowed, or its key changed. redteam J9, L6
        () = over => false,
        // Where the job side takes no more, what comes from the peer is not read, its end included.
        () = given_up => false,
    };
    if !whole {
        // Neither side may take what came for all of it.
        stream.abort();
    }
}

/// Until the job side has ended its direction: nothing is served after that. A cut of either side is an error, and never its end.
async fn both_ways(stream: &mut Stream, pipe: &mut Pipe) -> io::Result<()> {
    let (mut from_peer, mut to_peer) = tokio::io::split(stream);
    let (mut from_jobs, mut to_jobs) = tokio::io::split(pipe);
    let up = async {
        match copy(&mut from_peer, &mut to_jobs).await {
            // What cannot be written is not read any more; the job side may still have an answer.
            Ok(()) => std::future::pending::<io::Result<()>>().await,
            Err(Side::Read(error)) => Err(error),
            Err(Side::Write(_)) => std::future::pending().await,
        }
    };
    let down = async {
        copy(&mut from_jobs, &mut to_peer)
            .await
            .map_err(|side| match side {
                Side::Read(error) | Side::Write(error) => error,
            })
    };
    tokio::select! {
        result = up => result,
        result = down => result,
    }
}

enum Side {
    Read(io::Error),
    Write(io::Error),
}

/// Copies to the end, and ends the other side well.
async fn copy(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
) -> Result<(), Side> {
    let mut buffer = vec![0; PIECE];
    loop {
        let read = from.read(&mut buffer).await.map_err(Side::Read)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return to.shutdown().await.map_err(Side::Write);
        };
        to.write_all(bytes).await.map_err(Side::Write)?;
        to.flush().await.map_err(Side::Write)?;
    }
}
