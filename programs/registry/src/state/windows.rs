use crate::{constants::RING, RegistryError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

/// One hour's window: what every proof of the hour is bound to. The hour's first call anchors it; it opens at its time.
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct Window {
    pub epoch: u64,
    /// Unix seconds from which on anyone may open it, drawn from a slot hash.
    pub opens_ts: i64,
    /// Newest recorded slot when it was opened; 0 while it is only anchored.
    pub slot: u64,
    pub slot_hash: [u8; 32],
}

/// The last 24 windows, by epoch modulo 24. One per program.
#[account]
pub struct Windows {
    pub ring: [Window; RING],
    pub version: u8,
    pub bump: u8,
    pub reserved: [u8; 6],
}

impl Window {
    pub fn is_open(&self) -> bool {
        self.slot > 0
    }
}

impl Windows {
    fn entry(&mut self, epoch: u64) -> Result<&mut Window> {
        let index = Self::index(epoch)?;
        self.ring
            .get_mut(index)
            .ok_or_else(|| RegistryError::MathOverflow.into())
    }

    fn index(epoch: u64) -> Result<usize> {
        epoch
            .checked_rem(RING as u64)
            .and_then(|index| usize::try_from(index).ok())
            .ok_or_else(|| RegistryError::MathOverflow.into())
    }

    /// Whether somebody has fixed when the window of `epoch` opens.
    pub fn is_anchored(&self, epoch: u64) -> Result<bool> {
        let entry = self.ring.get(Self::index(epoch)?);
        Ok(entry.is_some_and(|window| window.epoch == epoch))
    }

    /// Fixes when the window of `epoch` opens, in the place of the one a day before.
    pub fn anchor(&mut self, epoch: u64, opens_ts: i64) -> Result<()> {
        *self.entry(epoch)? = Window {
            epoch,
            opens_ts,
            slot: 0,
            slot_hash: [0; 32],
        };
        Ok(())
    }

    /// Opens the anchored window of `epoch`, once and not before its time.
    pub fn open(&mut self, epoch: u64, now: i64, slot: u64, slot_hash: [u8; 32]) -> Result<()> {
        let window = self.entry(epoch)?;
        require!(!window.is_open(), RegistryError::WindowAlreadyOpen);
        require!(now >= window.opens_ts, RegistryError::WindowNotDue);
        window.slot = slot;
        window.slot_hash = slot_hash;
        Ok(())
    }

    /// The open window of `epoch`.
    pub fn get(&self, epoch: u64) -> Result<Window> {
        self.ring
            .get(Self::index(epoch)?)
            .filter(|window| window.epoch == epoch && window.is_open())
            .copied()
            .ok_or_else(|| RegistryError::WindowNotOpen.into())
    }
}
