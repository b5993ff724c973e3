//! How much work a dispatch gets: as much as the device does in a tenth of a second, so that no watchdog, display or renter
//! waits for it longer.

use std::time::Duration;

/// A tenth of a second keeps a dispatch well below the half that is promised, also when the next one is slower.
const TARGET: Duration = Duration::from_millis(100);
/// A device that was idle may be much faster a moment later.
const MOST_GROWTH: u32 = 4;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    units: u32,
    most: u32,
}

impl Pace {
    /// Begins with `first` units; never gives more than `most`.
    pub(crate) fn new(first: u32, most: u32) -> Self {
        Self {
            units: first.min(most),
            most,
        }
    }

    /// Units of the next dispatch when `left` are left.
    pub(crate) fn next(&self, left: u32) -> u32 {
        self.units.min(left)
    }

    /// Hears how long a dispatch took.
    pub(crate) fn took(&mut self, units: u32, time: Duration) {
        // A short rest says little about more units than it had.
        if units.saturating_mul(2) < self.units && time < TARGET {
            return;
        }
        let fitting = u128::from(units)
            .saturating_mul(TARGET.as_micros())
            .checked_div(time.as_micros().max(1))
            .unwrap_or(0);
        let fitting = u32::try_from(fitting).unwrap_or(u32::MAX);
        let grown = units.saturating_mul(MOST_GROWTH);
        self.units = fitting.min(grown).clamp(1, self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    #[test]
    fn a_fast_device_gets_four_times_as_much_each_time() {
        let mut pace = Pace::new(64, 1_000);
        pace.took(64, MILLI);
        assert_eq!(pace.next(u32::MAX), 256);
        pace.took(256, MILLI);
        assert_eq!(pace.next(u32::MAX), 1_000, "its most");
        assert_eq!(pace.next(3), 3);
    }

    #[test]
    fn a_slow_device_gets_what_fits_and_at_least_one() {
        let mut pace = Pace::new(64, 1_000);
        pace.took(64, 1_600 * MILLI);
        assert_eq!(pace.next(u32::MAX), 4);
        pace.took(4, 60_000 * MILLI);
        assert_eq!(pace.next(u32::MAX), 1);
    }

    #[test]
    fn a_rest_does_not_slow_the_pace_down() {
        let mut pace = Pace::new(512, 1_000);
        pace.took(2, MILLI);
        assert_eq!(pace.next(u32::MAX), 512);
        // Nor does less than was allowed make it grow as if it had been all.
        pace.took(300, 10 * MILLI);
        assert_eq!(pace.next(u32::MAX), 1_000);
    }

    #[test]
    fn a_rest_that_takes_longer_than_everything_may_slows_it_down() {
        let mut pace = Pace::new(512, 1_000);
        pace.took(2, 400 * MILLI);
        assert_eq!(pace.next(u32::MAX), 1);
    }
}
