//! Work on this machine: walks of memory and jobs.

use super::{shape, Attempt};
use crate::{
    action::{Action, Planned},
    done::Outcome,
    error::Result,
    keeper::Keeper,
    outbox::End,
    plan,
    snapshot::{Local, Snapshot},
};
use iog_engine::Submitted;

impl Keeper {
    /// Work on this machine.
    pub(super) async fn work(
        &self,
        planned: &Planned,
        snapshot: &Snapshot,
        key: &str,
    ) -> Result<Attempt> {
        let (slot, now) = (snapshot.time.slot, snapshot.time.now);
        let result = match &planned.action {
            Action::Prove { device, seed } => {
                let Some(shape) = shape(snapshot, device) else {
                    return Ok(Attempt::of(
                        Outcome::Refused,
                        "the class's shape is not valid",
                    ));
                };
                self.provers.start(*device, *seed, shape);
                return Ok(Attempt::of(Outcome::Done, "walking"));
            }
            Action::StartJob { lease, order, job } => {
                // Written down first: a job that runs and is not in the books would never be stopped.
                self.outbox.run_started(lease, order)?;
                self.jobs
                    .start(lease, job)
                    .await
                    .map(|submitted| match submitted {
                        Submitted::Started => "started".to_string(),
                        Submitted::Adopted => "adopted".to_string(),
                    })
            }
            Action::StopJob { lease } => {
                let stopped = self.jobs.stop(lease).await;
                stopped
                    .map(|status| format!("{status:?}"))
                    .map_err(|error| error.to_string())
            }
            Action::CollectJob { lease, order } => match self.jobs.collect(lease, order).await {
                Ok((status, files)) => {
                    self.outbox.run_collected(lease)?;
                    Ok(format!("{status:?}, {files} files"))
                }
                Err(error) => Err(error.to_string()),
            },
            _ => Err("it has no work on this machine".to_string()),
        };
        match result {
            Ok(note) => Ok(Attempt::of(Outcome::Done, note)),
            Err(note) => {
                self.outbox.intend(key, planned.role, slot, now)?;
                self.outbox.ended(key, End::Refused, slot, now, &note)?;
                Ok(Attempt::of(Outcome::Refused, note))
            }
        }
    }

    /// Frees the memory of walks that are of no more use.
    pub(crate) fn forget_proofs(&self, snapshot: &Snapshot, local: &Local) {
        for (device, seed) in plan::spent(snapshot, local) {
            self.provers.forget(&device, &seed);
        }
    }
}
