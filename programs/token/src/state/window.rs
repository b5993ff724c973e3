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
        let capacity = capacity(
            self.limit_units.value,
            self.share_bps.value,
            self.floor_units.value,
            supply,
        )
        .map_err(TokenError::from)?;
        let bucket = Bucket {
            level: self.level_units,
            at_ts: self.at_ts,
        };
        match bucket
            .admit(capacity, WINDOW_SECS, now, amount)
            .map_err(TokenError::from)?
        {
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
