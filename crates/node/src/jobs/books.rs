//! What the job side remembers of a lease's match. Written before what it tells of is done, so that a crash is seen afterwards.

use iog_job::{
    Binding, Hash, Key, Offer, Phase, RunId, Signed, SignedJoin, Status, Waiting, MAX_JOINS,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers that are remembered of one opener; older ones count as done.
const NUMBERS: usize = 1_024;
/// Openers of one lease: the engineer key and its tickets' holders, some of which come and go. redteam L1
const OPENERS: usize = 64;
/// Statuses that are kept; the chain goes on when the oldest go.
const STATUSES: usize = 4_096;

#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Books {
    pub version: u32,
    pub binding: Binding,
    #[serde(default)]
    pub offer: Option<Offer>,
    /// Of orders to the lease's mesh, as they came: the chain side verifies them. redteam mesh M2
    #[serde(default)]
    pub joins: Vec<SignedJoin>,
    /// Of the user ids that are the lease's alone.
    pub uid_base: u32,
    pub attempt: u32,
    /// The engine was told to start this attempt.
    pub started: bool,
    pub started_ts: i64,
    /// Some attempt was: what is on its disk is the job's own.
    pub ever_started: bool,
    /// Cards that its runs have had since then, by name.
    #[serde(default)]
    pub cards: Vec<String>,
    /// The renter stopped the job.
    pub stopped: bool,
    /// Nothing more is done for the job.
    pub finished: bool,
    /// The lease ended; the engine has sealed it.
    pub sealed: bool,
    pub host_failed_since_ts: Option<i64>,
    pub phase: Phase,
    numbers: BTreeMap<String, BTreeSet<u64>>,
}

impl Books {
    pub fn new(binding: Binding, uid_base: u32) -> Self {
        Self {
            version: 1,
            binding,
            offer: None,
            joins: Vec::new(),
            uid_base,
            attempt: 0,
            started: false,
            started_ts: 0,
            ever_started: false,
            cards: Vec::new(),
            stopped: false,
            finished: false,
            sealed: false,
            host_failed_since_ts: None,
            phase: Phase::Waiting {
                r#for: Waiting::Specification,
            },
            numbers: BTreeMap::new(),
        }
    }

    pub fn run(&self) -> RunId {
        self.binding.run(self.attempt)
    }

    /// Whether this number of this opener is new; it counts as done from now on. redteam L5
    pub fn is_new(&mut self, opener: &Key, number: u64) -> bool {
        let opener = opener.to_string();
        if !self.numbers.contains_key(&opener) && self.numbers.len() >= OPENERS {
            return false;
        }
        let done = self.numbers.entry(opener).or_default();
        let old = done.len() >= NUMBERS && done.first().is_some_and(|first| number < *first);
        if old || !done.insert(number) {
            return false;
        }
        if done.len() > NUMBERS {
            done.pop_first();
        }
        true
    }

    /// Keeps a join; a newer one of the same root and order replaces it, and those that are over make room. False where there is none.
    pub fn take_join(&mut self, new: SignedJoin, now_ts: i64) -> bool {
        let about = |join: &SignedJoin| (join.join.root, join.join.order);
        self.joins.retain(|old| about(old) != about(&new));
        if self.joins.len() >= MAX_JOINS {
            self.joins.retain(|old| old.join.ends_ts > now_ts);
        }
        let room = self.joins.len() < MAX_JOINS;
        if room {
            self.joins.push(new);
        }
        room
    }

    /// What was refused was not done: its number may come again.
    pub fn forget(&mut self, opener: &Key, number: u64) {
        if let Some(done) = self.numbers.get_mut(&opener.to_string()) {
            done.remove(&number);
        }
    }
}

/// The statuses of a lease's match, numbered and chained. redteam K6
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Chain {
    /// Number of the newest one.
    pub number: u64,
    previous: Hash,
    /// The signature is empty until the link side has signed.
    pub statements: Vec<Signed>,
}

impl Chain {
    /// # Errors
    /// None for a status.
    pub fn push(
        &mut self,
        binding: &Binding,
        run: RunId,
        ts: i64,
        (phase, events): (Phase, Vec<String>),
    ) -> Result<(), iog_job::ParseError> {
        let status = Status {
            run,
            number: self.number.saturating_add(1),
            previous: self.previous,
            ts,
            phase,
            events,
        };
        let unsigned = Signed {
            message: hex::encode(Signed::message_of(binding, &status)?),
            signature: String::new(),
        };
        self.number = status.number;
        self.previous = unsigned.hash();
        self.statements.push(unsigned);
        if self.statements.len() > STATUSES {
            self.statements.remove(0);
        }
        Ok(())
    }

    /// The status of this number, if it is there and signed.
    pub fn signed(&self, number: u64) -> Option<&Signed> {
        let index = number.checked_sub(self.first())?;
        let statement = self.statements.get(usize::try_from(index).ok()?);
        statement.filter(|statement| !statement.signature.is_empty())
    }

    /// Number of the oldest one that is kept.
    pub fn first(&self) -> u64 {
        let kept = u64::try_from(self.statements.len()).unwrap_or(0);
        self.number.saturating_add(1).saturating_sub(kept)
    }

    pub fn unsigned(&self) -> Option<&Signed> {
        self.statements
            .iter()
            .find(|statement| statement.signature.is_empty())
    }

    pub fn put_signature(&mut self, signed: &Signed) {
        let all = self.statements.iter_mut();
        for statement in all.filter(|statement| statement.message == signed.message) {
            statement.signature.clone_from(&signed.signature);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// redteam L5: a number is done once, also when so many came after it that it is forgotten; openers count for themselves.
    #[test]
    fn numbers_are_done_once() {
        let binding = Binding {
            genesis: Key([1; 32]),
            program: Key([2; 32]),
            order: Key([3; 32]),
            created_ts: 4,
            lease: Key([5; 32]),
            matched_ts: 6,
            device: Key([7; 32]),
        };
        let mut books = Books::new(binding, 0);
        let (one, other) = (Key([8; 32]), Key([9; 32]));
        assert!(books.is_new(&one, 5));
        assert!(!books.is_new(&one, 5));
        assert!(books.is_new(&other, 5));
        assert!(books.is_new(&one, 3), "streams may overtake each other");
        for number in 10..1_034 {
            assert!(books.is_new(&one, number));
        }
        assert!(!books.is_new(&one, 5), "forgotten, and so refused");
        assert!(!books.is_new(&one, 1_033));
    }

    /// redteam K6: each status names the hash of the one before; numbers go on when old ones are dropped.
    #[test]
    fn statuses_are_chained() {
        let binding = Books::new(
            Binding {
                genesis: Key([1; 32]),
                program: Key([2; 32]),
                order: Key([3; 32]),
                created_ts: 4,
                lease: Key([5; 32]),
                matched_ts: 6,
                device: Key([7; 32]),
            },
            0,
        )
        .binding;
        let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
        let public = Key(key.verifying_key().to_bytes());
        let mut chain = Chain::default();
        for code in 0..4_100 {
            let phase = Phase::Exited { code };
            chain
                .push(&binding, binding.run(0), 0, (phase, Vec::new()))
                .unwrap();
        }
        assert_eq!((chain.first(), chain.number), (5, 4_100));
        assert!(chain.signed(4_099).is_none(), "not signed yet");
        for index in 0..2 {
            let message = chain.unsigned().unwrap().message.clone();
            let signed = Signed::sign(&hex::decode(message).unwrap(), &key);
            chain.put_signature(&signed);
            assert_eq!(chain.signed(5 + index), Some(&signed));
        }
        let before = chain.signed(5).unwrap().hash();
        let (_, status) = chain.signed(6).unwrap().open::<Status>(&public).unwrap();
        assert_eq!((status.number, status.previous), (6, before));
        assert_eq!(status.phase, Phase::Exited { code: 5 });
        assert!(chain.signed(4).is_none() && chain.signed(4_101).is_none());
    }
}
