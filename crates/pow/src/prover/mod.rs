//! Proving: filling the tables, walking them, opening what a challenge picks.

mod cpu;
mod memory;
mod record;
mod replay;
mod table;
mod tree;
mod walker;
mod waves;

use crate::{walk::node_key, Chain, Node};
use std::{boxed::Box, string::String, vec::Vec};

pub use cpu::{Cpu, CpuProver};
pub use memory::available as available_memory;
pub use record::Record;
pub use replay::Replay;
pub use walker::Walker;

/// Why a prover has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProverError {
    /// The memory for the table or the nodes cannot be had.
    Memory {
        /// Bytes that were asked for.
        bytes: u64,
    },
    /// The table is not filled, or nothing was walked yet.
    Order,
    /// The pick or card lies outside the shape, or there is not one device for each card.
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
            Self::Order => f.write_str("fill the table and walk before opening"),
            Self::OutOfRange => f.write_str(
                "the pick or card lies outside the shape, which needs one device a card",
            ),
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
    /// Rows of all cards' tables that are filled.
    Filled {
        /// Rows done.
        rows: u64,
        /// Rows of all tables.
        of: u64,
    },
    /// Waves that are walked.
    Walked {
        /// Waves done.
        waves: u32,
        /// Waves of the shape.
        of: u32,
    },
}

/// What differs between kinds of device: one card with the table of its number. [`Walker`] makes a prover of one or several.
pub trait Engine: Send {
    /// Fills the table. `done` hears how many rows are done, and may end it by an error.
    ///
    /// # Errors
    /// [`ProverError::Memory`] or [`ProverError::Device`], or what `done` returned.
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError>;

    /// The nodes over each group of tiles ([`crate::GROUP_TILES`]) of the wave with this key, in order.
    ///
    /// # Errors
    /// [`ProverError::Order`] before [`Engine::fill`], [`ProverError::Memory`] or [`ProverError::Device`].
    fn groups(&mut self, key: &[u8; 32]) -> Result<Vec<Node>, ProverError>;

    /// The node over all tiles of the wave with this key.
    ///
    /// # Errors
    /// As [`Engine::groups`].
    fn root(&mut self, key: &[u8; 32]) -> Result<Node, ProverError> {
        let groups = self.groups(key)?;
        Ok(tree::climb(&node_key(key), groups, 0).0)
    }

    /// Walks the next `count` waves of a walk of this card alone, and returns their roots. Devices that queue waves answer once.
    ///
    /// # Errors
    /// As [`Engine::groups`].
    fn roots(&mut self, chain: &mut Chain, count: u32) -> Result<Vec<Node>, ProverError> {
        let walk = |_| {
            let root = self.root(&chain.key())?;
            chain.push(root);
            Ok(root)
        };
        (0..count).map(walk).collect()
    }

    /// Reads the table once from end to end and does nothing else: what the walk's speed is compared with. Returns how many
    /// bytes were read.
    ///
    /// # Errors
    /// [`ProverError::Order`] before [`Engine::fill`], or [`ProverError::Device`].
    fn read(&mut self) -> Result<u64, ProverError>;

    /// Reads this many panels at random and does nothing else. Returns how many bytes were read.
    ///
    /// # Errors
    /// As [`Engine::read`].
    fn gather(&mut self, panels: u32) -> Result<u64, ProverError>;
}

impl Engine for Box<dyn Engine> {
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        (**self).fill(done)
    }

    fn groups(&mut self, key: &[u8; 32]) -> Result<Vec<Node>, ProverError> {
        (**self).groups(key)
    }

    fn root(&mut self, key: &[u8; 32]) -> Result<Node, ProverError> {
        (**self).root(key)
    }

    fn roots(&mut self, chain: &mut Chain, count: u32) -> Result<Vec<Node>, ProverError> {
        (**self).roots(chain, count)
    }

    fn read(&mut self) -> Result<u64, ProverError> {
        (**self).read()
    }

    fn gather(&mut self, panels: u32) -> Result<u64, ProverError> {
        (**self).gather(panels)
    }
}
