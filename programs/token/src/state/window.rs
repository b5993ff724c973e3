use crate::{constants::WINDOW_SECS, errors::TokenError, events::BreakerRefused};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use iog_common::governance::Parameter;
use iog_math::breaker::{capacity, Admission, Bucket};

/// Which mint a window of the breaker watches.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum WindowId {
    Emission,
    NetEmission,
    Iosd,
    Refund,
}

/// A leaky bucket around one kind of mint: what it holds leaks out within [`WINDOW_SECS`].
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct Window {
    pub level_units: u64,
    pub at_ts: i64,
    /// What passes without filling the bucket, leaking out like it: refunds of what was spent lately.
    pub credit_units: u64,
    pub credit_ts: i64,
    /// Most that the bucket holds, in base units.
    pub limit_units: Parameter,
    /// Most that it holds as a share of the supply of what is minted.
    pub share_bps: Parameter,
    /// What it holds at least, however small the supply is, if the limit allows.
    pub floor_units: Parameter,
}

/// The first limits of a window.
#[derive(Clone, Copy, AnchorSerialize, AnchorDeserialize, IdlType)]
pub struct WindowArgs {
    pub limit: u64,
    pub share_bps: u64,
    pub floor: u64,
}

impl Window {
    /// Lets `amount` pass into a supply of `supply`, or refuses it with an event.
    pub fn admit(&mut self, id: WindowId, amount: u64, supply: u64, now: i64) -> Result<()> {
        let capacity = self.capacity(supply)?;
        let admission = self
            .bucket()
            .admit(capacity, WINDOW_SECS, now, amount)
            .map_err(TokenError::from)?;
        self.store(id, amount, admission)
    }

    /// The most that [`Self::admit`] would let pass at `now`.
    pub fn rest_at(&self, supply: u64, now: i64) -> Result<u64> {
        let capacity = self.capacity(supply)?;
        let bucket = self
            .bucket()
            .drained(capacity, WINDOW_SECS, now)
            .map_err(TokenError::from)?;
        Ok(capacity.saturating_sub(bucket.level))
    }

    /// Lets an exit pass: what the credit covers does not count, so that nobody fills the bucket by spending and being refunded again and
    /// again. What is too large for one call comes in parts.
    pub fn admit_exit(&mut self, id: WindowId, amount: u64, supply: u64, now: i64) -> Result<()> {
        let capacity = self.capacity(supply)?;
        let credit = self.credit_at(capacity, now)?;
        let covered = credit.level.min(amount);
        let counts = amount.saturating_sub(covered);
        // The capacity shrinks as IOSD is given back or earned: a bucket above it must not stop what does not count.
        if counts > 0 {
            let admission = self
                .bucket()
                .admit(capacity, WINDOW_SECS, now, counts)
                .map_err(TokenError::from)?;
            self.store(id, amount, admission)?;
        }
        self.credit_units = credit.level.saturating_sub(covered);
        self.credit_ts = credit.at_ts;
        Ok(())
    }

    /// The most that [`Self::admit_exit`] would let pass at `now`.
    pub fn exit_rest_at(&self, supply: u64, now: i64) -> Result<u64> {
        let credit = self.credit_at(self.capacity(supply)?, now)?;
        Ok(self.rest_at(supply, now)?.saturating_add(credit.level))
    }

    /// Adds to what passes without filling the bucket.
    pub fn add_credit(&mut self, amount: u64, supply: u64, now: i64) -> Result<()> {
        let credit = self.credit_at(self.capacity(supply)?, now)?;
        self.credit_units = credit
            .level
            .checked_add(amount)
            .ok_or(TokenError::MathOverflow)?;
        self.credit_ts = credit.at_ts;
        Ok(())
    }

    fn credit_at(&self, capacity: u64, now: i64) -> Result<Bucket> {
        let credit = Bucket {
            level: self.credit_units,
            at_ts: self.credit_ts,
        };
        Ok(credit
            .drained(capacity, WINDOW_SECS, now)
            .map_err(TokenError::from)?)
    }

    fn capacity(&self, supply: u64) -> Result<u64> {
        Ok(capacity(
            self.limit_units.value,
            self.share_bps.value,
            self.floor_units.value,
            supply,
        )
        .map_err(TokenError::from)?)
    }

    fn bucket(&self) -> Bucket {
        Bucket {
            level: self.level_units,
            at_ts: self.at_ts,
        }
    }

    fn store(&mut self, id: WindowId, amount: u64, admission: Admission) -> Result<()> {
        match admission {
            Admission::Admitted(bucket) => {
                self.level_units = bucket.level;
                self.at_ts = bucket.at_ts;
                Ok(())
            }
            Admission::Refused { level, capacity } => {
                emit!(BreakerRefused {
                    window: id as u8,
                    amount,
                    level,
                    capacity,
                });
                Err(TokenError::BreakerTripped.into())
            }
        }
    }
}
