//! The definition of the walk, step by step. Verifier and provers are built from these functions.
//!
//! Little endian, elements `u8`, sums of 32 bits: 512 * 255 * 255 = 33,292,800 < 2^25.

use crate::{Root, Shape, BLOCK_LEN, ROOT_LEN, STEPS};
use solana_sha256_hasher::{hash, hashv};

/// Tag of [`seed`].
const SEED_TAG: &[u8] = b"iog-pow-v2";
/// Tag of [`challenge`].
const CHALLENGE_TAG: &[u8] = b"iog-pow-challenge";
/// Tag of [`wave_key`].
const WAVE_TAG: &[u8] = b"w";
/// Times that a block is hashed. Eight, so that computing a row on demand costs more than reading it.
pub const BLOCK_HASHES: u32 = 8;

/// The seed of a device's table in an epoch.
#[must_use]
pub fn seed(slot_hash: &[u8; 32], device_key: &[u8; 32], epoch: u64, class: u16) -> [u8; 32] {
    hashv(&[
        SEED_TAG,
        slot_hash,
        device_key,
        &epoch.to_le_bytes(),
        &class.to_le_bytes(),
    ])
    .to_bytes()
}

/// The challenge of an attestation, from the hash of the first recorded slot after its commit.
#[must_use]
pub fn challenge(slot_hash: &[u8; 32], attestation: &[u8; 32]) -> [u8; 32] {
    hashv(&[CHALLENGE_TAG, slot_hash, attestation]).to_bytes()
}

/// One entry that a challenge asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pick {
    /// Wave, below the shape's waves.
    pub wave: u32,
    /// Lane, below the shape's lanes.
    pub lane: u32,
    /// Step of the lane, 0 to 7.
    pub step: u32,
    /// Row of the tile, 0 to 31.
    pub i: u32,
    /// Column of the tile, 0 to 31.
    pub j: u32,
}

impl Pick {
    /// Whether the entry exists in a walk of this shape. [`pick`] makes no other.
    #[must_use]
    pub const fn fits(&self, shape: &Shape) -> bool {
        self.wave < shape.waves()
            && self.lane < shape.lanes()
            && self.step < STEPS
            && self.i < crate::PANEL_ROWS
            && self.j < crate::PANEL_ROWS
    }
}

/// Opening `n` of a challenge. Any `n` has an answer; a proof asks for 0 to 7.
#[must_use]
pub fn pick(challenge: &[u8; 32], n: u32, shape: &Shape) -> Pick {
    let q = hashv(&[challenge, &n.to_le_bytes()]).to_bytes();
    let [w0, w1, w2, w3, l0, l1, l2, l3, step, i, j, ..] = q;
    Pick {
        wave: scale(u32::from_le_bytes([w0, w1, w2, w3]), shape.waves()),
        lane: scale(u32::from_le_bytes([l0, l1, l2, l3]), shape.lanes()),
        step: u32::from(step & 7),
        i: u32::from(i & 31),
        j: u32::from(j & 31),
    }
}

/// `(word * bound) >> 32`: a number below `bound`, from the 64-bit product.
#[must_use]
pub fn scale(word: u32, bound: u32) -> u32 {
    let product = u64::from(word).wrapping_mul(u64::from(bound));
    // Two 32-bit factors: the upper half has 32 bits and always fits.
    u32::try_from(product >> 32).unwrap_or(u32::MAX)
}

/// Key of a wave: `seed0`, its number and the root of the wave before (zeros for wave 0) make waves sequential.
#[must_use]
pub fn wave_key(seed: &[u8; 32], wave: u32, previous: &Root) -> [u8; 32] {
    const PADDING: [u8; 32 - ROOT_LEN] = [0; 32 - ROOT_LEN];
    hashv(&[seed, WAVE_TAG, &wave.to_le_bytes(), previous, &PADDING]).to_bytes()
}

/// What draws the panels of a step: `sha256(wave key || lane || step)`.
///
/// Tiles have no part in it: of a tile one entry in 1,024 is ever checked, so a prover could change the others until the next
/// panels are ones that it keeps.
#[must_use]
pub fn draw(wave_key: &[u8; 32], lane: u32, step: u32) -> [u8; 32] {
    hashv(&[wave_key, &lane.to_le_bytes(), &step.to_le_bytes()]).to_bytes()
}

/// State of a lane before its first step.
#[must_use]
pub fn lane_start(wave_key: &[u8; 32], lane: u32) -> [u8; 32] {
    hashv(&[wave_key, &lane.to_le_bytes()]).to_bytes()
}

/// State of a lane after a step that saw a tile of this root.
#[must_use]
pub fn absorb(state: &[u8; 32], tile_root: &Root) -> [u8; 32] {
    hashv(&[state, tile_root]).to_bytes()
}

/// The two panels that a step multiplies, from its [`draw`]: `(a, b)`.
#[must_use]
pub fn panels(draw: &[u8; 32], shape: &Shape) -> (u32, u32) {
    let [a0, a1, a2, a3, b0, b1, b2, b3, ..] = *draw;
    let count = shape.panels();
    (
        scale(u32::from_le_bytes([a0, a1, a2, a3]), count),
        scale(u32::from_le_bytes([b0, b1, b2, b3]), count),
    )
}

/// Block `block` of row `row`: `sha256^8(seed0 || row || block)`.
#[must_use]
pub fn block(seed: &[u8; 32], row: u32, block: u32) -> [u8; BLOCK_LEN] {
    // One slice of 40 bytes is cheaper on chain than three: the system call charges each at least 10 units.
    let mut message = [0_u8; 40];
    let (head, tail) = message.split_at_mut(32);
    head.copy_from_slice(seed);
    let (row_bytes, block_bytes) = tail.split_at_mut(4);
    row_bytes.copy_from_slice(&row.to_le_bytes());
    block_bytes.copy_from_slice(&block.to_le_bytes());
    let mut digest = hash(&message);
    for _ in 1..BLOCK_HASHES {
        digest = hash(digest.as_ref());
    }
    digest.to_bytes()
}

/// What a tile keeps of a sum: the low byte of `c ^ c >> 8 ^ c >> 16`.
#[must_use]
pub const fn fold(c: u32) -> u8 {
    let [low, ..] = (c ^ (c >> 8) ^ (c >> 16)).to_le_bytes();
    low
}

/// First 20 bytes of a hash or state: the node of a lane is made so from its final state.
#[must_use]
pub const fn trunc20(digest: &[u8; 32]) -> Root {
    let mut root = [0; ROOT_LEN];
    if let Some((head, _)) = digest.split_first_chunk::<ROOT_LEN>() {
        root = *head;
    }
    root
}

/// Node of a tile's leaf of 64 bytes.
#[must_use]
pub fn leaf_node(leaf: &[u8]) -> Root {
    trunc20(&hash(leaf).to_bytes())
}

/// Node above two others.
#[must_use]
pub fn inner_node(left: &Root, right: &Root) -> Root {
    trunc20(&hashv(&[left, right]).to_bytes())
}
