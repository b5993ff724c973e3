//! The engine that every machine has.

use super::{
    memory,
    table::{self, Scratch},
    tree,
    walker::reserve,
    Engine, ProverError, Walker,
};
use crate::{
    walk::{absorb, draw, lane_start, panels, trunc20},
    Root, Shape, ROOT_LEN, ROW_LEN, STEPS,
};
use std::{hint::black_box, num::NonZeroUsize, thread, vec::Vec};

/// Bytes of whole rows filled between two reports of progress: 32 MiB.
const FILL_LEN: usize = 65_536 * ROW_LEN;

/// Walks main memory with threads.
pub type CpuProver = Walker<Cpu>;

impl CpuProver {
    /// A prover of a seed and shape. `threads` of 0 means as many as the machine runs at once.
    #[must_use]
    pub fn new(seed: [u8; 32], shape: Shape, threads: usize) -> Self {
        Self::over(Cpu::new(seed, shape, threads), seed, shape)
    }
}

/// Main memory and threads.
pub struct Cpu {
    seed: [u8; 32],
    shape: Shape,
    threads: NonZeroUsize,
    table: Vec<u8>,
}

impl Cpu {
    /// An engine of a seed and shape. `threads` of 0 means as many as the machine runs at once.
    #[must_use]
    pub fn new(seed: [u8; 32], shape: Shape, threads: usize) -> Self {
        let threads = NonZeroUsize::new(threads)
            .or_else(|| thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN);
        Self {
            seed,
            shape,
            threads,
            table: Vec::new(),
        }
    }

    /// Walks one lane; its node is the first 20 bytes of the final state.
    fn lane(&self, key: &[u8; 32], lane: u32, scratch: &mut Scratch) -> Root {
        let mut state = lane_start(key, lane);
        for step in 0..STEPS {
            let drawn = draw(key, lane, step);
            let tile = scratch.tile(&self.table, panels(&drawn, &self.shape));
            let (root, _) = tree::climb(tree::tile_nodes(&tile), 0);
            state = absorb(&state, &root);
        }
        trunc20(&state)
    }

    /// The node `level` levels above the lanes from `first << level` on.
    fn node(&self, key: &[u8; 32], level: u32, first: u32, scratch: &mut Scratch) -> Root {
        let start = first << level;
        let end = start.saturating_add(1_u32.wrapping_shl(level));
        let lanes = (start..end).map(|lane| self.lane(key, lane, scratch));
        let (node, _) = tree::climb(lanes.collect(), 0);
        node
    }

    fn reserve(&mut self) -> Result<(), ProverError> {
        let bytes = self.shape.table_len();
        let len = usize::try_from(bytes).map_err(|_| ProverError::Memory { bytes })?;
        let missing = len.saturating_sub(self.table.len());
        if missing > 0 {
            memory::check(bytes)?;
            self.table
                .try_reserve_exact(missing)
                .map_err(|_| ProverError::Memory { bytes })?;
            self.table.resize(len, 0);
        }
        Ok(())
    }
}

impl Engine for Cpu {
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        self.reserve()?;
        let (seed, threads) = (self.seed, self.threads.get());
        let mut rows = 0_u32;
        for slab in self.table.chunks_mut(FILL_LEN) {
            let share = slab.len().div_ceil(threads).next_multiple_of(ROW_LEN);
            thread::scope(|scope| {
                for part in slab.chunks_mut(share) {
                    let first = rows;
                    rows = rows.saturating_add(row_count(part));
                    scope.spawn(move || table::fill(&seed, first, part));
                }
            });
            done(rows)?;
        }
        Ok(())
    }

    fn nodes(
        &mut self,
        key: &[u8; 32],
        level: u32,
        first: u32,
        count: u32,
    ) -> Result<Vec<Root>, ProverError> {
        if self.table.is_empty() {
            return Err(ProverError::Order);
        }
        let end = u64::from(first).saturating_add(u64::from(count)) << level.min(32);
        if level > self.shape.lane_levels() || end > u64::from(self.shape.lanes()) {
            return Err(ProverError::OutOfRange);
        }
        let mut nodes = Vec::new();
        reserve(&mut nodes, count)?;
        nodes.resize(
            usize::try_from(count).map_err(|_| ProverError::OutOfRange)?,
            [0; ROOT_LEN],
        );
        let (engine, share) = (&*self, nodes.len().div_ceil(self.threads.get()).max(1));
        thread::scope(|scope| {
            let mut next = first;
            for part in nodes.chunks_mut(share) {
                let start = next;
                next = next.saturating_add(u32::try_from(part.len()).unwrap_or(u32::MAX));
                scope.spawn(move || {
                    let mut scratch = Scratch::new();
                    for (number, node) in (start..).zip(part) {
                        *node = engine.node(key, level, number, &mut scratch);
                    }
                });
            }
        });
        Ok(nodes)
    }

    fn read(&mut self) -> Result<u64, ProverError> {
        if self.table.is_empty() {
            return Err(ProverError::Order);
        }
        let share = self.table.len().div_ceil(self.threads.get());
        thread::scope(|scope| {
            for part in self.table.chunks(share) {
                scope.spawn(move || black_box(table::sum(part)));
            }
        });
        Ok(self.shape.table_len())
    }
}

/// Whole rows in a run of bytes.
fn row_count(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.chunks_exact(ROW_LEN).len()).unwrap_or(u32::MAX)
}
