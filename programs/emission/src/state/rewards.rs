use super::{config::Config, ledger::LedgerPage};
use crate::{constants::PENDING, EmissionError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_math::reward;

/// An hour that a device checked in for, with the terms of that moment.
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct PendingHour {
    pub score: u64,
    pub hour: u32,
    pub co_share_bps: u16,
    pub pool: u8,
    pub reserved: u8,
}

/// What a device has earned: pending hours and booked amounts. One per device.
#[account]
pub struct DeviceRewards {
    pub device: Address,
    pub owner: Address,
    /// Whose the co-staker's booked amount and pending shares are; zeros before the first.
    pub co_staker: Address,
    pub pending: [PendingHour; PENDING],
    pub owner_booked_units: u64,
    pub co_booked_units: u64,
    pub claimed_units: u64,
    pub co_claimed_units: u64,
    pub last_hour: u32,
    pub pending_count: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 41],
}

/// What a settlement of pending hours did.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settled {
    pub booked: u64,
    /// A closed hour stays pending: its page was not given.
    pub page_missing: bool,
}

impl DeviceRewards {
    /// Books every pending hour that is closed and on one of `pages`; the others stay. Hours can lie on more pages than one
    /// instruction takes, so they must be payable page by page.
    pub fn settle(&mut self, config: &Config, pages: &[&LedgerPage]) -> Result<Settled> {
        let mut kept = 0usize;
        let mut booked = 0u64;
        let mut page_missing = false;
        for index in 0..usize::from(self.pending_count) {
            let pending = *self.pending.get(index).ok_or(EmissionError::MathOverflow)?;
            let closed = config.is_closed(pending.hour);
            let ledger = pages.iter().find_map(|page| page.hour(pending.hour));
            if let (true, Some(ledger)) = (closed, ledger) {
                let amount = reward::reward(pending.score, ledger.per_score_x64(pending.pool))
                    .map_err(EmissionError::from)?;
                self.book(amount, pending.co_share_bps)?;
                booked = booked
                    .checked_add(amount)
                    .ok_or(EmissionError::MathOverflow)?;
            } else {
                page_missing |= closed;
                *self
                    .pending
                    .get_mut(kept)
                    .ok_or(EmissionError::MathOverflow)? = pending;
                kept = kept.saturating_add(1);
            }
        }
        self.pending_count = u8::try_from(kept).map_err(|_| EmissionError::MathOverflow)?;
        Ok(Settled {
            booked,
            page_missing,
        })
    }

    fn book(&mut self, amount: u64, co_share_bps: u16) -> Result<()> {
        let (owner, co_staker) =
            reward::split(amount, co_share_bps).map_err(EmissionError::from)?;
        self.owner_booked_units = self
            .owner_booked_units
            .checked_add(owner)
            .ok_or(EmissionError::MathOverflow)?;
        self.co_booked_units = self
            .co_booked_units
            .checked_add(co_staker)
            .ok_or(EmissionError::MathOverflow)?;
        Ok(())
    }

    /// Remembers the check-in of `hour`; one for each hour, and only while there is room.
    pub fn check_in(&mut self, hour: PendingHour) -> Result<()> {
        require!(hour.hour > self.last_hour, EmissionError::AlreadyCheckedIn);
        let slot = self
            .pending
            .get_mut(usize::from(self.pending_count))
            .ok_or(EmissionError::HoursNotClosed)?;
        *slot = hour;
        self.last_hour = hour.hour;
        self.pending_count = self.pending_count.saturating_add(1);
        Ok(())
    }

    /// Turns to the co-staker of now. The former one's hours must be settled and paid: one account books for one at a time,
    /// and two weeks at least lie between two co-stakers, the cool-down of a whole stake.
    pub fn turn_to(&mut self, co_staker: Address) -> Result<()> {
        if self.co_staker == co_staker {
            return Ok(());
        }
        let pending = self
            .pending
            .iter()
            .take(usize::from(self.pending_count))
            .any(|hour| hour.co_share_bps > 0);
        require!(!pending, EmissionError::CoHoursPending);
        require!(self.co_booked_units == 0, EmissionError::CoRewardsUnclaimed);
        self.co_staker = co_staker;
        Ok(())
    }

    /// Takes what is booked for the co-staker.
    pub fn claim_co(&mut self) -> Result<u64> {
        let amount = core::mem::take(&mut self.co_booked_units);
        require!(amount > 0, EmissionError::NothingToClaim);
        self.co_claimed_units = self
            .co_claimed_units
            .checked_add(amount)
            .ok_or(EmissionError::MathOverflow)?;
        Ok(amount)
    }

    /// Takes what is booked for the owner.
    pub fn claim(&mut self) -> Result<u64> {
        let amount = self.owner_booked_units;
        require!(amount > 0, EmissionError::NothingToClaim);
        self.owner_booked_units = 0;
        self.claimed_units = self
            .claimed_units
            .checked_add(amount)
            .ok_or(EmissionError::MathOverflow)?;
        Ok(amount)
    }
}
