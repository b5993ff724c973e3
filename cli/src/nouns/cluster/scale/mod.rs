//! `cluster scale`: a further order joins, or the newest ones end.

mod grow;
mod join;

pub use join::join_all;

use super::{
    book::{Cluster, Part},
    end, lives, status, Named,
};
use crate::{
    agent::{chain::pubkey, cluster, folder::Folder},
    context::Context,
    error::{CliError, Result},
    market::order,
};
use clap::Args;
use iog_client::market::accounts::Order;

#[derive(Args, Debug)]
pub struct Terms {
    #[command(flatten)]
    named: Named,
    /// GPUs of the whole cluster
    #[arg(value_name = "GPUS", value_parser = clap::value_parser!(u32).range(1..=4096))]
    gpus: u32,
    /// Hours of the further order [default: until the first order's end, rounded up]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=87_600))]
    hours: Option<u32>,
    /// What the further order's total, fees included, may not pass, in whole units of the currency
    #[arg(long, value_name = "AMOUNT")]
    max_total: Option<String>,
    /// Longest wait for the further order's devices; it stands when it is over
    #[arg(long, value_name = "SECS", default_value_t = 2_400)]
    wait_secs: u64,
    /// Leave the choice of devices to keepers
    #[arg(long)]
    no_match: bool,
}

pub async fn run(context: &Context, terms: &Terms) -> Result<()> {
    let mut cluster = Cluster::open(&terms.named.name)?;
    join_all(context, &cluster).await?;
    let mut living = Vec::new();
    for part in &cluster.orders {
        if let Some(found) = lives(context, &pubkey(&part.order)).await? {
            living.push((*part, found));
        }
    }
    let root = cluster.root()?;
    let Some((_, first)) = living.iter().find(|(part, _)| part.order == root) else {
        return Err(CliError::Refused(format!(
            "the first order of cluster {} is over: what is left of it is ended with iog cluster end",
            cluster.name
        )));
    };
    let all = living.iter().map(|(_, order)| order::gpus(order));
    let now = all.fold(0, u32::saturating_add);
    if terms.gpus > now {
        let first = first.clone();
        grow::run(
            context,
            terms,
            &mut cluster,
            &first,
            terms.gpus.saturating_sub(now),
        )
        .await?;
    } else {
        shrink(context, terms.gpus, &mut cluster, &living, now).await?;
    }
    context
        .out
        .one(&status::record(context, &cluster, false).await?);
    Ok(())
}

/// Ends whole orders, the newest first, as long as no less than what is wanted is left.
async fn shrink(
    context: &Context,
    wanted: u32,
    cluster: &mut Cluster,
    living: &[(Part, Order)],
    now: u32,
) -> Result<()> {
    let root = cluster.root()?;
    let folder = Folder::open(&root)?;
    let mut left = now;
    for (part, found) in living.iter().rev() {
        let after = left.saturating_sub(order::gpus(found));
        if part.order == root || after < wanted {
            continue;
        }
        end::order(context, &pubkey(&part.order)).await?;
        if context.dry_run {
            continue;
        }
        cluster::leaves(&folder, &part.order)?;
        cluster.remove(&part.order);
        cluster.write()?;
        left = after;
    }
    if left > wanted {
        context.note(&format!(
            "the cluster has {left} GPUs: orders are ended as a whole, and the first one only by iog cluster end"
        ));
    }
    Ok(())
}
