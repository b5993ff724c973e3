//! Joins: what makes an order part of another one's mesh. redteam mesh M2

use super::super::{book::Cluster, span};
use crate::{
    agent::{
        chain::{key, pubkey},
        client::Client,
        cluster::{add_join, joins},
        folder::{Folder, ENGINEER},
    },
    context::Context,
    error::{CliError, Result},
};
use iog_client::market::accounts::Order;
use iog_job::{Join, Key, SignedJoin};
use solana_pubkey::Pubkey;
use std::time::Duration;
use tokio::time::sleep;

const LOOK: Duration = Duration::from_secs(2);
const LOOKS: u32 = 30;
/// A join outlives every order but the longest; whoever is not of a running order is no member anyway.
const JOIN_SECS: i64 = 10 * 366 * 86_400;

/// Makes the join of an order that was just booked: an endpoint may not have it at once, and its devices are paid while they wait.
pub async fn join_new(context: &Context, cluster: &Cluster, order: &Pubkey) -> Result<()> {
    let folder = Folder::open(&cluster.root()?)?;
    for _ in 0..LOOKS {
        join_all(context, cluster).await?;
        let mut made = joins(&folder)?.into_iter();
        if made.any(|join| join.join.order == key(order)) {
            return Ok(());
        }
        sleep(LOOK).await;
    }
    Err(CliError::Other {
        text: format!(
            "order {order} is booked and not seen on chain, so that it did not join: iog cluster status {} tries again",
            cluster.name
        ),
        code: 4,
    })
}

/// Makes the joins that are missing: what an interrupted command left is taken up.
pub async fn join_all(context: &Context, cluster: &Cluster) -> Result<()> {
    let root = cluster.root()?;
    let folder = Folder::open(&root)?;
    let made = joins(&folder)?;
    let further = cluster.orders.iter().filter(|part| part.order != root);
    let further: Vec<_> = further.collect();
    if further.is_empty() {
        return Ok(());
    }
    let root_order: Option<Order> = context.find(&pubkey(&root)).await?;
    let Some(root_order) = root_order else {
        return Ok(());
    };
    // One that was signed with a key which the root order has no more is made anew.
    let holds = |join: &SignedJoin| join.open(&key(&root_order.engineer_key)).is_ok();
    let has = |order: &Key| {
        let mut made = made.iter().filter(|join| join.join.order == *order);
        made.any(holds)
    };
    for part in further.into_iter().filter(|part| !has(&part.order)) {
        let found: Option<Order> = context.find(&pubkey(&part.order)).await?;
        let Some(found) = found else { continue };
        let Some(engineer) = folder.key(ENGINEER)? else {
            return Err(CliError::usage(
                "only the machine with the first order's engineer key lets others join its cluster",
            ));
        };
        if span(&found) > part.span {
            return Err(CliError::Refused(format!(
                "order {} has more machines than ranks are left for it: end it with iog order end",
                part.order
            )));
        }
        let file = folder.order()?;
        let join = Join {
            genesis: file.genesis,
            program: file.program,
            root,
            root_created_ts: root_order.created_ts,
            order: part.order,
            created_ts: found.created_ts,
            offset: part.offset,
            ends_ts: found.created_ts.saturating_add(JOIN_SECS),
        };
        let signed = SignedJoin::sign(join, &engineer)
            .map_err(|error| CliError::usage(error.to_string()))?;
        add_join(&folder, signed)?;
        // Its members have to hear of it, too.
        Client::open(&root)?.wake().await?;
    }
    Ok(())
}
