//! Release of the genesis allocation.
//!
//! A part is due at the start, the rest in `periods` equal parts. "Linear" schedules (`per_second`) earn within a
//! period too and pay what is due to the second; "equal months" pay each part at its date and nothing between.

use crate::{
    units::{bps_floor, mul_div_floor, share, whole_periods},
    MathError, Result,
};

/// The longest schedule: 20 years. What ends later is a mistype, and would be lost to everybody alive.
pub const MAX_DURATION_SECS: i64 = 631_152_000;

/// How an amount is released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// All of it, in base units.
    pub total: u64,
    /// Share due at the start.
    pub at_start_bps: u16,
    /// Seconds from the start to the first release of the rest. In steps, the first part is due exactly then
    /// (13 months for "end of month 13"); per second, the first second begins to count then.
    pub first_release_secs: i64,
    /// Number of equal parts of the rest; 0 only when all is due at the start.
    pub periods: u32,
    /// Seconds between two parts.
    pub period_secs: i64,
    /// Whether a part is earned by the second or at its date.
    pub per_second: bool,
}

impl Schedule {
    /// Refuses a schedule that would not release all within [`MAX_DURATION_SECS`], or not in time's order.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`].
    pub fn validate(&self) -> Result<()> {
        share(self.at_start_bps)?;
        let complete = self.periods > 0 || self.due_at_start()? == self.total;
        let ordered = self.first_release_secs >= 0 && (self.periods == 0 || self.period_secs > 0);
        let ends = self
            .duration_secs()
            .is_ok_and(|secs| secs <= MAX_DURATION_SECS);
        if complete && ordered && ends {
            Ok(())
        } else {
            Err(MathError::OutOfRange)
        }
    }

    /// Seconds from the start until all is due.
    pub fn duration_secs(&self) -> Result<i64> {
        // The first of the parts in steps is due after no period, the first by the second after a whole one.
        let periods = if self.per_second {
            self.periods
        } else {
            self.periods.saturating_sub(1)
        };
        if self.periods == 0 {
            return Ok(0);
        }
        self.period_secs
            .checked_mul(i64::from(periods))
            .and_then(|secs| secs.checked_add(self.first_release_secs))
            .ok_or(MathError::Overflow)
    }

    fn due_at_start(&self) -> Result<u64> {
        // floor: the holder is paid, the rest follows later
        bps_floor(self.total, self.at_start_bps)
    }
}

/// Base units due at `now` when the schedule started at `start_ts`; all of `total` at the end, exactly.
///
/// # Errors
/// [`MathError::OutOfRange`] for a schedule that [`Schedule::validate`] refuses.
pub fn vested(schedule: &Schedule, start_ts: i64, now: i64) -> Result<u64> {
    schedule.validate()?;
    let elapsed = now.checked_sub(start_ts).ok_or(MathError::Overflow)?;
    if elapsed < 0 {
        return Ok(0);
    }
    let at_start = schedule.due_at_start()?;
    if elapsed >= schedule.duration_secs()? {
        return Ok(schedule.total);
    }
    let Some(running) = elapsed
        .checked_sub(schedule.first_release_secs)
        .filter(|secs| *secs >= 0)
    else {
        return Ok(at_start);
    };
    let rest = schedule
        .total
        .checked_sub(at_start)
        .ok_or(MathError::Overflow)?;
    let released = if schedule.per_second {
        let whole = schedule
            .period_secs
            .checked_mul(i64::from(schedule.periods))
            .ok_or(MathError::Overflow)?;
        // floor: the holder is paid
        mul_div_floor(rest, unsigned(running)?, unsigned(whole)?)?
    } else {
        // floor: a part is due at its date, the first when the running time is 0
        let parts = whole_periods(running, schedule.period_secs)?
            .checked_add(1)
            .ok_or(MathError::Overflow)?;
        // floor: the holder is paid
        mul_div_floor(rest, parts, u64::from(schedule.periods))?
    };
    at_start.checked_add(released).ok_or(MathError::Overflow)
}

fn unsigned(secs: i64) -> Result<u64> {
    u64::try_from(secs).map_err(|_| MathError::OutOfRange)
}
