//! What a pass publishes for link and jobs: which leases this machine serves, and to whom. The functions are pure; [`desk`] has the files.

mod desk;
mod mesh;
mod sight;
#[cfg(test)]
mod tests;

pub use desk::Desk;
pub use sight::{joins, Machine, Sight};

use iog_job::Key;
use iog_node::board::{Board, BoardLease, Stage};
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

/// An endpoint's clock may be so far from another's. More is a lie, or a node that hangs.
const CLOCK_SECS: i64 = 60;

/// Names a lease once and for all: address and match.
pub type Name = (Key, i64);

pub fn key(address: &Pubkey) -> Key {
    Key(address.to_bytes())
}

fn name(lease: &BoardLease) -> Name {
    (lease.binding.lease, lease.binding.matched_ts)
}

/// What an endpoint tells: its clock, and the leases of this machine's devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub now: i64,
    pub leases: BTreeMap<Name, BoardLease>,
}

/// How the leases stand by what two endpoints tell alike, and whether they do. Where they differ, or the other is silent, a lease stays as it
/// was, and one that was not there does not appear. With `alone` the first is believed. redteam L2
pub fn agree(
    before: &Board,
    first: &Told,
    others: &[Told],
    alone: bool,
    keep_secs: i64,
) -> (Vec<BoardLease>, bool) {
    let clocks = |other: &&Told| other.now.abs_diff(first.now) <= CLOCK_SECS.unsigned_abs();
    let others: Vec<&Told> = others.iter().filter(clocks).collect();
    let mut doubtful = !alone && others.is_empty();
    let known: BTreeMap<Name, &BoardLease> = before
        .leases
        .iter()
        .map(|lease| (name(lease), lease))
        .collect();
    let mut names: Vec<Name> = known.keys().chain(first.leases.keys()).copied().collect();
    names.extend(others.iter().flat_map(|other| other.leases.keys()));
    names.sort_unstable();
    names.dedup();
    let leases = names.iter().filter_map(|name| {
        let (was, is) = (known.get(name).copied(), first.leases.get(name));
        let same = |other: &&Told| other.leases.get(name) == is;
        if !alone && !others.iter().any(same) {
            doubtful = true;
            return was.cloned();
        }
        match is {
            Some(lease) => Some(lease.clone()),
            None => closed(was?, first.now, keep_secs),
        }
    });
    let leases = leases.collect();
    (leases, doubtful)
}

/// A lease that is no longer on the chain: what it left is kept for a while, if it ever served. redteam K3
fn closed(was: &BoardLease, now: i64, keep_secs: i64) -> Option<BoardLease> {
    let keep_until_ts = match was.stage {
        Stage::Matched | Stage::Accepted => return None,
        Stage::Kept => was.keep_until_ts,
        Stage::Running => now.min(was.ends_ts).saturating_add(keep_secs),
    };
    (now < keep_until_ts).then(|| BoardLease {
        stage: Stage::Kept,
        keep_until_ts,
        mesh: None,
        joins: Vec::new(),
        members: Vec::new(),
        cards_free: false,
        ..was.clone()
    })
}

/// Leases that were accepted and whose order came to nothing before it started. redteam O1
pub fn lapsed<'a>(before: &'a Board, after: &'a Board) -> impl Iterator<Item = &'a BoardLease> {
    let waited = before
        .leases
        .iter()
        .filter(|lease| lease.stage == Stage::Accepted);
    waited.filter(|lease| after.lease(&lease.binding).is_none())
}
