//! What is asked for on a stream, done.

mod check;
mod deliver;
mod exec;
mod join;
mod kept;
mod machine;

pub use exec::is_plain;

use super::lease::Lease;
use crate::{pipe::Pipe, ssh};
use iog_engine::{EngineError, RunStatus};
use iog_job::{
    frame,
    wire::{Answer, Forwarded, Refusal, Verb},
    HostKey, RunId, Signed,
};
use std::{io, sync::Arc};

pub enum Fault {
    /// Before it was admitted.
    Refused(Refusal, String),
    Cut(io::Error),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Cut(error)
    }
}

impl From<EngineError> for Fault {
    fn from(error: EngineError) -> Self {
        Self::Refused(
            match error {
                EngineError::NotRunning | EngineError::Unknown(_) => Refusal::NotRunning,
                EngineError::NotFound(_) => Refusal::NotFound,
                _ => Refusal::Unavailable,
            },
            match &error {
                EngineError::NotRunning | EngineError::Unknown(_) => NOT_RUNNING.into(),
                EngineError::NotFound(_) => error.to_string(),
                // Paths of the host are nobody's business.
                _ => "the engine cannot do it at the moment".into(),
            },
        )
    }
}

pub type Served = Result<(), Fault>;

const NOT_RUNNING: &str = "the job does not run";

pub fn refused(code: Refusal, reason: &str) -> Fault {
    Fault::Refused(code, reason.to_string())
}

/// Largest command, with its arguments.
const MAX_COMMAND: usize = 4 << 10;

pub async fn admit(pipe: &mut Pipe) -> io::Result<()> {
    frame::write(pipe, &Answer::Admitted).await
}

/// Answers and serves one stream.
pub async fn serve(lease: &Arc<Lease>, asked: &Forwarded, pipe: &mut Pipe) -> Served {
    let (peer, number) = (asked.peer, asked.hello.number);
    if !changes(&asked.hello.verb) {
        return dispatch(lease, &asked.hello.verb, pipe).await;
    }
    let new = lease.change(move |books| books.is_new(&peer, number));
    if !new.await? {
        return Err(refused(Refusal::Repeated, "it was asked for before"));
    }
    let served = dispatch(lease, &asked.hello.verb, pipe).await;
    if matches!(served, Err(Fault::Refused(..))) {
        let forgotten = lease.change(move |books| books.forget(&peer, number));
        forgotten.await?;
    }
    served
}

async fn dispatch(lease: &Arc<Lease>, verb: &Verb, pipe: &mut Pipe) -> Served {
    match verb {
        Verb::Offer(offer) => deliver::offer(lease, offer, pipe).await,
        Verb::Job => deliver::job(lease, pipe).await,
        Verb::Input { sha256, from } => deliver::input(lease, *sha256, *from, pipe).await,
        Verb::Secrets => deliver::secrets(lease, pipe).await,
        Verb::Receipt => deliver::receipt(lease, pipe).await,
        Verb::Join(join) => join::join(lease, join, pipe).await,
        Verb::Status { from, follow } => kept::status(lease, *from, *follow, pipe).await,
        Verb::Logs { from, follow } => kept::logs(lease, *from, *follow, pipe).await,
        Verb::Outputs => kept::outputs(lease, pipe).await,
        Verb::Fetch { path, from } => kept::fetch(lease, path, *from, pipe).await,
        Verb::Exec {
            command,
            terminal,
            term,
        } => {
            let bytes = command
                .iter()
                .map(String::len)
                .fold(0, usize::saturating_add);
            if bytes > MAX_COMMAND {
                return Err(refused(Refusal::Malformed, "the command is too long"));
            }
            exec::run(lease, command, *terminal, term.as_deref(), pipe).await
        }
        Verb::Ssh => {
            running(lease).await?;
            admit(pipe).await?;
            Ok(ssh::serve(Arc::clone(lease), pipe).await?)
        }
        Verb::HostKey => host_key(lease, pipe).await,
        Verb::Port { port } => exec::port(lease, *port, pipe).await,
        Verb::Check(size) => check::run(lease, size, pipe).await,
        Verb::Facts { every_secs } => machine::facts(lease, *every_secs, pipe).await,
        Verb::Stop => machine::stop(lease, pipe).await,
    }
}

/// Done once for each number. redteam L5
fn changes(verb: &Verb) -> bool {
    matches!(
        verb,
        Verb::Offer(_)
            | Verb::Job
            | Verb::Input { .. }
            | Verb::Secrets
            | Verb::Check(_)
            | Verb::Receipt
            | Verb::Join(_)
            | Verb::Exec { .. }
            | Verb::Stop
    )
}

/// The run, if it runs.
pub async fn running(lease: &Arc<Lease>) -> Result<RunId, Fault> {
    match lease.run().await {
        Some((id, RunStatus::Running)) => Ok(id),
        _ => Err(refused(Refusal::NotRunning, NOT_RUNNING)),
    }
}

/// The key that the SSH server shows, said by the lease's tunnel key. redteam S3
async fn host_key(lease: &Arc<Lease>, pipe: &mut Pipe) -> Served {
    let unavailable = || refused(Refusal::Unavailable, "the link does not sign at the moment");
    let key = ssh::host_key(lease).await?;
    let key = HostKey {
        key: ssh::public_text(&key)?,
    };
    let binding = lease.books().binding;
    let message = Signed::message_of(&binding, &key).map_err(|_| unavailable())?;
    let signed = lease.ctx.signer.sign(binding.lease, hex::encode(message));
    let signed = signed.await.ok_or_else(unavailable)?;
    admit(pipe).await?;
    Ok(frame::write(pipe, &signed).await?)
}
