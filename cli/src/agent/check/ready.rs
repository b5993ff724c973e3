//! A device that waits for its seed, or what it says instead.

use super::{Extent, Mode, Outcome, Plan, Verdict};
use crate::{
    agent::{
        chain::pubkey,
        leased::Leased,
        state::{lock, Agent},
    },
    error::CliError,
};
use iog_job::{
    wire::{Refusal, Verb},
    Phase,
};
use iog_link::{LinkError, Stream};
use std::time::{Duration, Instant};
use tokio::time::sleep;

const AGAIN: Duration = Duration::from_millis(500);

pub type NotReady = (Option<Plan>, Outcome);

/// A device that is admitted and waits for its seed.
pub async fn ready(
    agent: &Agent,
    leased: &Leased,
    extent: Extent,
    most: Duration,
) -> Result<(Stream, Plan, Duration), NotReady> {
    let mut plan = plan(agent, leased, extent).await?;
    let since = Instant::now();
    loop {
        let opened = agent.open(leased, Verb::Check(plan.size())).await;
        let error = match opened {
            Ok((stream, line)) => {
                return Ok((stream, plan, Duration::from_micros(line.rtt_micros)))
            }
            Err(error) => error,
        };
        let busy = matches!(
            &error,
            LinkError::Refused {
                code: Refusal::Busy,
                ..
            }
        );
        let verdict = match &error {
            _ if busy && plan.extent == Extent::Small => Verdict::Silent,
            // This agent is not the first: its job has the card. Where the class's table must be walked, anybody could say that.
            _ if busy && agent.order.check == Mode::Warn && runs(leased) => {
                plan = self::plan(agent, leased, Extent::Small).await?;
                continue;
            }
            error if is_early(error) && since.elapsed() < most => {
                leased.change(agent, |state| state.meet.early = Some(Instant::now()));
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

pub fn runs(leased: &Leased) -> bool {
    let book = lock(&leased.book);
    let last = book.last.as_ref();
    last.is_some_and(|status| matches!(status.phase, Phase::Running { .. }))
}

async fn plan(agent: &Agent, leased: &Leased, extent: Extent) -> Result<Plan, NotReady> {
    let class = async {
        let (_, device) = agent
            .context
            .device(&pubkey(&leased.binding.device))
            .await?;
        agent.context.class(&device.class).await
    };
    let class = class.await;
    let class = class
        .map_err(|error: CliError| (None, Outcome::without_walk(Verdict::Silent, error.line())))?;
    let why = "the class is never proved: there is no time to compare with";
    let none = || (None, Outcome::without_walk(Verdict::NotProved, why));
    Plan::of(&class, leased.gpus, extent).ok_or_else(none)
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
