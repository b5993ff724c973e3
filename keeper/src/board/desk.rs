//! The folder that the processes of a node share, as the chain side uses it.

use crate::error::{KeeperError, Result};
use iog_job::{Key, Signed};
use iog_node::{
    board::{self, Board, LeaseReport, Report},
    policy::Ability,
};
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The job side acts on each board. One that is so many slots behind, two minutes, does not answer any more.
const BEHIND_SLOTS: u64 = 300;

/// Leases whose receipts are remembered when the job side has forgotten them.
const MOST_REMEMBERED: usize = 64;

/// What the renter of a match has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Remembered {
    lease: Key,
    matched_ts: i64,
    receipts: Vec<Signed>,
}

impl Remembered {
    fn name(&self) -> (Key, i64) {
        (self.lease, self.matched_ts)
    }
}

/// What the job side reports.
#[derive(Clone, Debug, Default)]
pub struct Reported {
    pub ability: Ability,
    pub leases: BTreeMap<(Pubkey, i64), LeaseReport>,
    pub receipts: Receipts,
}

/// What renters have signed, by lease and match.
type Receipts = BTreeMap<(Pubkey, i64), Vec<Signed>>;

pub struct Desk {
    dir: PathBuf,
    /// As it was published last, by this process or the one before.
    board: Mutex<Board>,
    /// The job side forgets a lease when its outputs are kept no longer; a dispute of its last hour may be opened later than that. On disk, too:
    /// this process may be started anew meanwhile. What was reported last stands last.
    receipts: Mutex<Vec<Remembered>>,
}

impl Desk {
    /// Makes the folder of the board; reads what was published before.
    pub fn open(dir: &Path) -> Result<Self> {
        let file = board::board_file(dir);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(KeeperError::file(folder))?;
        }
        let before = board::read::<Board>(&file).unwrap_or_else(|error| {
            tracing::error!(%error, file = %file.display(), "the board cannot be read: what was kept of leases that are closed is lost");
            None
        });
        let file = receipts_file(dir);
        let remembered = board::read(&file).unwrap_or_else(|error| {
            tracing::error!(%error, file = %file.display(), "the receipts of leases that ended cannot be read");
            None
        });
        Ok(Self {
            dir: dir.into(),
            board: Mutex::new(before.unwrap_or_default()),
            receipts: Mutex::new(remembered.unwrap_or_default()),
        })
    }

    /// Leases that were known before this process began. Of one that is over its device says no longer that it was in it, and it has to be
    /// settled, and answered for where it is disputed.
    pub fn leases(&self) -> BTreeSet<Pubkey> {
        let known = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        let known = known.iter().map(|known| known.lease);
        let board = self.board();
        let leases = board.leases.iter().map(|lease| lease.binding.lease);
        let all = leases.chain(known);
        all.map(|lease| Pubkey::new_from_array(lease.0)).collect()
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn published(&self) -> Board {
        self.board().clone()
    }

    /// Replaces the board. Why it could not be written, if so: no pass fails by that, and no heartbeat. redteam X4
    pub fn publish(&self, new: Board) -> Option<String> {
        let mut board = self.board();
        // It is told by whoever reads it whether the file is new; an old file with this content will do.
        let file = board::board_file(&self.dir);
        let written = match *board == new && file.exists() {
            true => Ok(()),
            false => board::replace(&file, &new),
        };
        *board = new;
        written
            .err()
            .map(|error| format!("the board cannot be written to {}: {error}", file.display()))
    }

    /// What the job side says. Nothing at all is an engine that is not ready.
    pub fn reported(&self) -> Reported {
        let trouble = |trouble: String| Reported {
            ability: Ability {
                trouble: Some(trouble),
                ..Ability::default()
            },
            receipts: self.remember(&[]),
            ..Reported::default()
        };
        let report = match board::read::<Report>(&board::report_file(&self.dir)) {
            Ok(Some(report)) => report,
            Ok(None) => return trouble("iog-keeper jobs does not run".into()),
            Err(error) => return trouble(format!("its report cannot be read: {error}")),
        };
        let behind = report.board_slot.saturating_add(BEHIND_SLOTS) < self.board().slot;
        let late = behind.then(|| "iog-keeper jobs does not answer any more".to_string());
        let trouble = report.trouble.or(late);
        let receipts = self.remember(&report.leases);
        let leases = report.leases.into_iter().map(|lease| {
            let address = Pubkey::new_from_array(lease.binding.lease.0);
            ((address, lease.binding.matched_ts), lease)
        });
        Reported {
            ability: Ability {
                ready: trouble.is_none(),
                strangers: report.strangers,
                takes: report.takes,
                trouble,
            },
            leases: leases.collect(),
            receipts,
        }
    }

    /// Remembers what is reported of receipts, and those that are reported no longer, the newest of them: a long lease is matched before many
    /// short ones, and over after them.
    fn remember(&self, reported: &[LeaseReport]) -> Receipts {
        let mut known = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        let told = reported.iter().filter(|lease| !lease.receipts.is_empty());
        let told: Vec<Remembered> = told
            .map(|lease| Remembered {
                lease: lease.binding.lease,
                matched_ts: lease.binding.matched_ts,
                receipts: lease.receipts.clone(),
            })
            .collect();
        let names: BTreeSet<_> = told.iter().map(Remembered::name).collect();
        let mut all = known.clone();
        all.retain(|known| !names.contains(&known.name()));
        all.drain(..all.len().saturating_sub(MOST_REMEMBERED));
        all.extend(told);
        if *known != all {
            let file = receipts_file(&self.dir);
            if let Err(error) = board::replace(&file, &all) {
                tracing::error!(%error, file = %file.display(), "the receipts of leases that ended cannot be written");
            }
            *known = all;
        }
        let all = known.iter().map(|known| {
            let lease = Pubkey::new_from_array(known.lease.0);
            ((lease, known.matched_ts), known.receipts.clone())
        });
        all.collect()
    }
}

/// Beside the board: its folder is this process's own.
fn receipts_file(dir: &Path) -> PathBuf {
    board::board_file(dir).with_file_name("receipts.json")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixtures;

    /// A dispute of a lease's last hour may be opened when the job side has forgotten it: what its renter signed is still there. redteam 13
    #[test]
    fn receipts_outlive_what_is_kept_of_a_lease() {
        let dir = tempfile::tempdir().unwrap();
        let desk = Desk::open(dir.path()).unwrap();
        let file = board::report_file(dir.path());
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let signed = Signed {
            message: "00".into(),
            signature: "11".into(),
        };
        let told = |leases: Vec<LeaseReport>| {
            let report = Report {
                leases,
                ..Report::default()
            };
            board::replace(&file, &report).unwrap();
            desk.reported()
        };
        let lease = LeaseReport {
            receipts: vec![signed.clone()],
            ..fixtures::report()
        };
        let name = (
            Pubkey::new_from_array(lease.binding.lease.0),
            lease.binding.matched_ts,
        );
        for leases in [vec![lease.clone()], vec![fixtures::report()], Vec::new()] {
            let known = told(leases).receipts;
            assert_eq!(known.get(&name), Some(&vec![signed.clone()]));
        }
        // A process that is started anew knows them, and which leases to look for.
        drop(desk);
        let desk = Desk::open(dir.path()).unwrap();
        assert_eq!(desk.leases(), [name.0].into());
        let told = |leases: Vec<LeaseReport>| {
            let report = Report {
                leases,
                ..Report::default()
            };
            board::replace(&file, &report).unwrap();
            desk.reported()
        };
        assert_eq!(
            told(Vec::new()).receipts[&name],
            std::slice::from_ref(&signed)
        );
        // The lease that ran longest was matched first: however many newer ones are reported beside it, or were, it stays.
        let many = |from: i64, count: i64| {
            let newer = (from..from + count).map(|n| {
                let mut lease = lease.clone();
                lease.binding.matched_ts += n;
                lease
            });
            newer.collect::<Vec<_>>()
        };
        let known = told(many(0, 101)).receipts;
        assert_eq!((known.len(), known.contains_key(&name)), (101, true));
        told([many(0, 1), many(101, 63)].concat());
        let known = told(many(0, 1)).receipts;
        assert_eq!((known.len(), known.contains_key(&name)), (65, true));
        // Of those that are reported no longer, the last ones.
        let known = told(many(1_000, 64)).receipts;
        assert_eq!((known.len(), known.contains_key(&name)), (128, true));
        let known = told(many(2_000, 64)).receipts;
        assert_eq!((known.len(), known.contains_key(&name)), (128, false));
    }
}
