//! Net emission: IO burned to make IOSD may be minted again, smoothed over 720 hours and never more than was burned.
//!
//! What a unix day burns waits for the day to end and then becomes available evenly over exactly 30 days. Burns are kept by the
//! day, not by the second, so that the state has a fixed size and a touch costs the same however many burns there were.

use crate::{units::whole_periods, MathError, Result};

/// Days that a day's burns stream for: 720 hours.
pub const DAYS: usize = 30;
/// Days that are kept: those that stream, and today.
pub const BUCKETS: usize = 31;

/// Seconds of a day.
const DAY: i64 = 86_400;
/// Seconds of the stream: 720 hours.
const STREAM_SECS: u64 = 2_592_000;
/// [`BUCKETS`] and [`DAYS`] as days are counted.
const BUCKETS_U64: u64 = 31;
const DAYS_U64: u64 = 30;

/// What may be minted again. A zeroed one is new and starts at its first call.
///
/// `burned == spent + available + unreleased()` at all times, and
/// `available + spent + remainder / 2_592_000` is exactly what has streamed out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allowance {
    /// Base units burned in day `d`, at index `d % 31`: today's and those of the 30 days before it.
    pub buckets: [u64; BUCKETS],
    /// Unix day of `at_ts`.
    pub day: u64,
    /// Second up to which the stream is accounted for.
    pub at_ts: i64,
    /// Sum of the buckets of the 30 days before `day`, in base units per 720 hours.
    pub streaming: u64,
    /// Part of a base unit that has streamed out beyond the whole ones, in 2,592,000ths.
    pub remainder: u64,
    /// Base units that may be minted now.
    pub available: u64,
}

impl Allowance {
    /// Accounts for the stream up to `now`. A clock that steps back changes nothing.
    ///
    /// # Errors
    /// [`MathError::Overflow`] only for a state that these methods did not make, or beyond 64 bits burned in a month: no supply
    /// has so much.
    pub fn advance(&mut self, now: i64) -> Result<()> {
        if now <= self.at_ts {
            return Ok(());
        }
        let today = whole_periods(now, DAY)?;
        if today != self.day {
            self.cross(today)?;
        }
        self.accrue(now)
    }

    /// Adds what was burned at `now`; it begins to stream when the day ends.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub fn burn(&mut self, now: i64, amount: u64) -> Result<()> {
        self.advance(now)?;
        let bucket = self.bucket_mut(self.day)?;
        *bucket = bucket.checked_add(amount).ok_or(MathError::Overflow)?;
        Ok(())
    }

    /// Takes what is minted at `now`.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for more than is available; the state has advanced to `now` all the same.
    pub fn spend(&mut self, now: i64, amount: u64) -> Result<()> {
        self.advance(now)?;
        self.available = self
            .available
            .checked_sub(amount)
            .ok_or(MathError::OutOfRange)?;
        Ok(())
    }

    /// Base units that may be minted at `now`.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub fn available_at(&self, now: i64) -> Result<u64> {
        let mut later = *self;
        later.advance(now)?;
        Ok(later.available)
    }

    /// Base units burned that are not available yet: today's bucket, what the others have still to stream, and the
    /// `remainder`, which has streamed out but is not a whole unit yet. Always whole: `burned - spent - available`.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for a state that these methods did not make.
    pub fn unreleased(&self) -> Result<u64> {
        let of_day = u128::from(self.second_of_day()?);
        let mut parts = u128::from(self.remainder);
        for age in 1..=DAYS_U64 {
            // A bucket streams until the end of the 30th day after its own.
            let left = u128::from(BUCKETS_U64.saturating_sub(age))
                .checked_mul(u128::from(DAY.unsigned_abs()))
                .and_then(|left| left.checked_sub(of_day))
                .ok_or(MathError::OutOfRange)?;
            parts = u128::from(self.bucket_before(age)?)
                .checked_mul(left)
                .and_then(|product| parts.checked_add(product))
                .ok_or(MathError::OutOfRange)?;
        }
        // exact: the remainder makes the sum whole
        let whole = parts
            .checked_div(u128::from(STREAM_SECS))
            .filter(|whole| whole.checked_mul(u128::from(STREAM_SECS)) == Some(parts))
            .and_then(|whole| u64::try_from(whole).ok())
            .ok_or(MathError::OutOfRange)?;
        self.bucket_before(0)?
            .checked_add(whole)
            .ok_or(MathError::OutOfRange)
    }

    /// Ends one day after the other up to `today`, at most 31 of them: after these everything has streamed out.
    fn cross(&mut self, today: u64) -> Result<()> {
        // Nothing was ever burned: no need to walk from 1970.
        if self.at_ts == 0 && self.bucket_before(0)? == 0 {
            self.day = today;
        }
        for _ in 0..BUCKETS {
            if self.day >= today {
                return Ok(());
            }
            self.end_day()?;
        }
        self.day = today;
        Ok(())
    }

    /// Accrues to the end of `day`; its bucket begins to stream, that of 30 days before has done so for 720 hours.
    fn end_day(&mut self) -> Result<()> {
        let next = self.day.checked_add(1).ok_or(MathError::Overflow)?;
        let end_ts = i64::try_from(next)
            .ok()
            .and_then(|next| next.checked_mul(DAY))
            .ok_or(MathError::Overflow)?;
        self.accrue(end_ts)?;
        let joining = self.bucket_before(0)?;
        // `day - 30` and `day + 1` share an index: the oldest bucket becomes tomorrow's.
        let leaving = core::mem::take(self.bucket_mut(next)?);
        self.streaming = self
            .streaming
            .checked_sub(leaving)
            .and_then(|streaming| streaming.checked_add(joining))
            .ok_or(MathError::Overflow)?;
        self.day = next;
        Ok(())
    }

    /// Accrues `streaming` from `at_ts` to `to_ts`, no more than a day unless nothing streams.
    ///
    /// `floor((streaming * secs + remainder) / STREAM_SECS)` in 64 bits, dividing first: the quotient times a day's seconds is
    /// below `streaming`, and the rest times a day's seconds below 2^38. On chain a division of 64 bits is an instruction, one of
    /// 128 bits a call.
    fn accrue(&mut self, to_ts: i64) -> Result<()> {
        let secs = to_ts.abs_diff(self.at_ts);
        self.at_ts = to_ts;
        if self.streaming == 0 {
            return Ok(());
        }
        // floor, exactly: the rest is carried
        let (per_sec, rest) = divide(self.streaming)?;
        let parts = rest
            .checked_mul(secs)
            .and_then(|parts| parts.checked_add(self.remainder))
            .ok_or(MathError::Overflow)?;
        let (whole, remainder) = divide(parts)?;
        self.remainder = remainder;
        self.available = per_sec
            .checked_mul(secs)
            .and_then(|accrued| accrued.checked_add(whole))
            .and_then(|accrued| accrued.checked_add(self.available))
            .ok_or(MathError::Overflow)?;
        Ok(())
    }

    /// Seconds of `day` that `at_ts` is in it.
    fn second_of_day(&self) -> Result<u64> {
        i64::try_from(self.day)
            .ok()
            .and_then(|day| day.checked_mul(DAY))
            .and_then(|start| self.at_ts.checked_sub(start))
            .and_then(|secs| u64::try_from(secs).ok())
            .ok_or(MathError::OutOfRange)
    }

    fn bucket_mut(&mut self, day: u64) -> Result<&mut u64> {
        let index = day
            .checked_rem(BUCKETS_U64)
            .and_then(|index| usize::try_from(index).ok())
            .ok_or(MathError::DivisionByZero)?;
        self.buckets.get_mut(index).ok_or(MathError::OutOfRange)
    }

    /// The bucket of the day `age` days before `day`.
    fn bucket_before(&self, age: u64) -> Result<u64> {
        let index = self
            .day
            .checked_rem(BUCKETS_U64)
            .and_then(|today| today.checked_add(BUCKETS_U64))
            .and_then(|today| today.checked_sub(age))
            .and_then(|day| day.checked_rem(BUCKETS_U64))
            .and_then(|index| usize::try_from(index).ok())
            .ok_or(MathError::OutOfRange)?;
        self.buckets
            .get(index)
            .copied()
            .ok_or(MathError::OutOfRange)
    }
}

/// `parts` in 2,592,000ths: whole units, rounded down, and the rest.
fn divide(parts: u64) -> Result<(u64, u64)> {
    let whole = parts
        .checked_div(STREAM_SECS)
        .ok_or(MathError::DivisionByZero)?;
    let rest = parts
        .checked_rem(STREAM_SECS)
        .ok_or(MathError::DivisionByZero)?;
    Ok((whole, rest))
}
