//! Merkle trees of a power of two of nodes.

use crate::{
    walk::{leaf_node, node},
    Node, LEAF_LEN, NODE_LEN, TILE_LEN,
};
use std::vec::Vec;

/// The nodes of the eight leaves of a tile.
pub(super) fn leaves(key: &Node, tile: &[u8; TILE_LEN]) -> Vec<Node> {
    let (leaves, _) = tile.as_chunks::<LEAF_LEN>();
    leaves.iter().map(|leaf| leaf_node(key, leaf)).collect()
}

/// Fills a level up to a power of two with missing nodes, which are zero bytes.
pub(super) fn whole(mut nodes: Vec<Node>) -> Vec<Node> {
    nodes.resize(nodes.len().next_power_of_two(), [0; NODE_LEN]);
    nodes
}

/// The root above `level`, and the siblings of `index` bottom up. The length is a power of two.
pub(super) fn climb(key: &Node, mut level: Vec<Node>, mut index: usize) -> (Node, Vec<Node>) {
    let mut path = Vec::new();
    while level.len() > 1 {
        path.extend(level.get(index ^ 1));
        index >>= 1;
        let (pairs, _) = level.as_chunks::<2>();
        level = pairs
            .iter()
            .map(|[left, right]| node(key, left, right))
            .collect();
    }
    let root = level.first().copied().unwrap_or_default();
    (root, path)
}
