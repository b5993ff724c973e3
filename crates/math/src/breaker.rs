//! How much may pass in a time: a leaky bucket around mints and withdrawals.
//!
//! What passes fills the bucket, and a full bucket sinks to empty in one window. So at most two capacities pass in any one
//! window, a full bucket and what it leaks, and a limit used up comes back little by little instead of at a stroke.

use crate::{
    units::{mul_div_ceil, mul_div_floor, narrow, BPS},
    MathError, Result,
};

/// The size of a bucket: a share of the supply, not less than `floor` and never more than `limit`.
///
/// # Errors
/// [`MathError::OutOfRange`] for a share above one whole.
pub fn capacity(limit: u64, share_bps: u64, floor: u64, supply: u64) -> Result<u64> {
    if share_bps > BPS {
        return Err(MathError::OutOfRange);
    }
    // floor: less passes
    let share = mul_div_floor(supply, share_bps, BPS)?;
    Ok(share.max(floor).min(limit))
}

/// What is in the bucket; a zeroed one is new and empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Base units that passed and have not leaked yet.
    pub level: u64,
    /// Second up to which the leak is accounted for.
    pub at_ts: i64,
}

/// Whether an amount may pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It may: the bucket with the amount in it, to be stored.
    Admitted(Bucket),
    /// It may not: the bucket stands as it was stored.
    Refused {
        /// Base units in the bucket now; what is free above them would pass.
        level: u64,
        /// What the bucket holds.
        capacity: u64,
    },
}

impl Bucket {
    /// The bucket at `now`: lower by `capacity * elapsed / window_secs`, rounded down. A clock stepping back drains nothing.
    ///
    /// The time since the last call drains at the capacity of this one. `at_ts` advances by the time that the drained units took,
    /// rounded up to seconds, and not at all while less than a unit has drained. So a call loses less than one unit of the leak,
    /// none where a unit takes whole seconds, and calls however frequent leave at least half of it. An empty bucket saves no
    /// time up.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for a window that is not positive.
    pub fn drained(&self, capacity: u64, window_secs: i64, now: i64) -> Result<Self> {
        let window = u64::try_from(window_secs)
            .ok()
            .filter(|window| *window > 0)
            .ok_or(MathError::OutOfRange)?;
        if now <= self.at_ts {
            return Ok(*self);
        }
        let product = u128::from(capacity)
            .checked_mul(u128::from(now.abs_diff(self.at_ts)))
            .ok_or(MathError::Overflow)?;
        // floor: the bucket stays fuller
        let leaked = product
            .checked_div(u128::from(window))
            .ok_or(MathError::DivisionByZero)?;
        let Some(level) = u128::from(self.level)
            .checked_sub(leaked)
            .filter(|left| *left > 0)
        else {
            return Ok(Self {
                level: 0,
                at_ts: now,
            });
        };
        if leaked == 0 {
            return Ok(*self);
        }
        // ceil: no second counts twice; at most what elapsed, the leak having been rounded down
        let took = mul_div_ceil(narrow(leaked)?, window, capacity)?;
        Ok(Self {
            level: narrow(level)?,
            at_ts: self
                .at_ts
                .checked_add_unsigned(took)
                .ok_or(MathError::Overflow)?,
        })
    }

    /// Puts `amount` in at `now`, unless the bucket would then hold more than `capacity`.
    ///
    /// A capacity that shrank below the level refuses everything until enough has drained.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for a window that is not positive.
    pub fn admit(
        &self,
        capacity: u64,
        window_secs: i64,
        now: i64,
        amount: u64,
    ) -> Result<Admission> {
        let drained = self.drained(capacity, window_secs, now)?;
        let filled = drained
            .level
            .checked_add(amount)
            .filter(|level| *level <= capacity);
        Ok(match filled {
            Some(level) => Admission::Admitted(Self { level, ..drained }),
            None => Admission::Refused {
                level: drained.level,
                capacity,
            },
        })
    }
}
