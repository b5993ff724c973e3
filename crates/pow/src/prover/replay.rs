//! A card's waves without its table: each panel is computed when it is drawn, 16,384 hashes of the 33 that a tile costs else.

use super::{
    table::{self, Scratch, PANEL_LEN},
    waves::{self, Tiles},
    Engine, ProverError,
};
use crate::{
    walk::{card_seed, draw, panels},
    Node, Shape, PANEL_ROWS, TILE_LEN,
};
use std::{num::NonZeroUsize, vec::Vec};

/// An engine that keeps no table: for openings when the memory is somebody else's by now. It has nothing to read.
pub struct Replay {
    card_seed: [u8; 32],
    card: u16,
    shape: Shape,
    threads: NonZeroUsize,
}

impl Replay {
    /// An engine of a card of a walk. `threads` of 0 means as many as the machine runs at once.
    #[must_use]
    pub fn new(seed: [u8; 32], card: u16, shape: Shape, threads: usize) -> Self {
        Self {
            card_seed: card_seed(&seed, card),
            card,
            shape,
            threads: waves::threads(threads),
        }
    }
}

impl Engine for Replay {
    fn fill(
        &mut self,
        done: &mut dyn FnMut(u32) -> Result<(), ProverError>,
    ) -> Result<(), ProverError> {
        done(self.shape.rows())
    }

    fn groups(&mut self, key: &[u8; 32]) -> Result<Vec<Node>, ProverError> {
        waves::groups(key, &self.shape, self.threads, || {
            Computed::new(self.card_seed, self.card, self.shape)
        })
    }

    fn read(&mut self) -> Result<u64, ProverError> {
        Err(ProverError::Order)
    }

    fn gather(&mut self, _: u32) -> Result<u64, ProverError> {
        Err(ProverError::Order)
    }
}

/// Makes tiles of panels that it computes.
pub(super) struct Computed {
    card_seed: [u8; 32],
    card: u16,
    shape: Shape,
    pair: Vec<u8>,
    scratch: Scratch,
}

impl Computed {
    pub(super) fn new(card_seed: [u8; 32], card: u16, shape: Shape) -> Self {
        Self {
            card_seed,
            card,
            shape,
            pair: std::vec![0; 2 * PANEL_LEN],
            scratch: Scratch::new(),
        }
    }
}

impl Tiles for Computed {
    fn tile(&mut self, key: &[u8; 32], tile: u32) -> [u8; TILE_LEN] {
        let (a, b) = panels(&draw(key, self.card, tile), &self.shape);
        for (panel, bytes) in [a, b]
            .into_iter()
            .zip(self.pair.chunks_exact_mut(PANEL_LEN))
        {
            table::fill(&self.card_seed, panel.wrapping_mul(PANEL_ROWS), bytes);
        }
        self.scratch.tile(&self.pair, (0, 1))
    }
}
