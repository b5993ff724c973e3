//! One lane again from the seed alone, without a table: what an opening shows of it.

use super::{
    table::{self, Scratch, PANEL_LEN},
    tree,
};
use crate::{
    walk::{draw, panels},
    Pick, Shape, LEAF_LEN, PANEL_ROWS, STEPS, TILE_LEN,
};
use std::vec::Vec;

/// Two panels, computed when a step asks for them: 65,536 hashes a lane.
pub(super) struct Replay<'a> {
    seed: &'a [u8; 32],
    shape: &'a Shape,
    pair: Vec<u8>,
    scratch: Scratch,
}

impl<'a> Replay<'a> {
    pub(super) fn new(seed: &'a [u8; 32], shape: &'a Shape) -> Self {
        Self {
            seed,
            shape,
            pair: std::vec![0; 2 * PANEL_LEN],
            scratch: Scratch::new(),
        }
    }

    fn tile(&mut self, (a, b): (u32, u32)) -> [u8; TILE_LEN] {
        for (panel, bytes) in [a, b]
            .into_iter()
            .zip(self.pair.chunks_exact_mut(PANEL_LEN))
        {
            table::fill(self.seed, panel.wrapping_mul(PANEL_ROWS), bytes);
        }
        self.scratch.tile(&self.pair, (0, 1))
    }

    /// The opening of a pick up to the lane's path: tile roots, leaf, the leaf's path.
    pub(super) fn opening(&mut self, key: &[u8; 32], pick: &Pick, leaf: usize) -> Vec<u8> {
        let mut opening = Vec::with_capacity(self.shape.opening_len());
        let mut picked = [0; TILE_LEN];
        for step in 0..STEPS {
            let tile = self.tile(panels(&draw(key, pick.lane, step), self.shape));
            let (root, _) = tree::climb(tree::tile_nodes(&tile), 0);
            opening.extend_from_slice(&root);
            if step == pick.step {
                picked = tile;
            }
        }
        opening.extend(
            picked
                .chunks_exact(LEAF_LEN)
                .nth(leaf)
                .into_iter()
                .flatten(),
        );
        let (_, path) = tree::climb(tree::tile_nodes(&picked), leaf);
        opening.extend(path.iter().flatten());
        opening
    }
}
