//! Checking one opening, cheaply enough for one transaction.

use crate::{
    walk::{
        absorb, block, draw, fold, inner_node, lane_start, leaf_node, panels, trunc20, wave_key,
    },
    Pick, Root, Shape, LEAF_LEN, PANEL_ROWS, ROOT_LEN, ROW_BLOCKS, STEPS, TILE_LEVELS,
};
use core::fmt;

/// Bytes of the eight tile roots.
const TILE_ROOTS_LEN: usize = 8 * ROOT_LEN;

/// Why an opening is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningError {
    /// The opening is shorter or longer than the shape's.
    Length,
    /// There is not one root for each wave, or the pick is no entry of the shape.
    Roots,
    /// The tile roots and the lane's path do not lead to the root of the wave.
    Lane,
    /// The leaf and its path do not lead to the root of the tile.
    Tile,
    /// The entry is not what the two rows give.
    Entry,
}

impl fmt::Display for OpeningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the opening does not have the length of this shape",
            Self::Roots => "one root for each wave is needed, and a pick inside the shape",
            Self::Lane => "the lane path does not match the root of the wave",
            Self::Tile => "the leaf does not match the root of its tile",
            Self::Entry => "the recomputed entry differs from the opened one",
        })
    }
}

impl core::error::Error for OpeningError {}

/// Checks an opening of `pick` against the roots of a commit.
///
/// Recomputes the lane from its eight tile roots up to the root of the wave, the tile from the leaf up to its root, and the
/// entry from its two rows: 2 rows * 16 blocks * 8 hashes and 512 products.
///
/// # Errors
/// [`OpeningError`]; cheap refusals come first, the rows last.
pub fn verify(
    seed: &[u8; 32],
    shape: &Shape,
    roots: &[Root],
    pick: &Pick,
    opening: &[u8],
) -> Result<(), OpeningError> {
    if opening.len() != shape.opening_len() {
        return Err(OpeningError::Length);
    }
    let waves = usize::try_from(shape.waves()).map_err(|_| OpeningError::Roots)?;
    if roots.len() != waves || !pick.fits(shape) {
        return Err(OpeningError::Roots);
    }
    let (tile_roots, rest) = opening
        .split_at_checked(TILE_ROOTS_LEN)
        .ok_or(OpeningError::Length)?;
    let (leaf, rest) = rest
        .split_first_chunk::<LEAF_LEN>()
        .ok_or(OpeningError::Length)?;
    let (tile_path, lane_path) = rest
        .split_at_checked(TILE_LEVELS * ROOT_LEN)
        .ok_or(OpeningError::Length)?;

    let key = key(seed, roots, pick)?;
    let tile_root = lane(&key, roots, pick, tile_roots, lane_path)?;
    // Entry (i, j) lies at i * 32 + j, 64 to a leaf.
    if climb(leaf_node(leaf), pick.i >> 1, tile_path) != tile_root {
        return Err(OpeningError::Tile);
    }
    let at = ((pick.i & 1) << 5) | pick.j;
    let opened = usize::try_from(at).ok().and_then(|at| leaf.get(at));
    let (a, b) = panels(&draw(&key, pick.lane, pick.step), shape);
    if opened != Some(&entry(seed, row(a, pick.i), row(b, pick.j))) {
        return Err(OpeningError::Entry);
    }
    Ok(())
}

/// The key of the picked wave.
fn key(seed: &[u8; 32], roots: &[Root], pick: &Pick) -> Result<[u8; 32], OpeningError> {
    let previous = match pick.wave.checked_sub(1) {
        Some(before) => *root(roots, before)?,
        None => [0; ROOT_LEN],
    };
    Ok(wave_key(seed, pick.wave, &previous))
}

fn root(roots: &[Root], wave: u32) -> Result<&Root, OpeningError> {
    usize::try_from(wave)
        .ok()
        .and_then(|wave| roots.get(wave))
        .ok_or(OpeningError::Roots)
}

/// Leads the given tile roots over the lane's path to the root of the wave; the tile root of the picked step.
#[inline(never)]
fn lane(
    key: &[u8; 32],
    roots: &[Root],
    pick: &Pick,
    tile_roots: &[u8],
    lane_path: &[u8],
) -> Result<Root, OpeningError> {
    let root = root(roots, pick.wave)?;
    let mut state = lane_start(key, pick.lane);
    let mut picked = [0; ROOT_LEN];
    for (step, tile_root) in (0..STEPS).zip(nodes(tile_roots)) {
        if step == pick.step {
            picked = *tile_root;
        }
        state = absorb(&state, tile_root);
    }
    if climb(trunc20(&state), pick.lane, lane_path) != *root {
        return Err(OpeningError::Lane);
    }
    Ok(picked)
}

/// The node that `node`, at `index` of its level, and the siblings above it lead to.
fn climb(mut node: Root, mut index: u32, path: &[u8]) -> Root {
    for sibling in nodes(path) {
        node = if index & 1 == 0 {
            inner_node(&node, sibling)
        } else {
            inner_node(sibling, &node)
        };
        index >>= 1;
    }
    node
}

/// The nodes in a run of bytes whose length was checked.
fn nodes(bytes: &[u8]) -> impl Iterator<Item = &Root> {
    bytes
        .chunks_exact(ROOT_LEN)
        .filter_map(|node| node.try_into().ok())
}

/// Row `offset` of a panel. Panels are below rows / 32, so that the number fits; wrapping keeps the check out.
const fn row(panel: u32, offset: u32) -> u32 {
    panel.wrapping_mul(PANEL_ROWS).wrapping_add(offset)
}

/// The entry that two rows give.
#[inline(never)]
fn entry(seed: &[u8; 32], row_a: u32, row_b: u32) -> u8 {
    // 64-bit sums: SBF has no 32-bit registers to save. The sum is below 2^25, so nothing wraps.
    let mut sum = 0_u64;
    for number in 0..ROW_BLOCKS {
        let a = block(seed, row_a, number);
        let b = block(seed, row_b, number);
        for (x, y) in a.iter().zip(&b) {
            sum = sum.wrapping_add(u64::from(*x).wrapping_mul(u64::from(*y)));
        }
    }
    fold(u32::try_from(sum).unwrap_or(u32::MAX))
}
