//! What the agent does when a job, or its order, is over.

use super::{
    chain::{self, Seen},
    cluster,
    state::Agent,
    wire::Stage,
};
use crate::market::order::{self, ACTIVE};
use iog_job::{Kind, Phase};
use solana_signer::Signer;

/// No device asks for the secrets again.
pub fn done(agent: &Agent) {
    agent.folder.forget_secrets();
}

/// Whether every lease that runs has a job that ran to its end.
fn all_over(agent: &Agent) -> bool {
    let leases = agent.view().leases;
    let running = leases.iter().filter(|lease| lease.stage == Stage::Running);
    // A cluster's command runs on its head; workers wait for another one.
    let ray = agent.job.as_ref().is_some_and(|job| job.kind == Kind::Ray);
    let running = running.filter(|lease| !ray || lease.place == 0);
    let over = |phase: &Option<Phase>| matches!(phase, Some(Phase::Exited { .. } | Phase::Stopped));
    running.clone().next().is_some() && running.clone().all(|lease| over(&lease.phase))
}

/// Ends the order when its job is over, where the renter said so when it booked (`--end-when-done`).
pub async fn when_done(agent: &Agent, seen: &Seen) {
    let wanted = agent
        .job
        .as_ref()
        .is_some_and(|job| job.end_when_done && (job.kind == Kind::Batch || cluster::ends(agent)));
    let Some(order) = seen
        .order
        .as_ref()
        .filter(|order| wanted && order.state == ACTIVE)
    else {
        return;
    };
    let whole = order::accepted_gpus(order) == order::gpus(order);
    if agent.order.ends_with.is_none() || !whole || !all_over(agent) {
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
