//! Ten-minute slots: what a lease is paid by.
//!
//! Rent of a stretch of time is paid by the slots that begin in it and have a heartbeat. A stretch is judged when the last of its slots is over,
//! so that nobody can settle a slot away before the device could beat in it.

use crate::{
    units::{mul_div_floor, whole_periods},
    MathError, Result,
};

/// Seconds of a slot.
pub const SLOT_SECS: i64 = 600;
/// Missing slots that are paid all the same in one day of a lease: a lost transaction now and then, 2.8 % of the day.
pub const FORGIVEN_PER_DAY: u8 = 4;

/// The slots that decide about a stretch, counted from the start of unix time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// The first of them.
    pub first: i64,
    /// How many there are; 0 where none begins in the stretch: then the slot that it lies in decides, or the next.
    pub begun: u32,
}

impl Slots {
    /// The slots that begin in `[from, until)`.
    ///
    /// # Errors
    /// [`MathError::OutOfRange`] for a time before 1970, or a stretch that ends before it begins.
    pub fn of(from: i64, until: i64) -> Result<Self> {
        if until < from {
            return Err(MathError::OutOfRange);
        }
        let first = first_from(from)?;
        let behind = first_from(until)?;
        let begun = behind.checked_sub(first).ok_or(MathError::Overflow)?;
        let begun = u32::try_from(begun).map_err(|_| MathError::Overflow)?;
        if begun == 0 {
            // floor: the slot that `from` lies in
            let within =
                i64::try_from(whole_periods(from, SLOT_SECS)?).map_err(|_| MathError::Overflow)?;
            return Ok(Self {
                first: within,
                begun: 0,
            });
        }
        Ok(Self { first, begun })
    }

    /// How many slots have to be looked at: those begun, or the slot that the stretch lies in and the next.
    #[must_use]
    pub const fn looked_at(&self) -> u32 {
        if self.begun == 0 {
            2
        } else {
            self.begun
        }
    }

    /// What the rent is divided by.
    #[must_use]
    pub const fn parts(&self) -> u32 {
        if self.begun == 0 {
            1
        } else {
            self.begun
        }
    }

    /// From when on the stretch can be judged: the end of its last slot.
    ///
    /// # Errors
    /// [`MathError::Overflow`] for absurd times.
    pub fn judged_ts(&self) -> Result<i64> {
        self.first
            .checked_add(i64::from(self.looked_at()))
            .and_then(|slot| slot.checked_mul(SLOT_SECS))
            .ok_or(MathError::Overflow)
    }

    /// What `proved` of the slots that were looked at are worth, in [`Self::parts`]; `may_forgive` while the day has a slot to forgive.
    ///
    /// One missing slot is forgiven where all others are proved and there is one at least: who is dead is paid nothing.
    #[must_use]
    pub fn judge(&self, proved: u32, may_forgive: bool) -> Judged {
        if self.begun == 0 {
            return Judged {
                paid: proved.min(1),
                missing: u32::from(proved == 0),
                forgiven: false,
            };
        }
        let proved = proved.min(self.begun);
        let missing = self.begun.saturating_sub(proved);
        let forgiven = missing == 1 && proved > 0 && may_forgive;
        Judged {
            paid: proved.saturating_add(u32::from(forgiven)),
            missing,
            forgiven,
        }
    }
}

/// A stretch that was judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// Slots that are paid, the forgiven one among them.
    pub paid: u32,
    /// Slots without a heartbeat, the forgiven one among them: what the record counts.
    pub missing: u32,
    /// Whether one of them was forgiven.
    pub forgiven: bool,
}

/// `rent * paid / parts`, rounded down: the rest is the renter's.
///
/// # Errors
/// [`MathError::DivisionByZero`] for no parts.
pub fn slot_rent(rent: u64, paid: u32, parts: u32) -> Result<u64> {
    // floor: the supplier is paid
    mul_div_floor(rent, u64::from(paid.min(parts)), u64::from(parts))
}

/// The first slot that begins at `ts` or later.
fn first_from(ts: i64) -> Result<i64> {
    let whole = i64::try_from(whole_periods(ts, SLOT_SECS)?).map_err(|_| MathError::Overflow)?;
    let begins = whole.checked_mul(SLOT_SECS).ok_or(MathError::Overflow)?;
    if begins == ts {
        return Ok(whole);
    }
    whole.checked_add(1).ok_or(MathError::Overflow)
}
