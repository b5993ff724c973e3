//! What one key has had of the relay.

use iroh_relay::server::streams::Bucket;
use std::{
    num::NonZeroU32,
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::Instant;

const DAY_SECS: u64 = 86_400;

/// Bytes of a key: its pace, and its day.
#[derive(Debug)]
pub(crate) struct Account {
    bucket: Option<Mutex<Bucket>>,
    per_day: Option<u64>,
    /// The day since 1970, and bytes of it.
    today: Mutex<(u64, u64)>,
}

/// Days since 1970, UTC.
pub(crate) fn day() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs() / DAY_SECS)
}

impl Account {
    pub fn new(per_second: Option<NonZeroU32>, per_day: Option<u64>) -> Self {
        let bucket = per_second.and_then(|rate| {
            let rate = i64::from(rate.get());
            // A tenth of a second's worth at once, but a whole packet of the protocol.
            let burst = (rate / 10).max(64 << 10);
            Bucket::new(burst, rate, Duration::from_millis(100)).ok()
        });
        Self {
            bucket: bucket.map(Mutex::new),
            per_day,
            today: Mutex::new((day(), 0)),
        }
    }

    /// When `bytes` may go on; none: at once.
    pub fn pace(&self, bytes: usize) -> Option<Instant> {
        let mut bucket = self
            .bucket
            .as_ref()?
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        bucket.consume(bytes).err()
    }

    /// Counts bytes; whether the day's budget had room for them.
    pub fn charge(&self, bytes: usize) -> bool {
        let mut today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        if today.0 != day() {
            *today = (day(), 0);
        }
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        today.1 = today.1.saturating_add(bytes);
        self.per_day.is_none_or(|most| today.1 <= most)
    }

    pub fn has_room(&self) -> bool {
        self.charge(0)
    }

    /// Nothing was counted today: it may be forgotten.
    pub fn is_idle(&self) -> bool {
        let today = self.today.lock().unwrap_or_else(PoisonError::into_inner);
        today.0 != day() || today.1 == 0
    }
}
