//! One action from plan to record.

mod transact;
mod work;

use crate::{
    action::{Action, Planned, Why},
    classify::{classify, Class},
    config::Role,
    done::{Done, Outcome},
    error::Result,
    keeper::Keeper,
    outbox::{End, Gate, InFlight, Lapse},
    snapshot::Snapshot,
};
use solana_signature::Signature;
use std::sync::atomic::Ordering;

/// What an attempt came to, before it is a [`Done`].
struct Attempt {
    outcome: Outcome,
    signature: Option<Signature>,
    units: Option<u64>,
    note: String,
}

impl Attempt {
    fn of(outcome: Outcome, note: impl Into<String>) -> Self {
        Self {
            outcome,
            signature: None,
            units: None,
            note: note.into(),
        }
    }

    fn into_done(self, role: Role, action: &'static str, key: String) -> Done {
        Done {
            role,
            action,
            key,
            outcome: self.outcome,
            signature: self.signature,
            units: self.units,
            note: self.note,
        }
    }
}

impl Keeper {
    /// Does a planned action. If one of several parts in a transaction spoils it, each is tried alone, so that none holds up the others.
    pub(crate) async fn act(&self, planned: &Planned, snapshot: &Snapshot) -> Result<Vec<Done>> {
        let done = self.act_once(planned, snapshot).await?;
        let rejected = |done: &Done| {
            let landed = matches!(
                done.outcome,
                Outcome::Done | Outcome::Simulated | Outcome::Unknown
            );
            !landed && !done.note.starts_with("RPC")
        };
        let parts = planned.action.parts();
        if parts.is_empty() || !done.as_ref().is_some_and(rejected) {
            return Ok(done.into_iter().collect());
        }
        let mut all = Vec::new();
        for action in parts {
            let role = planned.role;
            let part = Planned { role, action };
            all.extend(self.act_once(&part, snapshot).await?);
        }
        Ok(all)
    }

    /// Does a planned action, unless it is on its way, settled or held back.
    async fn act_once(&self, planned: &Planned, snapshot: &Snapshot) -> Result<Option<Done>> {
        let key = planned.action.key();
        let (slot, now) = (snapshot.time.slot, snapshot.time.now);
        if self.stopping.load(Ordering::Relaxed) || self.outbox.gate(&key, slot, now)? != Gate::Go {
            return Ok(None);
        }
        // Walking and opening change nothing but this machine's memory, and a commit cannot be simulated without: a dry run does them, too.
        let local = matches!(planned.action, Action::Prove { .. } | Action::Open { .. });
        let attempt = match (local, self.config.dry_run) {
            (true, _) => self.work(planned, snapshot, &key)?,
            (false, true) => self.simulate(&planned.action, snapshot).await,
            (false, false) => self.transact(planned, snapshot, &key).await?,
        };
        if attempt.outcome.is_success() {
            self.learn(&planned.action, snapshot)?;
        }
        let done = attempt.into_done(planned.role, planned.action.kind(), key);
        self.vitals.saw_action(&done);
        log(&done);
        Ok(Some(done))
    }

    /// Remembers whose orders were whole in time, and whose were not.
    fn learn(&self, action: &Action, snapshot: &Snapshot) -> Result<()> {
        let (Action::Accept { lease, .. }
        | Action::Decline { lease, .. }
        | Action::LeaveLease { lease, .. }) = action
        else {
            return Ok(());
        };
        let Some((account, order)) = snapshot.lease(lease) else {
            return Ok(());
        };
        let now = snapshot.time.now;
        match action {
            Action::Accept { .. } => self.memory.whole(&order.renter),
            Action::Decline { why, .. } => {
                tracing::info!(%lease, reason = why.reason(), "a match is declined");
                if *why == Why::NeverWhole {
                    self.memory.never_whole(order.renter, now);
                    self.outbox.lapsed(&Lapse::of(account, order), now)?;
                }
            }
            _ if order.started_ts == 0 => self.outbox.lapsed(&Lapse::of(account, order), now)?,
            _ => {}
        }
        Ok(())
    }

    /// Looks up what was on its way when the keeper stopped, or when the node fell silent.
    pub(crate) async fn recover(
        &self,
        sent: &InFlight,
        slot: u64,
        now: i64,
    ) -> Result<Option<Done>> {
        let found = self
            .sender()
            .outcome(&sent.signature, sent.last_valid_height)
            .await;
        let (end, mut attempt) = match found {
            Ok(iog_tx::Outcome::Pending) | Err(_) => return Ok(None),
            Ok(iog_tx::Outcome::Confirmed { .. }) => (
                End::Confirmed,
                Attempt::of(Outcome::Done, "found on the chain"),
            ),
            Ok(iog_tx::Outcome::Expired) => (
                End::Expired,
                Attempt::of(Outcome::Retry, "expired without landing"),
            ),
            Ok(iog_tx::Outcome::Rejected(rejection)) => {
                refused(classify(&rejection), rejection.to_string())
            }
        };
        attempt.signature = Some(sent.signature);
        self.outbox
            .ended(&sent.key, end, slot, now, &attempt.note)?;
        let kind = crate::action::KINDS
            .iter()
            .find(|kind| sent.key.split('/').next() == Some(**kind));
        let done = attempt.into_done(
            sent.role,
            kind.copied().unwrap_or("unknown"),
            sent.key.clone(),
        );
        log(&done);
        Ok(Some(done))
    }
}

fn refused(class: Class, note: String) -> (End, Attempt) {
    match class {
        Class::Raced => (End::Raced, Attempt::of(Outcome::Raced, note)),
        Class::Retry => (End::Retry, Attempt::of(Outcome::Retry, note)),
        Class::Refused => (End::Refused, Attempt::of(Outcome::Refused, note)),
    }
}

fn log(done: &Done) {
    let (outcome, key, note) = (done.outcome.name(), &done.key, &done.note);
    let signature = done.signature.map(|signature| signature.to_string());
    match done.outcome {
        Outcome::Refused | Outcome::Unknown => tracing::warn!(outcome, key, signature, note),
        Outcome::Retry => tracing::debug!(outcome, key, signature, note),
        _ => tracing::info!(outcome, key, signature, units = done.units, note),
    }
}
