//! A table and its groups, straight from the definition.

use crate::kernels::{words, Work};
use iog_pow::{
    walk::{block, draw, fold, leaf_node, node, node_key, panels},
    Node, Shape, LEAF_LEN, ROW_BLOCKS, ROW_LEN,
};

pub(super) struct Table {
    shape: Shape,
    rows: Vec<Vec<u8>>,
}

impl Table {
    pub(super) fn new(card_seed: &[u8; 32], shape: Shape) -> Self {
        let row = |row| -> Vec<u8> {
            let blocks = (0..ROW_BLOCKS).map(|number| block(card_seed, row, number));
            blocks.flatten().collect()
        };
        let rows: Vec<Vec<u8>> = (0..shape.rows()).map(row).collect();
        assert!(rows.iter().all(|row| row.len() == ROW_LEN));
        Self { shape, rows }
    }

    fn panel(&self, panel: u32) -> &[Vec<u8>] {
        let first = usize::try_from(panel).unwrap() * 32;
        &self.rows[first..first + 32]
    }

    fn tile_root(&self, key: &[u8; 32], card: u16, tile: u32) -> Node {
        let (a, b) = panels(&draw(key, card, tile), &self.shape);
        let entry = |x: &[u8], y: &[u8]| {
            let products = x.iter().zip(y).map(|(x, y)| u32::from(*x) * u32::from(*y));
            fold(products.sum())
        };
        let rows = self.panel(a).iter();
        let entries = rows.flat_map(|x| self.panel(b).iter().map(move |y| entry(x, y)));
        let tile: Vec<u8> = entries.collect();
        let key = node_key(key);
        let leaves = tile.chunks(LEAF_LEN);
        top(
            &key,
            leaves.map(|leaf| leaf_node(&key, leaf.try_into().unwrap())),
        )
    }

    /// The node over a group of tiles.
    pub(super) fn group(&self, key: &[u8; 32], work: &Work, group: u32) -> Node {
        let size = work.tiles / work.groups;
        let card = u16::try_from(work.card).unwrap();
        let tiles = group * size..(group + 1) * size;
        let roots = tiles.map(|tile| self.tile_root(key, card, tile));
        top(&node_key(key), roots)
    }

    /// The node over all groups.
    pub(super) fn root(&self, key: &[u8; 32], work: &Work) -> Node {
        let groups = (0..work.groups).map(|group| self.group(key, work, group));
        top(&node_key(key), groups)
    }

    /// The exclusive or of a panel's words, as the card keeps them.
    pub(super) fn seen(&self, panel: u32) -> u32 {
        let rows = self.panel(panel).iter();
        let hashes = rows.flat_map(|row| row.chunks(32));
        let words = hashes.flat_map(|hash| words(hash.try_into().unwrap()));
        words.fold(0, |seen, word| seen ^ word)
    }
}

/// The root over a power of two of nodes.
pub(super) fn top(key: &Node, nodes: impl IntoIterator<Item = Node>) -> Node {
    let mut nodes: Vec<Node> = nodes.into_iter().collect();
    while nodes.len() > 1 {
        nodes = nodes
            .chunks(2)
            .map(|pair| node(key, &pair[0], &pair[1]))
            .collect();
    }
    nodes[0]
}
