//! A number that governance may set within bounds.

use super::{schedule, Refusal, Result, DELAY_SECS, WEEK_SECS};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

/// A parameter and the change that waits, if any.
#[derive(Clone, Copy, Pod, Zeroable, PartialEq, Eq, Debug, IdlType)]
#[repr(C)]
pub struct Parameter {
    pub value: u64,
    /// What it becomes once `pending_ts` is reached and somebody applies it.
    pub pending: u64,
    /// Unix seconds; 0 when no change waits.
    pub pending_ts: i64,
}

/// Which changes wait, and for how long.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Delay {
    /// Rises wait [`DELAY_SECS`]; lowering binds at once, so that a limit can be tightened in an emergency.
    Rises,
    /// Both ways wait [`DELAY_SECS`], where neither direction is the safe one.
    Both,
    /// Both ways wait [`WEEK_SECS`], where a change shifts earnings from some to others.
    Week,
}

/// What a parameter may be, and which of its changes wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    pub min: u64,
    pub max: u64,
    pub delay: Delay,
}

/// What `set` did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    Applied { before: u64 },
    Scheduled { effective_ts: i64 },
}

impl Bounds {
    pub const fn rises(min: u64, max: u64) -> Self {
        let delay = Delay::Rises;
        Self { min, max, delay }
    }

    pub const fn both(min: u64, max: u64) -> Self {
        let delay = Delay::Both;
        Self { min, max, delay }
    }

    pub const fn week(min: u64, max: u64) -> Self {
        let delay = Delay::Week;
        Self { min, max, delay }
    }

    /// How long a change waits, where it does.
    fn delay_secs(&self) -> i64 {
        match self.delay {
            Delay::Rises | Delay::Both => DELAY_SECS,
            Delay::Week => WEEK_SECS,
        }
    }

    fn check(&self, value: u64) -> Result<()> {
        if value < self.min || value > self.max {
            return Err(Refusal::OutOfBounds);
        }
        Ok(())
    }
}

impl Parameter {
    /// Sets the first value, when the config is created.
    pub fn start(&mut self, value: u64, bounds: &Bounds) -> Result<()> {
        bounds.check(value)?;
        *self = Self {
            value,
            pending: 0,
            pending_ts: 0,
        };
        Ok(())
    }

    /// Sets or schedules a value. Setting the current value drops a change that waits. `since` is when the present authority began.
    pub fn set(&mut self, value: u64, bounds: &Bounds, now: i64, since: i64) -> Result<Change> {
        bounds.check(value)?;
        let waits = match bounds.delay {
            Delay::Rises => value > self.value,
            Delay::Both | Delay::Week => value != self.value,
        };
        if waits {
            self.pending = value;
            self.pending_ts = schedule::scheduled_at(now, since)
                .checked_add(bounds.delay_secs())
                .ok_or(Refusal::MathOverflow)?;
            return Ok(Change::Scheduled {
                effective_ts: self.pending_ts,
            });
        }
        let before = self.value;
        self.start(value, bounds)?;
        Ok(Change::Applied { before })
    }

    /// Applies the change that waits, once its time has come; returns the value before. Bounds may have been narrowed by an
    /// upgrade since it was scheduled, so they are checked again.
    pub fn apply(&mut self, bounds: &Bounds, now: i64, since: i64) -> Result<u64> {
        schedule::require_due(self.pending_ts, bounds.delay_secs(), since, now)?;
        let before = self.value;
        self.start(self.pending, bounds)?;
        Ok(before)
    }

    /// Forgets the change that waits; returns what it would have become.
    pub fn drop_pending(&mut self) -> Result<u64> {
        if self.pending_ts == 0 {
            return Err(Refusal::NothingScheduled);
        }
        self.pending_ts = 0;
        Ok(core::mem::take(&mut self.pending))
    }

    /// The value as basis points. Bounds keep it within 16 bits; a value beyond them could only mean a broken account, and
    /// then the largest is the one that fails every later check.
    pub fn bps(&self) -> u16 {
        u16::try_from(self.value).unwrap_or(u16::MAX)
    }
}
