//! The head of a cluster: the lease at place 0 of its first order.

use super::book::Cluster;
use crate::{
    agent::{
        client::Client,
        wire::{LeaseView, Leases, Stage},
    },
    context::Context,
    error::{CliError, Result},
    nouns::order::progress::Teller,
};
use iog_job::Phase;

/// The one that serves now, or is about to.
pub fn of(leases: &Leases) -> Option<&LeaseView> {
    let mut now = leases
        .leases
        .iter()
        .filter(|lease| lease.stage != Stage::Kept);
    now.find(|lease| lease.place == 0)
}

pub fn is_ready(lease: &LeaseView) -> bool {
    lease.stage == Stage::Running && matches!(lease.phase, Some(Phase::Running { ready: true }))
}

/// Waits until the head runs.
pub async fn ready(context: &Context, cluster: &Cluster, client: &Client) -> Result<LeaseView> {
    let mut follow = client.follow().await?;
    let mut teller = Teller::new(context);
    loop {
        let leases = follow.next().await?;
        if let Some(head) = of(&leases).filter(|head| is_ready(head)) {
            return Ok(head.clone());
        }
        if leases.looked {
            refuse_over(cluster, &leases)?;
            teller.tell(&leases);
        }
    }
}

/// Nothing is waited for that cannot come.
fn refuse_over(cluster: &Cluster, leases: &Leases) -> Result<()> {
    let name = &cluster.name;
    let refuse = |why: &str| {
        CliError::Refused(format!(
            "cluster {name} {why}: see iog cluster status {name}, or forget it with iog cluster end {name}"
        ))
    };
    if leases.order.is_none() {
        let trouble = leases.trouble.clone().or_else(|| leases.doubt.clone());
        return match trouble {
            Some(text) => Err(CliError::Other { text, code: 4 }),
            None => Err(refuse("has no order any more")),
        };
    }
    if !matches!(leases.order.as_deref(), Some("open" | "matched" | "active")) {
        return Err(refuse("is over"));
    }
    let over = of(leases).filter(|head| head.stage == Stage::Running);
    match over.and_then(|head| head.phase.as_ref()) {
        Some(Phase::Exited { code }) => {
            Err(refuse(&format!("ended with its command (code {code})")))
        }
        Some(Phase::Refused { why }) => Err(refuse(&format!("is refused by its head: {why}"))),
        Some(Phase::Stopped) => Err(refuse("was stopped")),
        _ => Ok(()),
    }
}
