//! What a slash case does to a stake.

use super::{
    device_stake::{add, sub, CaseMark, DeviceStake},
    slash_case::{Outcome, SlashCase},
};
use crate::{constants::CASE_WINDOW_SECS, StakingError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_math::units::{bps_floor, mul_div_floor};

/// Most of a stake that one case takes, and those of 30 days together.
#[derive(Clone, Copy, Pod, Zeroable, PartialEq, Eq, Debug, IdlType)]
#[repr(C)]
pub struct Caps {
    pub case_bps: u16,
    pub month_bps: u16,
}

impl Caps {
    fn lower(self, other: Self) -> Self {
        Self {
            case_bps: self.case_bps.min(other.case_bps),
            month_bps: self.month_bps.min(other.month_bps),
        }
    }

    /// Refuses an `amount` above what one case, or the cases of 30 days with it, may take of `part`.
    fn check(self, part: u64, marked: u64, amount: u64) -> Result<()> {
        // floor: the caps protect the stakers
        let case_cap = bps_floor(part, self.case_bps).map_err(StakingError::from)?;
        let month_cap = bps_floor(part, self.month_bps).map_err(StakingError::from)?;
        let month = marked
            .checked_add(amount)
            .ok_or(StakingError::MathOverflow)?;
        require!(
            amount <= case_cap && month <= month_cap,
            StakingError::SlashAboveCap
        );
        Ok(())
    }
}

impl DeviceStake {
    /// Holds `amount` for a new case under the caps of now, those of the opening and those of the co-staker's acceptance, whichever
    /// are lowest; returns the owner's part and the co-staker's. Who came after the offence bears nothing, and its stake counts for
    /// nothing: else a friend who joins late would halve what the owner can lose.
    pub fn hold(
        &mut self,
        amount: u64,
        caps: Caps,
        offence_ts: i64,
        now: i64,
    ) -> Result<(u64, u64)> {
        require!(offence_ts <= now, StakingError::OffenceInFuture);
        if self.co_amount_units > 0 && self.co_since_ts <= offence_ts {
            return self.hold_from_both(amount, caps, now);
        }
        self.hold_from_owner(amount, caps, now)?;
        Ok((amount, 0))
    }

    /// Pro rata over what owner and co-staker have that no case holds yet. Were it pro rata over all, a part that was paid out down to
    /// what is held would keep new cases from the other.
    fn hold_from_both(&mut self, amount: u64, caps: Caps, now: i64) -> Result<(u64, u64)> {
        require!(amount > 0, StakingError::ZeroAmount);
        let caps = caps.lower(self.caps).lower(self.co_caps);
        let total = self
            .amount_units
            .checked_add(self.co_amount_units)
            .ok_or(StakingError::MathOverflow)?;
        let marked = self.marked_units(now, |mark| mark.amount_units)?;
        caps.check(total, marked, amount)?;
        let co_free = self.co_amount_units.saturating_sub(self.co_held_units);
        let free = self
            .owner_free()
            .checked_add(co_free)
            .ok_or(StakingError::MathOverflow)?;
        require!(amount <= free, StakingError::SlashAboveCap);
        // floor: the owner, who runs the device, bears the odd unit; with `amount` at most `free` neither part is above its own
        let co_part = mul_div_floor(amount, co_free, free).map_err(StakingError::from)?;
        let owner_part = amount
            .checked_sub(co_part)
            .ok_or(StakingError::MathOverflow)?;
        self.begin(owner_part, co_part, now)?;
        Ok((owner_part, co_part))
    }

    /// Holds `amount` of the owner's part alone, under caps of that part alone. All restitution is held so: were a co-staker liable, an
    /// owner who rents the own device and serves nothing would be paid out of the co-stake.
    pub fn hold_from_owner(&mut self, amount: u64, caps: Caps, now: i64) -> Result<()> {
        require!(amount > 0, StakingError::ZeroAmount);
        let marked = self.marked_units(now, |mark| mark.owner_units)?;
        caps.lower(self.caps)
            .check(self.amount_units, marked, amount)?;
        require!(amount <= self.owner_free(), StakingError::SlashAboveCap);
        self.begin(amount, 0, now)
    }

    /// Ends a case: what it held is free again or, if taken, gone. A withdrawn one leaves no mark: four cases of a thief would else
    /// shield the device for the rest of their 30 days.
    pub fn end(&mut self, case: &SlashCase, outcome: Outcome) -> Result<()> {
        sub(&mut self.held_units, case.owner_units)?;
        sub(&mut self.co_held_units, case.co_units)?;
        match outcome {
            Outcome::Take => {
                sub(&mut self.amount_units, case.owner_units)?;
                sub(&mut self.co_amount_units, case.co_units)?;
            }
            Outcome::Release => {}
            Outcome::Forget => self.unmark(case),
        }
        self.open_cases = self
            .open_cases
            .checked_sub(1)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    fn owner_free(&self) -> u64 {
        self.amount_units.saturating_sub(self.held_units)
    }

    fn begin(&mut self, owner_part: u64, co_part: u64, now: i64) -> Result<()> {
        self.mark(owner_part, co_part, now)?;
        add(&mut self.held_units, owner_part)?;
        add(&mut self.co_held_units, co_part)?;
        self.open_cases = self
            .open_cases
            .checked_add(1)
            .ok_or(StakingError::TooManyCases)?;
        Ok(())
    }

    /// What the cases of the last 30 days took or hold, by `part` of each.
    fn marked_units(&self, now: i64, part: impl Fn(&CaseMark) -> u64) -> Result<u64> {
        let since_ts = now.saturating_sub(CASE_WINDOW_SECS);
        let recent = self.marks.iter().filter(|mark| mark.proposed_ts > since_ts);
        recent
            .map(part)
            .try_fold(0u64, u64::checked_add)
            .ok_or_else(|| StakingError::MathOverflow.into())
    }

    /// Marks alike are one as good as the other; one that is gone was out of the window.
    fn unmark(&mut self, case: &SlashCase) {
        let amount_units = case.owner_units.saturating_add(case.co_units);
        let mark = self.marks.iter_mut().find(|mark| {
            mark.proposed_ts == case.proposed_ts
                && mark.amount_units == amount_units
                && mark.owner_units == case.owner_units
        });
        if let Some(mark) = mark {
            *mark = CaseMark::zeroed();
        }
    }

    /// Remembers a case in the place of the oldest, which must be out of the window.
    fn mark(&mut self, owner_part: u64, co_part: u64, now: i64) -> Result<()> {
        let amount_units = owner_part
            .checked_add(co_part)
            .ok_or(StakingError::MathOverflow)?;
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
            amount_units,
            owner_units: owner_part,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests;
