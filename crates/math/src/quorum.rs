//! A price that several reporters sign: median, uncertainty and hourly average.
//!
//! With a quorum of `q` fresh reports, `(q - 1) / 2` of the reporters can neither move the median beyond what the others
//! reported nor stop it; a majority of the fresh can do both.

use crate::{units::narrow, MathError, Result};

/// Reporters at most.
pub const REPORTERS: usize = 9;
/// Power of ten of a reported price: `price * 10^-10` USD for one whole IO.
pub const EXPONENT: i32 = -10;
/// The highest price that can be reported: 100,000 USD for one IO.
pub const MAX_PRICE: u64 = 1_000_000_000_000_000;
/// How far ahead of the clock a price's time may stand, whatever its source.
pub const MAX_SKEW_SECS: i64 = 5;

/// Seconds of one bucket of the average.
const BUCKET_SECS: u64 = 300;
/// Buckets: the hour's twelve, and the one that runs.
pub const BUCKETS: usize = 13;
const RING: u64 = 13;
/// For how long a median counts in the average when no other follows.
const MAX_HOLD_SECS: i64 = 600;
/// Seconds of the last hour that the average must rest on.
const MIN_COVER_SECS: u64 = 2_700;
/// The confidence is at least one thousandth of the price: reporters that copy each other make nothing certain.
const MIN_CONF_DIVISOR: u64 = 1_000;

/// The newest report of one reporter; a price of 0 is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// In units of [`EXPONENT`].
    pub price: u64,
    /// When the reporter saw it, unix seconds.
    pub ts: i64,
}

/// What fresh reports say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Median {
    /// The middle of the reports; of an even number the mean of the middle two, rounded down.
    pub price: u64,
    /// The greatest distance from `price` to the ends of the middle half.
    pub conf: u64,
}

/// The median of the reports that are at most `max_age_secs` old at `now`; `None` where fewer than `quorum` are.
///
/// # Errors
/// [`MathError::OutOfRange`] for a quorum of 0.
pub fn median(
    reports: &[Report; REPORTERS],
    quorum: u64,
    max_age_secs: i64,
    now: i64,
) -> Result<Option<Median>> {
    if quorum == 0 {
        return Err(MathError::OutOfRange);
    }
    let mut prices = [0u64; REPORTERS];
    let mut fresh = 0usize;
    for report in reports {
        let early = report.ts > now.saturating_add(MAX_SKEW_SECS);
        let late = now.saturating_sub(report.ts) > max_age_secs;
        if report.price == 0 || early || late {
            continue;
        }
        if let Some(place) = prices.get_mut(fresh) {
            *place = report.price;
            fresh = fresh.saturating_add(1);
        }
    }
    if u64::try_from(fresh).map_err(|_| MathError::Overflow)? < quorum {
        return Ok(None);
    }
    let prices = prices.get_mut(..fresh).ok_or(MathError::Overflow)?;
    prices.sort_unstable();
    of_sorted(prices).map(Some)
}

fn of_sorted(prices: &[u64]) -> Result<Median> {
    let count = prices.len();
    let at = |index: usize| prices.get(index).copied().ok_or(MathError::OutOfRange);
    let last = count.checked_sub(1).ok_or(MathError::OutOfRange)?;
    let (low, high) = (at(half(last))?, at(half(count))?);
    // floor: half a unit of the reports' precision
    let price = low.saturating_add(high.abs_diff(low).checked_shr(1).unwrap_or(0));
    // ceil: a quarter at each end, so that one reporter of few cannot widen it
    let dropped = count.div_ceil(4);
    let (from, to) = (dropped, last.checked_sub(dropped));
    let spread = match to.filter(|to| from <= *to) {
        Some(to) => price.abs_diff(at(from)?).max(price.abs_diff(at(to)?)),
        None => 0,
    };
    let least = price.div_ceil(MIN_CONF_DIVISOR);
    Ok(Median {
        price,
        conf: spread.max(least),
    })
}

fn half(count: usize) -> usize {
    count.checked_shr(1).unwrap_or(0)
}

/// The time of the `quorum`-th newest report: a feed is as old as the oldest report that it takes to make a quorum.
#[must_use]
pub fn time_of(reports: &[Report; REPORTERS], quorum: u64) -> Option<i64> {
    let mut times = [i64::MIN; REPORTERS];
    for (time, report) in times.iter_mut().zip(reports) {
        if report.price > 0 {
            *time = report.ts;
        }
    }
    times.sort_unstable();
    let back = usize::try_from(quorum).ok()?;
    let index = REPORTERS.checked_sub(back)?;
    times.get(index).copied().filter(|time| *time != i64::MIN)
}

/// Price times seconds of five minutes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// Sum of price times seconds.
    pub sum: u64,
    /// Seconds that it covers.
    pub secs: u64,
    /// Number of the five minutes since 1970.
    pub period: u64,
}

/// The time-weighted average of an hour: each median counts for as long as it was the newest, ten minutes at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Average {
    /// A ring, period `p` at `p % 13`.
    pub buckets: [Bucket; BUCKETS],
    /// The newest median; 0 before the first.
    pub held_price: u64,
    /// Since when it counts.
    pub held_ts: i64,
    /// The last average that was known; 0 before the first.
    pub anchor: u64,
}

/// A median may stand at most a fifth off the average that it goes into.
const MAX_STEP_DIVISOR: u64 = 5;

impl Average {
    /// Takes a new median at `now`, cut to a fifth around the average, or around the last one that was known: whoever makes the median
    /// for a moment moves the average by what that moment weighs, and no outage wipes out what was known. A clock that steps back adds no
    /// time.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for a price of 0 or above [`MAX_PRICE`].
    pub fn record(&mut self, price: u64, now: i64) -> Result<()> {
        if price == 0 || price > MAX_PRICE {
            return Err(MathError::OutOfRange);
        }
        self.advance(now)?;
        self.anchor = self.mean(now)?.unwrap_or(self.anchor);
        self.held_price = self.cut(price)?;
        self.held_ts = now.max(self.held_ts);
        Ok(())
    }

    /// The average of the last hour at `now`, rounded down; `None` where too little of the hour is covered.
    ///
    /// # Errors
    /// [`MathError::Overflow`] never happens within the bounds of [`Self::record`].
    pub fn mean(&self, now: i64) -> Result<Option<u64>> {
        let mut current = *self;
        current.advance(now)?;
        let newest = period_of(now);
        let (mut sum, mut secs) = (0u128, 0u64);
        for bucket in current.buckets {
            let age = newest.checked_sub(bucket.period);
            if age.is_some_and(|age| age < RING) {
                sum = sum.saturating_add(u128::from(bucket.sum));
                secs = secs.saturating_add(bucket.secs);
            }
        }
        if secs < MIN_COVER_SECS {
            return Ok(None);
        }
        // floor
        let mean = sum.checked_div(u128::from(secs));
        narrow(mean.ok_or(MathError::DivisionByZero)?).map(Some)
    }

    fn cut(&self, price: u64) -> Result<u64> {
        if self.anchor == 0 {
            return Ok(price);
        }
        // floor: half a unit of precision; at least one unit, so that a price near zero can move at all
        let step = self.anchor.checked_div(MAX_STEP_DIVISOR);
        let step = step.ok_or(MathError::DivisionByZero)?.max(1);
        let low = self.anchor.saturating_sub(step).max(1);
        let high = self.anchor.saturating_add(step).min(MAX_PRICE);
        Ok(price.max(low).min(high))
    }

    /// Books the held price up to `now`.
    fn advance(&mut self, now: i64) -> Result<()> {
        let end = now.min(self.held_ts.saturating_add(MAX_HOLD_SECS));
        if self.held_price == 0 || end <= self.held_ts {
            return Ok(());
        }
        let mut from = u64::try_from(self.held_ts).map_err(|_| MathError::OutOfRange)?;
        let end = u64::try_from(end).map_err(|_| MathError::OutOfRange)?;
        while from < end {
            let period = from
                .checked_div(BUCKET_SECS)
                .ok_or(MathError::DivisionByZero)?;
            let next = period
                .checked_add(1)
                .and_then(|next| next.checked_mul(BUCKET_SECS))
                .ok_or(MathError::Overflow)?;
            let until = next.min(end);
            self.add(period, until.saturating_sub(from))?;
            from = until;
        }
        self.held_ts = now.max(self.held_ts);
        // What was held is used up: without a new median the rest of a gap stays uncovered.
        if now > i64::try_from(end).map_err(|_| MathError::OutOfRange)? {
            self.held_price = 0;
        }
        Ok(())
    }

    fn add(&mut self, period: u64, secs: u64) -> Result<()> {
        let price = self.held_price;
        let place = usize::try_from(period % RING).map_err(|_| MathError::Overflow)?;
        let bucket = self.buckets.get_mut(place).ok_or(MathError::Overflow)?;
        if bucket.period != period {
            *bucket = Bucket {
                period,
                ..Bucket::default()
            };
        }
        let more = price.checked_mul(secs).ok_or(MathError::Overflow)?;
        bucket.sum = bucket.sum.checked_add(more).ok_or(MathError::Overflow)?;
        bucket.secs = bucket.secs.saturating_add(secs);
        Ok(())
    }
}

fn period_of(now: i64) -> u64 {
    u64::try_from(now)
        .ok()
        .and_then(|now| now.checked_div(BUCKET_SECS))
        .unwrap_or(0)
}
