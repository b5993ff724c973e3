//! A key with a task, named by the authority: naming waits, removing is at once.

use super::{schedule, Refusal, Result, DELAY_SECS, NOBODY};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

/// Who holds a role, and who is named for it.
#[derive(Clone, Copy, Pod, Zeroable, PartialEq, Eq, Debug, IdlType)]
#[repr(C)]
pub struct Role {
    /// Zeros for nobody.
    pub key: Address,
    /// Who gets it once `pending_ts` is reached and somebody applies it.
    pub pending: Address,
    /// Unix seconds; 0 when nobody is named.
    pub pending_ts: i64,
}

/// What `set` did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RoleChange {
    Removed {
        before: Address,
    },
    Named {
        effective_ts: i64,
    },
    /// The present holder was named again: what waited is dropped.
    Kept,
}

impl Role {
    /// Sets the first holder, when the config is created.
    pub fn start(&mut self, key: Address) {
        *self = Self {
            key,
            pending: NOBODY,
            pending_ts: 0,
        };
    }

    /// Names `key`, 24 hours ahead: a stolen authority's helper is seen before it can act. Zeros remove the holder at once and drop
    /// who was named; the present holder again drops who was named.
    pub fn set(&mut self, key: Address, now: i64, since: i64) -> Result<RoleChange> {
        let before = self.key;
        if key == NOBODY || key == before {
            self.start(key);
            return Ok(if key == before {
                RoleChange::Kept
            } else {
                RoleChange::Removed { before }
            });
        }
        self.pending = key;
        self.pending_ts = schedule::scheduled_at(now, since)
            .checked_add(DELAY_SECS)
            .ok_or(Refusal::MathOverflow)?;
        Ok(RoleChange::Named {
            effective_ts: self.pending_ts,
        })
    }

    /// Gives the role to who was named, once the time has come; returns who held it before.
    pub fn apply(&mut self, now: i64, since: i64) -> Result<Address> {
        schedule::require_due(self.pending_ts, DELAY_SECS, since, now)?;
        let before = self.key;
        self.start(self.pending);
        Ok(before)
    }

    /// Forgets who was named; returns whom.
    pub fn drop_pending(&mut self) -> Result<Address> {
        if self.pending_ts == 0 {
            return Err(Refusal::NothingScheduled);
        }
        let dropped = self.pending;
        self.start(self.key);
        Ok(dropped)
    }

    /// Whether `key` holds the role or is named for it.
    pub fn involves(&self, key: &Address) -> bool {
        *key != NOBODY && (self.key == *key || self.pending == *key)
    }
}
