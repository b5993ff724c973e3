use super::{Caps, Offer};
use crate::StakingError;
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_common::governance::NOBODY;
use iog_math::stake::{CO_STAKER_WAIT_SECS, UNSTAKE_COOLDOWN_SECS};

/// A slash case of the last 30 days.
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct CaseMark {
    pub proposed_ts: i64,
    /// Of owner and co-staker together.
    pub amount_units: u64,
    /// The owner's part of it.
    pub owner_units: u64,
}

/// What stands behind one device.
#[account]
pub struct DeviceStake {
    pub device: Address,
    pub owner: Address,
    /// Zeros while nobody co-stakes.
    pub co_staker: Address,
    /// The owner's part.
    pub amount_units: u64,
    pub co_amount_units: u64,
    /// What open slash cases hold of either part.
    pub held_units: u64,
    pub co_held_units: u64,
    /// When the whole stake may be withdrawn; 0 while no request was made.
    pub unlock_ts: i64,
    /// Until when a leaving co-staker's part counts; 0 while it stays.
    pub co_leave_ts: i64,
    pub opened_ts: i64,
    /// When the co-staker came, refilling aside: it bears no offence of an earlier time.
    pub co_since_ts: i64,
    pub marks: [CaseMark; 4],
    /// Those of the opening: what was agreed to then is not raised later.
    pub caps: Caps,
    /// Those of the co-staker's acceptance.
    pub co_caps: Caps,
    pub co_share_bps: u16,
    pub open_cases: u8,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 27],
}

pub(super) fn add(total: &mut u64, amount: u64) -> Result<()> {
    *total = total
        .checked_add(amount)
        .ok_or(StakingError::MathOverflow)?;
    Ok(())
}

pub(super) fn sub(total: &mut u64, amount: u64) -> Result<()> {
    *total = total
        .checked_sub(amount)
        .ok_or(StakingError::MathOverflow)?;
    Ok(())
}

impl DeviceStake {
    pub fn is_cooling_down(&self) -> bool {
        self.unlock_ts != 0
    }

    pub fn has_co_staker(&self) -> bool {
        self.co_staker != NOBODY
    }

    /// What counts at `now`: nothing on its way out, a leaving co-staker's part for 7 days more.
    pub fn counted(&self, now: i64) -> u64 {
        if self.is_cooling_down() {
            return 0;
        }
        let left = self.co_leave_ts != 0 && now >= self.co_leave_ts;
        let co_amount = if left { 0 } else { self.co_amount_units };
        self.amount_units.saturating_add(co_amount)
    }

    /// Counts towards eligibility: at least `minimum`.
    pub fn covers(&self, minimum: u64, now: i64) -> bool {
        self.counted(now) >= minimum
    }

    /// The co-staker's share of rewards, if it has one: a co-staker on the way out earns nothing.
    pub fn co_share_bps(&self) -> u16 {
        let earns = self.co_amount_units > 0 && self.co_leave_ts == 0 && !self.is_cooling_down();
        if earns {
            self.co_share_bps
        } else {
            0
        }
    }

    /// Begins a stake under the caps of now.
    pub fn open(&mut self, device: Address, owner: Address, caps: Caps, now: i64) {
        self.device = device;
        self.owner = owner;
        self.caps = caps;
        self.opened_ts = now;
        self.version = 1;
    }

    pub fn add(&mut self, amount: u64) -> Result<()> {
        require!(amount > 0, StakingError::ZeroAmount);
        require!(!self.is_cooling_down(), StakingError::CoolingDown);
        add(&mut self.amount_units, amount)
    }

    /// Takes out what is above the minimum, above the co-staker's half and not held. A co-staker lets the owner take out no sooner than the
    /// cool-down would: else a friend who joins after an offence would carry half of the liable stake out of its reach.
    pub fn withdraw_overflow(&mut self, amount: u64, minimum: u64, now: i64) -> Result<()> {
        require!(amount > 0, StakingError::ZeroAmount);
        require!(!self.is_cooling_down(), StakingError::CoolingDown);
        let above = |kept: u64, of: u64| of.saturating_sub(kept);
        let joined_ts = self.co_since_ts.saturating_add(UNSTAKE_COOLDOWN_SECS);
        let counted = if now < joined_ts {
            self.counted(now).min(self.amount_units)
        } else {
            self.counted(now)
        };
        let free = above(minimum, counted)
            .min(above(self.co_amount_units, self.amount_units))
            .min(above(self.held_units, self.amount_units));
        require!(amount <= free, StakingError::NotOverflow);
        sub(&mut self.amount_units, amount)
    }

    pub fn request_unstake(&mut self, now: i64) -> Result<i64> {
        require!(!self.is_cooling_down(), StakingError::CoolingDown);
        self.unlock_ts = now
            .checked_add(UNSTAKE_COOLDOWN_SECS)
            .ok_or(StakingError::MathOverflow)?;
        Ok(self.unlock_ts)
    }

    /// Pays out what of the owner's part no case holds, when the cool-down is over. Of a part that was slashed whole there
    /// is nothing to pay, but its account to close, for the device to be staked again.
    pub fn withdraw(&mut self, now: i64) -> Result<u64> {
        require!(self.is_cooling_down(), StakingError::NotRequested);
        require!(now >= self.unlock_ts, StakingError::CoolDownNotOver);
        let amount = self
            .amount_units
            .checked_sub(self.held_units)
            .ok_or(StakingError::MathOverflow)?;
        require!(amount > 0 || self.held_units == 0, StakingError::HeldByCase);
        require!(amount > 0 || self.is_empty(), StakingError::ZeroAmount);
        self.amount_units = self.held_units;
        Ok(amount)
    }

    /// Takes a co-staker in under an offer's terms and the caps of now, which then stay.
    pub fn accept(
        &mut self,
        offer: &Offer,
        co_staker: Address,
        caps: Caps,
        now: i64,
    ) -> Result<()> {
        require!(
            offer.stake_opened_ts == self.opened_ts,
            StakingError::OfferOutlived
        );
        offer.require_invited(&co_staker)?;
        let amount = offer.amount_units;
        require!(!self.is_cooling_down(), StakingError::CoolingDown);
        require!(!self.has_co_staker(), StakingError::HasCoStaker);
        require!(amount <= self.amount_units, StakingError::OfferTooLarge);
        self.co_staker = co_staker;
        self.co_amount_units = amount;
        self.co_share_bps = offer.co_share_bps;
        self.co_since_ts = now;
        self.co_caps = caps;
        Ok(())
    }

    /// Begins the co-staker's leave.
    pub fn leave(&mut self, now: i64) -> Result<()> {
        require!(!self.is_cooling_down(), StakingError::CoolingDown);
        require!(self.co_leave_ts == 0, StakingError::AlreadyLeaving);
        self.co_leave_ts = now
            .checked_add(CO_STAKER_WAIT_SECS)
            .ok_or(StakingError::MathOverflow)?;
        Ok(())
    }

    /// When the co-staker's part may be withdrawn: after its own wait and cool-down, or the whole stake's cool-down,
    /// whichever ends first. `None` while neither was asked for.
    pub fn co_unlock_ts(&self) -> Result<Option<i64>> {
        let own = match self.co_leave_ts {
            0 => None,
            counts_until => Some(
                counts_until
                    .checked_add(UNSTAKE_COOLDOWN_SECS)
                    .ok_or(StakingError::MathOverflow)?,
            ),
        };
        let whole = self.is_cooling_down().then_some(self.unlock_ts);
        Ok(match (own, whole) {
            (Some(own), Some(whole)) => Some(own.min(whole)),
            (own, whole) => own.or(whole),
        })
    }

    /// Pays out what of the co-staker's part no case holds.
    pub fn withdraw_co(&mut self, now: i64) -> Result<u64> {
        require!(self.has_co_staker(), StakingError::NotCoStaker);
        // A part that was slashed whole has nothing to pay, but its place is given back.
        let unlocked =
            self.co_amount_units == 0 || self.co_unlock_ts()?.is_some_and(|unlock| now >= unlock);
        require!(unlocked, StakingError::CoStakeLocked);
        let amount = self
            .co_amount_units
            .checked_sub(self.co_held_units)
            .ok_or(StakingError::MathOverflow)?;
        require!(
            amount > 0 || self.co_held_units == 0,
            StakingError::HeldByCase
        );
        self.co_amount_units = self.co_held_units;
        Ok(amount)
    }

    /// Forgets a co-staker who has nothing left; true when it did.
    pub fn release_co_staker(&mut self) -> bool {
        if self.co_amount_units > 0 || !self.has_co_staker() {
            return false;
        }
        self.co_staker = NOBODY;
        self.co_share_bps = 0;
        self.co_leave_ts = 0;
        self.co_since_ts = 0;
        self.co_caps = Caps::zeroed();
        true
    }

    /// Nothing is left that the account is needed for.
    pub fn is_empty(&self) -> bool {
        self.is_cooling_down()
            && self.amount_units == 0
            && !self.has_co_staker()
            && self.open_cases == 0
    }
}
