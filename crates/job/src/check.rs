//! The renter's own proof of the cards: the hourly proof's walk for a seed that nobody knew before. redteam S5
//!
//! The opener asks by [`crate::wire::Verb::Check`] and is admitted when the cards are taken for it; then [`Start`] goes to all devices of an order at
//! the same moment, each with a seed of its own. The device answers [`Walked`]; the opener sends a [`Challenge`], the device [`Openings`]. All of
//! them are frames of JSON.

use crate::ids::Hash;
use serde::{Deserialize, Serialize};

/// Largest message of this conversation: eight openings of a walk.
pub const MAX_CHECK_BYTES: usize = 64 << 10;
/// A table of so many bytes of a card is walked beside a job.
pub const SMALL_TABLE_BYTES: u64 = 1 << 30;
/// Longest that a device walks for a renter.
pub const CHECK_SECS: u64 = 300;

/// The size of a walk, as `iog-pow` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Of 512 bytes each, of each card's table.
    pub rows: u32,
    pub tiles: u32,
    pub waves: u32,
    pub cards: u32,
}

impl Size {
    /// Of one card.
    pub fn table_bytes(&self) -> u64 {
        u64::from(self.rows) << 9
    }

    /// Whether it may run beside a job.
    pub fn is_small(&self) -> bool {
        self.table_bytes() <= SMALL_TABLE_BYTES
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Start {
    pub seed: Hash,
}

/// What became of the walk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Walked {
    /// The commit, 16 bytes as hexadecimal.
    Root(String),
    /// The cards, or the machine, have no room for the tables.
    NoRoom,
    /// A card is not there or failed.
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Challenge {
    pub challenge: Hash,
}

/// Hexadecimal, in the order of the challenge's picks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Openings {
    pub openings: Vec<String>,
}
