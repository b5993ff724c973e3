//! What the job side tells the chain side.

use super::{context::Context, disk::on_disk, receipts, share, Leases};
use crate::board::{self, Report, Stage};
use iog_engine::Capacity;
use iog_job::Resources;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::sleep;

/// Several changes at once are one report.
const PAUSE: Duration = Duration::from_millis(50);

/// Writes the report anew whenever board, engine or a lease changed.
pub async fn keep(ctx: &Arc<Context>, leases: &Arc<Leases>) {
    let path = board::report_file(&ctx.settings.node_dir);
    let (mut changes, mut views) = (ctx.changes(), ctx.views.clone());
    let mut healths = ctx.healths.clone();
    let last = path.clone();
    let last = on_disk(move || board::read::<Report>(&last)).await;
    // Of the process before, if it can be read: what it said of leases stands until they are opened.
    let mut before = last.ok().flatten().unwrap_or_default();
    let mut written = None;
    loop {
        changes.borrow_and_update();
        views.borrow_and_update();
        healths.borrow_and_update();
        let report = make(ctx, leases, &before).await;
        before.leases.clone_from(&report.leases);
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

/// A lease that is not open is told as it was: joins that are missing for a moment would cut a whole cluster.
async fn make(ctx: &Arc<Context>, leases: &Arc<Leases>, before: &Report) -> Report {
    let refused = refused(ctx).await;
    let full = is_full(ctx).await;
    let view = ctx.view();
    let health = ctx.health();
    let mut told = Vec::new();
    if !view.known {
        told.clone_from(&before.leases);
    }
    for served in &view.board.leases {
        let Some(lease) = leases.get(&served.binding) else {
            let mut known = before.leases.iter();
            told.extend(known.find(|known| known.binding == served.binding).cloned());
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
        trouble: match (health.ready, full) {
            (false, _) => {
                let unknown = || "the engine does not answer".into();
                Some(health.detail.unwrap_or_else(unknown))
            }
            (true, true) => Some("the disk is full of what leases left or have".into()),
            (true, false) => None,
        },
        strangers: health.strangers,
        takes: ctx.settings.engine.takes(),
        leases: told,
        refused,
    }
}

/// Disks are allocated whole, and kept for a day: where none is left for a job that asks for nothing special, no match is taken. What was
/// taken and cannot be had would be this machine's failure. redteam K6
async fn is_full(ctx: &Arc<Context>) -> bool {
    let dir = ctx.settings.node_dir.clone();
    let free = on_disk(move || Ok(nix::sys::statvfs::statvfs(&dir)?)).await;
    free.is_ok_and(|free| {
        let blocks: u64 = free.blocks_available();
        let free = blocks.saturating_mul(free.fragment_size());
        takes_no_other(&ctx.capacity, ctx.settings.gpus, free)
    })
}

fn takes_no_other(at_start: &Capacity, gpus: u32, free: u64) -> bool {
    let share = share::share(at_start, 1, gpus);
    free < share::limits(&share, &Resources::default()).disk_bytes
}

/// The link side counts whom it refused.
async fn refused(ctx: &Arc<Context>) -> BTreeMap<String, u64> {
    let file = ctx.settings.node_dir.join("link").join("refused.json");
    let read = on_disk(move || board::read(&file)).await;
    read.ok().flatten().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_job::Platform;

    /// redteam K6: a renter that takes most of the disk for an hour, and has it kept for a day, makes no failure of the machine out of the next
    /// one's job.
    #[test]
    fn a_disk_without_room_takes_no_match() {
        let capacity = |disk_bytes| Capacity {
            platform: Platform::LinuxAmd64,
            cpu_millis: 8_000,
            memory_bytes: 64 << 30,
            disk_bytes,
        };
        // A job that asks for nothing has 10 GiB of a large disk.
        let large = capacity(1_000 << 30);
        assert!(!takes_no_other(&large, 1, 10 << 30));
        assert!(takes_no_other(&large, 1, (10 << 30) - 1));
        // Of a small one its share: half of what is left, by cards.
        let small = capacity(10_000);
        assert!(!takes_no_other(&small, 2, 2_250));
        assert!(takes_no_other(&small, 2, 2_249));
    }
}
