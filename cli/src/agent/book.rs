//! What a lease's device said of its job, in order: each statement signed by the lease's tunnel key, numbered, and tied to the one before.

use super::folder::Folder;
use iog_job::{Binding, Hash, Key, Signed, Status};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    os::unix::fs::OpenOptionsExt,
};

const STATUSES: &str = "statuses.jsonl";
/// Statements that contradict others: what a dispute needs.
const CONFLICTS: &str = "conflicts.jsonl";
/// Statements of one match that are kept: more is a device that floods.
const MAX_STATUSES: usize = 100_000;
/// And bytes of them: an honest one has a few hundred.
const MAX_BYTES: usize = 64 << 20;
/// Statements that did not hold, of which each is counted and kept once. All that was said before is read for each.
const MAX_WRONG: usize = 100;

/// What is wrong with a statement.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    #[error("the device's status is not signed as it should be ({0}): do not trust it; see iog order dispute")]
    Signature(String),
    #[error("the device's status is of another lease or match")]
    Binding,
    #[error("the device's status has no number")]
    Number,
    #[error("the device says two things under number {0}: both are kept (iog order evidence)")]
    Fork(u64),
    #[error("the device's status {0} does not follow the one that it sent before: both are kept (iog order evidence)")]
    Break(u64),
    #[error("the device sends statuses without end")]
    Flood,
}

/// The statuses of one match of a lease.
#[derive(Debug)]
pub struct Book {
    folder: Folder,
    binding: Binding,
    tunnel_key: Key,
    /// Of each statement, by number. A device keeps the newest only: whoever was away for long misses some.
    hashes: BTreeMap<u64, Hash>,
    bytes: usize,
    pub last: Option<Status>,
    wrong: BTreeSet<Hash>,
    wrong_last: Option<Wrong>,
}

impl Book {
    /// With what was kept before, which is checked again.
    pub fn open(folder: &Folder, binding: &Binding, tunnel_key: Key) -> Self {
        let mut book = Self {
            folder: folder.clone(),
            binding: *binding,
            tunnel_key,
            hashes: BTreeMap::new(),
            bytes: 0,
            last: None,
            wrong: BTreeSet::new(),
            wrong_last: None,
        };
        for signed in book.kept(STATUSES) {
            if book.check(&signed).is_err() {
                break;
            }
        }
        book
    }

    fn kept(&self, name: &str) -> Vec<Signed> {
        let path = self
            .folder
            .path()
            .join(Folder::lease_name(&self.binding))
            .join(name);
        let text = fs::read_to_string(path).unwrap_or_default();
        text.lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect()
    }

    pub fn statuses(&self) -> Vec<Signed> {
        let mut kept = self.kept(STATUSES);
        kept.truncate(self.hashes.len());
        kept
    }

    pub fn conflicts(&self) -> Vec<Signed> {
        self.kept(CONFLICTS)
    }

    /// Number of the statement that comes next.
    pub fn next(&self) -> u64 {
        let last = self
            .hashes
            .last_key_value()
            .map_or(0, |(number, _)| *number);
        last.saturating_add(1)
    }

    /// Whether a statement before this one was missed.
    pub fn misses(&self, status: &Status) -> bool {
        status.number > 1 && !self.hashes.contains_key(&status.number.saturating_sub(1))
    }

    /// Statements that did not hold, since the agent began.
    pub fn wrong(&self) -> &BTreeSet<Hash> {
        &self.wrong
    }

    pub fn wrong_last(&self) -> Option<&Wrong> {
        self.wrong_last.as_ref()
    }

    /// Takes a statement; `None` for one that is known.
    pub fn take(&mut self, signed: &Signed) -> Result<Option<Status>, Wrong> {
        let checked = self.check(signed);
        match &checked {
            Ok(Some(_)) => self.append(STATUSES, signed),
            Ok(None) => {}
            Err(wrong) => self.refuse(signed, wrong),
        }
        checked
    }

    /// Counts what did not hold, and keeps what contradicts itself: the same comes again with every new stream.
    fn refuse(&mut self, signed: &Signed, wrong: &Wrong) {
        self.wrong_last = Some(wrong.clone());
        if self.wrong.len() >= MAX_WRONG || !self.wrong.insert(signed.hash()) {
            return;
        }
        let contradicted = match wrong {
            Wrong::Fork(number) => *number,
            Wrong::Break(number) => number.saturating_sub(1),
            _ => return,
        };
        let other = self.kept(STATUSES).into_iter().find(|kept| {
            let said = kept.open::<Status>(&self.tunnel_key);
            said.is_ok_and(|(_, status)| status.number == contradicted)
        });
        if let Some(other) = other {
            self.append(CONFLICTS, &other);
        }
        self.append(CONFLICTS, signed);
    }

    fn check(&mut self, signed: &Signed) -> Result<Option<Status>, Wrong> {
        let (binding, status) = signed
            .open::<Status>(&self.tunnel_key)
            .map_err(|error| Wrong::Signature(error.to_string()))?;
        let run = status.run;
        if binding != self.binding
            || run.lease != binding.lease
            || run.matched_ts != binding.matched_ts
        {
            return Err(Wrong::Binding);
        }
        let (hash, number) = (signed.hash(), status.number);
        if number == 0 {
            return Err(Wrong::Number);
        }
        if let Some(known) = self.hashes.get(&number) {
            return match *known == hash {
                true => Ok(None),
                false => Err(Wrong::Fork(number)),
            };
        }
        // What it calls the one before must be what it had said.
        let before = match number {
            1 => Some(Hash::default()),
            _ => self.hashes.get(&number.saturating_sub(1)).copied(),
        };
        if before.is_some_and(|before| before != status.previous) {
            return Err(Wrong::Break(number));
        }
        let bytes = self.bytes.saturating_add(size(signed));
        if self.hashes.len() >= MAX_STATUSES || bytes > MAX_BYTES {
            return Err(Wrong::Flood);
        }
        self.bytes = bytes;
        let newest = number >= self.next();
        self.hashes.insert(number, hash);
        if newest {
            self.last = Some(status.clone());
        }
        Ok(Some(status))
    }

    /// A full disk loses evidence, not the job.
    fn append(&self, name: &str, signed: &Signed) {
        let folder = self.folder.path().join(Folder::lease_name(&self.binding));
        let _ = super::folder::private_folder(&folder).and_then(|()| {
            let line = serde_json::to_string(signed)? + "\n";
            let mut file = fs::OpenOptions::new()
                .append(true)
                .create(true)
                .mode(0o600)
                .open(folder.join(name))?;
            file.write_all(line.as_bytes())
        });
    }
}

/// What it takes in the file.
fn size(signed: &Signed) -> usize {
    serde_json::to_string(signed).map_or(usize::MAX, |line| line.len().saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::testing::{binding, folder};
    use ed25519_dalek::SigningKey;
    use iog_job::Phase;

    fn key(seed: u8) -> SigningKey {
        SigningKey::from_bytes(&[seed; 32])
    }

    fn said(seed: u8, number: u64, previous: Hash, phase: Phase) -> Signed {
        let binding = binding(1);
        let status = Status {
            run: binding.run(0),
            number,
            previous,
            ts: 5,
            phase,
            events: Vec::new(),
        };
        let message = Signed::message_of(&binding, &status).unwrap();
        Signed::sign(&message, &key(seed))
    }

    /// redteam K6: two statuses of one number are evidence, and kept.
    #[test]
    fn a_device_that_contradicts_itself_is_held_to_it() {
        let home = tempfile::tempdir().unwrap();
        let folder = folder(home.path());
        let tunnel = Key(key(3).verifying_key().to_bytes());
        let mut book = Book::open(&folder, &binding(1), tunnel);
        let first = said(3, 1, Hash::default(), Phase::Running { ready: true });
        assert!(book.take(&first).unwrap().is_some());
        assert_eq!(book.take(&first), Ok(None));

        let other = said(3, 1, Hash::default(), Phase::Stopped);
        assert_eq!(book.take(&other), Err(Wrong::Fork(1)));
        assert_eq!(book.conflicts(), [first.clone(), other]);
        let none = said(3, 0, Hash::default(), Phase::Stopped);
        assert_eq!(book.take(&none), Err(Wrong::Number));
        let unchained = said(3, 2, Hash::default(), Phase::Stopped);
        assert_eq!(book.take(&unchained), Err(Wrong::Break(2)));
        assert_eq!(book.conflicts()[2..], [first.clone(), unchained.clone()]);
        let forged = said(4, 2, first.hash(), Phase::Stopped);
        assert!(matches!(book.take(&forged), Err(Wrong::Signature(_))));
        // Each is counted once, however often it is sent.
        assert_eq!(book.wrong().len(), 4);
        assert_eq!(book.take(&unchained), Err(Wrong::Break(2)));
        assert_eq!((book.wrong().len(), book.conflicts().len()), (4, 4));
        assert_eq!(book.wrong_last(), Some(&Wrong::Break(2)));

        let second = said(3, 2, first.hash(), Phase::Exited { code: 3 });
        assert!(book.take(&second).unwrap().is_some());
        let again = Book::open(&folder, &binding(1), tunnel);
        assert_eq!((again.next(), again.statuses()), (3, vec![first, second]));
        assert_eq!(again.last.unwrap().phase, Phase::Exited { code: 3 });
        // A device keeps the newest statements only: what was missed is missing.
        let mut late = Book::open(
            &super::super::testing::folder(&home.path().join("late")),
            &binding(1),
            tunnel,
        );
        let fifth = said(3, 5, Hash([7; 32]), Phase::Stopped);
        let status = late.take(&fifth).unwrap().unwrap();
        assert!(late.misses(&status));
        assert_eq!(late.next(), 6);
        // Another key's book trusts nothing of it.
        assert_eq!(Book::open(&folder, &binding(1), Key([9; 32])).next(), 1);
    }

    /// A device that says much fills neither this machine's disk nor its memory, whatever it signs.
    #[test]
    fn statements_have_a_sum_of_bytes() {
        let home = tempfile::tempdir().unwrap();
        let tunnel = Key(key(3).verifying_key().to_bytes());
        let mut book = Book::open(&folder(home.path()), &binding(1), tunnel);
        let first = said(3, 1, Hash::default(), Phase::Running { ready: true });
        book.take(&first).unwrap();
        assert_eq!(book.bytes, size(&first));
        book.bytes = MAX_BYTES - size(&first);
        let second = said(3, 2, first.hash(), Phase::Running { ready: true });
        assert!(book.take(&second).unwrap().is_some());
        let third = said(3, 3, second.hash(), Phase::Stopped);
        assert_eq!(book.take(&third), Err(Wrong::Flood));
        assert_eq!(book.statuses().len(), 2);
    }
}
