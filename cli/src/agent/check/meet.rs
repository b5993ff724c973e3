//! Devices of one order walk at the same moment, so that no card walks for two of them; and none waits long for one that does not come. redteam S5

use super::{due, Mode};
use crate::agent::{
    leased::Leased,
    state::{lock, Agent},
    wire::Stage,
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::{sleep_until, Instant as Moment};

/// Where a device stands in a check of all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Meet {
    /// Nobody has asked it, or it does not answer.
    #[default]
    Away,
    /// It waits for its seed since then.
    Ready(Instant),
    Walking,
    /// It was asked, and something came of it.
    Asked,
}

/// How long a check that only warns waits, from the first that is ready: for one that says nothing, and for one that says `not yet`.
const SILENT: Duration = Duration::from_secs(3);
const EARLY: Duration = Duration::from_secs(8);
/// A `not yet` is no older.
const NEWS: Duration = Duration::from_secs(3);
/// What a check that is required waits for the others; a device keeps its card for a little longer.
const REQUIRED: Duration = Duration::from_secs(150);

/// One device's part in it; given up where it is dropped.
pub struct Part<'a> {
    agent: &'a Agent,
    leased: &'a Leased,
}

impl<'a> Part<'a> {
    pub fn new(agent: &'a Agent, leased: &'a Leased) -> Self {
        Self { agent, leased }
    }

    fn is(&self, meet: Meet) {
        self.leased.change(self.agent, |state| state.meet.at = meet);
    }

    /// Waits for the others, from when its device is ready. False: they have walked without it.
    pub async fn walks_with_others(&self) -> bool {
        self.is(Meet::Ready(Instant::now()));
        let mut changes = self.agent.changes();
        loop {
            changes.borrow_and_update();
            if lock(&self.leased.state).meet.late {
                return false;
            }
            let others = others(self.agent, self.leased);
            match until(&others, self.agent.order.check, self.leased) {
                None => break,
                Some(until) if until <= Instant::now() => {
                    self.leaves_behind(&others);
                    break;
                }
                Some(until) => {
                    tokio::select! {
                        _ = changes.changed() => {}
                        () = sleep_until(Moment::from_std(until)) => {}
                    }
                }
            }
        }
        self.is(Meet::Walking);
        true
    }

    /// Who is not there gets its job unchecked where a check only warns; else nothing until it has walked.
    fn leaves_behind(&self, others: &[(Arc<Leased>, Meet)]) {
        if self.agent.order.check == Mode::Require {
            return;
        }
        for (other, _) in others.iter().filter(|(_, at)| *at == Meet::Away) {
            other.change(self.agent, |state| state.meet.late = true);
        }
    }

    pub fn ends(self) {
        self.is(Meet::Asked);
    }
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if lock(&self.leased.state).meet.at != Meet::Asked {
            self.is(Meet::Away);
        }
    }
}

/// What the others know of a device.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seen {
    pub at: Meet,
    /// The others have walked without it.
    pub late: bool,
    /// When it last said that it is not ready yet.
    pub early: Option<Instant>,
}

/// Those that are to be checked with this one.
fn others(agent: &Agent, own: &Leased) -> Vec<(Arc<Leased>, Meet)> {
    let all = agent.leases().into_iter();
    let others = all.filter(|other| {
        (other.binding.lease, other.binding.matched_ts)
            != (own.binding.lease, own.binding.matched_ts)
    });
    let due = others.filter(|other| other.stage() == Stage::Running && due(agent, other));
    let at = due.map(|other| {
        let at = lock(&other.state).meet.at;
        (other, at)
    });
    at.filter(|(_, at)| *at != Meet::Asked).collect()
}

/// Until when the others are waited for; none: nobody is.
fn until(others: &[(Arc<Leased>, Meet)], mode: Mode, own: &Leased) -> Option<Instant> {
    let since = |at: &Meet| match at {
        Meet::Ready(since) => Some(*since),
        _ => None,
    };
    let own_at = lock(&own.state).meet.at;
    let ready = others.iter().map(|(_, at)| at).chain([&own_at]);
    let first = ready.filter_map(since).min()?;
    let missing: Vec<&Arc<Leased>> = others
        .iter()
        .filter(|(_, at)| since(at).is_none())
        .map(|(other, _)| other)
        .collect();
    if missing.is_empty() {
        return None;
    }
    let early = |other: &&Arc<Leased>| {
        let said = lock(&other.state).meet.early;
        said.is_some_and(|said| said.elapsed() < NEWS)
    };
    let wait = match mode {
        Mode::Require => REQUIRED,
        _ if missing.iter().any(early) => EARLY,
        _ => SILENT,
    };
    Some(first + wait)
}
