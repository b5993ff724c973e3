//! The life of one lease's job, from the order's start to the lease's end.

use super::{
    attempt,
    disk::on_disk,
    lease::{Cut, Lease},
    ray,
};
use crate::board::Stage;
use iog_engine::EngineError;
use iog_job::{Hash, JobSpec, Phase, Why, MAX_ATTEMPTS};
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// After a failure of the machine it is tried again after so long, and twice as long each further time.
const HOST_PAUSE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// Serves a lease until it is gone from the board.
pub async fn drive(lease: Arc<Lease>) {
    let signs = sign_statuses(Arc::clone(&lease));
    let lives = async {
        if let Err(error) = live(&lease).await {
            tracing::error!(lease = lease.store.name(), %error, "the lease's books cannot be kept");
            // It is opened anew, and not at once: a full disk stays full for a while.
            lease.cut_streams(Cut::All);
            sleep(PAUSE).await;
        }
    };
    tokio::select! {
        () = signs => {}
        () = lives => {}
    }
}

async fn live(lease: &Arc<Lease>) -> io::Result<()> {
    let mut views = lease.ctx.views.clone();
    loop {
        views.borrow_and_update();
        let stolen = lease.ctx.view().board.stolen;
        match lease.board() {
            None => {
                end(lease).await?;
                return remove(lease).await;
            }
            Some((_, Stage::Kept)) => end(lease).await?,
            Some((_, Stage::Running)) if stolen => end(lease).await?,
            Some((_, Stage::Running)) => {
                tokio::select! {
                    served = serve(lease) => served?,
                    () = until(lease, |stage, stolen| stolen || stage != Some(Stage::Running)) => continue,
                }
            }
            Some((_, Stage::Matched | Stage::Accepted)) => {}
        }
        if views.changed().await.is_err() {
            return Ok(());
        }
    }
}

/// Resolves when stage and theft are such.
async fn until(lease: &Arc<Lease>, is: impl Fn(Option<Stage>, bool) -> bool) {
    let mut views = lease.ctx.views.clone();
    loop {
        views.borrow_and_update();
        let stage = lease.board().map(|(_, stage)| stage);
        if is(stage, lease.ctx.view().board.stolen) {
            return;
        }
        if views.changed().await.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Waits for `look` to find something; looks whenever anything changes.
pub async fn wait_for<T>(lease: &Arc<Lease>, mut look: impl FnMut() -> Option<T>) -> T {
    let (mut changes, mut all) = (lease.changes(), lease.ctx.changes());
    let mut views = lease.ctx.views.clone();
    loop {
        changes.borrow_and_update();
        all.borrow_and_update();
        views.borrow_and_update();
        if let Some(found) = look() {
            return found;
        }
        let changed = tokio::select! {
            changed = changes.changed() => changed,
            changed = all.changed() => changed,
            changed = views.changed() => changed,
        };
        if changed.is_err() {
            return std::future::pending().await;
        }
    }
}

/// Attempt after attempt until the job is over.
async fn serve(lease: &Arc<Lease>) -> io::Result<()> {
    let mut pause = PAUSE;
    let mut host_pause = HOST_PAUSE;
    while !lease.with_books(|books| books.finished) {
        let stopped = wait_for(lease, || {
            lease.with_books(|books| books.stopped).then_some(())
        });
        let began = Instant::now();
        let outcome = tokio::select! {
            // What was stopped is not begun.
            biased;
            () = stopped => {
                stop_run(lease).await;
                Phase::Stopped
            }
            outcome = attempt::run(lease) => outcome?,
        };
        lease.card_use.job_has(false);
        // What ran for long did not fail at once.
        if began.elapsed() > LONGEST_PAUSE {
            (pause, host_pause) = (PAUSE, HOST_PAUSE);
        }
        let host = matches!(outcome, Phase::Failed { why: Why::Host(_) });
        // A machine that reads and judges a job is no machine that fails.
        let refused = matches!(outcome, Phase::Refused { .. });
        let again = host || is_tried_again(lease, &outcome);
        let now_ts = lease.ctx.view().now_ts();
        // Said before it counts as over: who follows the statuses leaves when it is.
        lease.report(outcome).await?;
        let counted = lease.change(move |books| {
            // What reports Failed(host) stands until a run runs. redteam K6
            if host {
                books.host_failed_since_ts.get_or_insert(now_ts);
            } else if refused {
                books.host_failed_since_ts = None;
            }
            books.finished = !again;
        });
        counted.await?;
        if !again {
            // Network, group and container of what is over are nobody's any more; disk and log are kept.
            stop_run(lease).await;
            break;
        }
        // Whatever became of it: two attempts never run side by side, nor one beside the other's files.
        let known = stop_run(lease).await;
        let next = if host { &mut host_pause } else { &mut pause };
        let stopped = wait_for(lease, || {
            lease.with_books(|books| books.stopped).then_some(())
        });
        tokio::select! {
            () = sleep(*next) => {}
            () = stopped => {}
        }
        *next = next.saturating_mul(2).min(LONGEST_PAUSE);
        // One that the engine knows is over for it, also where it was never started. redteam K6
        let next = lease.change(move |books| {
            if books.started || known {
                books.attempt = books.attempt.saturating_add(1);
                books.started = false;
            }
        });
        next.await?;
    }
    Ok(())
}

fn is_tried_again(lease: &Arc<Lease>, outcome: &Phase) -> bool {
    let attempt = lease.books().attempt;
    let spec = lease.spec();
    let session = JobSpec::session(Hash::default());
    let spec = spec.as_deref().unwrap_or(&session);
    // A part of a cluster is wanted for as long as the lease is, however it ended.
    if ray::stands(lease, spec) {
        let time_is_over = matches!(
            outcome,
            Phase::Failed {
                why: Why::TimeLimit
            }
        );
        let ended = matches!(outcome, Phase::Exited { .. } | Phase::Failed { .. });
        return ended && !time_is_over && attempt < MAX_ATTEMPTS;
    }
    spec.is_tried_again(outcome, attempt)
}

/// Whether the engine knew it.
pub async fn stop_run(lease: &Arc<Lease>) -> bool {
    let _made = lease.made().await;
    lease.with_books(|books| lease.ctx.devices.forget(&books.binding));
    let id = lease.books().run();
    match lease.ctx.settings.engine.stop(&id).await {
        Err(EngineError::Unknown(_)) => return false,
        Err(error) => tracing::error!(run = %id, %error, "a run cannot be stopped"),
        Ok(()) => {}
    }
    true
}

/// The lease is over: streams first, then the job, then network and processes. redteam J9
async fn end(lease: &Arc<Lease>) -> io::Result<()> {
    lease.cut_streams(Cut::NotKept);
    let books = lease.books();
    lease.ctx.devices.forget(&books.binding);
    if books.sealed {
        return Ok(());
    }
    let _made = lease.made().await;
    let engine = &lease.ctx.settings.engine;
    let id = books.run();
    let mut pause = PAUSE;
    // One that ended by itself while nobody looked did not end by the lease.
    let how = match engine.status(&id).await {
        Ok(status) if status.is_over() => attempt::phase_of(&status),
        _ => Phase::Stopped,
    };
    // Only an engine that knows no such run is believed that there is none.
    while let Err(error) = gone(engine.stop(&id).await) {
        tracing::error!(run = %id, %error, "a run whose lease is over cannot be stopped");
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
    // How it ended by itself is told before its end by the lease.
    while let Err(error) = gone(engine.seal(&id).await) {
        tracing::error!(run = %id, %error, "a run whose lease is over cannot be sealed");
        sleep(pause).await;
        pause = pause.saturating_mul(2).min(LONGEST_PAUSE);
    }
    if lease.with_chain(|chain| chain.number > 0) && !books.finished {
        lease.report(how).await?;
    }
    let store = lease.store.clone();
    on_disk(move || store.forget()).await?;
    let sealed = lease.change(|books| {
        books.sealed = true;
        books.finished = true;
    });
    sealed.await?;
    lease.ctx.had(&books.cards);
    lease.ctx.events.forget(&books.binding);
    lease.ctx.release(&books.binding);
    Ok(())
}

async fn remove(lease: &Arc<Lease>) -> io::Result<()> {
    let books = lease.books();
    let engine = &lease.ctx.settings.engine;
    let removed = gone(engine.remove(&books.run()).await);
    if let Err(error) = &removed {
        tracing::error!(run = %books.run(), %error, "a run cannot be erased");
    }
    let store = lease.store.clone();
    on_disk(move || store.erase()).await?;
    // Files that are left are some other's own as soon as another has the user ids. redteam J2
    if removed.is_ok() {
        lease.ctx.take_uids(books.uid_base, false);
    }
    Ok(())
}

/// A run that is not there any more is as good as ended.
pub fn gone(result: Result<(), EngineError>) -> Result<(), EngineError> {
    match result {
        Err(EngineError::Unknown(_)) => Ok(()),
        other => other,
    }
}

/// Has the statuses signed, in their order, as soon as the link side is there.
async fn sign_statuses(lease: Arc<Lease>) {
    loop {
        let look = || lease.with_chain(|chain| chain.unsigned().cloned());
        let unsigned = wait_for(&lease, look).await;
        let key = lease.books().binding.lease;
        match lease.ctx.signer.sign(key, unsigned.message).await {
            Some(signed) => {
                if let Err(error) = lease.put_signature(signed).await {
                    tracing::error!(%error, "a signature cannot be kept");
                    sleep(PAUSE).await;
                }
            }
            None => sleep(PAUSE).await,
        }
    }
}
