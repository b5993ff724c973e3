//! The machine's facts, and the job's stop.

use super::{admit, Served};
use crate::{
    jobs::{drive::wait_for, lease::Lease},
    pipe::Pipe,
};
use iog_job::{
    frame,
    wire::{Done, Facts},
};
use std::{sync::Arc, time::Duration};
use tokio::time::sleep;

const SHORTEST_SECS: u32 = 1;

/// redteam S5: the supplier's word; only the lease's own cards.
pub async fn facts(lease: &Arc<Lease>, every_secs: Option<u32>, pipe: &mut Pipe) -> Served {
    admit(pipe).await?;
    loop {
        let of = Arc::clone(lease);
        let facts = tokio::task::spawn_blocking(move || look(&of)).await;
        frame::write(pipe, &facts.map_err(std::io::Error::other)?).await?;
        let Some(every_secs) = every_secs else {
            return Ok(());
        };
        sleep(Duration::from_secs(every_secs.max(SHORTEST_SECS).into())).await;
    }
}

fn look(lease: &Arc<Lease>) -> Facts {
    let capacity = &lease.ctx.capacity;
    let share = lease.board().map(|(board, _)| lease.share(&board));
    let cards = lease
        .board()
        .map(|(board, _)| board.cards)
        .unwrap_or_default();
    let keeper = lease.ctx.settings.card_keeper.as_ref();
    Facts {
        platform: capacity.platform.to_string(),
        cpus: capacity.cpu_millis / 1_000,
        memory_bytes: capacity.memory_bytes,
        disk_free_bytes: share.map_or(0, |share| share.disk_bytes),
        cards: keeper.map_or_else(Vec::new, |keeper| keeper.facts(&cards)),
    }
}

pub async fn stop(lease: &Arc<Lease>, pipe: &mut Pipe) -> Served {
    admit(pipe).await?;
    lease.change(|books| books.stopped = true).await?;
    wait_for(lease, || {
        lease.with_books(|books| books.finished).then_some(())
    })
    .await;
    Ok(frame::write(pipe, &Done {}).await?)
}
