//! The table in memory: filling it, and multiplying its panels.

use crate::{
    walk::{fold, BLOCK_HASHES},
    BLOCK_LEN, PANEL_ROWS, ROW_BLOCKS, ROW_LEN, TILE_LEN,
};
use sha2::{compress256, digest::generic_array::GenericArray};

/// Rows of a panel as an index.
const SIDE: usize = 32;
/// Bytes of a panel.
pub(super) const PANEL_LEN: usize = SIDE * ROW_LEN;

const _: () = assert!(PANEL_ROWS == 32 && SIDE * SIDE == TILE_LEN);

/// Initial state of SHA-256 (FIPS 180-4, 5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// A message block that holds `len` bytes and is already padded (FIPS 180-4, 5.1.1); one block takes up to 55.
fn padded(len: u8) -> [u8; 64] {
    let mut padded = [0_u8; 64];
    if let Some(end) = padded.get_mut(usize::from(len)) {
        *end = 0x80;
    }
    if let Some(bits) = padded.last_chunk_mut::<2>() {
        *bits = u16::from(len).wrapping_mul(8).to_be_bytes();
    }
    padded
}

/// Hashes one padded block into `digest`.
fn compress(message: &[u8; 64], digest: &mut [u8]) {
    let mut state = INITIAL;
    compress256(
        &mut state,
        core::slice::from_ref(GenericArray::from_slice(message)),
    );
    for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
        bytes.copy_from_slice(&word.to_be_bytes());
    }
}

/// Fills whole rows from number `first_row` on.
pub(super) fn fill(seed: &[u8; 32], first_row: u32, rows: &mut [u8]) {
    let mut start = padded(40);
    let mut again = padded(32);
    if let Some(head) = start.first_chunk_mut::<32>() {
        *head = *seed;
    }
    for (row, bytes) in (first_row..).zip(rows.chunks_exact_mut(ROW_LEN)) {
        for (block, out) in (0..ROW_BLOCKS).zip(bytes.chunks_exact_mut(BLOCK_LEN)) {
            for (to, from) in start
                .iter_mut()
                .skip(32)
                .zip(row.to_le_bytes().into_iter().chain(block.to_le_bytes()))
            {
                *to = from;
            }
            if let Some(digest) = again.first_chunk_mut::<32>() {
                compress(&start, digest);
            }
            for _ in 1..BLOCK_HASHES {
                let message = again;
                if let Some(digest) = again.first_chunk_mut::<32>() {
                    compress(&message, digest);
                }
            }
            if let Some(digest) = again.first_chunk::<32>() {
                out.copy_from_slice(digest);
            }
        }
    }
}

/// The sum of all bytes by words of eight: nothing but reading.
pub(super) fn sum(bytes: &[u8]) -> u64 {
    let mut sums = [0_u64; 8];
    for chunk in bytes.chunks_exact(64) {
        for (sum, word) in sums.iter_mut().zip(chunk.chunks_exact(8)) {
            let word = word.first_chunk().copied().unwrap_or_default();
            *sum = sum.wrapping_add(u64::from_le_bytes(word));
        }
    }
    sums.into_iter().fold(0, u64::wrapping_add)
}

/// Room for two panels widened to 16 bits, which the vector units multiply and add in pairs (`pmaddwd`, `smlal`).
pub(super) struct Scratch {
    a: std::vec::Vec<i16>,
    b: std::vec::Vec<i16>,
}

impl Scratch {
    pub(super) fn new() -> Self {
        Self {
            a: std::vec![0; PANEL_LEN],
            b: std::vec![0; PANEL_LEN],
        }
    }

    /// The tile of panels `a` and `b` of `table`.
    pub(super) fn tile(&mut self, table: &[u8], (a, b): (u32, u32)) -> [u8; TILE_LEN] {
        widen(table, a, &mut self.a);
        widen(table, b, &mut self.b);
        let mut tile = [0_u8; TILE_LEN];
        let rows = self.a.chunks_exact(ROW_LEN);
        for (row_a, entries) in rows.zip(tile.chunks_exact_mut(SIDE)) {
            let fours = self.b.chunks_exact(4 * ROW_LEN);
            for (rows_b, four) in fours.zip(entries.chunks_exact_mut(4)) {
                for (entry, sum) in four.iter_mut().zip(dot4(row_a, rows_b)) {
                    *entry = fold(sum);
                }
            }
        }
        tile
    }
}

fn widen(table: &[u8], panel: u32, out: &mut [i16]) {
    let from = usize::try_from(panel)
        .ok()
        .and_then(|panel| panel.checked_mul(PANEL_LEN));
    let bytes = from.and_then(|from| table.get(from..)).unwrap_or_default();
    for (to, byte) in out.iter_mut().zip(bytes) {
        *to = i16::from(*byte);
    }
}

/// The sums of products of one row with four, which share its loads; below 2^25, so that nothing wraps.
fn dot4(a: &[i16], b: &[i16]) -> [u32; 4] {
    let mut sums = [0_i32; 4];
    let (b01, b23) = b.split_at(b.len() >> 1);
    let (b0, b1) = b01.split_at(b01.len() >> 1);
    let (b2, b3) = b23.split_at(b23.len() >> 1);
    let columns = b0.iter().zip(b1).zip(b2).zip(b3);
    for (x, (((y0, y1), y2), y3)) in a.iter().zip(columns) {
        for (sum, y) in sums.iter_mut().zip([y0, y1, y2, y3]) {
            *sum = sum.wrapping_add(i32::from(*x).wrapping_mul(i32::from(*y)));
        }
    }
    sums.map(i32::unsigned_abs)
}
