//! Proving: filling the table, walking it, opening what a challenge picks.

mod cpu;
mod memory;
mod replay;
mod table;
mod tree;
mod walker;

use crate::{Pick, Root, Shape};
use std::{boxed::Box, string::String, vec::Vec};

pub use cpu::{Cpu, CpuProver};
pub use memory::available as available_memory;
pub use walker::Walker;

/// Why a prover has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProverError {
    /// The memory for the table or the lanes cannot be had.
    Memory {
        /// Bytes that were asked for.
        bytes: u64,
    },
    /// The table is not filled, or the wave before (or the picked wave) was not walked.
    Order,
    /// The pick, or the wave, lies outside the shape.
    OutOfRange,
    /// The walk was told to stop.
    GivenUp,
    /// There is no such device, or what drives it is not installed; the text says what to do.
    Unavailable(String),
    /// The device failed; the text is its driver's.
    Device(String),
}

impl core::fmt::Display for ProverError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Memory { bytes } => write!(f, "{bytes} bytes of memory cannot be had"),
            Self::Order => f.write_str("fill the table, then walk the waves in order, then open"),
            Self::OutOfRange => f.write_str("the wave or pick lies outside the shape"),
            Self::GivenUp => f.write_str("the walk was given up"),
            Self::Unavailable(message) => write!(f, "no device to prove with: {message}"),
            Self::Device(message) => write!(f, "the device failed: {message}"),
        }
    }
}

impl core::error::Error for ProverError {}

/// How far a prover is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Rows of the table that are filled.
    Filled {
        /// Rows done.
        rows: u32,
        /// Rows of the table.
        of: u32,
    },
    /// Waves that are walked.
    Walked {
        /// Waves done.
        waves: u32,
        /// Waves of the shape.
        of: u32,
    },
}

/// A device that walks its memory. One prover holds one seed and shape.
pub trait Prover {
    /// The size of the walk.
    fn shape(&self) -> &Shape;

    /// Fills the table.
    ///
    /// # Errors
    /// [`ProverError::Memory`] or [`ProverError::Device`].
    fn fill(&mut self) -> Result<(), ProverError>;

    /// Walks a wave and returns its root. Waves are walked in order, each once after [`Prover::fill`].
    ///
    /// # Errors
    /// [`ProverError::Order`] out of order, [`ProverError::OutOfRange`] behind the last.
    fn wave(&mut self, wave: u32) -> Result<Root, ProverError>;

    /// The opening of a pick whose wave was walked.
    ///
    /// # Errors
    /// [`ProverError::Order`] or [`ProverError::OutOfRange`]; [`ProverError::Device`] if the device's roots are not those
    /// of the definition.
    fn open(&mut self, pick: &Pick) -> Result<Vec<u8>, ProverError>;

    /// Fills the table and walks all waves: the roots to commit.
    ///
    /// # Errors
    /// As [`Prover::fill`] and [`Prover::wave`].
    fn commit(&mut self) -> Result<Vec<Root>, ProverError> {
        self.fill()?;
        (0..self.shape().waves())
            .map(|wave| self.wave(wave))
            .collect()
    }
}

/// What differs between kinds of device. [`Walker`] makes a [`Prover`] of it.
pub trait Engine: Send {
    /// Fills the table. `done` hears how many rows are done, and may end it by an error.
    ///
    /// # Errors
    /// [`ProverError::Memory`] or [`ProverError::Device`], or what `done` returned.
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError>;

    /// Walks `count << level` lanes of the wave with this key, from lane `first << level` on, and returns the `count` nodes
    /// that lie `level` levels above the lanes.
    ///
    /// # Errors
    /// [`ProverError::Order`] before [`Engine::fill`], [`ProverError::OutOfRange`], [`ProverError::Memory`] or
    /// [`ProverError::Device`].
    fn nodes(
        &mut self,
        key: &[u8; 32],
        level: u32,
        first: u32,
        count: u32,
    ) -> Result<Vec<Root>, ProverError>;

    /// Reads the table once from end to end and does nothing else: what the walk's speed is compared with. Returns how many
    /// bytes were read.
    ///
    /// # Errors
    /// [`ProverError::Order`] before [`Engine::fill`], or [`ProverError::Device`].
    fn read(&mut self) -> Result<u64, ProverError>;
}

impl Engine for Box<dyn Engine> {
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        (**self).fill(done)
    }

    fn nodes(
        &mut self,
        key: &[u8; 32],
        level: u32,
        first: u32,
        count: u32,
    ) -> Result<Vec<Root>, ProverError> {
        (**self).nodes(key, level, first, count)
    }

    fn read(&mut self) -> Result<u64, ProverError> {
        (**self).read()
    }
}
