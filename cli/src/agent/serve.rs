//! The agent's socket: what other runs of `iog` ask of it.

use super::{
    chunks, forward,
    leased::Leased,
    socket,
    state::Agent,
    wire::{link_error, Ask, Greeting, Reply, MAX_MESSAGE, VERSION},
};
use crate::error::CliError;
use iog_job::{frame, wire::Verb, Key};
use iog_link::HangUp;
use std::{io, sync::Arc, time::Duration};
use tokio::{
    io::AsyncReadExt,
    net::{UnixListener, UnixStream},
    time::timeout,
};

/// How often a socket at which nobody asks is looked for.
const LOOK: Duration = Duration::from_secs(1);
/// How long an asker may take for its question.
const QUESTION: Duration = Duration::from_secs(5);

/// For as long as the agent lives, which is longer than its socket: `/run/user/<user>` goes when its user's last session does.
pub async fn listen(agent: Arc<Agent>, mut listener: UnixListener) {
    loop {
        let accepted = timeout(LOOK, listener.accept()).await;
        match accepted {
            Ok(Ok((stream, _))) => {
                tokio::spawn(answer(Arc::clone(&agent), stream));
            }
            Ok(Err(error)) => {
                agent.note(&format!("the socket: {error}"));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(_) if is_there(&listener) => {}
            Err(_) => match socket::bind(&agent.folder) {
                Ok(again) => listener = again,
                Err(error) => agent.note(&error.line()),
            },
        }
    }
}

fn is_there(listener: &UnixListener) -> bool {
    let at = listener.local_addr().ok();
    at.is_some_and(|at| at.as_pathname().is_some_and(|path| path.exists()))
}

async fn answer(agent: Arc<Agent>, mut stream: UnixStream) {
    let own = rustix::process::getuid().as_raw();
    let asker = stream.peer_cred().map(|cred| cred.uid());
    if !matches!(asker, Ok(uid) if uid == own || uid == 0) {
        return;
    }
    agent.asked();
    if let Err(error) = converse(&agent, &mut stream).await {
        agent.note(&format!("an asker went: {error}"));
    }
    agent.asked();
}

async fn converse(agent: &Arc<Agent>, stream: &mut UnixStream) -> io::Result<()> {
    let greeting = Greeting {
        iog_agent: VERSION,
        pid: std::process::id(),
        order: agent.order.order,
    };
    frame::write(stream, &greeting).await?;
    let ask = timeout(QUESTION, frame::expect::<Ask, _>(stream, MAX_MESSAGE)).await;
    let ask = ask.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    match ask {
        Ask::Open { lease, verb } => match found(agent, &lease) {
            Ok(leased) => {
                let asker = HangUp::of(stream)?;
                tokio::select! {
                    opened = open(agent, &leased, verb, stream) => opened,
                    // A device that takes nothing more holds no stream of who is gone.
                    () = asker.wait() => Ok(()),
                }
            }
            Err(error) => frame::write(stream, &Reply::failed(&error)).await,
        },
        Ask::Follow => follow(agent, stream).await,
        Ask::Deliver => {
            for leased in agent.leases() {
                leased.change(agent, |state| {
                    (state.delivered, state.trouble) = (false, None)
                });
                leased.again.notify_one();
            }
            frame::write(stream, &Reply::Done).await
        }
        Ask::Forward { lease, local, port } => match found(agent, &lease) {
            Ok(leased) => forward::run(agent, &leased, local, port, stream).await,
            Err(error) => frame::write(stream, &Reply::failed(&error)).await,
        },
        Ask::Stop => {
            frame::write(stream, &Reply::Done).await?;
            agent.stop.notify_one();
            Ok(())
        }
    }
}

async fn open(
    agent: &Agent,
    leased: &Leased,
    verb: Verb,
    stream: &mut UnixStream,
) -> io::Result<()> {
    match agent.open(leased, verb).await {
        Ok((link, line)) => {
            frame::write(stream, &Reply::Opened(line)).await?;
            chunks::carry(link, stream).await;
            Ok(())
        }
        Err(error) => frame::write(stream, &Reply::failed(&link_error(error))).await,
    }
}

fn found(agent: &Agent, lease: &Key) -> Result<Arc<Leased>, CliError> {
    agent.lease(lease).ok_or_else(|| {
        CliError::usage(format!(
            "order {} has no lease {lease}: see iog order status",
            agent.order.order
        ))
    })
}

/// Tells where everything stands whenever something changes, at most ten times a second.
async fn follow(agent: &Agent, stream: &mut UnixStream) -> io::Result<()> {
    let mut changes = agent.changes();
    let (mut from, mut to) = stream.split();
    let mut nothing = [0; 1];
    loop {
        changes.borrow_and_update();
        frame::write(&mut to, &Reply::Leases(agent.view())).await?;
        tokio::select! {
            // The asker is gone.
            _ = from.read(&mut nothing) => return Ok(()),
            changed = changes.changed() => if changed.is_err() { return Ok(()) },
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
