//! What may be read, while a lease runs and for as long as it is kept: statuses, log, outputs. redteam K3

use super::{admit, refused, Served};
use crate::{
    jobs::{drive::wait_for, lease::Lease, outputs},
    pipe::Pipe,
};
use iog_engine::EngineError;
use iog_job::{frame, wire::Refusal};
use std::{future::Future, io, sync::Arc};
use tokio::io::AsyncWriteExt;

/// Longest path that is looked up.
const MAX_PATH: usize = 4 << 10;
/// Largest list of outputs in a frame.
const PIECE: usize = 256 << 10;

pub async fn status(lease: &Arc<Lease>, from: u64, follow: bool, pipe: &mut Pipe) -> Served {
    admit(pipe).await?;
    let mut next = from.max(lease.with_chain(|chain| chain.first()));
    loop {
        let look = || {
            let signed = lease.with_chain(|chain| chain.signed(next).cloned());
            let finished = lease.with_books(|books| books.finished);
            let all = lease.with_chain(|chain| chain.number < next);
            match signed {
                Some(signed) => Some(Some(signed)),
                // A status that waits for its signature is waited for.
                None if all && (!follow || finished) => Some(None),
                None => None,
            }
        };
        let Some(signed) = wait_for(lease, look).await else {
            return Ok(());
        };
        frame::write(pipe, &signed).await?;
        next = next.saturating_add(1);
    }
}

pub async fn logs(lease: &Arc<Lease>, from: u64, follow: bool, pipe: &mut Pipe) -> Served {
    admit(pipe).await?;
    let mut next = from;
    loop {
        let (run, started, finished) =
            lease.with_books(|books| (books.run(), books.started, books.finished));
        let engine = &lease.ctx.settings.engine;
        match engine.logs(&run, next, follow).await {
            Ok(mut frames) => {
                while let Some(piece) = frames.recv().await {
                    let len = u64::try_from(piece.bytes.len()).unwrap_or(0);
                    next = piece.offset.saturating_add(len);
                    frame::write_bytes(pipe, &piece.encode()).await?;
                }
            }
            // It was not begun yet.
            Err(EngineError::Unknown(_) | EngineError::NotFound(_)) => {}
            Err(error) => return Err(std::io::Error::other(error).into()),
        }
        if !follow || finished {
            return Ok(());
        }
        wait_for(lease, || {
            lease.with_books(|books| {
                let moved = books.run() != run || books.started != started;
                (moved || books.finished).then_some(())
            })
        })
        .await;
    }
}

/// Work for an opener that says nothing more; dropped when it is gone.
async fn while_heard<T>(pipe: &Pipe, work: impl Future<Output = T>) -> io::Result<T> {
    let opener = pipe.hang_up()?;
    tokio::select! {
        done = work => Ok(done),
        () = opener.wait() => Err(io::Error::from(io::ErrorKind::ConnectionReset)),
    }
}

pub async fn outputs(lease: &Arc<Lease>, pipe: &mut Pipe) -> Served {
    let id = lease.books().run();
    let listed = while_heard(pipe, outputs::list(lease, &id)).await?;
    let files = match listed {
        Err(EngineError::Unknown(_)) => Vec::new(),
        // Also that they are too many: nobody takes it for none.
        other => other?,
    };
    admit(pipe).await?;
    Ok(frame::write(pipe, &files).await?)
}

pub async fn fetch(lease: &Arc<Lease>, path: &str, from: u64, pipe: &mut Pipe) -> Served {
    if path.len() > MAX_PATH {
        return Err(refused(Refusal::Malformed, "the path is too long"));
    }
    let id = lease.books().run();
    let file = while_heard(pipe, outputs::one(lease, &id, path)).await?;
    let file = match file {
        Err(EngineError::NotFound(_)) => {
            return Err(refused(Refusal::NotFound, "no such output"));
        }
        other => other?,
    };
    let mut bytes = lease.ctx.settings.engine.fetch(&id, path, from).await?;
    admit(pipe).await?;
    frame::write(pipe, &file).await?;
    tokio::io::copy_buf(
        &mut tokio::io::BufReader::with_capacity(PIECE, &mut bytes),
        pipe,
    )
    .await?;
    Ok(pipe.flush().await?)
}
