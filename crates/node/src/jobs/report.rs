//! What the job side tells the chain side.

use super::{context::Context, Leases};
use crate::board::{self, Report};
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
        let report = make(ctx, leases);
        if written.as_ref() != Some(&report) {
            match board::replace(&path, &report) {
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

fn make(ctx: &Arc<Context>, leases: &Arc<Leases>) -> Report {
    let view = ctx.view();
    let health = ctx.health();
    let served = view.board.leases.iter();
    Report {
        board_slot: view.board.slot,
        engine: ctx.settings.engine.kind().to_string(),
        trouble: (!health.ready).then(|| {
            health
                .detail
                .unwrap_or_else(|| "the engine does not answer".into())
        }),
        strangers: health.strangers,
        leases: served
            .filter_map(|lease| leases.get(&lease.binding))
            .map(|lease| lease.for_report())
            .collect(),
        refused: refused(ctx),
    }
}

/// The link side counts whom it refused.
fn refused(ctx: &Arc<Context>) -> BTreeMap<String, u64> {
    let file = ctx.settings.node_dir.join("link").join("refused.json");
    board::read(&file).ok().flatten().unwrap_or_default()
}
