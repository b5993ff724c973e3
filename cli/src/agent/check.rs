//! The renter's check of its devices: before the job is delivered, and at random minutes later. redteam S5, S8

mod kept;
mod meet;
mod ready;
mod talk;
#[cfg(test)]
#[path = "check/tests.rs"]
mod talk_tests;

pub use kept::{hash, keep, spoils, words, Check};
pub use meet::Seen;
pub use talk::{converse, Extent, Outcome, Plan, Verdict};

use super::{
    folder::Check as Mode,
    leased::Leased,
    state::{lock, Agent},
    wire::Stage,
    work::Failed,
};
use futures_util::future::join_all;
use iog_link::Stream;
use rand::Rng;
use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::sleep;

use meet::Part;
use ready::{ready, runs, NotReady};

/// Leases of one start are seen in one look, a moment apart.
const OTHERS: Duration = Duration::from_millis(300);
/// How long a device may take until its card is free: where nothing goes to it before, and where it is only warned of.
const READY: Duration = Duration::from_secs(150);
const READY_TO_WARN: Duration = Duration::from_secs(60);
/// So many lost lines, and the job goes to a device that is only warned of.
const TRIES: usize = 3;
/// Seconds from check to check; and after one that failed.
const PAUSE_SECS: Range<u64> = 600..3_000;
const SOON_SECS: Range<u64> = 60..600;

/// Before a job is delivered: the devices of the order that were not checked walk at the same moment, each when it is ready.
///
/// # Errors
/// If the order asks for a check that passes, and this lease's did not; or the line was lost: it is tried again.
pub async fn before(agent: &Agent, leased: &Leased) -> Result<(), Failed> {
    let mode = agent.order.check;
    if mode == Mode::Off || agent.ticket.is_some() {
        return Ok(());
    }
    if due(agent, leased) {
        let part = Part::new(agent, leased);
        one(agent, leased, &part).await;
        part.ends();
    }
    match kept::failed(&agent.folder, &leased.binding) {
        Some(check) if mode == Mode::Require => Err(Failed::Said(advice(agent, leased, &check))),
        _ if due(agent, leased) => Err(Failed::Said(
            "the device could not be checked yet: the line was lost".into(),
        )),
        _ => Ok(()),
    }
}

/// Whether it is to be checked before it gets the job.
fn due(agent: &Agent, leased: &Leased) -> bool {
    let kept = kept::all(&agent.folder, &leased.binding);
    let shown = kept.iter().any(|check| check.verdict != Verdict::Silent);
    match agent.order.check {
        Mode::Off => false,
        Mode::Require => !shown,
        Mode::Warn => !shown && kept.len() < TRIES && !lock(&leased.state).meet.late,
    }
}

async fn one(agent: &Agent, leased: &Leased, part: &Part<'_>) {
    sleep(OTHERS).await;
    // A session has its cards already.
    let extent = match agent.job {
        Some(_) => Extent::Class,
        None => Extent::Small,
    };
    let most = match agent.order.check {
        Mode::Require => READY,
        _ => READY_TO_WARN,
    };
    let ready = ready(agent, leased, extent, most).await;
    if ready.is_err() || part.walks_with_others().await {
        return walk(agent, leased, extent, ready).await;
    }
    let why = "it was ready after the others: they are checked together later";
    let late = Err((None, Outcome::without_walk(Verdict::Silent, why)));
    walk(agent, leased, extent, late).await;
}

/// What a renter can do.
fn advice(agent: &Agent, leased: &Leased, check: &Check) -> String {
    let (order, device) = (agent.order.order, leased.binding.device);
    let size = match check.size {
        Extent::Class => " --size class",
        Extent::Small => "",
    };
    format!(
        "check {}; try again with iog order check {order}{size}, end it with iog order end {order}, or dispute it with iog order dispute {order} --device {device}",
        check.words()
    )
}

/// At random minutes with a small table, for as long as the agent lives.
pub async fn later(agent: Arc<Agent>) {
    if agent.order.check == Mode::Off || agent.ticket.is_some() {
        return std::future::pending().await;
    }
    let asked = |leased: &Arc<Leased>| {
        leased.stage() == Stage::Running && !kept::all(&agent.folder, &leased.binding).is_empty()
    };
    loop {
        let mut changes = agent.changes();
        let mut until = Instant::now() + pause(false);
        let mut soon = false;
        while Instant::now() < until {
            let unsure = |leased: &Arc<Leased>| {
                let binding = &leased.binding;
                let last = kept::last(&agent.folder, binding);
                asked(leased) && (last.is_none() || kept::failed(&agent.folder, binding).is_some())
            };
            if !soon && agent.leases().iter().any(unsure) {
                soon = true;
                until = until.min(Instant::now() + pause(true));
            }
            tokio::select! {
                () = sleep(until.saturating_duration_since(Instant::now())) => {}
                _ = changes.changed() => {}
            }
        }
        let mut all = agent.leases();
        all.retain(asked);
        run(&agent, &all).await;
    }
}

/// Who got no job because of the class's table walks that once more; where a job may run, less.
fn extent_later(agent: &Agent, leased: &Leased) -> Extent {
    let failed = kept::failed(&agent.folder, &leased.binding);
    let waits = agent.order.check == Mode::Require && !lock(&leased.state).delivered;
    match failed {
        Some(check) if waits && !runs(leased) => check.size,
        _ => Extent::Small,
    }
}

fn pause(bad: bool) -> Duration {
    let secs = if bad { SOON_SECS } else { PAUSE_SECS };
    Duration::from_secs(rand::rng().random_range(secs))
}

/// All of them at the same moment: the seeds are told when every device is ready.
async fn run(agent: &Agent, leases: &[Arc<Leased>]) {
    let ready = leases.iter().map(|leased| async {
        let extent = extent_later(agent, leased);
        (extent, ready(agent, leased, extent, READY).await)
    });
    let ready = join_all(ready).await;
    let walks = leases.iter().zip(ready);
    join_all(walks.map(|(leased, (extent, ready))| walk(agent, leased, extent, ready))).await;
}

/// What comes of it is kept, and told.
async fn walk(
    agent: &Agent,
    leased: &Leased,
    extent: Extent,
    ready: Result<(Stream, Plan, Duration), NotReady>,
) {
    let (plan, round_trip, outcome) = match ready {
        Ok((stream, plan, round_trip)) => {
            let (mut from, mut to) = tokio::io::split(stream);
            let outcome = converse(&mut from, &mut to, &plan, round_trip).await;
            (Some(plan), round_trip, outcome)
        }
        Err((plan, outcome)) => (plan, Duration::ZERO, outcome),
    };
    let extent = plan.map_or(extent, |plan| plan.extent);
    let ts = agent.now().unwrap_or_default();
    let check = Check::of(ts, extent, plan.as_ref(), round_trip, outcome);
    tell(agent, leased, &check);
}

fn tell(agent: &Agent, leased: &Leased, check: &Check) {
    if let Err(error) = keep(&agent.folder, &leased.binding, check) {
        agent.log(leased, &format!("the check cannot be kept: {error}"));
    }
    let words = match check.is_bad() {
        true => advice(agent, leased, check),
        false => format!("check {}", check.words()),
    };
    agent.log(leased, &words);
    leased.change(agent, |state| state.check = Some(words));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_come_at_random_minutes_and_soon_after_a_bad_one() {
        for _ in 0..1_000 {
            assert!((600..3_000).contains(&pause(false).as_secs()));
            assert!((60..600).contains(&pause(true).as_secs()));
        }
        let some: std::collections::BTreeSet<u64> =
            (0..50).map(|_| pause(false).as_secs()).collect();
        assert!(some.len() > 10);
    }
}
