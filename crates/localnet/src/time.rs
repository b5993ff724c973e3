//! Moving the chain's time: slots and seconds together, forward only.

use crate::{error::LocalNetError, net::LocalNet};
use solana_clock::Clock;
use solana_hash::Hash;
use solana_slot_hashes::SlotHashes;
use surfpool_core::surfnet::svm::SurfnetSvm;

/// Real blocks at the end of every jump: as many as SlotHashes holds, so that no recent slot is without a hash.
pub const RECENT_BLOCKS: u64 = 512;

impl LocalNet {
    /// The Clock sysvar, as programs see it.
    pub fn clock(&self) -> Result<Clock, LocalNetError> {
        self.worker.run(|svm| svm.inner.get_sysvar::<Clock>())
    }

    /// The SlotHashes sysvar, newest first, as programs see it.
    pub fn slot_hashes(&self) -> Result<Vec<(u64, Hash)>, LocalNetError> {
        self.worker
            .run(|svm| svm.inner.get_sysvar::<SlotHashes>().slot_hashes().to_vec())
    }

    /// Moves the clock to `unix_ts` and the slot by as many slots as that time holds. The present is allowed and does nothing.
    ///
    /// # Errors
    /// [`LocalNetError::Backwards`] if the chain is past `unix_ts`.
    pub fn warp_to_timestamp(&self, unix_ts: i64) -> Result<Clock, LocalNetError> {
        self.travel(move |now_ts| Ok(Leap::ToTimestamp { now_ts, unix_ts }))
    }

    /// Moves the clock by `secs` seconds and the slot by as many slots as they hold.
    pub fn advance_secs(&self, secs: u64) -> Result<Clock, LocalNetError> {
        self.travel(move |now_ts| {
            let unix_ts = i64::try_from(secs)
                .ok()
                .and_then(|secs| now_ts.checked_add(secs))
                .ok_or(LocalNetError::TooFar)?;
            Ok(Leap::ToTimestamp { now_ts, unix_ts })
        })
    }

    /// Moves the slot by `slots` and the clock by the time they take.
    pub fn advance_slots(&self, slots: u64) -> Result<Clock, LocalNetError> {
        self.travel(move |_| Ok(Leap::Slots(slots)))
    }

    fn travel<F>(&self, plan: F) -> Result<Clock, LocalNetError>
    where
        F: FnOnce(i64) -> Result<Leap, LocalNetError> + Send + 'static,
    {
        let slot_ms = self.slot_time_ms;
        self.worker.run(move |svm| {
            let leap = plan(svm.inner.get_sysvar::<Clock>().unix_timestamp)?;
            let jump = leap.measure(svm.updated_at, slot_ms)?;
            jump.make(svm, slot_ms)?;
            Ok(svm.inner.get_sysvar::<Clock>())
        })?
    }
}

enum Leap {
    ToTimestamp { now_ts: i64, unix_ts: i64 },
    Slots(u64),
}

impl Leap {
    fn measure(&self, now_ms: u64, slot_ms: u64) -> Result<Jump, LocalNetError> {
        match *self {
            Leap::Slots(slots) => {
                let end_ms = slots
                    .checked_mul(slot_ms)
                    .and_then(|ms| now_ms.checked_add(ms));
                Ok(Jump {
                    slots,
                    end_ms: end_ms.ok_or(LocalNetError::TooFar)?,
                })
            }
            Leap::ToTimestamp { now_ts, unix_ts } if unix_ts < now_ts => {
                Err(LocalNetError::Backwards {
                    asked: unix_ts,
                    now: now_ts,
                })
            }
            Leap::ToTimestamp { now_ts, unix_ts } if unix_ts == now_ts => Ok(Jump {
                slots: 0,
                end_ms: now_ms,
            }),
            Leap::ToTimestamp { unix_ts, .. } => {
                let secs = u64::try_from(unix_ts).map_err(|_| LocalNetError::TooFar)?;
                let end_ms = secs.checked_mul(1_000).ok_or(LocalNetError::TooFar)?;
                // Rounded up: a later second is at least one slot later.
                Ok(Jump {
                    slots: end_ms.saturating_sub(now_ms).div_ceil(slot_ms),
                    end_ms,
                })
            }
        }
    }
}

/// `slots` later it is `end_ms`.
#[derive(Debug, PartialEq, Eq)]
struct Jump {
    slots: u64,
    end_ms: u64,
}

impl Jump {
    fn make(&self, svm: &mut SurfnetSvm, slot_ms: u64) -> Result<(), LocalNetError> {
        if self.slots == 0 {
            return Ok(());
        }
        let mut left = self.slots;
        if left > RECENT_BLOCKS {
            // What has run so far belongs to a block before the jump.
            close_block(svm)?;
            left = RECENT_BLOCKS;
            let skipped = self.slots - 1 - left;
            let slot = &mut svm.latest_epoch_info.absolute_slot;
            *slot = slot.checked_add(skipped).ok_or(LocalNetError::TooFar)?;
        }
        // The last blocks are a slot apart and the last one ends on time; a jump to a full second may shorten its last slot.
        svm.updated_at = svm
            .updated_at
            .max(self.end_ms.saturating_sub(left * slot_ms));
        for _ in 1..left {
            close_block(svm)?;
        }
        svm.updated_at = self.end_ms.saturating_sub(slot_ms);
        close_block(svm)
    }
}

pub(crate) fn close_block(svm: &mut SurfnetSvm) -> Result<(), LocalNetError> {
    svm.confirm_current_block()
        .map_err(|error| LocalNetError::Surfpool(error.to_string()))
}
