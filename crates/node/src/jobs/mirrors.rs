//! Inputs and the image's archive from the renter's mirrors, where its own machine is away or silent: ciphertext that is opened piece by
//! piece as it comes. redteam P1, V2

use super::{
    attempt::waits_for,
    disk::on_disk,
    lease::Lease,
    receive::{finish, receive},
    sources::{is_full, settings, tell, Fault, LONGEST_PAUSE, USER},
};
use crate::fetch::{FetchSettings, Outcome};
use iog_job::{
    sealed::{sealed_len, Place, Sealer, PIECE_BYTES, TAG_BYTES},
    wire::Need,
    JobSpec, Phase, Sealed, Why,
};
use std::{future::Future, io, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::{sleep, timeout, Instant},
};

/// How long a mirror may stand still.
const STALL: Duration = Duration::from_secs(60);
/// How often it is looked whether the renter's machine is there.
const LOOK: Duration = Duration::from_secs(1);
/// One that drips does not hear that nobody reads it any more.
const OUTCOME: Duration = Duration::from_secs(5);

/// Asks the mirrors for what is not there, again and again: the renter may still come, so that no job fails for its mirrors. Ends only where
/// the machine cannot fetch.
///
/// # Errors
/// If the lease's files cannot be written.
pub async fn fetch(lease: &Arc<Lease>, spec: &JobSpec) -> io::Result<Phase> {
    let (Some(settings), Some(mirrors)) = (settings(lease), &spec.mirrors) else {
        return std::future::pending().await;
    };
    let mut pause = settings.pause;
    let mut told = None;
    loop {
        while !lease.renter.is_silent(settings.patience) {
            sleep(settings.pause.min(LOOK)).await;
        }
        let missing = lease.needs(spec).inputs.into_iter();
        let missing: Vec<_> = missing
            .filter_map(|need| Some((need, spec.sealed(&need.sha256)?)))
            .collect();
        if missing.is_empty() {
            return std::future::pending().await;
        }
        for (need, sealed) in missing {
            match any(
                lease,
                spec,
                settings,
                &mirrors.urls,
                (&need, sealed),
                &mut told,
            )
            .await
            {
                Ok(true) => pause = settings.pause,
                Ok(false) | Err(Fault::Fetch(_)) => {}
                Err(Fault::Host(what, error)) => {
                    tracing::error!(lease = lease.store.name(), %error, "nothing can be fetched");
                    let why = Why::Host(what.into());
                    return Ok(Phase::Failed { why });
                }
                Err(Fault::Disk(error)) => return Err(error),
            }
        }
        if let Some(r#for) = waits_for(lease, spec) {
            lease.report(Phase::Waiting { r#for }).await?;
        }
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
}

/// One file from the first mirror that has it; false where none does, or another source brings it meanwhile.
async fn any(
    lease: &Arc<Lease>,
    spec: &JobSpec,
    settings: &FetchSettings,
    urls: &[String],
    (need, sealed): (&Need, &Sealed),
    told: &mut Option<Instant>,
) -> Result<bool, Fault> {
    for url in urls {
        // Between two mirrors the renter may begin.
        let Some(_right) = lease.begin_receiving(need.sha256) else {
            return Ok(false);
        };
        tell(lease, spec, told).await?;
        let url = format!("{}/{}", url.trim_end_matches('/'), sealed.sha256);
        match one(lease, settings, need, sealed, &url).await {
            Ok(()) => return Ok(true),
            Err(Fault::Fetch(_)) if !lease.renter.is_silent(settings.patience) => return Ok(false),
            Err(Fault::Fetch(status)) => {
                tracing::warn!(lease = lease.store.name(), ?status, "a mirror fails");
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(false)
}

async fn one(
    lease: &Arc<Lease>,
    settings: &FetchSettings,
    need: &Need,
    sealed: &Sealed,
    url: &str,
) -> Result<(), Fault> {
    let (sha256, len) = (need.sha256, need.len);
    let store = lease.store.clone();
    let Some(have) = on_disk(move || Ok(store.have(&sha256))).await? else {
        return Ok(());
    };
    let place = Place::of(have, len);
    let sealer = Sealer::new(&sealed.key, len)?;
    let user = lease.books().uid_base.saturating_add(USER);
    let node_dir = &lease.ctx.settings.node_dir;
    let bytes = (place.sealed_from, sealed_len(len));
    let fetch = settings.begin(node_dir, url, bytes, user);
    let mut fetch = fetch.await.map_err(|error| Fault::Host("network", error))?;
    let (mut plain, pipe) = tokio::io::duplex(PIECE_BYTES);
    // Each ends when the other does: what one of them holds is dropped.
    let opened = open(
        (&sealer, place.piece),
        &mut fetch.bytes,
        pipe,
        comes(lease, settings),
    );
    let came = async {
        let came = receive(&lease.store, sha256, place.from, len, &mut plain).await;
        drop(plain);
        came
    };
    let (opened, came) = tokio::join!(opened, came);
    if let Some(error) = came.as_ref().err().filter(|error| is_full(error)) {
        return Err(Fault::Host("disk", io::Error::from(error.kind())));
    }
    let outcome = match opened.and(came) {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {
            drop(fetch);
            Err(error)
        }
        Err(error) => {
            tracing::warn!(lease = lease.store.name(), %error, "what comes from a mirror is left");
            let outcome = timeout(OUTCOME, fetch.outcome()).await;
            outcome.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
        }
        Ok(()) => fetch.outcome().await,
    };
    let store = lease.store.clone();
    let received = on_disk(move || finish(&store, sha256, len)).await;
    lease.look_at(sha256, len).await?;
    match (outcome, received?.complete) {
        (_, true) => Ok(()),
        (Ok(Outcome::Failed { status }), false) => Err(Fault::Fetch(status)),
        (_, false) => Err(Fault::Fetch(None)),
    }
}

/// Resolves when the renter's machine is there again: no slow mirror stands in its way.
async fn comes(lease: &Lease, settings: &FetchSettings) {
    while lease.renter.is_silent(settings.patience) {
        sleep(settings.pause.min(LOOK)).await;
    }
}

/// Opens what comes from the piece `from` on, until the renter comes. redteam P1: bytes that were not sealed with the key reach no file.
async fn open(
    (sealer, from): (&Sealer, u64),
    bytes: &mut (impl AsyncRead + Unpin),
    mut to: impl AsyncWrite + Unpin,
    comes: impl Future<Output = ()>,
) -> io::Result<()> {
    let mut comes = pin!(comes);
    let most = PIECE_BYTES.saturating_add(TAG_BYTES);
    for number in from..=sealer.last() {
        let mut piece = Vec::with_capacity(most);
        let mut part = (&mut *bytes).take(u64::try_from(most).unwrap_or(u64::MAX));
        tokio::select! {
            read = timeout(STALL, part.read_to_end(&mut piece)) => {
                read.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
            }
            () = &mut comes => return Err(io::ErrorKind::Interrupted.into()),
        }
        to.write_all(sealer.open(number, &mut piece)?).await?;
    }
    to.shutdown().await
}
