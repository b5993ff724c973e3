use crate::{constants::PAGE_HOURS, EmissionError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_math::reward::Pot;

/// One pool in one hour.
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct PoolHour {
    /// Reward of one point of score, Q64.64; set when the hour closes.
    pub per_score_x64: PodU128,
    pub total_score: u64,
    /// What the pool shares out, of its part of the emission and of what the hours before left.
    pub amount_units: u64,
}

/// Both pools in one hour.
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct HourLedger {
    pub enterprise: PoolHour,
    pub community: PoolHour,
}

/// 128 hours of the ledger, kept for good, so that an hour can be settled years later.
#[account]
pub struct LedgerPage {
    pub hours: [HourLedger; PAGE_HOURS as usize],
    pub index: u32,
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 2],
}

impl PoolHour {
    /// Shares the pot over the hour's scores; returns what is carried on. A void hour shares nothing.
    pub fn close(&mut self, pot: &Pot, void: bool) -> Result<u64> {
        let score = if void { 0 } else { self.total_score };
        let hour = pot.share(score.into()).map_err(EmissionError::from)?;
        self.per_score_x64 = hour.per_score_x64.into();
        self.amount_units = hour.shared;
        Ok(hour.carry)
    }

    pub fn add_score(&mut self, score: u64) -> Result<()> {
        self.total_score = self
            .total_score
            .checked_add(score)
            .ok_or(EmissionError::MathOverflow)?;
        Ok(())
    }
}

impl HourLedger {
    /// Pool 0 is Enterprise, everything else Community.
    pub fn pool(&mut self, pool: u8) -> &mut PoolHour {
        if pool == 0 {
            &mut self.enterprise
        } else {
            &mut self.community
        }
    }

    pub fn per_score_x64(&self, pool: u8) -> u128 {
        let pool = if pool == 0 {
            &self.enterprise
        } else {
            &self.community
        };
        pool.per_score_x64.into()
    }
}

impl LedgerPage {
    /// Page and position of an hour, counted from 1.
    pub fn locate(hour: u32) -> Option<(u32, usize)> {
        let zero_based = hour.checked_sub(1)?;
        let index = zero_based.checked_div(PAGE_HOURS)?;
        let position = usize::try_from(zero_based.checked_rem(PAGE_HOURS)?).ok()?;
        Some((index, position))
    }

    fn position(&self, hour: u32) -> Option<usize> {
        let (index, position) = Self::locate(hour)?;
        (index == self.index).then_some(position)
    }

    pub fn hour(&self, hour: u32) -> Option<&HourLedger> {
        self.hours.get(self.position(hour)?)
    }

    pub fn hour_mut(&mut self, hour: u32) -> Result<&mut HourLedger> {
        let position = self.position(hour).ok_or(EmissionError::WrongPage)?;
        self.hours
            .get_mut(position)
            .ok_or_else(|| EmissionError::WrongPage.into())
    }
}
