//! What the renter sends: outline, specification, inputs, secrets, receipts.

use super::{admit, refused, Fault, Served};
use crate::{
    board::Stage,
    jobs::{
        drive::wait_for,
        lease::Lease,
        store::{hash_file, wanted, Store},
    },
    pipe::Pipe,
};
use iog_job::{
    frame::{self, MAX_FRAME},
    wire::{Done, Received, Refusal, Secrets},
    Hash, JobSpec, Offer, Phase, Receipt, Signed, MAX_OFFER_BYTES, MAX_SPEC_BYTES,
};
use std::{fs, io, os::unix::fs::OpenOptionsExt, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// How long a message may take that was announced, and how long a transfer may stand still.
const MESSAGE: Duration = Duration::from_secs(60);
/// A receipt of a later hour than a year's is none.
const MAX_HOURS: u32 = 24 * 366;

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
    lease.take_offer(offer.clone())?;
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
    if let Err(why) = lease.take_spec(&board, spec.clone()) {
        // The right job may still come; the lease goes on. redteam K4
        if lease.spec().is_none() {
            lease.report(Phase::Refused { why: why.clone() })?;
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
    let Some(have) = lease.store.have(&sha256) else {
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
    receive(&lease.store, sha256, from, len, pipe).await?;
    let store = lease.store.clone();
    let received = tokio::task::spawn_blocking(move || finish(&store, sha256, len));
    let received = received.await.map_err(io::Error::other)??;
    lease.tell();
    Ok(frame::write(pipe, &received).await?)
}

/// Writes what comes; a cut transfer leaves what came. Not a byte beyond the length is taken. redteam O2
async fn receive(
    store: &Store,
    sha256: Hash,
    from: u64,
    len: u64,
    pipe: &mut Pipe,
) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    let mut file = options.open(store.part(&sha256))?;
    file.set_len(from)?;
    io::Seek::seek(&mut file, io::SeekFrom::Start(from))?;
    let mut file = tokio::fs::File::from_std(file);
    let mut buffer = vec![0; 256 << 10];
    let mut have = from;
    let result = loop {
        let read = match timeout(MESSAGE, pipe.read(&mut buffer)).await {
            Ok(Ok(read)) => read,
            Ok(Err(error)) => break Err(error),
            Err(_) => break Err(io::ErrorKind::TimedOut.into()),
        };
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break Ok(());
        };
        have = have.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        if have > len {
            break Err(malformed("more bytes than the input has"));
        }
        file.write_all(bytes).await?;
    };
    file.flush().await?;
    result
}

fn finish(store: &Store, sha256: Hash, len: u64) -> io::Result<Received> {
    let part = store.part(&sha256);
    let have = fs::metadata(&part)?.len();
    if have < len {
        return Ok(Received {
            have,
            complete: false,
        });
    }
    if hash_file(&part)? != sha256 {
        fs::remove_file(&part)?;
        return Ok(Received {
            have: 0,
            complete: false,
        });
    }
    fs::File::open(&part)?.sync_all()?;
    fs::rename(&part, store.input(&sha256))?;
    Ok(Received {
        have: len,
        complete: true,
    })
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
    lease.take_secrets(&spec, secrets)?;
    Ok(frame::write(pipe, &Done {}).await?)
}

/// Keeps the receipt of each stretch of hours that acknowledges most, for an answer to a dispute.
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
    if !receipt.is_of(&board.binding) || receipt.first_hour > MAX_HOURS {
        return Err(Fault::Cut(malformed("it is a receipt of another lease")));
    }
    let name = format!("receipts/{}.json", receipt.first_hour);
    // Kept is kept: who disputes could else first have the node forget what was signed.
    let kept: Option<Signed> = lease.store.read(&name)?;
    let kept = kept.and_then(|kept| Receipt::open(&kept, &board.receipt_key).ok());
    let mut pairs = kept
        .iter()
        .flat_map(|kept| kept.masks.iter().zip(&receipt.masks));
    if pairs.any(|(old, new)| old & !new != 0) {
        return Err(Fault::Cut(malformed(
            "it takes back what was acknowledged before",
        )));
    }
    lease.store.write(&name, &signed)?;
    Ok(frame::write(pipe, &Done {}).await?)
}
