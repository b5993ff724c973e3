//! Merkle trees of a power of two of nodes, built level by level in place.

use crate::{Root, BLOCK_LEN, LEAF_LEN, ROOT_LEN, TILE_LEN};
use sha2::{Digest, Sha256};
use std::vec::Vec;

/// First 20 bytes of the hash of the parts.
fn node(parts: &[&[u8]]) -> Root {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    let digest: [u8; BLOCK_LEN] = hasher.finalize().into();
    crate::walk::trunc20(&digest)
}

/// The nodes of the sixteen leaves of a tile.
pub(super) fn tile_nodes(tile: &[u8; TILE_LEN]) -> Vec<Root> {
    tile.chunks_exact(LEAF_LEN)
        .map(|leaf| node(&[leaf]))
        .collect()
}

/// The root above `level`, and the siblings of `index` bottom up. The length is a power of two.
pub(super) fn climb(mut level: Vec<Root>, mut index: usize) -> (Root, Vec<Root>) {
    let mut path = Vec::new();
    while level.len() > 1 {
        path.extend(level.get(index ^ 1));
        index >>= 1;
        level = level
            .chunks_exact(2)
            .map(|pair| match pair {
                [left, right] => node(&[left, right]),
                _ => [0; ROOT_LEN],
            })
            .collect();
    }
    let root = level.first().copied().unwrap_or_default();
    (root, path)
}
