//! What was there before this process began: user ids and cards of leases that the books name, and runs and folders that no lease has.
//! redteam J2, X2

use super::{books::Books, context::Context, disk::on_disk, drive::gone, store::Store};
use crate::view::View;
use iog_job::RunId;
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

fn books_of(dir: &Path) -> Option<Books> {
    let bytes = fs::read(dir.join("books.json")).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn folders(ctx: &Context) -> Vec<PathBuf> {
    let entries = fs::read_dir(ctx.leases()).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Before anybody is given any: what the books name is taken. A run goes on and has its cards though its lease is served later, or is kept
/// and not sealed yet, or is gone.
///
/// # Errors
/// None but the runtime's.
pub async fn take_all(ctx: &Arc<Context>) -> io::Result<()> {
    let ctx = Arc::clone(ctx);
    on_disk(move || {
        for dir in folders(&ctx) {
            let Some(books) = books_of(&dir) else {
                tracing::error!(folder = %dir.display(), "the books of a lease cannot be read");
                continue;
            };
            ctx.take_uids(books.uid_base, true);
            if books.ever_started && !books.sealed {
                ctx.hold(&books.binding, &books.cards);
            }
        }
        Ok(())
    })
    .await
}

/// Ends runs that no lease of the board has, and erases them and the folders of such leases. False where the engine does not tell.
pub async fn end_strays(ctx: &Arc<Context>, view: &View) -> bool {
    let bindings = || view.board.leases.iter().map(|lease| lease.binding);
    let known: BTreeSet<_> = bindings()
        .map(|binding| (binding.lease, binding.matched_ts))
        .collect();
    let runs = match ctx.settings.engine.list().await {
        Ok(runs) => runs,
        Err(error) => {
            tracing::error!(%error, "the engine does not list its runs");
            return false;
        }
    };
    let of = |run: &RunId| (run.lease, run.matched_ts);
    let strays: Vec<_> = runs
        .into_iter()
        .map(|(run, _)| run)
        .filter(|run| !known.contains(&of(run)))
        .collect();
    let mut left = BTreeSet::new();
    for run in &strays {
        tracing::warn!(%run, "no lease has this run: it is ended");
        if let Err(error) = gone(ctx.settings.engine.stop(run).await) {
            tracing::error!(%run, %error, "a run without a lease cannot be stopped");
            left.insert(of(run));
        }
    }
    for run in &strays {
        if left.contains(&of(run)) {
            continue;
        }
        if let Err(error) = gone(ctx.settings.engine.remove(run).await) {
            tracing::error!(%run, %error, "a run without a lease cannot be erased");
            left.insert(of(run));
        }
    }
    let names: BTreeSet<String> = bindings().map(|binding| Store::name_of(&binding)).collect();
    let ctx = Arc::clone(ctx);
    let erase = on_disk(move || {
        for dir in folders(&ctx) {
            let name = dir.file_name().unwrap_or_default().to_string_lossy();
            if !names.contains(name.as_ref()) {
                erase(&ctx, &dir, &left);
            }
        }
        Ok(())
    });
    erase.await.is_ok()
}

/// User ids and cards of a run that could not be ended stay taken.
fn erase(ctx: &Context, dir: &Path, left: &BTreeSet<(iog_job::Key, i64)>) {
    let books = books_of(dir);
    let of = books
        .as_ref()
        .map(|books| (books.binding.lease, books.binding.matched_ts));
    if of.is_some_and(|of| left.contains(&of)) {
        return;
    }
    if let Some(books) = books {
        ctx.release(&books.binding);
        ctx.take_uids(books.uid_base, false);
    }
    let _ = fs::remove_dir_all(dir);
}
