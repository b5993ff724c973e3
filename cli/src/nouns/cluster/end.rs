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
use solana_pubkey::Pubkey;

/// Ends an order that runs, and takes one back that does not yet.
pub async fn order(context: &Context, address: &Pubkey) -> Result<Option<Record>> {
    match lives(context, address).await? {
        None => Ok(None),
        Some(found) if order::waits(&found) => end::cancel_order(context, address).await.map(Some),
        Some(_) => end::end_order(context, address).await.map(Some),
    }
}

pub async fn run(context: &Context, named: &Named) -> Result<()> {
    let cluster = Cluster::open(&named.name)?;
    confirm::allowed(context, "an end")?;
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
