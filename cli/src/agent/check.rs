//! The renter's check of its devices: before the job is delivered, and at random minutes later. redteam S5, S8

mod kept;
mod talk;
#[cfg(test)]
#[path = "check/tests.rs"]
mod talk_tests;

pub use kept::{hash, keep, spoils, Check};
pub use talk::{converse, Extent, Outcome, Plan, Verdict};

use super::{
    chain::pubkey, folder::Check as Mode, leased::Leased, state::Agent, wire::Stage, work::Failed,
};
use futures_util::future::join_all;
use iog_job::wire::{Refusal, Verb};
use iog_link::{LinkError, Stream};
use rand::Rng;
use std::{
    ops::Range,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::Mutex, time::sleep};

/// An agent serves one order: its leases are checked together.
static TURN: Mutex<()> = Mutex::const_new(());
/// Leases of one start are seen in one look, a moment apart.
const OTHERS: Duration = Duration::from_millis(300);
/// How long a device may take until its card is free; the others wait for it.
const READY: Duration = Duration::from_secs(150);
const AGAIN: Duration = Duration::from_millis(500);
/// Seconds from check to check; and after one that failed.
const PAUSE_SECS: Range<u64> = 600..3_000;
const SOON_SECS: Range<u64> = 60..600;

/// Before a job is delivered: all leases of the order that were not checked, at once.
///
/// # Errors
/// If the order asks for a check that passes, and this lease's did not.
pub async fn before(agent: &Agent, leased: &Leased) -> Result<(), Failed> {
    let mode = agent.order.check;
    if mode == Mode::Off || agent.ticket.is_some() {
        return Ok(());
    }
    let turn = TURN.lock().await;
    let last = |leased: &Leased| kept::last(&agent.folder, &leased.binding);
    if last(leased).is_none() {
        sleep(OTHERS).await;
        let mut all = agent.leases();
        all.retain(|other| other.stage() == Stage::Running && last(other).is_none());
        // A session has its cards already.
        let extent = match agent.job {
            Some(_) => Extent::Class,
            None => Extent::Small,
        };
        run(agent, &all, extent).await;
    }
    drop(turn);
    match last(leased) {
        Some(check) if check.is_bad() && mode == Mode::Require => {
            Err(Failed::Said(advice(agent, leased, &check)))
        }
        None if mode == Mode::Require => Err(Failed::Said(
            "the device could not be checked yet: the line was lost".into(),
        )),
        _ => Ok(()),
    }
}

/// What a renter can do.
fn advice(agent: &Agent, leased: &Leased, check: &Check) -> String {
    let (order, device) = (agent.order.order, leased.binding.device);
    format!(
        "check {}; try again with iog order check {order}, end it with iog order end {order}, or dispute it with iog order dispute {order} --device {device}",
        check.words()
    )
}

/// At random minutes with a small table, for as long as the agent lives.
pub async fn later(agent: Arc<Agent>) {
    if agent.order.check == Mode::Off || agent.ticket.is_some() {
        return std::future::pending().await;
    }
    loop {
        let bad = agent.leases().iter().any(|leased| {
            let last = kept::last(&agent.folder, &leased.binding);
            leased.stage() == Stage::Running && last.is_some_and(|check| check.is_bad())
        });
        sleep(pause(bad)).await;
        let _turn = TURN.lock().await;
        let mut all = agent.leases();
        all.retain(|leased| {
            leased.stage() == Stage::Running && kept::last(&agent.folder, &leased.binding).is_some()
        });
        run(&agent, &all, Extent::Small).await;
    }
}

fn pause(bad: bool) -> Duration {
    let secs = if bad { SOON_SECS } else { PAUSE_SECS };
    Duration::from_secs(rand::rng().random_range(secs))
}

/// All of them at the same moment: the seeds are told when every device is ready. What comes of it is kept, and told.
async fn run(agent: &Agent, leases: &[Arc<Leased>], extent: Extent) {
    let ready = join_all(leases.iter().map(|leased| ready(agent, leased, extent))).await;
    let walks = leases.iter().zip(ready).map(|(leased, ready)| async move {
        let (plan, round_trip, outcome) = match ready {
            Ok((stream, plan, round_trip)) => {
                let (mut from, mut to) = tokio::io::split(stream);
                let outcome = converse(&mut from, &mut to, &plan, round_trip).await;
                (Some(plan), round_trip, outcome)
            }
            Err((plan, outcome)) => (plan, Duration::ZERO, outcome),
        };
        let ts = agent.now().unwrap_or_default();
        let check = Check::of(ts, extent, plan.as_ref(), round_trip, outcome);
        tell(agent, leased, &check);
    });
    join_all(walks).await;
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

type NotReady = (Option<Plan>, Outcome);

/// A device that is admitted and waits for its seed.
async fn ready(
    agent: &Agent,
    leased: &Leased,
    extent: Extent,
) -> Result<(Stream, Plan, Duration), NotReady> {
    let silent = |text: String| (None, Outcome::without_walk(Verdict::Silent, text));
    let class = async {
        let (_, device) = agent
            .context
            .device(&pubkey(&leased.binding.device))
            .await?;
        agent.context.class(&device.class).await
    };
    let class = class.await.map_err(|error| silent(error.line()))?;
    let Some(plan) = Plan::of(&class, leased.gpus, extent) else {
        let why = "the class is never proved: there is no time to compare with";
        return Err((None, Outcome::without_walk(Verdict::NotProved, why)));
    };
    let since = Instant::now();
    loop {
        let opened = agent.open(leased, Verb::Check(plan.size())).await;
        let error = match opened {
            Ok((stream, line)) => {
                return Ok((stream, plan, Duration::from_micros(line.rtt_micros)))
            }
            Err(error) => error,
        };
        let verdict = match &error {
            LinkError::Refused {
                code: Refusal::Busy,
                ..
            } if extent == Extent::Small => Verdict::Silent,
            error if is_early(error) && since.elapsed() < READY => {
                sleep(AGAIN).await;
                continue;
            }
            LinkError::Refused { .. } => Verdict::Refused,
            _ => Verdict::Silent,
        };
        return Err((
            Some(plan),
            Outcome::without_walk(verdict, error.to_string()),
        ));
    }
}

/// Its node sees the start a little later than we do, and its card is free a little later still.
fn is_early(error: &LinkError) -> bool {
    match error {
        LinkError::NotAdmitted(_) => true,
        LinkError::Refused { code, .. } => matches!(
            code,
            Refusal::NotStarted
                | Refusal::NotYours
                | Refusal::WrongBinding
                | Refusal::Busy
                | Refusal::Unavailable
        ),
        _ => false,
    }
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
