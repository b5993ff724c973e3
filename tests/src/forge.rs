//! Openings of trees of which only the opened lane exists: for false entries, and for shapes too large to walk in a test.

use iog_client::registry::accounts::Attestation;
use iog_pow::walk::{
    absorb, block, draw, fold, inner_node, lane_start, leaf_node, panels, trunc20, wave_key,
};
use iog_pow::{Pick, Root, Shape, LEAF_LEN, PANEL_ROWS, ROOT_LEN, ROW_BLOCKS, STEPS, TILE_LEVELS};
use sha2::{Digest, Sha256};

use crate::{Supplier, World};

/// An opening and the root of its wave.
struct Forged {
    opening: Vec<u8>,
    root: Root,
}

impl World {
    /// Opening `n` of the recorded challenge, whose root replaces the committed one. Every byte is what an honest walk would
    /// show, but for the siblings, which stand for trees that nobody walked, and the entry, which is xored with `lie`.
    pub fn forge(&mut self, supplier: &Supplier, n: u32, lie: u8) -> Vec<u8> {
        let attestation = self.read::<Attestation>(&supplier.attestation);
        let Attestation {
            rows, lanes, waves, ..
        } = attestation;
        let shape = Shape::new(rows, lanes, waves).expect("the shape of the commit");
        let pick = iog_pow::pick(&attestation.challenge, n, &shape);
        let wave = usize::try_from(pick.wave).expect("a small number");
        let previous = wave
            .checked_sub(1)
            .map_or([0; ROOT_LEN], |before| attestation.roots[before]);
        let forged = forge(&attestation.seed, &shape, &previous, &pick, lie);
        self.edit::<Attestation>(&supplier.attestation, |attestation| {
            attestation.roots[wave] = forged.root;
        });
        forged.opening
    }
}

fn forge(seed: &[u8; 32], shape: &Shape, previous: &Root, pick: &Pick, lie: u8) -> Forged {
    let tile_path: Vec<Root> = (0..TILE_LEVELS).map(|n| filler("tile", n)).collect();
    let levels = usize::try_from(shape.lane_levels()).expect("at most 31");
    let lane_path: Vec<Root> = (0..levels).map(|n| filler("lane", n)).collect();
    let mut leaf = [0x5a; LEAF_LEN];
    let mut tile_roots = Vec::new();
    let key = wave_key(seed, pick.wave, previous);
    let mut state = lane_start(&key, pick.lane);
    for step in 0..STEPS {
        let root = if step == pick.step {
            let (a, b) = panels(&draw(&key, pick.lane, step), shape);
            let at = usize::try_from(((pick.i & 1) << 5) | pick.j).expect("below 64");
            leaf[at] = lie ^ entry(seed, a * PANEL_ROWS + pick.i, b * PANEL_ROWS + pick.j);
            climb(leaf_node(&leaf), pick.i >> 1, &tile_path)
        } else {
            filler("step", tile_roots.len())
        };
        state = absorb(&state, &root);
        tile_roots.push(root);
    }
    let root = climb(trunc20(&state), pick.lane, &lane_path);
    let mut opening = tile_roots.concat();
    opening.extend_from_slice(&leaf);
    opening.extend(tile_path.concat());
    opening.extend(lane_path.concat());
    Forged { opening, root }
}

fn entry(seed: &[u8; 32], row_a: u32, row_b: u32) -> u8 {
    let sum: u32 = (0..ROW_BLOCKS)
        .flat_map(|number| {
            let (a, b) = (block(seed, row_a, number), block(seed, row_b, number));
            a.into_iter().zip(b)
        })
        .map(|(x, y)| u32::from(x) * u32::from(y))
        .sum();
    fold(sum)
}

fn climb(mut node: Root, mut index: u32, path: &[Root]) -> Root {
    for sibling in path {
        node = match index & 1 {
            0 => inner_node(&node, sibling),
            _ => inner_node(sibling, &node),
        };
        index >>= 1;
    }
    node
}

fn filler(what: &str, number: usize) -> Root {
    let digest = Sha256::digest(format!("{what} {number}"));
    trunc20(&digest.into())
}
