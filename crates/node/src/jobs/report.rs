//! What the job side tells the chain side.

use super::{context::Context, disk::on_disk, receipts, Leases};
use crate::board::{self, Report, Stage};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::sleep;

/// Several changes at once are one report.
const PAUSE: Duration = Duration::from_millis(50);

/// Writes the report anew whenever board, engine or a lease changed.
pub async fn keep(ctx: &Arc<Context>, leases: &Arc<Leases>) {
    let path = board::report_file(&ctx.settings.node_dir);
    let (mut changes, mut views) = (ctx.changes(), ctx.views.clone());
    let mut healths = ctx.healths.clone();
    let mut written = None;
    loop {
        changes.borrow_and_update();
        views.borrow_and_update();
        healths.borrow_and_update();
        let report = make(ctx, leases).await;
        if written.as_ref() != Some(&report) {
            let (to, new) = (path.clone(), report.clone());
            match on_disk(move || board::replace(&to, &new)).await {
                Ok(()) => written = Some(report),
                Err(error) => tracing::error!(%error, "the report cannot be written"),
            }
        }
        let changed = tokio::select! {
            changed = changes.changed() => changed,
            changed = views.changed() => changed,
            changed = healths.changed() => changed,
        };
        if changed.is_err() {
            return;
        }
        sleep(PAUSE).await;
    }
}

async fn make(ctx: &Arc<Context>, leases: &Arc<Leases>) -> Report {
    let refused = refused(ctx).await;
    let view = ctx.view();
    let health = ctx.health();
    let mut told = Vec::new();
    for served in &view.board.leases {
        let Some(lease) = leases.get(&served.binding) else {
            continue;
        };
        let mut of_lease = lease.for_report();
        if served.stage == Stage::Kept {
            let (store, key, ends_ts) = (lease.store.clone(), served.receipt_key, served.ends_ts);
            let newest = on_disk(move || Ok(receipts::newest(&store, &key, ends_ts)));
            of_lease.receipts = newest.await.unwrap_or_default();
        }
        told.push(of_lease);
    }
    Report {
        board_slot: view.board.slot,
        engine: ctx.settings.engine.kind().to_string(),
        trouble: (!health.ready).then(|| {
            health
                .detail
                .unwrap_or_else(|| "the engine does not answer".into())
        }),
        strangers: health.strangers,
        leases: told,
        refused,
    }
}

/// The link side counts whom it refused.
async fn refused(ctx: &Arc<Context>) -> BTreeMap<String, u64> {
    let file = ctx.settings.node_dir.join("link").join("refused.json");
    let read = on_disk(move || board::read(&file)).await;
    read.ok().flatten().unwrap_or_default()
}
