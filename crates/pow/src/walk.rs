//! The definition of the walk, step by step. Verifier and provers are built from these functions.
//!
//! Little endian, elements `u8`, sums of 32 bits: 512 * 255 * 255 = 33,292,800 < 2^25.

use crate::{Node, Shape, BLOCK_LEN, LEAF_LEN, MAX_WAVES, NODE_LEN};
use solana_sha256_hasher::{hash, hashv};

/// Tag of [`seed`].
const SEED_TAG: &[u8] = b"iog-pow-v3";
/// Tag of [`challenge`].
const CHALLENGE_TAG: &[u8] = b"iog-pow-challenge";
/// Tag of [`wave_key`].
const WAVE_TAG: u8 = b'w';
/// Times that a block is hashed, so that computing a row on demand costs far more than reading it.
pub const BLOCK_HASHES: u32 = 32;
/// The challenge's second slot lies at least this many slots after the commit, another leader's than the first.
const LEAST_DISTANCE: u64 = 8;
/// From how many slots the second one is drawn.
const DISTANCES: u64 = 56;
/// Bytes before the siblings in a wave key's message.
const WAVE_HEAD: usize = 32 + 1 + 4;
/// Most siblings of a wave: log2 of [`MAX_WAVES`].
pub(crate) const MAX_WAVE_LEVELS: usize = 17;

const _: () = assert!(MAX_WAVES == 1 << MAX_WAVE_LEVELS);

/// The seed of a device's walk in an epoch.
#[must_use]
pub fn seed(
    slot_hash: &[u8; 32],
    device_key: &[u8; 32],
    epoch: u64,
    class: u16,
    cards: u16,
) -> [u8; 32] {
    hashv(&[
        SEED_TAG,
        slot_hash,
        device_key,
        &epoch.to_le_bytes(),
        &class.to_le_bytes(),
        &cards.to_le_bytes(),
    ])
    .to_bytes()
}

/// The seed of one card's table.
#[must_use]
pub fn card_seed(seed: &[u8; 32], card: u16) -> [u8; 32] {
    let mut message = [0_u8; 34];
    let (head, tail) = message.split_at_mut(32);
    head.copy_from_slice(seed);
    tail.copy_from_slice(&card.to_le_bytes());
    hash(&message).to_bytes()
}

/// How many slots after the commit the challenge's second slot is looked for, from the hash of the first recorded slot after the commit:
/// 8 to 63. So the leader of the first slot does not know whose hash the second will be.
#[must_use]
pub fn challenge_distance(first_hash: &[u8; 32]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = *first_hash;
    let word = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    // A constant that is not 0: the remainder always exists.
    let rest = word.checked_rem(DISTANCES).unwrap_or(0);
    LEAST_DISTANCE.wrapping_add(rest)
}

/// The challenge of an attestation, from the hashes of its two slots.
#[must_use]
pub fn challenge(
    first_hash: &[u8; 32],
    second_hash: &[u8; 32],
    attestation: &[u8; 32],
) -> [u8; 32] {
    hashv(&[CHALLENGE_TAG, first_hash, second_hash, attestation]).to_bytes()
}

/// One entry that a challenge asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pick {
    /// Wave, below the shape's waves.
    pub wave: u32,
    /// Card, below the shape's cards.
    pub card: u32,
    /// Tile of the wave, below the shape's tiles.
    pub tile: u32,
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
            && self.card < shape.cards()
            && self.tile < shape.tiles()
            && self.i < crate::PANEL_ROWS
            && self.j < crate::PANEL_ROWS
    }
}

/// Opening `n` of a challenge. Any `n` has an answer; a proof asks for 0 to 7.
#[must_use]
pub fn pick(challenge: &[u8; 32], n: u32, shape: &Shape) -> Pick {
    let q = hashv(&[challenge, &n.to_le_bytes()]).to_bytes();
    let [w0, w1, w2, w3, c0, c1, c2, c3, t0, t1, t2, t3, i, j, ..] = q;
    Pick {
        wave: scale(u32::from_le_bytes([w0, w1, w2, w3]), shape.waves()),
        card: scale(u32::from_le_bytes([c0, c1, c2, c3]), shape.cards()),
        tile: scale(u32::from_le_bytes([t0, t1, t2, t3]), shape.tiles()),
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

/// Key of a wave: `sha256(seed0 || "w" || wave || left siblings)`. The siblings are those that stand left on the path of leaf `wave` of the
/// walk's tree, topmost first, one for each set bit of `wave`: they bind all waves before, so that waves can only be walked one after another.
#[must_use]
pub fn wave_key<'a>(
    seed: &[u8; 32],
    wave: u32,
    left_siblings: impl IntoIterator<Item = &'a Node>,
) -> [u8; 32] {
    // One slice is cheaper on chain than many: the system call charges each at least 10 units.
    let mut message = [0_u8; WAVE_HEAD + MAX_WAVE_LEVELS * NODE_LEN];
    let mut len = 0_usize;
    {
        let mut put = |bytes: &[u8]| {
            let end = len.saturating_add(bytes.len());
            // A wave has at most 17 siblings: nothing is ever left out.
            if let Some(room) = message.get_mut(len..end) {
                room.copy_from_slice(bytes);
                len = end;
            }
        };
        put(seed);
        put(&[WAVE_TAG]);
        put(&wave.to_le_bytes());
        for sibling in left_siblings {
            put(sibling);
        }
    }
    hash(message.get(..len).unwrap_or(&message)).to_bytes()
}

/// What draws the panels of a tile: `sha256(wave key || card || tile)`.
///
/// Other tiles have no part in it: of a tile one entry in 1,024 is ever checked, so a prover could change the others until the next
/// panels are ones that it keeps.
#[must_use]
pub fn draw(wave_key: &[u8; 32], card: u16, tile: u32) -> [u8; 32] {
    let mut message = [0_u8; 38];
    let (key, numbers) = message.split_at_mut(32);
    key.copy_from_slice(wave_key);
    let (card_bytes, tile_bytes) = numbers.split_at_mut(2);
    card_bytes.copy_from_slice(&card.to_le_bytes());
    tile_bytes.copy_from_slice(&tile.to_le_bytes());
    hash(&message).to_bytes()
}

/// The two panels that a tile multiplies, from its [`draw`]: `(a, b)`.
#[must_use]
pub fn panels(draw: &[u8; 32], shape: &Shape) -> (u32, u32) {
    let [a0, a1, a2, a3, b0, b1, b2, b3, ..] = *draw;
    let count = shape.panels();
    (
        scale(u32::from_le_bytes([a0, a1, a2, a3]), count),
        scale(u32::from_le_bytes([b0, b1, b2, b3]), count),
    )
}

/// Block `block` of row `row`: `sha256^32(card seed || row || block)`.
#[must_use]
pub fn block(card_seed: &[u8; 32], row: u32, block: u32) -> [u8; BLOCK_LEN] {
    let mut message = [0_u8; 40];
    let (head, tail) = message.split_at_mut(32);
    head.copy_from_slice(card_seed);
    let (row_bytes, block_bytes) = tail.split_at_mut(4);
    row_bytes.copy_from_slice(&row.to_le_bytes());
    block_bytes.copy_from_slice(&block.to_le_bytes());
    let mut digest = hash(&message).to_bytes();
    hash_again(&mut digest, BLOCK_HASHES.wrapping_sub(1));
    digest
}

/// Hashes a digest again and again.
#[cfg(not(target_os = "solana"))]
fn hash_again(digest: &mut [u8; BLOCK_LEN], times: u32) {
    for _ in 0..times {
        *digest = hash(digest).to_bytes();
    }
}

/// Hashes a digest again and again, in place: an opening does it a thousand times, and moving each digest would cost as much again as an
/// eighth of the hashes.
#[cfg(target_os = "solana")]
#[allow(unsafe_code)]
fn hash_again(digest: &mut [u8; BLOCK_LEN], times: u32) {
    // A slice as the system call reads it: address and length.
    let slices = [digest.as_mut_ptr().expose_provenance(), BLOCK_LEN];
    for _ in 0..times {
        // SAFETY: one slice is given, of the 32 bytes that are written in the end. The call reads them before it writes.
        unsafe { solana_sha256_hasher::sol_sha256(slices.as_ptr().cast(), 1, digest.as_mut_ptr()) };
    }
}

/// What a tile keeps of a sum: the low byte of `c ^ c >> 8 ^ c >> 16`.
#[must_use]
pub const fn fold(c: u32) -> u8 {
    let [low, ..] = (c ^ (c >> 8) ^ (c >> 16)).to_le_bytes();
    low
}

/// First 16 bytes of a wave's key, which key its nodes; of the seed, which key the nodes above the waves. Without a key a collision found
/// once would serve every device for ever.
#[must_use]
pub const fn node_key(hash: &[u8; 32]) -> Node {
    let mut key = [0; NODE_LEN];
    if let Some((head, _)) = hash.split_first_chunk::<NODE_LEN>() {
        key = *head;
    }
    key
}

/// Node of a tile's leaf.
#[must_use]
pub fn leaf_node(key: &Node, leaf: &[u8; LEAF_LEN]) -> Node {
    let mut message = [0_u8; NODE_LEN + LEAF_LEN];
    let (head, tail) = message.split_at_mut(NODE_LEN);
    head.copy_from_slice(key);
    tail.copy_from_slice(leaf);
    node_key(&hash(&message).to_bytes())
}

/// Node above two others.
#[must_use]
pub fn node(key: &Node, left: &Node, right: &Node) -> Node {
    let mut message = [0_u8; 3 * NODE_LEN];
    for (to, from) in message.chunks_exact_mut(NODE_LEN).zip([key, left, right]) {
        to.copy_from_slice(from);
    }
    node_key(&hash(&message).to_bytes())
}
