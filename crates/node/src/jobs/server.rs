//! The job side's socket: one connection for each stream that the link side admitted, and one on which the link side signs.

use super::{context::Context, lease::Cut, verbs, Leases};
use crate::{
    admission,
    board::{self, Stage},
    pipe::Pipe,
};
use anyhow::Context as _;
use iog_job::{
    frame,
    wire::{Answer, Forwarded, Refusal},
};
use std::{
    collections::HashMap,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::AsyncWriteExt,
    net::{UnixListener, UnixStream},
    task::JoinSet,
    time::timeout,
};

/// Largest first message.
const MAX_FORWARDED: usize = 32 << 10;
const FIRST: Duration = Duration::from_secs(2);
/// Streams of one lease, of one that is over and of all: what was rented before takes none from what is rented now.
const OF_LEASE: usize = 64;
const OF_KEPT: usize = 8;
const OF_ALL: usize = 1_024;

/// Binds the socket; only one job side may use a folder.
pub fn bind(node_dir: &Path) -> anyhow::Result<UnixListener> {
    let path = board::jobs_socket(node_dir);
    if std::os::unix::net::UnixStream::connect(&path).is_ok() {
        anyhow::bail!("another job side uses {}", path.display());
    }
    let _ = fs::remove_file(&path);
    let listener = UnixListener::bind(&path).with_context(|| format!("{}", path.display()))?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o660))?;
    // The folder's group is the link side's.
    let group = fs::metadata(path.parent().unwrap_or(node_dir))?.gid();
    std::os::unix::fs::chown(&path, None, Some(group))?;
    Ok(listener)
}

pub async fn serve(ctx: &Arc<Context>, leases: &Arc<Leases>, listener: UnixListener) {
    let mut tasks = JoinSet::new();
    let counts = Arc::new(Counts::default());
    loop {
        tokio::select! {
            Some(_) = tasks.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) if may_speak(ctx, &socket) && tasks.len() < OF_ALL => {
                    let (ctx, leases) = (Arc::clone(ctx), Arc::clone(leases));
                    let counts = Arc::clone(&counts);
                    tasks.spawn(async move { hear(&ctx, &leases, &counts, socket).await });
                }
                Ok(_) => {}
                // Too many files, for one: those that are there go on.
                Err(error) => {
                    tracing::error!(%error, "no stream can be taken");
                    tokio::time::sleep(FIRST).await;
                }
            }
        }
    }
}

fn may_speak(ctx: &Context, socket: &UnixStream) -> bool {
    let Some(link) = ctx.settings.link_uid else {
        return true;
    };
    let own = nix::unistd::getuid().as_raw();
    let peer = socket.peer_cred().map(|peer| peer.uid());
    peer.is_ok_and(|uid| uid == link || uid == 0 || uid == own)
}

async fn hear(ctx: &Arc<Context>, leases: &Arc<Leases>, counts: &Counts, mut socket: UnixStream) {
    let first = timeout(FIRST, frame::read_bytes(&mut socket, MAX_FORWARDED)).await;
    let Ok(Ok(Some(first))) = first else { return };
    if first == b"\"control\"" {
        ctx.signer.serve(socket).await;
        return;
    }
    if first == b"\"mesh\"" {
        ctx.devices.serve(ctx, leases, socket).await;
        return;
    }
    let mut pipe = Pipe::new(socket);
    let Ok(forwarded) = serde_json::from_slice::<Forwarded>(&first) else {
        refuse(
            &mut pipe,
            Refusal::Malformed,
            "the first message is not a request",
        )
        .await;
        return;
    };
    let view = ctx.view();
    let lease = admission::allows(&view, &forwarded, None).and_then(|(board, stage)| {
        let lease = leases.get(&board.binding).filter(|lease| !lease.is_left());
        let lease = lease.map(|lease| (lease, stage));
        lease.ok_or((Refusal::Unavailable, "the lease is not served yet"))
    });
    let (lease, stage) = match lease {
        Ok(lease) => lease,
        Err((code, reason)) => return refuse(&mut pipe, code, reason).await,
    };
    let binding = forwarded.hello.binding.lease.to_string();
    let most = match stage {
        Stage::Kept => OF_KEPT,
        _ => OF_LEASE,
    };
    let Some(_counted) = counts.begin(&binding, most) else {
        return refuse(&mut pipe, Refusal::Busy, "too many streams of this lease").await;
    };
    let reads = forwarded.hello.verb.reads_what_is_kept();
    let mut cuts = lease.cuts();
    let served = verbs::serve(&lease, &forwarded, &mut pipe);
    let served = tokio::select! {
        served = served => served,
        // Whatever it is, it is not allowed any more. redteam J9
        () = until_not_allowed(ctx, &forwarded) => return,
        _ = cuts.wait_for(|cut| *cut == Cut::All || (*cut == Cut::NotKept && !reads)) => return,
    };
    match served {
        Ok(()) => {
            let _ = pipe.shutdown().await;
        }
        Err(verbs::Fault::Refused(code, reason)) => refuse(&mut pipe, code, &reason).await,
        // The stream is dropped without its end, and so is seen to be cut.
        Err(verbs::Fault::Cut(error)) => {
            tracing::debug!(verb = forwarded.hello.verb.name(), %error, "a stream was cut");
        }
    }
}

async fn until_not_allowed(ctx: &Arc<Context>, forwarded: &Forwarded) {
    let mut views = ctx.views.clone();
    loop {
        let allowed = admission::allows(&views.borrow_and_update(), forwarded, None).is_ok();
        if !allowed || views.changed().await.is_err() {
            return;
        }
    }
}

pub async fn refuse(pipe: &mut Pipe, code: Refusal, reason: &str) {
    let answer = Answer::Refused {
        code,
        reason: reason.to_string(),
    };
    if frame::write(pipe, &answer).await.is_ok() {
        let _ = pipe.shutdown().await;
    }
}

#[derive(Default)]
struct Counts(Mutex<HashMap<String, usize>>);

struct Counted<'a>(&'a Counts, String);

impl Counts {
    fn begin(&self, lease: &str, most: usize) -> Option<Counted<'_>> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(lease.to_string()).or_default();
        if *count >= most {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Counted(self, lease.to_string()))
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        let mut counts = self.0 .0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = counts.get_mut(&self.1).map(|count| {
            *count = count.saturating_sub(1);
            *count
        });
        if left == Some(0) {
            counts.remove(&self.1);
        }
    }
}
