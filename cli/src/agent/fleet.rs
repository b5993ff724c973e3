//! The leases of an order, as the chain shows them: new matches begin, others are told where they stand.

use super::{
    chain::{self, Seen},
    endpoints::Agreed,
    leased::Leased,
    state::{lock, Agent},
    wire::Stage,
    work::work,
};
use crate::error::{CliError, Result};
use std::sync::{atomic::Ordering::SeqCst, Arc};

/// Begins to work for new matches, and tells the others where they stand; what the endpoints do not tell alike stays as it was.
/// redteam link L2
pub fn take(agent: &Arc<Agent>, seen: &Seen, agreed: &Agreed) -> Result<()> {
    if !agreed.order {
        return Ok(());
    }
    let Some(order) = &seen.order else {
        agent
            .leases()
            .iter()
            .for_each(|leased| stand(agent, leased, Stage::Kept));
        return Ok(());
    };
    let created = agent.folder.order()?.created_ts;
    match created {
        Some(ts) if ts != order.created_ts => {
            return Err(CliError::Refused(format!(
                "{} is another order now than the one that was booked here",
                agent.order.order
            )));
        }
        Some(_) => {}
        None => {
            let mut file = agent.order.clone();
            file.created_ts = Some(order.created_ts);
            agent.folder.set_order(&file)?;
        }
    }
    let mut now = Vec::new();
    for (address, lease) in &seen.leases {
        let binding = chain::binding(agent.order.genesis, order, address, lease);
        let tunnel_key = chain::tunnel_key(lease);
        let stage = chain::stage(order, lease, seen.now);
        let started_ts = crate::market::lease::started(order, lease);
        now.push((binding.lease, binding.matched_ts));
        if !agreed.has(binding.lease, binding.matched_ts) {
            continue;
        }
        match agent.knows(&binding, &tunnel_key) {
            Some(leased) => {
                leased.started_ts.store(started_ts, SeqCst);
                stand(agent, &leased, stage);
            }
            None if tunnel_key.is_none() => {}
            None => begin(
                agent,
                Leased::new(
                    &agent.folder,
                    binding,
                    tunnel_key,
                    (lease.place, lease.gpus),
                    stage,
                ),
            ),
        }
    }
    // A match that is gone from the chain is over; what its device keeps may still be had.
    for leased in agent.leases() {
        let (lease, matched_ts) = (leased.binding.lease, leased.binding.matched_ts);
        if !now.contains(&(lease, matched_ts)) && agreed.lacks(lease, matched_ts) {
            stand(agent, &leased, Stage::Kept);
        }
    }
    Ok(())
}

fn stand(agent: &Agent, leased: &Leased, stage: Stage) {
    if leased.stage() != stage {
        agent.log(leased, stage.name());
        leased.stage.send_replace(stage);
        agent.changed();
    }
}

/// Takes up what an earlier agent saw: the chain may have forgotten it since.
pub fn recall(agent: &Arc<Agent>) {
    for (_, kept) in super::lease_folders(&agent.folder) {
        let leased = Leased::new(
            &agent.folder,
            kept.binding,
            kept.tunnel_key,
            (kept.place, kept.gpus),
            Stage::Kept,
        );
        begin(agent, leased);
    }
}

fn begin(agent: &Arc<Agent>, leased: Leased) {
    let leased = Arc::new(leased);
    if leased.stage() != Stage::Kept {
        super::remember(agent, &leased);
    }
    agent.log(&leased, leased.stage().name());
    agent.add(&leased);
    let worker = tokio::spawn(work(Arc::clone(agent), Arc::clone(&leased)));
    *lock(&leased.worker) = Some(worker.abort_handle());
}
