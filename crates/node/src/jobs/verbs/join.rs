//! Orders that join the mesh of another: kept here, verified on chain by the chain side, told by its board. redteam mesh M2

use super::{admit, refused, Served};
use crate::{
    board::{BoardJoin, BoardLease},
    jobs::{drive::wait_for, lease::Lease},
    pipe::Pipe,
};
use iog_job::{frame, wire::Joined, wire::Refusal, Binding, Join, SignedJoin, MAX_RANKS};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long the chain side has to read both orders and their leases, from two endpoints.
const VERIFY: Duration = Duration::from_secs(60);

pub async fn join(lease: &Arc<Lease>, signed: &SignedJoin, pipe: &mut Pipe) -> Served {
    let join = signed.join;
    let binding = lease.with_books(|books| books.binding);
    if let Err(why) = is_sound(&join, &binding) {
        return Err(refused(Refusal::Malformed, why));
    }
    let (new, now_ts) = (signed.clone(), lease.ctx.view().now_ts());
    let kept = lease.change(move |books| books.take_join(new, now_ts));
    if !kept.await? {
        let why = "16 orders have joined already: end one first, or book a larger order";
        return Err(refused(Refusal::Busy, why));
    }
    admit(pipe).await?;
    let told = wait_for(lease, || answer(&lease.board()?.0, &join));
    let joined = timeout(VERIFY, told).await.unwrap_or(Joined::NotYet);
    Ok(frame::write(pipe, &joined).await?)
}

/// What needs no chain.
fn is_sound(join: &Join, binding: &Binding) -> Result<(), &'static str> {
    let checks = [
        (
            (join.genesis, join.program) == (binding.genesis, binding.program),
            "the join is of another network",
        ),
        (join.root != join.order, "an order does not join itself"),
        (
            (1..MAX_RANKS).contains(&join.offset),
            "the offset must be 1 to 1023: ranks of the root order begin with 0",
        ),
    ];
    let failed = checks.iter().find(|(sound, _)| !sound);
    failed.map_or(Ok(()), |(_, why)| Err(why))
}

fn answer(lease: &BoardLease, join: &Join) -> Option<Joined> {
    let same = |told: &&BoardJoin| {
        (told.root, told.order) == (join.root, join.order)
            && (told.created_ts, told.offset) == (join.created_ts, join.offset)
    };
    let told = lease.joins.iter().find(same)?;
    Some(match &told.refused {
        None => Joined::Yes,
        Some(why) => Joined::No(why.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_job::Key;

    #[test]
    fn what_cannot_hold_is_not_kept() {
        let binding = Binding {
            genesis: Key([1; 32]),
            program: Key([2; 32]),
            order: Key([3; 32]),
            created_ts: 4,
            lease: Key([5; 32]),
            matched_ts: 6,
            device: Key([7; 32]),
        };
        let join = Join {
            genesis: binding.genesis,
            program: binding.program,
            root: binding.order,
            root_created_ts: 4,
            order: Key([8; 32]),
            created_ts: 5,
            offset: 1_023,
            ends_ts: 100,
        };
        assert_eq!(is_sound(&join, &binding), Ok(()));
        let changes: [fn(&mut Join); 5] = [
            |join| join.genesis = Key([9; 32]),
            |join| join.program = Key([9; 32]),
            |join| join.order = join.root,
            |join| join.offset = 0,
            |join| join.offset = 1_024,
        ];
        for change in changes {
            let mut wrong = join;
            change(&mut wrong);
            assert!(is_sound(&wrong, &binding).is_err(), "{wrong:?}");
        }
    }
}
