use std::time::{Duration, Instant};

/// A flood is read no faster: above it, the job waits at its pipe and not the host for its processor. redteam J10
const BYTES_PER_WINDOW: u64 = 6 << 20;
const WINDOW: Duration = Duration::from_millis(100);

/// Slows down who reads what a job writes.
pub struct Throttle {
    since: Instant,
    sum: u64,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            since: Instant::now(),
            sum: 0,
        }
    }
}

impl Throttle {
    /// So many bytes were read: waits where that was too much for the time.
    pub fn read(&mut self, bytes: usize) {
        if self.since.elapsed() >= WINDOW {
            *self = Self::default();
        }
        self.sum = self
            .sum
            .saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
        if self.sum > BYTES_PER_WINDOW {
            std::thread::sleep(WINDOW.saturating_sub(self.since.elapsed()));
        }
    }
}
