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
    /// The one before, and what it has not fetched; zeros while there is none.
    pub former_co_staker: Address,
    pub pending: [PendingHour; PENDING],
    pub owner_booked_units: u64,
    pub co_booked_units: u64,
    pub former_booked_units: u64,
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

    /// Turns to the co-staker of now. The former one's hours must be settled; what it has not fetched waits beside the new one's,
    /// so that no vault that is short keeps the device from earning. Two weeks at least lie between two co-stakers, the cool-down
    /// of a whole stake: a second one that is still unpaid after that must be paid first.
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
        let returns = self.former_co_staker == co_staker;
        if returns || self.co_booked_units > 0 {
            require!(
                returns || self.former_booked_units == 0,
                EmissionError::CoRewardsUnclaimed
            );
            core::mem::swap(&mut self.former_co_staker, &mut self.co_staker);
            core::mem::swap(&mut self.former_booked_units, &mut self.co_booked_units);
        }
        self.co_staker = co_staker;
        Ok(())
    }

    /// Whether something can be booked for `wallet` as co-staker, present or former.
    pub fn is_co_staker(&self, wallet: &Address) -> bool {
        *wallet == self.co_staker || *wallet == self.former_co_staker
    }

    /// Takes what can be paid of what is booked for `co_staker`.
    pub fn claim_co(&mut self, co_staker: &Address, config: &mut Config) -> Result<u64> {
        let booked = if *co_staker == self.co_staker {
            &mut self.co_booked_units
        } else {
            &mut self.former_booked_units
        };
        let amount = config.claim(booked)?;
        self.co_claimed_units = self
            .co_claimed_units
            .checked_add(amount)
            .ok_or(EmissionError::MathOverflow)?;
        Ok(amount)
    }

    /// Takes what can be paid of what is booked for the owner.
    pub fn claim(&mut self, config: &mut Config) -> Result<u64> {
        let amount = config.claim(&mut self.owner_booked_units)?;
        self.claimed_units = self
            .claimed_units
            .checked_add(amount)
            .ok_or(EmissionError::MathOverflow)?;
        Ok(amount)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Address = Address::new_from_array([1; 32]);
    const B: Address = Address::new_from_array([2; 32]);
    const C: Address = Address::new_from_array([3; 32]);

    fn books(rewards: &DeviceRewards) -> (Address, u64, Address, u64) {
        (
            rewards.co_staker,
            rewards.co_booked_units,
            rewards.former_co_staker,
            rewards.former_booked_units,
        )
    }

    /// No vault that is short keeps a device with a new co-staker from earning, and nobody's amount becomes another's.
    #[test]
    fn two_co_stakers_wait_side_by_side_and_a_third_does_not() {
        let nobody = Address::default();
        let mut rewards = DeviceRewards::zeroed();
        assert_eq!(rewards.turn_to(A), Ok(()));
        assert_eq!(books(&rewards), (A, 0, nobody, 0));
        rewards.co_booked_units = 7;
        assert_eq!(rewards.turn_to(B), Ok(()));
        assert_eq!(books(&rewards), (B, 0, A, 7));
        rewards.co_booked_units = 5;
        assert_eq!(
            rewards.turn_to(C),
            Err(EmissionError::CoRewardsUnclaimed.into())
        );
        assert_eq!(rewards.turn_to(A), Ok(()));
        assert_eq!(books(&rewards), (A, 7, B, 5));
        rewards.former_booked_units = 0;
        assert_eq!(rewards.turn_to(C), Ok(()));
        assert_eq!(books(&rewards), (C, 0, A, 7));
        // Who has nothing is forgotten.
        assert_eq!(rewards.turn_to(B), Ok(()));
        assert_eq!(books(&rewards), (B, 0, A, 7));
    }

    #[test]
    fn pending_hours_of_the_former_co_staker_come_first() {
        let mut rewards = DeviceRewards::zeroed();
        rewards.turn_to(A).unwrap();
        let hour = |hour, co_share_bps| PendingHour {
            score: 1,
            hour,
            co_share_bps,
            pool: 0,
            reserved: 0,
        };
        rewards.check_in(hour(1, 0)).unwrap();
        assert_eq!(rewards.turn_to(B), Ok(()));
        rewards.check_in(hour(2, 1)).unwrap();
        assert_eq!(
            rewards.turn_to(A),
            Err(EmissionError::CoHoursPending.into())
        );
        assert_eq!(rewards.turn_to(B), Ok(()));
    }
}
