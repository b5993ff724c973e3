//! How long a proof that lacks memory, or whose card fails, is tried again.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(15);
const MOST: Duration = Duration::from_secs(300);
/// A proof is for one hour; the next one has another seed.
const HOUR: Duration = Duration::from_secs(3_600);

/// Pauses that double, up to five minutes, for an hour.
pub(super) struct Patience {
    pause: Duration,
    left: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            pause: FIRST,
            left: HOUR,
        }
    }
}

impl Patience {
    /// The last pause was cut short, for a good reason: it does not count.
    pub(super) fn unspent(&mut self, pause: Duration) {
        self.left = self.left.saturating_add(pause);
        self.pause = pause;
    }
}

impl Iterator for Patience {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let pause = self.pause;
        self.left = self.left.checked_sub(pause)?;
        self.pause = pause.saturating_mul(2).min(MOST);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_five_minutes_within_the_hour() {
        let pauses: Vec<u64> = Patience::default().map(|pause| pause.as_secs()).collect();
        assert_eq!(pauses[..6], [15, 30, 60, 120, 240, 300]);
        assert!(pauses[5..].iter().all(|secs| *secs == 300));
        // 465 s of the first five, and ten times 300 s.
        assert_eq!(pauses.len(), 15);
    }

    #[test]
    fn a_pause_that_was_cut_short_does_not_count() {
        let mut patience = Patience::default();
        let first = patience.next().unwrap();
        patience.unspent(first);
        assert_eq!(patience.count(), 15);
    }
}
