//! The prover that every machine has.

use super::{
    table::{self, Scratch},
    tree, Progress, Prover, ProverError,
};
use crate::{
    walk::{absorb, lane_start, panels, trunc20, wave_key},
    Pick, Root, Shape, LEAF_LEN, ROOT_LEN, ROW_LEN, STEPS, TILE_LEN,
};
use std::{boxed::Box, num::NonZeroUsize, thread, vec::Vec};

/// Bytes of whole rows filled between two reports of progress: 32 MiB.
const FILL_LEN: usize = 65_536 * ROW_LEN;

/// Hears how far the prover is.
type Listener = Box<dyn FnMut(Progress) + Send>;

/// Walks main memory with threads.
///
/// Keeps the table and 20 bytes for each lane and wave; tiles are computed again when an opening needs them.
pub struct CpuProver {
    walker: Walker,
    waves: Vec<Wave>,
    listener: Option<Listener>,
}

/// What is kept of a walked wave.
struct Wave {
    key: [u8; 32],
    /// Nodes of the lanes: the first 20 bytes of their final states.
    lanes: Vec<Root>,
    root: Root,
}

/// The part that threads share.
struct Walker {
    seed: [u8; 32],
    shape: Shape,
    threads: NonZeroUsize,
    table: Vec<u8>,
}

impl CpuProver {
    /// A prover of a seed and shape. `threads` of 0 means as many as the machine runs at once.
    #[must_use]
    pub fn new(seed: [u8; 32], shape: Shape, threads: usize) -> Self {
        let threads = NonZeroUsize::new(threads)
            .or_else(|| thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN);
        Self {
            walker: Walker {
                seed,
                shape,
                threads,
                table: Vec::new(),
            },
            waves: Vec::new(),
            listener: None,
        }
    }

    /// Reports progress to `listener`, on the thread that called the prover.
    #[must_use]
    pub fn on_progress(mut self, listener: impl FnMut(Progress) + Send + 'static) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }
}

impl Walker {
    /// Walks one lane and hands every step's tile and its root to `each`; returns the final state.
    fn lane(
        &self,
        key: &[u8; 32],
        lane: u32,
        scratch: &mut Scratch,
        mut each: impl FnMut(u32, &[u8; TILE_LEN], &Root),
    ) -> [u8; 32] {
        let mut state = lane_start(key, lane);
        for step in 0..STEPS {
            let tile = scratch.tile(&self.table, panels(&state, &self.shape));
            let (root, _) = tree::climb(tree::tile_nodes(&tile), 0);
            each(step, &tile, &root);
            state = absorb(&state, &root);
        }
        state
    }

    /// Walks all lanes of a wave.
    fn lanes(&self, key: &[u8; 32]) -> Result<Vec<Root>, ProverError> {
        let count = usize::try_from(self.shape.lanes()).map_err(|_| ProverError::OutOfRange)?;
        let mut lanes = Vec::new();
        resize(&mut lanes, count, [0; ROOT_LEN])?;
        let share = count.div_ceil(self.threads.get());
        thread::scope(|scope| {
            let mut first = 0_u32;
            for part in lanes.chunks_mut(share) {
                let start = first;
                first = first.saturating_add(u32::try_from(part.len()).unwrap_or(u32::MAX));
                scope.spawn(move || {
                    let mut scratch = Scratch::new();
                    for (lane, node) in (start..).zip(part) {
                        *node = trunc20(&self.lane(key, lane, &mut scratch, |_, _, _| ()));
                    }
                });
            }
        });
        Ok(lanes)
    }

    /// Fills the table and says after every slab how many rows are done.
    fn fill(&mut self, mut done: impl FnMut(u32)) -> Result<(), ProverError> {
        let bytes = self.shape.table_len();
        let len = usize::try_from(bytes).map_err(|_| ProverError::Memory { bytes })?;
        resize(&mut self.table, len, 0)?;
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
            done(rows);
        }
        Ok(())
    }
}

impl Prover for CpuProver {
    fn shape(&self) -> &Shape {
        &self.walker.shape
    }

    fn fill(&mut self) -> Result<(), ProverError> {
        self.waves.clear();
        let (of, listener) = (self.walker.shape.rows(), &mut self.listener);
        self.walker
            .fill(|rows| report(listener, Progress::Filled { rows, of }))
    }

    fn wave(&mut self, wave: u32) -> Result<Root, ProverError> {
        if wave >= self.walker.shape.waves() {
            return Err(ProverError::OutOfRange);
        }
        if self.walker.table.is_empty() || usize::try_from(wave) != Ok(self.waves.len()) {
            return Err(ProverError::Order);
        }
        let previous = self.waves.last().map(|wave| wave.root).unwrap_or_default();
        let key = wave_key(&self.walker.seed, wave, &previous);
        let lanes = self.walker.lanes(&key)?;
        let (root, _) = tree::climb(lanes.clone(), 0);
        self.waves.push(Wave { key, lanes, root });
        let (waves, of) = (wave.saturating_add(1), self.walker.shape.waves());
        report(&mut self.listener, Progress::Walked { waves, of });
        Ok(root)
    }

    fn open(&mut self, pick: &Pick) -> Result<Vec<u8>, ProverError> {
        if !pick.fits(&self.walker.shape) {
            return Err(ProverError::OutOfRange);
        }
        let wave = usize::try_from(pick.wave)
            .ok()
            .and_then(|wave| self.waves.get(wave))
            .ok_or(ProverError::Order)?;
        let lane = usize::try_from(pick.lane).map_err(|_| ProverError::OutOfRange)?;
        let leaf = usize::try_from(pick.i >> 1).map_err(|_| ProverError::OutOfRange)?;

        let mut opening = Vec::with_capacity(self.walker.shape.opening_len());
        let mut tile = [0; TILE_LEN];
        self.walker.lane(
            &wave.key,
            pick.lane,
            &mut Scratch::new(),
            |step, walked, root| {
                opening.extend_from_slice(root);
                if step == pick.step {
                    tile = *walked;
                }
            },
        );
        opening.extend(tile.chunks_exact(LEAF_LEN).nth(leaf).into_iter().flatten());
        let (_, tile_path) = tree::climb(tree::tile_nodes(&tile), leaf);
        let (_, lane_path) = tree::climb(wave.lanes.clone(), lane);
        opening.extend(tile_path.iter().chain(&lane_path).flatten());
        Ok(opening)
    }
}

/// Whole rows in a run of bytes.
fn row_count(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.chunks_exact(ROW_LEN).len()).unwrap_or(u32::MAX)
}

/// Makes room for `len` elements, or an error instead of an abort.
fn resize<T: Clone>(vec: &mut Vec<T>, len: usize, value: T) -> Result<(), ProverError> {
    vec.try_reserve_exact(len.saturating_sub(vec.len()))
        .map_err(|_| ProverError::Memory {
            bytes: u64::try_from(len.saturating_mul(size_of::<T>())).unwrap_or(u64::MAX),
        })?;
    vec.resize(len, value);
    Ok(())
}

fn report(listener: &mut Option<Listener>, progress: Progress) {
    if let Some(listener) = listener {
        listener(progress);
    }
}
