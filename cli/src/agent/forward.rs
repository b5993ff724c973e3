//! Local ports that lead to ports of a job.

use super::{leased::Leased, state::Agent, wire::Reply};
use crate::error::CliError;
use iog_job::{frame, wire::Verb};
use std::{io, net::SocketAddr, sync::Arc};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
    task::JoinSet,
};

const COPY_BYTES: usize = 256 << 10;

/// Listens until the asker goes. Loopback only: a page of a stranger's machine is shown to nobody else. redteam S4
pub async fn run(
    agent: &Arc<Agent>,
    leased: &Arc<Leased>,
    local: SocketAddr,
    port: u16,
    stream: &mut UnixStream,
) -> io::Result<()> {
    let bound = match local.ip().is_loopback() {
        true => TcpListener::bind(local)
            .await
            .map_err(|error| error.to_string()),
        false => Err("only loopback addresses are listened at".into()),
    };
    let listener = match bound {
        Ok(listener) => listener,
        Err(reason) => {
            let refused = CliError::usage(format!("cannot listen at {local}: {reason}"));
            return frame::write(stream, &Reply::failed(&refused)).await;
        }
    };
    frame::write(stream, &Reply::Listening(listener.local_addr()?)).await?;
    let mut connections = JoinSet::new();
    let mut nothing = [0; 1];
    loop {
        tokio::select! {
            _ = stream.read(&mut nothing) => return Ok(()),
            accepted = listener.accept() => {
                let (socket, _) = accepted?;
                connections.spawn(connection(Arc::clone(agent), Arc::clone(leased), socket, port));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(agent: Arc<Agent>, leased: Arc<Leased>, socket: TcpStream, port: u16) {
    let _ = socket.set_nodelay(true);
    agent.asked();
    // The lease may have been matched anew since.
    let leased = agent.lease(&leased.binding.lease).unwrap_or(leased);
    let mut socket = socket;
    let result = match agent.open(&leased, Verb::Port { port }).await {
        Ok((link, _)) => copy(link, &mut socket).await,
        Err(error) => Err(io::Error::other(error.to_string())),
    };
    if let Err(error) = result {
        agent.log(&leased, &format!("port {port}: {error}"));
        // What was cut is reset, and so never taken for whole.
        let _ = socket.set_zero_linger();
    }
}

/// Both ways until both ended.
async fn copy(link: iog_link::Stream, socket: &mut TcpStream) -> io::Result<()> {
    let (mut from_link, mut to_link) = tokio::io::split(link);
    let (mut from_socket, mut to_socket) = socket.split();
    let up = pump(&mut from_socket, &mut to_link);
    let down = pump(&mut from_link, &mut to_socket);
    tokio::try_join!(up, down).map(|_| ())
}

async fn pump<R, W>(from: &mut R, to: &mut W) -> io::Result<()>
where
    R: tokio::io::AsyncRead + Unpin,
    W: tokio::io::AsyncWrite + Unpin,
{
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        let read = from.read(&mut buffer).await?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return to.shutdown().await;
        }
        to.write_all(bytes).await?;
    }
}
