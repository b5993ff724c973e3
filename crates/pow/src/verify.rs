//! Checking one opening, cheaply enough for one transaction.

use crate::{
    walk::{block, card_seed, draw, fold, leaf_node, node, node_key, panels, wave_key},
    Node, Pick, Shape, LEAF_LEN, NODE_LEN, PANEL_ROWS, ROW_BLOCKS,
};
use core::fmt;

/// Why an opening is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpeningError {
    /// The opening is shorter or longer than the shape's.
    Length,
    /// The pick is no entry of the shape.
    Pick,
    /// The leaf and its path do not lead to the commit.
    Path,
    /// The entry is not what the two rows give.
    Entry,
}

impl fmt::Display for OpeningError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Length => "the opening does not have the length of this shape",
            Self::Pick => "the pick lies outside the shape",
            Self::Path => "the leaf and its path do not lead to the commit",
            Self::Entry => "the recomputed entry differs from the opened one",
        })
    }
}

impl core::error::Error for OpeningError {}

/// Checks an opening of `pick` against a commit.
///
/// The siblings of the wave that stand left are taken for those that its key was made of: so they are the ones under the commit, and a
/// wave whose key was made of others opens nothing. Then the path from the leaf up to the commit, and the entry from its two
/// rows: 2 rows * 16 blocks * 32 hashes and 512 products.
///
/// # Errors
/// [`OpeningError`]; cheap refusals come first, the rows last.
pub fn verify(
    seed: &[u8; 32],
    shape: &Shape,
    commit: &Node,
    pick: &Pick,
    opening: &[u8],
) -> Result<(), OpeningError> {
    if opening.len() != shape.opening_len() {
        return Err(OpeningError::Length);
    }
    if !pick.fits(shape) {
        return Err(OpeningError::Pick);
    }
    let (leaf, path) = opening
        .split_first_chunk::<LEAF_LEN>()
        .ok_or(OpeningError::Length)?;
    let wave_len = bytes_of(shape.wave_levels());
    let (below, wave_path) = path
        .len()
        .checked_sub(wave_len)
        .and_then(|at| path.split_at_checked(at))
        .ok_or(OpeningError::Length)?;

    let key = wave_key(seed, pick.wave, left_siblings(pick.wave, wave_path));
    if root(&key, shape, pick, leaf, below, seed, wave_path) != *commit {
        return Err(OpeningError::Path);
    }
    // 1 to 8 cards, so that the number has 16 bits.
    let card = u16::try_from(pick.card).map_err(|_| OpeningError::Pick)?;
    // Entry (i, j) lies at i * 32 + j, 128 to a leaf.
    let at = ((pick.i & 3) << 5) | pick.j;
    let opened = usize::try_from(at).ok().and_then(|at| leaf.get(at));
    let (a, b) = panels(&draw(&key, card, pick.tile), shape);
    if opened
        != Some(&entry(
            &card_seed(seed, card),
            row(a, pick.i),
            row(b, pick.j),
        ))
    {
        return Err(OpeningError::Entry);
    }
    Ok(())
}

/// Where the leaf and its siblings lead.
#[inline(never)]
fn root(
    key: &[u8; 32],
    shape: &Shape,
    pick: &Pick,
    leaf: &[u8; LEAF_LEN],
    below: &[u8],
    seed: &[u8; 32],
    wave_path: &[u8],
) -> Node {
    let nodes_key = node_key(key);
    // Leaf i / 4 of the tile, then the tile's place, then the card's: one number whose bits say left or right.
    let levels = shape.tile_levels();
    let leaves = u64::from(pick.i >> 2);
    let tiles = u64::from(pick.tile) << 3;
    let cards = u64::from(pick.card) << levels.wrapping_add(3);
    let index = leaves | tiles | cards;
    let wave = climb(&nodes_key, leaf_node(&nodes_key, leaf), index, below);
    climb(&node_key(seed), wave, u64::from(pick.wave), wave_path)
}

/// Bytes of this many siblings.
fn bytes_of(levels: u32) -> usize {
    // Below 2^5: it fits.
    usize::try_from(levels)
        .unwrap_or(usize::MAX)
        .saturating_mul(NODE_LEN)
}

/// The siblings of a path, given bottom up, that stand left of it, topmost first: one for each set bit of `wave`.
fn left_siblings(wave: u32, path: &[u8]) -> impl Iterator<Item = &Node> {
    let siblings = path.chunks_exact(NODE_LEN).enumerate().rev();
    siblings.filter_map(move |(level, bytes)| {
        let level = u32::try_from(level).ok()?;
        let left = wave.checked_shr(level)? & 1 == 1;
        left.then(|| bytes.try_into().ok()).flatten()
    })
}

/// The node that `node`, at `index` of its level, and the siblings above it lead to.
fn climb(key: &Node, mut below: Node, mut index: u64, path: &[u8]) -> Node {
    for bytes in path.chunks_exact(NODE_LEN) {
        let Ok(sibling) = bytes.try_into() else {
            continue;
        };
        below = if index & 1 == 0 {
            node(key, &below, sibling)
        } else {
            node(key, sibling, &below)
        };
        index >>= 1;
    }
    below
}

/// Row `offset` of a panel. Panels are below rows / 32, so that the number fits; wrapping keeps the check out.
const fn row(panel: u32, offset: u32) -> u32 {
    panel.wrapping_mul(PANEL_ROWS).wrapping_add(offset)
}

/// The entry that two rows give.
#[inline(never)]
fn entry(card_seed: &[u8; 32], row_a: u32, row_b: u32) -> u8 {
    // 64-bit sums: SBF has no 32-bit registers to save. The sum is below 2^25, so nothing wraps.
    let mut sum = 0_u64;
    for number in 0..ROW_BLOCKS {
        let a = block(card_seed, row_a, number);
        let b = block(card_seed, row_b, number);
        for (x, y) in a.iter().zip(&b) {
            sum = sum.wrapping_add(u64::from(*x).wrapping_mul(u64::from(*y)));
        }
    }
    fold(u32::try_from(sum).unwrap_or(u32::MAX))
}
