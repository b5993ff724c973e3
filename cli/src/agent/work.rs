//! One lease, from its match on: the offer, then specification, inputs and secrets, then what the device says of the job.

use super::{
    deliver,
    leased::Leased,
    state::{lock, Agent},
    wire::Stage,
};
use iog_job::{
    frame,
    wire::{Refusal, Verb},
    Offer, Signed,
};
use iog_link::LinkError;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Largest status that is read.
const MAX_STATUS_BYTES: usize = 64 << 10;
/// A device that is asked whether there is more of a job that was over.
const LOOK_AGAIN: Duration = Duration::from_secs(15);

/// Half-seconds for which a refusal may only be early.
const EARLY: u32 = 40;

/// Pauses that grow with each failure.
pub struct Pause {
    first: Duration,
    most: Duration,
    next: Duration,
}

impl Pause {
    pub fn new(first: Duration, most: Duration) -> Self {
        Self {
            first,
            most,
            next: first,
        }
    }

    pub fn grow(&mut self) -> Duration {
        let now = self.next;
        self.next = self.next.saturating_mul(2).min(self.most);
        now
    }

    pub fn reset(&mut self) {
        self.next = self.first;
    }
}

/// Serves a lease for as long as the agent lives. Whatever fails is tried again.
pub async fn work(agent: Arc<Agent>, leased: Arc<Leased>) {
    let mut stage = leased.stage.subscribe();
    let mut pause = Pause::new(Duration::from_millis(500), Duration::from_secs(30));
    let mut early = 0u32;
    loop {
        let now = *stage.borrow_and_update();
        let result = tokio::select! {
            result = step(&agent, &leased, now) => result,
            _ = stage.changed() => {
                early = 0;
                pause.reset();
                continue;
            }
        };
        let wait = match result {
            Ok(wait) => {
                early = 0;
                pause.reset();
                leased.change(&agent, |state| state.trouble = None);
                wait
            }
            // Its node sees the match or the start a little later than we do.
            Err(error) if early < EARLY && error.is_early() => {
                early = early.saturating_add(1);
                leased.change(&agent, |state| state.meet.early = Some(Instant::now()));
                Duration::from_millis(500)
            }
            Err(error) => {
                let text = error.to_string();
                agent.log(&leased, &text);
                leased.change(&agent, |state| {
                    state.trouble = Some(text);
                    state.answers = false;
                });
                pause.grow()
            }
        };
        tokio::select! {
            () = sleep(wait) => {}
            _ = stage.changed() => pause.reset(),
            () = leased.again.notified() => pause.reset(),
        }
    }
}

/// Why a lease is not served as it should be.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    #[error("{0}")]
    Link(#[from] LinkError),
    /// The device's fault or this machine's.
    #[error("{0}")]
    Said(String),
}

impl Failed {
    /// What a node says that has not seen yet what the chain says.
    fn is_early(&self) -> bool {
        match self {
            Self::Link(LinkError::NotAdmitted(_)) => true,
            Self::Link(LinkError::Refused { code, .. }) => matches!(
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
}

impl From<std::io::Error> for Failed {
    fn from(error: std::io::Error) -> Self {
        Self::Link(error.into())
    }
}

impl From<crate::error::CliError> for Failed {
    fn from(error: crate::error::CliError) -> Self {
        Self::Said(error.line())
    }
}

/// Does what the stage asks for; how long to wait before the next time.
async fn step(agent: &Agent, leased: &Leased, stage: Stage) -> Result<Duration, Failed> {
    match stage {
        Stage::Before => {
            offer(agent, leased).await?;
            Ok(Duration::from_secs(3_600))
        }
        Stage::Running => {
            // Either may end first; the other goes on.
            tokio::try_join!(deliver::run(agent, leased), follow(agent, leased))?;
            Ok(LOOK_AGAIN)
        }
        Stage::Kept => {
            statuses(agent, leased, false).await?;
            Ok(Duration::from_secs(3_600))
        }
    }
}

/// What the job will be, so that the operator's policy can decide before the device accepts. redteam K4
async fn offer(agent: &Agent, leased: &Leased) -> Result<(), Failed> {
    let offered = lock(&leased.state).offered;
    let (Some(job), false) = (&agent.job, offered) else {
        return Ok(());
    };
    let _stream = agent.open(leased, Verb::Offer(Offer::from(job))).await?;
    leased.change(agent, |state| state.offered = true);
    agent.log(leased, "the offer is made");
    Ok(())
}

/// Statuses until the job is over, and again: it may be tried once more.
async fn follow(agent: &Agent, leased: &Leased) -> Result<(), Failed> {
    loop {
        let result = statuses(agent, leased, true).await;
        // Of a job that is over the stream ends by itself, until the next look.
        let answers = result.is_ok() && is_over(leased);
        leased.change(agent, |state| state.answers = answers);
        result?;
        sleep(LOOK_AGAIN).await;
    }
}

fn is_over(leased: &Leased) -> bool {
    let book = lock(&leased.book);
    book.last.as_ref().is_some_and(|last| last.phase.is_over())
}

async fn statuses(agent: &Agent, leased: &Leased, follow: bool) -> Result<(), Failed> {
    let from = lock(&leased.book).next();
    let (mut stream, _) = agent.open(leased, Verb::Status { from, follow }).await?;
    leased.change(agent, |state| {
        state.answers = true;
        state.trouble = None;
    });
    while let Some(signed) = frame::read::<Signed, _>(&mut stream, MAX_STATUS_BYTES).await? {
        let taken = lock(&leased.book).take(&signed);
        match taken {
            Ok(Some(status)) => {
                if lock(&leased.book).misses(&status) {
                    agent.log(leased, "statuses before this one were missed");
                }
                agent.log(
                    leased,
                    &format!("status {}: {:?}", status.number, status.phase),
                );
                agent.changed();
            }
            Ok(None) => {}
            Err(wrong) => return Err(Failed::Said(wrong.to_string())),
        }
    }
    Ok(())
}
