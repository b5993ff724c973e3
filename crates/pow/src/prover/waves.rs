//! The waves of one card on threads of the processor, whatever makes the tiles.

use super::{tree, ProverError};
use crate::{walk::node_key, Node, Shape, GROUP_TILES, TILE_LEN};
use std::{num::NonZeroUsize, thread, vec::Vec};

/// Makes a tile of a wave by its number, with room of its own.
pub(super) trait Tiles {
    fn tile(&mut self, key: &[u8; 32], tile: u32) -> [u8; TILE_LEN];
}

/// How many threads are meant: 0 is as many as the machine runs at once.
pub(super) fn threads(wanted: usize) -> NonZeroUsize {
    NonZeroUsize::new(wanted)
        .or_else(|| thread::available_parallelism().ok())
        .unwrap_or(NonZeroUsize::MIN)
}

/// The nodes over each group of a wave; `tiles` makes one maker of tiles for each thread.
pub(super) fn groups<T: Tiles + Send>(
    key: &[u8; 32],
    shape: &Shape,
    threads: NonZeroUsize,
    tiles: impl Fn() -> T,
) -> Result<Vec<Node>, ProverError> {
    let count = usize::try_from(shape.groups()).map_err(|_| ProverError::OutOfRange)?;
    let mut nodes = Vec::new();
    nodes
        .try_reserve_exact(count)
        .map_err(|_| ProverError::Memory {
            bytes: u64::from(shape.groups()) << 4,
        })?;
    nodes.resize(count, Node::default());
    let share = count.div_ceil(threads.get()).max(1);
    if share == count {
        fill(key, shape, 0, &mut nodes, tiles());
        return Ok(nodes);
    }
    thread::scope(|scope| {
        let mut next = 0_u32;
        for part in nodes.chunks_mut(share) {
            let first = next;
            next = next.saturating_add(u32::try_from(part.len()).unwrap_or(u32::MAX));
            let maker = tiles();
            scope.spawn(move || fill(key, shape, first, part, maker));
        }
    });
    Ok(nodes)
}

/// The nodes of groups `first` and on.
fn fill(key: &[u8; 32], shape: &Shape, first: u32, nodes: &mut [Node], mut tiles: impl Tiles) {
    let nodes_key = node_key(key);
    let size = GROUP_TILES.min(shape.tiles());
    for (group, node) in (first..).zip(nodes) {
        let start = group.saturating_mul(size);
        let roots = (start..start.saturating_add(size)).map(|tile| {
            let leaves = tree::leaves(&nodes_key, &tiles.tile(key, tile));
            tree::climb(&nodes_key, leaves, 0).0
        });
        *node = tree::climb(&nodes_key, roots.collect(), 0).0;
    }
}
