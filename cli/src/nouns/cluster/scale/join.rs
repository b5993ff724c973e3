//! Joins: what makes an order part of another one's mesh. redteam mesh M2

use super::super::{book::Cluster, span};
use crate::{
    agent::{
        chain::pubkey,
        client::Client,
        cluster::{add_join, joins},
        folder::{Folder, ENGINEER},
    },
    context::Context,
    error::{CliError, Result},
};
use iog_client::market::accounts::Order;
use iog_job::{Join, SignedJoin};

/// A join outlives every order but the longest; whoever is not of a running order is no member anyway.
const JOIN_SECS: i64 = 10 * 366 * 86_400;

/// Makes the joins that are missing: what an interrupted command left is taken up.
pub async fn join_all(context: &Context, cluster: &Cluster) -> Result<()> {
    let root = cluster.root()?;
    let folder = Folder::open(&root)?;
    let made = joins(&folder)?;
    let further = cluster.orders.iter().filter(|part| part.order != root);
    for part in further.filter(|part| !made.iter().any(|join| join.join.order == part.order)) {
        let found: Option<Order> = context.find(&pubkey(&part.order)).await?;
        let root_order: Option<Order> = context.find(&pubkey(&root)).await?;
        let (Some(found), Some(root_order)) = (found, root_order) else {
            continue;
        };
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
