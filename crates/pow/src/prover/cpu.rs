//! The engine that every machine has.

use super::{
    memory,
    table::{self, Scratch, PANEL_LEN},
    waves::{self, Tiles},
    Engine, ProverError, Walker,
};
use crate::{
    walk::{card_seed, draw, panels, scale},
    Node, Shape, ROW_LEN, TILE_LEN,
};
use std::{
    hint::black_box,
    num::NonZeroUsize,
    sync::{Mutex, PoisonError},
    thread,
    vec::Vec,
};

/// Bytes of whole rows filled between two reports of progress: 32 MiB.
const FILL_LEN: usize = 65_536 * ROW_LEN;
/// Tables are reserved one after another: two that look at the free memory together would both take it.
static RESERVING: Mutex<()> = Mutex::new(());

/// Walks main memory with threads.
pub type CpuProver = Walker<Cpu>;

impl CpuProver {
    /// A prover of a seed and shape, which keeps a table for each card. `threads` of 0 means as many as the machine runs at once; cards
    /// share them.
    #[must_use]
    pub fn new(seed: [u8; 32], shape: Shape, threads: usize) -> Self {
        let cards = u16::try_from(shape.cards()).unwrap_or(u16::MAX);
        let each = waves::threads(threads)
            .get()
            .div_ceil(usize::from(cards).max(1));
        let engines = (0..cards).map(|card| Cpu::new(seed, card, shape, each));
        Self::over(engines.collect(), seed, shape)
    }
}

/// Main memory and threads, for one card's table.
pub struct Cpu {
    card_seed: [u8; 32],
    card: u16,
    shape: Shape,
    threads: NonZeroUsize,
    table: Vec<u8>,
}

impl Cpu {
    /// An engine of a card of a walk. `threads` of 0 means as many as the machine runs at once.
    #[must_use]
    pub fn new(seed: [u8; 32], card: u16, shape: Shape, threads: usize) -> Self {
        Self {
            card_seed: card_seed(&seed, card),
            card,
            shape,
            threads: waves::threads(threads),
            table: Vec::new(),
        }
    }

    fn reserve(&mut self) -> Result<(), ProverError> {
        let bytes = self.shape.table_len();
        let len = usize::try_from(bytes).map_err(|_| ProverError::Memory { bytes })?;
        let missing = len.saturating_sub(self.table.len());
        if missing > 0 {
            let _one = RESERVING.lock().unwrap_or_else(PoisonError::into_inner);
            memory::check(bytes)?;
            self.table
                .try_reserve_exact(missing)
                .map_err(|_| ProverError::Memory { bytes })?;
            // Writes to it: from here on the system counts it as taken.
            self.table.resize(len, 1);
        }
        Ok(())
    }

    /// Has each thread read a part of something, from number `first` on.
    fn share(&self, whole: usize, read: impl Fn(usize, usize) -> u64 + Sync) {
        let share = whole.div_ceil(self.threads.get()).max(1);
        let read = &read;
        thread::scope(|scope| {
            for first in (0..whole).step_by(share) {
                let end = first.saturating_add(share).min(whole);
                scope.spawn(move || black_box(read(first, end)));
            }
        });
    }
}

impl Engine for Cpu {
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        self.reserve()?;
        let (seed, threads) = (self.card_seed, self.threads.get());
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

    fn groups(&mut self, key: &[u8; 32]) -> Result<Vec<Node>, ProverError> {
        if self.table.is_empty() {
            return Err(ProverError::Order);
        }
        let engine = &*self;
        waves::groups(key, &self.shape, self.threads, || Kept {
            engine,
            scratch: Scratch::new(),
        })
    }

    fn read(&mut self) -> Result<u64, ProverError> {
        if self.table.is_empty() {
            return Err(ProverError::Order);
        }
        self.share(self.table.len(), |first, end| {
            self.table.get(first..end).map_or(0, table::sum)
        });
        Ok(self.shape.table_len())
    }

    fn gather(&mut self, panels: u32) -> Result<u64, ProverError> {
        if self.table.is_empty() {
            return Err(ProverError::Order);
        }
        let count = usize::try_from(panels).map_err(|_| ProverError::OutOfRange)?;
        self.share(count, |first, end| {
            let sums = (first..end).map(|number| {
                let panel = scale(scramble(number), self.shape.panels());
                let at = usize::try_from(panel)
                    .ok()
                    .and_then(|at| at.checked_mul(PANEL_LEN));
                let bytes = at.and_then(|at| self.table.get(at..)).unwrap_or_default();
                table::sum(bytes.get(..PANEL_LEN).unwrap_or_default())
            });
            sums.fold(0, u64::wrapping_add)
        });
        Ok(u64::from(panels) << PANEL_LEN.trailing_zeros())
    }
}

/// A number that looks drawn (the finaliser of MurmurHash3).
fn scramble(number: usize) -> u32 {
    let mut x = u32::try_from(number & 0xffff_ffff).unwrap_or(u32::MAX);
    x = (x ^ (x >> 16)).wrapping_mul(0x85eb_ca6b);
    x = (x ^ (x >> 13)).wrapping_mul(0xc2b2_ae35);
    x ^ (x >> 16)
}

/// Makes tiles of the table's panels.
struct Kept<'a> {
    engine: &'a Cpu,
    scratch: Scratch,
}

impl Tiles for Kept<'_> {
    fn tile(&mut self, key: &[u8; 32], tile: u32) -> [u8; TILE_LEN] {
        let drawn = draw(key, self.engine.card, tile);
        let pair = panels(&drawn, &self.engine.shape);
        self.scratch.tile(&self.engine.table, pair)
    }
}

/// Whole rows in a run of bytes.
fn row_count(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.chunks_exact(ROW_LEN).len()).unwrap_or(u32::MAX)
}
