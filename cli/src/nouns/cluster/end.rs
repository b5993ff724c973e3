//! `cluster end`: all orders, the first one last.

use super::{book::Cluster, lives, Named};
use crate::{
    agent::chain::pubkey,
    confirm,
    context::Context,
    error::{CliError, Result},
    market::order,
    nouns::order::end,
    output::Record,
};
use iog_client::market::accounts::Order;
use solana_pubkey::Pubkey;
use std::time::Duration;
use tokio::time::sleep;

/// So long an order may take to be seen that was sent when its maker was interrupted.
const APPEARS: Duration = Duration::from_secs(60);
const LOOK: Duration = Duration::from_secs(2);

/// Ends an order that runs, and takes one back that does not yet.
pub async fn order(context: &Context, address: &Pubkey) -> Result<Option<Record>> {
    match lives(context, address).await? {
        None => Ok(None),
        Some(found) if order::waits(&found) => end::cancel_order(context, address).await.map(Some),
        Some(_) => end::end_order(context, address).await.map(Some),
    }
}

/// Waits for what may be on its way still: it would be paid, and have no name any more.
async fn appear(context: &Context, cluster: &Cluster) -> Result<()> {
    let mut told = false;
    while cluster.age()?.is_some_and(|age| age < APPEARS) {
        let mut unseen = None;
        for part in &cluster.orders {
            let address = pubkey(&part.order);
            let found: Option<Order> = context.find(&address).await?;
            unseen = unseen.or(found.is_none().then_some(address));
        }
        let Some(address) = unseen else { break };
        if !told {
            context.note(&format!(
                "order {address} is not on chain, and may be on its way: waits for a minute"
            ));
            told = true;
        }
        sleep(LOOK).await;
    }
    Ok(())
}

pub async fn run(context: &Context, named: &Named) -> Result<()> {
    let cluster = Cluster::open(&named.name)?;
    confirm::allowed(context, "an end")?;
    if !context.dry_run {
        appear(context, &cluster).await?;
    }
    let (mut ended, mut kept) = (Vec::new(), Vec::new());
    // The head goes last: who looks meanwhile sees a cluster that shrinks.
    for part in cluster.orders.iter().rev() {
        let address = pubkey(&part.order);
        match order(context, &address).await {
            Ok(Some(record)) => ended.push(record),
            Ok(None) => {}
            Err(error) => kept.push(Record::new().put("order", address).put("why", error.line())),
        }
    }
    let left = kept.len();
    context.out.one(
        &Record::new()
            .put("name", cluster.name.as_str())
            .put("ended", ended)
            .put("kept", kept),
    );
    if left > 0 {
        return Err(CliError::Refused(format!(
            "{left} orders of cluster {0} are not ended, and are paid: run iog cluster end {0} again",
            cluster.name
        )));
    }
    match context.dry_run {
        true => Ok(()),
        false => cluster.forget(),
    }
}
