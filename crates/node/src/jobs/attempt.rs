//! One attempt at a job: what it needs, the card, the start, and its end.

use super::{
    disk::on_disk,
    drive::{stop_run, wait_for},
    lease::Lease,
    mesh, mirrors, place, ray, share, sources,
};
use crate::board::BoardLease;
use iog_engine::{EngineError, Prepared, RunSpec, RunStatus};
use iog_job::{Hash, JobSpec, Kind, Phase, Readiness, Step, Waiting, Why};
use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{sleep, timeout},
};

/// How often the engine is asked whether a run is over.
const ASK: Duration = Duration::from_millis(250);
const PROBE: Duration = Duration::from_secs(2);
/// How often the cards' driver is asked whether something happened.
const EVENTS: Duration = Duration::from_secs(2);

/// How it ended. What is told on the way is in the statuses.
///
/// # Errors
/// If the books cannot be kept.
pub async fn run(lease: &Arc<Lease>) -> io::Result<Phase> {
    let books = lease.books();
    if books.started {
        // The job side was started anew: the run may live, be over, or be lost with the machine. Its cards are held. redteam X2
        lease.card_use.job_has(true);
        lease.ctx.has(&lease.books().cards);
        return match status(lease).await {
            Some(RunStatus::Prepared) => begin(lease).await,
            Some(RunStatus::Running) => {
                let spec = spec_of(lease).await?;
                supervise(lease, &spec).await
            }
            Some(over) => Ok(phase_of(&over)),
            None => Ok(failed(Why::Lost)),
        };
    }
    begin(lease).await
}

/// How the engine has the run. An engine that does not answer is waited for: a run is lost only if the engine knows none.
async fn status(lease: &Arc<Lease>) -> Option<RunStatus> {
    let id = lease.books().run();
    loop {
        match lease.ctx.settings.engine.status(&id).await {
            Ok(status) => return Some(status),
            Err(EngineError::Unknown(_)) => return None,
            Err(error) => tracing::warn!(run = %id, %error, "the engine does not tell"),
        }
        sleep(PROBE).await;
    }
}

fn failed(why: Why) -> Phase {
    Phase::Failed { why }
}

fn host(what: &str) -> Phase {
    failed(Why::Host(what.into()))
}

pub(super) fn phase_of(status: &RunStatus) -> Phase {
    match status {
        RunStatus::Exited(code) => Phase::Exited { code: *code },
        RunStatus::Failed(why) => failed(why.clone()),
        _ => Phase::Stopped,
    }
}

fn phase_of_error(error: &EngineError) -> Phase {
    tracing::warn!(%error, "a run cannot be had");
    match error {
        EngineError::Host { what, .. } => host(what),
        EngineError::Image(_) => failed(Why::Fetch("image".into())),
        EngineError::Job(why) => Phase::Refused { why: why.clone() },
        EngineError::Unknown(_) => failed(Why::Lost),
        _ => host("engine"),
    }
}

async fn spec_of(lease: &Arc<Lease>) -> io::Result<Arc<JobSpec>> {
    let none = lease
        .board()
        .is_some_and(|(board, _)| board.command_hash.is_none());
    if none {
        return Ok(Arc::new(JobSpec::session(Hash::default())));
    }
    if let Some(spec) = lease.spec() {
        return Ok(spec);
    }
    waiting(lease, Waiting::Specification).await?;
    Ok(wait_for(lease, || lease.spec()).await)
}

async fn waiting(lease: &Arc<Lease>, r#for: Waiting) -> io::Result<()> {
    lease.report(Phase::Waiting { r#for }).await
}

async fn begin(lease: &Arc<Lease>) -> io::Result<Phase> {
    let spec = spec_of(lease).await?;
    tokio::select! {
        came = wait_for_needs(lease, &spec) => came?,
        failed = sources::fetch(lease, &spec) => return failed,
        failed = mirrors::fetch(lease, &spec) => return failed,
    }
    if let Err(why) = ray::found(lease, &spec).await {
        return Ok(Phase::Refused { why });
    }
    let Some((board, _)) = lease.board() else {
        return Ok(Phase::Stopped);
    };
    let free = || {
        let (board, _) = lease.board()?;
        let held = lease.ctx.hold(&board.binding, &board.cards);
        if !held || !board.cards_free {
            return None;
        }
        // redteam J7
        if !lease.ctx.are_clean(&board.cards) {
            return lease.ctx.drained(&board.cards).map(|_| false);
        }
        lease.card_use.take_for_job().then_some(true)
    };
    let mut taken = free();
    if taken.is_none() {
        waiting(lease, Waiting::Card).await?;
        taken = Some(wait_for(lease, free).await);
    }
    if taken == Some(false) {
        return Ok(host("card"));
    }
    let Some(mut run) = run_spec(lease, &board, &spec) else {
        return Ok(host("cards"));
    };
    if let Err(why) = ray::dress(&board, &mut run) {
        return Ok(Phase::Refused { why });
    }
    if spec.image.is_some() {
        preparing(lease, Step::Image).await?;
        // Not to its end: what pulls for an hour stands in the way of nothing that ends the lease. redteam J9
        if let Err(error) = lease.ctx.settings.engine.fetch_image(&run).await {
            // It counts as a try: the job's rule for them ends it.
            let tried = lease.change(|books| books.started = true);
            tried.await?;
            return Ok(phase_of_error(&error));
        }
    }
    preparing(lease, Step::Disk).await?;
    let mut prepared = prepare(lease, &run).await?;
    if matches!(prepared, Err(EngineError::Conflict(_))) {
        // It was prepared by a job side that ended before the start, and fellows, share or policy are others now. redteam K6
        stop_run(lease).await;
        let next = lease.change(|books| books.attempt = books.attempt.saturating_add(1));
        next.await?;
        run.id = lease.books().run();
        prepared = prepare(lease, &run).await?;
    }
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return Ok(phase_of_error(&error)),
    };
    preparing(lease, Step::Inputs).await?;
    if let Err(error) = place(lease, &spec, prepared).await {
        tracing::error!(run = %run.id, %error, "inputs cannot be put in their place");
        return Ok(phase_of_place(&error));
    }
    // Before the job's first instruction, where the engine has its network by now.
    if let Err(error) = mesh::make(lease, &run.id, &spec).await {
        tracing::debug!(run = %run.id, %error, "no device of a mesh yet");
    }
    preparing(lease, Step::Start).await?;
    let now_ts = lease.ctx.view().now_ts();
    let cards = board.cards.clone();
    let started = lease.change(move |books| {
        books.started = true;
        books.ever_started = true;
        books.started_ts = now_ts;
        books.cards = cards;
    });
    started.await?;
    let engine = Arc::clone(&lease.ctx.settings.engine);
    let start = async move { engine.start(&run).await };
    if let Err(error) = lease.to_its_end(start).await? {
        return Ok(phase_of_error(&error));
    }
    supervise(lease, &spec).await
}

async fn prepare(lease: &Arc<Lease>, run: &RunSpec) -> io::Result<Result<Prepared, EngineError>> {
    let (engine, run) = (Arc::clone(&lease.ctx.settings.engine), run.clone());
    let prepare = async move { engine.prepare(&run).await };
    lease.to_its_end(prepare).await
}

async fn preparing(lease: &Arc<Lease>, step: Step) -> io::Result<()> {
    let (done, total) = (0, 0);
    lease.report(Phase::Preparing { step, done, total }).await
}

/// What the job's own names and sizes make impossible is not the machine's fault. redteam K6
fn phase_of_place(error: &io::Error) -> Phase {
    let why = match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "inputs and secrets do not fit on the ordered disk"
        }
        io::ErrorKind::InvalidFilename
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory
        | io::ErrorKind::AlreadyExists => "an input's target cannot be made",
        _ => return host("disk"),
    };
    Phase::Refused { why: why.into() }
}

async fn place(lease: &Arc<Lease>, spec: &Arc<JobSpec>, prepared: Prepared) -> io::Result<()> {
    let (of, spec) = (Arc::clone(lease), Arc::clone(spec));
    let ever_started = lease.books().ever_started;
    let work = on_disk(move || {
        place::inputs(&of, &spec, &prepared, ever_started)?;
        place::secrets(&of, &prepared)
    });
    lease.to_its_end(work).await?
}

/// What of the job's needs has not come.
pub fn waits_for(lease: &Lease, spec: &JobSpec) -> Option<Waiting> {
    let archive = spec.image.as_ref().map(|image| image.digest);
    let needs = lease.needs(spec);
    match needs.inputs.first() {
        Some(need) if needs.inputs.len() == 1 && archive == Some(need.sha256) => {
            Some(Waiting::Image)
        }
        Some(_) => Some(Waiting::Inputs),
        None if !needs.secrets.is_empty() => Some(Waiting::Secrets),
        None => None,
    }
}

/// Until all that the job needs has come. Says what it waits for.
async fn wait_for_needs(lease: &Arc<Lease>, spec: &Arc<JobSpec>) -> io::Result<()> {
    let of = || waits_for(lease, spec);
    let mut told = None;
    while let Some(what) = of() {
        if told != Some(what) {
            waiting(lease, what).await?;
            told = Some(what);
        }
        wait_for(lease, || (of() != told).then_some(())).await;
    }
    Ok(())
}

fn run_spec(lease: &Arc<Lease>, board: &BoardLease, spec: &Arc<JobSpec>) -> Option<RunSpec> {
    let books = lease.books();
    let archive = spec
        .image
        .as_ref()
        .filter(|image| image.reference.is_none());
    let own = [
        ("IOG_LEASE", board.binding.lease.to_string()),
        ("IOG_ORDER", board.binding.order.to_string()),
        // What lies there is kept without being named.
        ("IOG_OUTPUT_DIR", "/work/out".to_string()),
        ("IOG_GPUS", board.gpus.to_string()),
    ];
    let mut env = own.map(|(name, value)| (name.to_string(), value)).to_vec();
    env.extend(mesh::env(&lease.ctx, board, spec));
    let policy = &lease.ctx.settings.policy;
    Some(RunSpec {
        id: books.run(),
        archive: archive.map(|image| lease.store.input(&image.digest)),
        cards: lease.ctx.cards(&board.cards)?,
        limits: share::limits(&lease.share(board), &spec.resources),
        env,
        uid_base: books.uid_base,
        egress: spec.egress && policy.egress,
        spec: JobSpec::clone(spec),
    })
}

/// Until a started run is over.
async fn supervise(lease: &Arc<Lease>, spec: &JobSpec) -> io::Result<Phase> {
    let books = lease.books();
    let left = spec.time_limit_secs.map(|limit| {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let end_ts = books.started_ts.saturating_add(limit);
        let left = end_ts.saturating_sub(lease.ctx.view().now_ts());
        Duration::from_secs(u64::try_from(left).unwrap_or(0))
    });
    let limit = async {
        match left {
            Some(left) => sleep(left).await,
            None => std::future::pending().await,
        }
    };
    let of_ray = match spec.kind {
        Kind::Ray => lease.board().map(|(board, _)| ray::readiness(&board)),
        _ => None,
    };
    let readiness = match spec.kind {
        Kind::Service => spec.readiness.as_ref(),
        _ => of_ray.as_ref(),
    };
    let ready = readiness.is_none();
    lease.report(Phase::Running { ready }).await?;
    let repaired = lease.change(|books| books.host_failed_since_ts = None);
    repaired.await?;
    let ready = async {
        match readiness {
            Some(readiness) if !until_ready(lease, readiness).await => {}
            Some(_) => {
                let _ = lease.report(Phase::Running { ready: true }).await;
                std::future::pending::<()>().await;
            }
            None => std::future::pending().await,
        }
    };
    let why = tokio::select! {
        phase = until_over(lease) => return Ok(phase),
        () = tell_events(lease) => Why::Lost,
        () = mesh::keep(lease, spec) => Why::Lost,
        () = limit => Why::TimeLimit,
        () = ready => Why::NotReady,
    };
    stop_run(lease).await;
    Ok(failed(why))
}

/// What happens to the cards is told when it happens. redteam J11
async fn tell_events(lease: &Arc<Lease>) {
    if lease.ctx.settings.card_keeper.is_none() {
        return std::future::pending().await;
    }
    loop {
        sleep(EVENTS).await;
        let phase = lease.books().phase;
        if let Err(error) = lease.report(phase).await {
            tracing::error!(%error, "an event of a card cannot be told");
        }
    }
}

async fn until_over(lease: &Arc<Lease>) -> Phase {
    loop {
        match status(lease).await {
            Some(status) if status.is_over() => return phase_of(&status),
            Some(_) => sleep(ASK).await,
            None => return failed(Why::Lost),
        }
    }
}

/// False when it was not ready in time.
async fn until_ready(lease: &Arc<Lease>, readiness: &Readiness) -> bool {
    let end = Instant::now().checked_add(Duration::from_secs(readiness.within_secs.into()));
    while end.is_none_or(|end| Instant::now() < end) {
        if matches!(timeout(PROBE, probe(lease, readiness)).await, Ok(Ok(true))) {
            return true;
        }
        sleep(ASK).await;
    }
    false
}

async fn probe(lease: &Arc<Lease>, readiness: &Readiness) -> Result<bool, EngineError> {
    let id = lease.books().run();
    let mut socket = lease
        .ctx
        .settings
        .engine
        .connect(&id, readiness.port)
        .await?;
    let Some(path) = &readiness.path else {
        return Ok(true);
    };
    let request = format!("GET {path} HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    let mut status = [0; 12];
    let asked = async {
        socket.write_all(request.as_bytes()).await?;
        socket.read_exact(&mut status).await
    };
    let answered = asked.await.is_ok();
    let is_http = status.starts_with(b"HTTP/1.");
    Ok(answered && is_http && matches!(status.get(9), Some(b'2' | b'3')))
}
