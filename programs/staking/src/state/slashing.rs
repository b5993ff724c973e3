//! What a slash case does to a stake.

use super::device_stake::{add, sub, CaseMark, DeviceStake};
use crate::{constants::CASE_WINDOW_SECS, StakingError};
use anchor_lang::prelude::*;
use iog_math::units::{bps_floor, mul_div_floor};

/// The caps as they are when a case is proposed.
#[derive(Clone, Copy)]
pub struct Caps {
    pub case_bps: u16,
    pub month_bps: u16,
}

impl DeviceStake {
    /// Holds `amount` for a new case, pro rata over what owner and co-staker have that no case holds yet; returns the two
    /// parts. Were it pro rata over all, a part that was paid out down to what is held would keep new cases from the other.
    pub fn hold(&mut self, amount: u64, caps: Caps, now: i64) -> Result<(u64, u64)> {
        require!(amount > 0, StakingError::ZeroAmount);
        let total = self
            .amount_units
            .checked_add(self.co_amount_units)
            .ok_or(StakingError::MathOverflow)?;
        // floor: the caps protect the stakers
        let case_cap = bps_floor(total, caps.case_bps).map_err(StakingError::from)?;
        let month_cap = bps_floor(total, caps.month_bps).map_err(StakingError::from)?;
        let month = self
            .slashed_since(now.saturating_sub(CASE_WINDOW_SECS))?
            .checked_add(amount)
            .ok_or(StakingError::MathOverflow)?;
        require!(
            amount <= case_cap && month <= month_cap,
            StakingError::SlashAboveCap
        );
        let owner_free = self.amount_units.saturating_sub(self.held_units);
        let co_free = self.co_amount_units.saturating_sub(self.co_held_units);
        let free = owner_free
            .checked_add(co_free)
            .ok_or(StakingError::MathOverflow)?;
        require!(amount <= free, StakingError::SlashAboveCap);
        // floor: the owner, who runs the device, bears the odd unit; with `amount` at most `free` neither part is above its own
        let co_part = mul_div_floor(amount, co_free, free).map_err(StakingError::from)?;
        let owner_part = amount
            .checked_sub(co_part)
            .ok_or(StakingError::MathOverflow)?;
        self.mark(amount, now)?;
        add(&mut self.held_units, owner_part)?;
        add(&mut self.co_held_units, co_part)?;
        self.open_cases = self
            .open_cases
            .checked_add(1)
            .ok_or(StakingError::TooManyCases)?;
        Ok((owner_part, co_part))
    }

    /// Ends a case: what it held is free again or, with `burn`, gone.
    pub fn release(&mut self, owner_part: u64, co_part: u64, burn: bool) -> Result<()> {
        sub(&mut self.held_units, owner_part)?;
        sub(&mut self.co_held_units, co_part)?;
        if burn {
            sub(&mut self.amount_units, owner_part)?;
            sub(&mut self.co_amount_units, co_part)?;
        }
        self.open_cases = self
            .open_cases
            .checked_sub(1)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    fn slashed_since(&self, since_ts: i64) -> Result<u64> {
        let recent = self.marks.iter().filter(|mark| mark.proposed_ts > since_ts);
        recent
            .map(|mark| mark.amount_units)
            .try_fold(0u64, u64::checked_add)
            .ok_or_else(|| StakingError::MathOverflow.into())
    }

    /// Remembers a case in the place of the oldest, which must be out of the window.
    fn mark(&mut self, amount: u64, now: i64) -> Result<()> {
        let oldest = self
            .marks
            .iter_mut()
            .min_by_key(|mark| mark.proposed_ts)
            .ok_or(StakingError::MathOverflow)?;
        require!(
            oldest.amount_units == 0 || oldest.proposed_ts <= now.saturating_sub(CASE_WINDOW_SECS),
            StakingError::TooManyCases
        );
        *oldest = CaseMark {
            proposed_ts: now,
            amount_units: amount,
        };
        Ok(())
    }
}
