//! The log of an order's checks, a file for each match, whose hash the receipts carry. The agent and `iog order check` both write it.

use super::talk::{Extent, Outcome, Plan, Verdict};
use crate::agent::folder::{private_folder, Folder};
use iog_job::{Binding, Hash};
use iog_math::slots::SLOT_SECS;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    fs,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    time::Duration,
};

const CHECKS: &str = "checks.jsonl";

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// When it was over, on the chain's clock.
    pub ts: i64,
    pub size: Extent,
    pub cards: u32,
    pub table_bytes: u64,
    pub verdict: Verdict,
    pub walk_ms: Option<u64>,
    pub round_trip_ms: u64,
    pub limit_ms: u64,
    pub reason: Option<String>,
}

impl Check {
    pub fn of(
        ts: i64,
        extent: Extent,
        plan: Option<&Plan>,
        round_trip: Duration,
        outcome: Outcome,
    ) -> Self {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Self {
            ts,
            size: extent,
            cards: plan.map_or(0, |plan| plan.shape.cards()),
            table_bytes: plan.map_or(0, |plan| plan.shape.table_len()),
            verdict: outcome.verdict,
            walk_ms: outcome.walk.map(millis),
            round_trip_ms: millis(round_trip),
            limit_ms: plan.map_or(0, |plan| millis(plan.limit)),
            reason: outcome.reason,
        }
    }

    pub fn is_bad(&self) -> bool {
        self.verdict.is_bad(self.size)
    }

    /// For people.
    pub fn words(&self) -> String {
        let walk = self.walk_ms.map(|ms| {
            format!(
                " in {}.{:03} s of {}.{:03}",
                ms / 1_000,
                ms % 1_000,
                self.limit_ms / 1_000,
                self.limit_ms % 1_000
            )
        });
        let reason = self.reason.as_ref().map(|reason| format!(": {reason}"));
        format!(
            "{}{}{}",
            self.verdict.name(),
            walk.unwrap_or_default(),
            reason.unwrap_or_default()
        )
    }
}

fn path(folder: &Folder, binding: &Binding) -> PathBuf {
    folder.path().join(Folder::lease_name(binding)).join(CHECKS)
}

/// # Errors
/// If it cannot be written.
pub fn keep(folder: &Folder, binding: &Binding, check: &Check) -> io::Result<()> {
    private_folder(&folder.path().join(Folder::lease_name(binding)))?;
    let line = serde_json::to_string(check)? + "\n";
    let mut file = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path(folder, binding))?;
    file.write_all(line.as_bytes())
}

pub fn all(folder: &Folder, binding: &Binding) -> Vec<Check> {
    let text = fs::read_to_string(path(folder, binding)).unwrap_or_default();
    text.lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect()
}

impl Check {
    /// Nothing of the cards: the line was lost, or a device says that beside a job it has no room, which anybody can say.
    fn tells_nothing(&self) -> bool {
        match self.verdict {
            Verdict::Silent => true,
            Verdict::NoRoom => self.size == Extent::Small,
            _ => false,
        }
    }
}

/// What keeps a job from a device: a walk of the class's table that failed, until such a one passes, for a small one shows no size; else the
/// newest one, if it failed. redteam S5
pub fn failed(folder: &Folder, binding: &Binding) -> Option<Check> {
    let mut checks = all(folder, binding);
    checks.retain(|check| !check.tells_nothing());
    let whole = checks
        .iter()
        .rev()
        .find(|check| check.size == Extent::Class);
    let whole = whole.filter(|check| check.is_bad());
    let newest = checks.last().filter(|check| check.is_bad());
    whole.or(newest).cloned()
}

/// The newest that shows something.
pub fn last(folder: &Folder, binding: &Binding) -> Option<Check> {
    let mut checks = all(folder, binding).into_iter().rev();
    checks.find(|check| check.verdict != Verdict::Silent)
}

/// What it showed, for people.
pub fn words(folder: &Folder, binding: &Binding) -> Option<String> {
    last(folder, binding).map(|check| format!("check {}", check.words()))
}

/// SHA-256 of the log, for the receipts; zeros for none.
pub fn hash(folder: &Folder, binding: &Binding) -> Hash {
    fs::read(path(folder, binding)).map_or(Hash::default(), |log| Hash(Sha256::digest(&log).into()))
}

/// Whether a slot of ten minutes is not signed for: a check failed in it, or before it and none passed since. redteam S8
pub fn spoils(folder: &Folder, binding: &Binding, slot: i64) -> bool {
    let mut checks = all(folder, binding);
    checks.retain(|check| !check.tells_nothing());
    let slot_of = |check: &Check| check.ts.div_euclid(SLOT_SECS);
    let failed_in = checks
        .iter()
        .any(|check| slot_of(check) == slot && check.is_bad());
    let before = checks.iter().rev().find(|check| slot_of(check) < slot);
    let passed_in = checks
        .iter()
        .any(|check| slot_of(check) == slot && !check.is_bad());
    failed_in || (before.is_some_and(Check::is_bad) && !passed_in)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::testing::{binding, folder};

    fn check(slot: i64, verdict: Verdict) -> Check {
        let outcome = Outcome {
            verdict,
            walk: None,
            reason: None,
        };
        Check::of(slot * 600 + 5, Extent::Small, None, Duration::ZERO, outcome)
    }

    /// redteam S8
    #[test]
    fn a_slot_whose_check_failed_is_not_signed_nor_one_until_a_check_passes() {
        let home = tempfile::tempdir().unwrap();
        let (folder, of) = (folder(home.path()), binding(1));
        assert!(!spoils(&folder, &of, 10));
        assert!(hash(&folder, &of).is_none());
        for kept in [
            check(10, Verdict::Passed),
            check(12, Verdict::Slow),
            check(13, Verdict::Silent),
            // Whoever failed cannot free itself by saying that it has no room.
            check(14, Verdict::NoRoom),
            check(15, Verdict::Passed),
            check(16, Verdict::NoRoom),
        ] {
            keep(&folder, &of, &kept).unwrap();
        }
        let spoilt: Vec<i64> = (9..=17)
            .filter(|slot| spoils(&folder, &of, *slot))
            .collect();
        assert_eq!(spoilt, [12, 13, 14]);
        assert!(!spoils(&folder, &binding(2), 12));
        assert_eq!(last(&folder, &of).unwrap().verdict, Verdict::NoRoom);
        let log = fs::read(path(&folder, &of)).unwrap();
        assert_eq!(hash(&folder, &of), Hash(Sha256::digest(&log).into()));
    }

    /// redteam S5: with half the memory a device passes a small check, and still gets nothing.
    #[test]
    fn a_small_check_does_not_undo_what_a_whole_one_showed() {
        let home = tempfile::tempdir().unwrap();
        let (folder, of) = (folder(home.path()), binding(1));
        let then = |size, verdict| {
            let kept = Check {
                size,
                ..check(10, verdict)
            };
            keep(&folder, &of, &kept).unwrap();
            failed(&folder, &of).map(|check| (check.size, check.verdict))
        };
        let (class, small) = (Extent::Class, Extent::Small);
        assert_eq!(then(class, Verdict::Silent), None);
        assert_eq!(then(class, Verdict::Wrong), Some((class, Verdict::Wrong)));
        for verdict in [Verdict::NoRoom, Verdict::Passed, Verdict::Silent] {
            assert_eq!(then(small, verdict), Some((class, Verdict::Wrong)));
        }
        assert_eq!(then(class, Verdict::Passed), None);
        assert_eq!(then(small, Verdict::Slow), Some((small, Verdict::Slow)));
        assert_eq!(then(small, Verdict::NoRoom), Some((small, Verdict::Slow)));
        assert_eq!(then(small, Verdict::Passed), None);
    }
}
