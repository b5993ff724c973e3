//! Openings of walks of which only the opened tile exists: for false entries, and for shapes too large to walk in a test.

use iog_client::registry::accounts::Attestation;
use iog_pow::walk::{block, card_seed, draw, fold, leaf_node, node, node_key, panels, wave_key};
use iog_pow::{Node, Pick, Shape, LEAF_LEN, PANEL_ROWS, ROW_BLOCKS, TILE_LEVELS};
use sha2::{Digest, Sha256};

use crate::{Supplier, World};

/// An opening and the commit that it leads to.
struct Forged {
    opening: Vec<u8>,
    commit: Node,
}

impl World {
    /// Opening `n` of the recorded challenge, whose commit replaces the committed one. Every byte is what an honest walk would
    /// show, but for the siblings, which stand for trees that nobody walked, and the entry, which is xored with `lie`.
    pub fn forge(&mut self, supplier: &Supplier, n: u32, lie: u8) -> Vec<u8> {
        let attestation = self.read::<Attestation>(&supplier.attestation);
        let shape = crate::world::shape_of(&attestation);
        let pick = iog_pow::pick(&attestation.challenge, n, &shape);
        let forged = forge(&attestation.seed, &shape, &pick, lie);
        self.edit::<Attestation>(&supplier.attestation, |attestation| {
            attestation.commit = forged.commit;
        });
        forged.opening
    }
}

fn forge(seed: &[u8; 32], shape: &Shape, pick: &Pick, lie: u8) -> Forged {
    let within = siblings("tile", TILE_LEVELS);
    let above = [
        siblings("tiles", levels(shape.tile_levels())),
        siblings("cards", levels(shape.card_levels())),
        siblings("waves", levels(shape.wave_levels())),
    ];
    let [tiles, cards, waves] = &above;
    let left = waves.iter().enumerate().rev();
    let left = left.filter(|(level, _)| pick.wave >> level & 1 == 1);
    let wave = wave_key(seed, pick.wave, left.map(|(_, sibling)| sibling));
    let card = u16::try_from(pick.card).expect("at most 8");
    let mut leaf = [0x5a; LEAF_LEN];
    let at = usize::try_from(pick.i % 4 * 32 + pick.j).expect("below 128");
    let (a, b) = panels(&draw(&wave, card, pick.tile), shape);
    let rows = (a * PANEL_ROWS + pick.i, b * PANEL_ROWS + pick.j);
    leaf[at] = lie ^ entry(&card_seed(seed, card), rows);

    let key = node_key(&wave);
    let root = climb(&key, leaf_node(&key, &leaf), pick.i / 4, &within);
    let root = climb(&key, root, pick.tile, tiles);
    let root = climb(&key, root, pick.card, cards);
    let commit = climb(&node_key(seed), root, pick.wave, waves);
    let mut opening = leaf.to_vec();
    opening.extend(within.concat());
    opening.extend(above.iter().flatten().flatten());
    Forged { opening, commit }
}

fn entry(card_seed: &[u8; 32], (row_a, row_b): (u32, u32)) -> u8 {
    let sum: u32 = (0..ROW_BLOCKS)
        .flat_map(|number| {
            let blocks = (
                block(card_seed, row_a, number),
                block(card_seed, row_b, number),
            );
            blocks.0.into_iter().zip(blocks.1)
        })
        .map(|(x, y)| u32::from(x) * u32::from(y))
        .sum();
    fold(sum)
}

fn climb(key: &Node, mut below: Node, mut index: u32, path: &[Node]) -> Node {
    for sibling in path {
        below = match index & 1 {
            0 => node(key, &below, sibling),
            _ => node(key, sibling, &below),
        };
        index >>= 1;
    }
    below
}

fn levels(count: u32) -> usize {
    usize::try_from(count).expect("at most 20")
}

fn siblings(what: &str, count: usize) -> Vec<Node> {
    let filler = |level| Sha256::digest(format!("{what} {level}")).into();
    (0..count).map(|level| node_key(&filler(level))).collect()
}
