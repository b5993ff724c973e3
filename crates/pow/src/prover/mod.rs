//! Proving: filling the table, walking it, opening what a challenge picks.

mod cpu;
mod table;
mod tree;

use crate::{Pick, Root, Shape};
use std::{string::String, vec::Vec};

pub use cpu::CpuProver;

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
    /// The device failed; the text is its driver's.
    Device(String),
}

impl core::fmt::Display for ProverError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Memory { bytes } => write!(f, "{bytes} bytes of memory cannot be had"),
            Self::Order => f.write_str("fill the table, then walk the waves in order, then open"),
            Self::OutOfRange => f.write_str("the wave or pick lies outside the shape"),
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
    /// [`ProverError::Order`] or [`ProverError::OutOfRange`].
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
