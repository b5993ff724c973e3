use crate::TokenError;
use anchor_lang::prelude::*;
use iog_math::vesting::{self, Schedule};

/// A beneficiary's claim on part of the genesis supply.
#[account]
pub struct Vesting {
    pub beneficiary: Address,
    pub total_units: u64,
    pub released_units: u64,
    pub start_ts: i64,
    pub first_release_secs: i64,
    pub period_secs: i64,
    pub periods: u32,
    pub at_start_bps: u16,
    pub per_second: u8,
    pub id: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 30],
}

/// A schedule as data: `at_start_bps` at once, nothing until `first_release_secs`, then `periods` equal parts, one at the
/// end of each `period_secs` or, with `per_second`, evenly.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct VestingArgs {
    pub id: u8,
    pub beneficiary: Address,
    pub total: u64,
    pub at_start_bps: u16,
    pub first_release_secs: i64,
    pub periods: u32,
    pub period_secs: i64,
    pub per_second: bool,
}

impl Vesting {
    pub fn schedule(&self) -> Schedule {
        Schedule {
            total: self.total_units,
            at_start_bps: self.at_start_bps,
            first_release_secs: self.first_release_secs,
            periods: self.periods,
            period_secs: self.period_secs,
            per_second: self.per_second != 0,
        }
    }

    /// What is due at `now` and not yet paid, booked as paid.
    pub fn release(&mut self, now: i64) -> Result<u64> {
        let vested =
            vesting::vested(&self.schedule(), self.start_ts, now).map_err(TokenError::from)?;
        let due = vested.saturating_sub(self.released_units);
        require!(due > 0, TokenError::NothingDue);
        self.released_units = vested;
        Ok(due)
    }
}
