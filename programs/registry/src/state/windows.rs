use crate::{constants::RING, RegistryError};
use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};

/// One hour's window: what every proof of the hour is bound to.
#[derive(Clone, Copy, Pod, Zeroable, IdlType)]
#[repr(C)]
pub struct Window {
    pub epoch: u64,
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

impl Windows {
    fn index(epoch: u64) -> Result<usize> {
        epoch
            .checked_rem(RING as u64)
            .and_then(|index| usize::try_from(index).ok())
            .ok_or_else(|| RegistryError::MathOverflow.into())
    }

    /// Opens the window of `epoch`, once.
    pub fn open(&mut self, window: Window) -> Result<()> {
        let slot = self
            .ring
            .get_mut(Self::index(window.epoch)?)
            .ok_or(RegistryError::MathOverflow)?;
        require!(slot.epoch != window.epoch, RegistryError::WindowAlreadyOpen);
        *slot = window;
        Ok(())
    }

    /// The open window of `epoch`.
    pub fn get(&self, epoch: u64) -> Result<Window> {
        self.ring
            .get(Self::index(epoch)?)
            .filter(|window| window.epoch == epoch)
            .copied()
            .ok_or_else(|| RegistryError::WindowNotOpen.into())
    }
}
