//! What the agent does when a job, or its order, is over.

use super::{
    chain::{self, Seen},
    cluster,
    state::Agent,
    wire::{LeaseView, Stage},
};
use crate::market::order::{self, ACTIVE};
use iog_job::{JobSpec, Kind};
use solana_signer::Signer;

/// No device asks for the secrets again.
pub fn done(agent: &Agent) {
    agent.folder.forget_secrets();
}

/// Whether every lease that runs has a job of which no further attempt comes, however the last one ended.
fn all_over(job: &JobSpec, leases: &[LeaseView]) -> bool {
    let running = leases.iter().filter(|lease| lease.stage == Stage::Running);
    // A cluster's command runs on its head; workers wait for another one.
    let running = running.filter(|lease| job.kind != Kind::Ray || lease.place == 0);
    let over = |lease: &LeaseView| {
        let phase = lease.phase.as_ref().filter(|phase| phase.is_over());
        phase.is_some_and(|phase| !job.is_tried_again(phase, lease.attempt))
    };
    running.clone().next().is_some() && running.clone().all(over)
}

/// Ends the order when its job is over, where the renter said so when it booked (`--end-when-done`).
pub async fn when_done(agent: &Agent, seen: &Seen) {
    let wanted =
        |job: &&JobSpec| job.end_when_done && (job.kind == Kind::Batch || cluster::ends(agent));
    let (Some(job), Some(order)) = (agent.job.as_ref().filter(wanted), seen.order.as_ref()) else {
        return;
    };
    let whole = order.state == ACTIVE && order::accepted_gpus(order) == order::gpus(order);
    if agent.order.ends_with.is_none() || !whole || !all_over(job, &agent.view().leases) {
        return;
    }
    let ended = async {
        let signer = agent.context.signer()?;
        let end = order::end(chain::pubkey(&agent.order.order), order, signer.pubkey());
        agent.context.submit(&[end], &signer, &[]).await
    };
    match ended.await {
        Ok(_) => agent
            .note("the job is over, and the order is ended; iog order refund pays what comes back"),
        Err(error) => agent.note(&format!(
            "the job is over, and the order cannot be ended: {}",
            error.line()
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::{leased::Leased, testing};
    use iog_job::{Hash, Key, Phase, Restart, Why};

    /// An order is not ended under a job that its node is about to try again.
    #[test]
    fn a_job_is_over_when_no_attempt_follows() {
        let home = tempfile::tempdir().unwrap();
        let folder = testing::folder(home.path());
        let lease = |number: u8, phase: Phase, attempt: u32| {
            let binding = testing::binding(number);
            let key = Key([9; 32]);
            let leased = Leased::new(&folder, binding, key, (0, 1), Stage::Running);
            let mut view = leased.view();
            (view.phase, view.attempt) = (Some(phase), attempt);
            view
        };
        let mut job = JobSpec::session(Hash([1; 32]));
        (job.kind, job.restart) = (Kind::Batch, Restart::OnFailure(1));
        let done = lease(1, Phase::Exited { code: 0 }, 0);
        let with =
            |phase: Phase, attempt| all_over(&job, &[done.clone(), lease(2, phase, attempt)]);
        let failed = |why| Phase::Failed { why };
        assert!(!with(Phase::Running { ready: true }, 0));
        assert!(!with(Phase::Exited { code: 1 }, 0));
        assert!(with(Phase::Exited { code: 1 }, 1));
        assert!(!with(failed(Why::Host("disk".into())), 1));
        assert!(with(failed(Why::TimeLimit), 0));
        assert!(with(failed(Why::OutOfMemory), 1));
        assert!(with(Phase::Refused { why: "x".into() }, 0));
        assert!(with(Phase::Stopped, 0));
        assert!(!all_over(&job, &[]));
    }
}
