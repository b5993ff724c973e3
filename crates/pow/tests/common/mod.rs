//! The definition again, written from the specification's text: slow, and without a line of the crate. The vectors are made by it,
//! cheaters are built from its parts, and it counts the compressions of SHA-256 that its work takes.
#![allow(dead_code)]

pub mod vectors;
pub mod walk;

use sha2::{Digest, Sha256};
use std::cell::Cell;

// Each test program takes what it needs of this.
#[allow(unused_imports)]
pub use walk::{Place, Walk, Wave};

pub type Hash = [u8; 32];
pub type Node = [u8; 16];
/// 32 rows of 512 bytes.
pub type Panel = Vec<Vec<u8>>;
/// 1,024 bytes, row by row.
pub type Tile = Vec<u8>;

thread_local! {
    static COMPRESSIONS: Cell<u64> = const { Cell::new(0) };
}

pub fn sha256(message: &[u8]) -> Hash {
    // One bit and eight bytes of length are appended, and blocks have 64 bytes (FIPS 180-4, 5.1.1).
    let blocks = (message.len() as u64 + 9).div_ceil(64);
    COMPRESSIONS.set(COMPRESSIONS.get() + blocks);
    Sha256::digest(message).into()
}

/// What `work` gives, and how many compressions this thread needed for it.
pub fn counted<T>(work: impl FnOnce() -> T) -> (T, u64) {
    let before = COMPRESSIONS.get();
    let done = work();
    (done, COMPRESSIONS.get() - before)
}

fn head(hash: &Hash) -> Node {
    hash[..16].try_into().unwrap()
}

fn u32_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()))
}

fn below(word: u64, bound: u32) -> u32 {
    ((word * u64::from(bound)) >> 32) as u32
}

/// The size of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    pub rows: u32,
    pub tiles: u32,
    pub waves: u32,
    pub cards: u32,
}

impl Sizes {
    pub const fn new(rows: u32, tiles: u32, waves: u32, cards: u32) -> Self {
        Self {
            rows,
            tiles,
            waves,
            cards,
        }
    }

    pub const fn panels(&self) -> u32 {
        self.rows / 32
    }

    /// V: the least number of levels that has a leaf for each wave.
    pub fn levels(&self) -> u32 {
        (0..).find(|v| 1_u64 << v >= u64::from(self.waves)).unwrap()
    }
}

pub fn seed(slot_hash: &Hash, device_key: &Hash, epoch: u64, class: u16, cards: u16) -> Hash {
    let mut m = b"iog-pow-v3".to_vec();
    m.extend(slot_hash);
    m.extend(device_key);
    m.extend(epoch.to_le_bytes());
    m.extend(class.to_le_bytes());
    m.extend(cards.to_le_bytes());
    sha256(&m)
}

pub fn card_seed(seed0: &Hash, card: u32) -> Hash {
    let mut m = seed0.to_vec();
    m.extend((card as u16).to_le_bytes());
    sha256(&m)
}

/// Row `r` of the table of a card with this seed.
pub fn row(seed_c: &Hash, r: u32) -> Vec<u8> {
    let block = |b: u32| {
        let mut m = seed_c.to_vec();
        m.extend(r.to_le_bytes());
        m.extend(b.to_le_bytes());
        (1..32).fold(sha256(&m), |hash, _| sha256(&hash))
    };
    (0..16).flat_map(block).collect()
}

pub fn panel(seed_c: &Hash, number: u32) -> Panel {
    (0..32).map(|r| row(seed_c, 32 * number + r)).collect()
}

pub fn table(seed_c: &Hash, sizes: &Sizes) -> Vec<Panel> {
    (0..sizes.panels()).map(|p| panel(seed_c, p)).collect()
}

/// The key of a wave, from its left siblings, topmost first.
pub fn key(seed0: &Hash, wave: u32, left: &[Node]) -> Hash {
    let mut m = seed0.to_vec();
    m.push(b'w');
    m.extend(wave.to_le_bytes());
    m.extend(left.concat());
    sha256(&m)
}

pub fn draw(g: &Hash, card: u32, tile: u32) -> Hash {
    let mut m = g.to_vec();
    m.extend((card as u16).to_le_bytes());
    m.extend(tile.to_le_bytes());
    sha256(&m)
}

pub fn panels(d: &Hash, sizes: &Sizes) -> [u32; 2] {
    [0, 4].map(|at| below(u32_at(d, at), sizes.panels()))
}

pub fn entry(x: &[u8], y: &[u8]) -> u8 {
    let products = x.iter().zip(y).map(|(x, y)| u32::from(*x) * u32::from(*y));
    // The sum stays below 2^25; an addition that checks for more is several times slower.
    let c = products.fold(0, u32::wrapping_add);
    ((c ^ (c >> 8) ^ (c >> 16)) & 0xff) as u8
}

pub fn multiply(a: &Panel, b: &Panel) -> Tile {
    let rows = a.iter().flat_map(|x| b.iter().map(move |y| entry(x, y)));
    rows.collect()
}

/// n(x) under a wave's k, m(l, r) under z.
pub fn n(key: &Node, x: &[u8]) -> Node {
    head(&sha256(&[key.as_slice(), x].concat()))
}

/// What keys the nodes of a wave (of g), and of the walk's tree (of seed0).
pub fn node_key(hash: &Hash) -> Node {
    head(hash)
}

/// A tree, level by level from the leaves up. Missing leaves are zero bytes, up to a power of two of them.
pub fn tree(key: &Node, mut leaves: Vec<Node>) -> Vec<Vec<Node>> {
    leaves.resize(leaves.len().next_power_of_two(), [0; 16]);
    let mut levels = vec![leaves];
    while levels.last().unwrap().len() > 1 {
        let pairs = levels.last().unwrap().chunks(2);
        levels.push(pairs.map(|pair| n(key, &pair.concat())).collect());
    }
    levels
}

/// Siblings on the way from leaf `index` of a tree, bottom up.
pub fn siblings(levels: &[Vec<Node>], index: usize) -> Vec<Node> {
    let below_the_root = &levels[..levels.len() - 1];
    let level = |(l, nodes): (usize, &Vec<Node>)| nodes[(index >> l) ^ 1];
    below_the_root.iter().enumerate().map(level).collect()
}

/// S_w: the roots of the complete subtrees left of leaf `wave`, topmost first.
pub fn left_siblings(seed0: &Hash, roots: &[Node], wave: u32, levels: u32) -> Vec<Node> {
    let z = node_key(seed0);
    let set = (0..levels).rev().filter(|l| wave >> l & 1 == 1);
    let subtree = |l: u32| {
        let first = ((wave >> l) - 1) << l;
        let leaves = roots[first as usize..][..1 << l].to_vec();
        tree(&z, leaves).pop().unwrap()[0]
    };
    set.map(subtree).collect()
}

/// The slots from the commit to the second one of a challenge: `C + 8 + hash(C + 1) mod 56`.
pub fn distance(first: &Hash) -> u64 {
    8 + u64::from_le_bytes(first[..8].try_into().unwrap()) % 56
}

pub fn challenge(first: &Hash, second: &Hash, attestation: &Hash) -> Hash {
    let mut m = b"iog-pow-challenge".to_vec();
    m.extend(first);
    m.extend(second);
    m.extend(attestation);
    sha256(&m)
}

/// An entry that a challenge asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pick {
    pub wave: u32,
    pub card: u32,
    pub tile: u32,
    pub i: u32,
    pub j: u32,
}

pub fn pick(challenge: &Hash, number: u32, sizes: &Sizes) -> Pick {
    let mut m = challenge.to_vec();
    m.extend(number.to_le_bytes());
    let q = sha256(&m);
    Pick {
        wave: below(u32_at(&q, 0), sizes.waves),
        card: below(u32_at(&q, 4), sizes.cards),
        tile: below(u32_at(&q, 8), sizes.tiles),
        i: u32::from(q[12] & 31),
        j: u32::from(q[13] & 31),
    }
}
