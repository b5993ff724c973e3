//! What the renter sends: outline, specification, inputs, secrets, receipts.

use super::{admit, refused, Fault, Served};
use crate::{
    board::Stage,
    jobs::{
        disk::on_disk,
        drive::wait_for,
        lease::Lease,
        receipts,
        receive::{finish, receive},
        store::wanted,
    },
    pipe::Pipe,
};
use iog_job::{
    frame::{self, MAX_FRAME},
    wire::{Answer, Done, Received, Refusal, Secrets},
    Hash, JobSpec, Offer, Phase, Receipt, Signed, MAX_OFFER_BYTES, MAX_SPEC_BYTES,
};
use std::{io, sync::Arc, time::Duration};
use tokio::{io::AsyncReadExt, time::timeout};

/// How long a message may take that was announced.
const MESSAGE: Duration = Duration::from_secs(60);
/// Statuses up to which a job that is refused is one.
const MOST_REFUSALS: u64 = 32;

fn malformed(reason: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason.to_string())
}

async fn message(pipe: &mut Pipe, max: usize) -> io::Result<Vec<u8>> {
    let read = timeout(MESSAGE, frame::read_bytes(pipe, max)).await;
    let read = read.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    read.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

/// redteam K4: kept in memory and books, nothing is fetched or made for it. redteam O1
pub async fn offer(lease: &Arc<Lease>, offer: &Offer, pipe: &mut Pipe) -> Served {
    let len = serde_json::to_vec(offer).map_err(io::Error::from)?.len();
    if len > MAX_OFFER_BYTES {
        return Err(refused(Refusal::Malformed, "an offer has at most 4 KiB"));
    }
    let late = lease
        .board()
        .is_none_or(|(_, stage)| stage > Stage::Accepted);
    if late {
        return Err(refused(
            Refusal::Over,
            "the order has started: send the job",
        ));
    }
    lease.take_offer(offer.clone()).await?;
    Ok(admit(pipe).await?)
}

pub async fn job(lease: &Arc<Lease>, pipe: &mut Pipe) -> Served {
    admit(pipe).await?;
    let bytes = message(pipe, MAX_SPEC_BYTES).await?;
    let spec: JobSpec =
        serde_json::from_slice(&bytes).map_err(|_| malformed("it is no specification"))?;
    let (board, _) = lease
        .board()
        .ok_or_else(|| malformed("the lease is over"))?;
    // Before the job is known: its mirrors are asked where nobody is there.
    let _there = lease.renter.listens();
    if let Err(why) = lease.take_spec(&board, spec.clone()).await {
        // The right job may still come; the lease goes on. redteam K4 Who sends others without end has them refused on the stream alone:
        // each status is signed, kept and written.
        let few = lease.with_chain(|chain| chain.number) < MOST_REFUSALS;
        if lease.spec().is_none() && few {
            lease.report(Phase::Refused { why: why.clone() }).await?;
        }
        return Err(Fault::Cut(malformed(&why)));
    }
    let mut told = None;
    loop {
        let next = wait_for(lease, || {
            let needs = lease.needs(&spec);
            (told.as_ref() != Some(&needs)).then_some(needs)
        });
        let needs = tokio::select! {
            needs = next => needs,
            // Nothing more is expected: whoever ends it listens no more.
            _ = pipe.read_u8() => return Err(Fault::Cut(malformed("nobody listens"))),
        };
        timeout(MESSAGE, frame::write(pipe, &needs))
            .await
            .map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        if needs.is_empty() {
            return Ok(());
        }
        told = Some(needs);
    }
}

pub async fn input(lease: &Arc<Lease>, sha256: Hash, from: u64, pipe: &mut Pipe) -> Served {
    let Some(spec) = lease.spec() else {
        return Err(refused(Refusal::NotFound, "send the job first"));
    };
    let Some(len) = wanted(&spec).get(&sha256).copied() else {
        return Err(refused(Refusal::NotFound, "the job has no such input"));
    };
    let Some(_right) = lease.begin_receiving(sha256) else {
        return Err(refused(Refusal::Busy, "this input is being received"));
    };
    let store = lease.store.clone();
    let Some(have) = on_disk(move || Ok(store.have(&sha256))).await? else {
        admit(pipe).await?;
        let whole = Received {
            have: len,
            complete: true,
        };
        return Ok(frame::write(pipe, &whole).await?);
    };
    if from > have || from > len {
        return Err(refused(Refusal::Malformed, "the first bytes are not there"));
    }
    admit(pipe).await?;
    let _there = lease.renter.sends();
    let came = receive(&lease.store, sha256, from, len, pipe).await;
    let store = lease.store.clone();
    let received = match came {
        Ok(()) => on_disk(move || finish(&store, sha256, len)).await,
        Err(error) => Err(error),
    };
    // Also of a cut transfer what came is there.
    lease.look_at(sha256, len).await?;
    Ok(frame::write(pipe, &received?).await?)
}

pub async fn secrets(lease: &Arc<Lease>, pipe: &mut Pipe) -> Served {
    let Some(spec) = lease.spec() else {
        return Err(refused(Refusal::NotFound, "send the job first"));
    };
    admit(pipe).await?;
    let bytes = message(pipe, MAX_FRAME).await?;
    // The error would quote what it could not read.
    let secrets: Secrets =
        serde_json::from_slice(&bytes).map_err(|_| malformed("they are no secrets"))?;
    let Err(why) = lease.take_secrets(&spec, secrets).await? else {
        return Ok(frame::write(pipe, &Done {}).await?);
    };
    // Said in place of the end, and to all who follow the job where it waits for them. redteam K6
    if matches!(lease.books().phase, Phase::Waiting { .. }) {
        let why = why.clone();
        lease.report(Phase::Refused { why }).await?;
    }
    let code = Refusal::Malformed;
    Ok(frame::write(pipe, &Answer::Refused { code, reason: why }).await?)
}

/// Keeps what the renter acknowledges, for an answer to a dispute.
pub async fn receipt(lease: &Arc<Lease>, pipe: &mut Pipe) -> Served {
    let (board, _) = lease
        .board()
        .ok_or_else(|| refused(Refusal::Over, "the lease is over"))?;
    admit(pipe).await?;
    let bytes = message(pipe, MAX_FRAME).await?;
    let signed: Signed =
        serde_json::from_slice(&bytes).map_err(|_| malformed("it is no receipt"))?;
    let receipt = Receipt::open(&signed, &board.receipt_key)
        .map_err(|_| malformed("it is not signed by the order's receipt key"))?;
    if !receipts::is_of(&receipt, &board) {
        return Err(Fault::Cut(malformed("it is a receipt of another lease")));
    }
    let store = lease.store.clone();
    let key = board.receipt_key;
    let kept = on_disk(move || receipts::keep(&store, &key, &signed, &receipt)).await?;
    if !kept {
        return Err(Fault::Cut(malformed(
            "it takes back what was acknowledged before",
        )));
    }
    lease.tell();
    Ok(frame::write(pipe, &Done {}).await?)
}
