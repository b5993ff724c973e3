//! The walk again, written from the specification's text: slow, whole in memory, and without a line of the crate.
//!
//! It is what the vectors are made by, and it can cheat: tiles that `fake` names are made up instead of multiplied.
#![allow(dead_code)]

pub mod vectors;

use sha2::{Digest, Sha256};

pub type Hash = [u8; 32];
pub type Node = [u8; 20];

pub fn sha256(message: &[u8]) -> Hash {
    Sha256::digest(message).into()
}

pub fn trunc20(message: &[u8]) -> Node {
    sha256(message)[..20].try_into().unwrap()
}

pub fn seed(slot_hash: &Hash, device_key: &Hash, epoch: u64, class: u16) -> Hash {
    let mut m = b"iog-pow-v2".to_vec();
    m.extend(slot_hash);
    m.extend(device_key);
    m.extend(epoch.to_le_bytes());
    m.extend(class.to_le_bytes());
    sha256(&m)
}

pub fn challenge(slot_hash: &Hash, attestation: &Hash) -> Hash {
    let mut m = b"iog-pow-challenge".to_vec();
    m.extend(slot_hash);
    m.extend(attestation);
    sha256(&m)
}

fn u32_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()))
}

/// (wave, lane, step, i, j)
pub fn pick(challenge: &Hash, n: u32, lanes: u32, waves: u32) -> [u32; 5] {
    let mut m = challenge.to_vec();
    m.extend(n.to_le_bytes());
    let q = sha256(&m);
    [
        ((u32_at(&q, 0) * u64::from(waves)) >> 32) as u32,
        ((u32_at(&q, 4) * u64::from(lanes)) >> 32) as u32,
        u32::from(q[8] & 7),
        u32::from(q[9] & 31),
        u32::from(q[10] & 31),
    ]
}

/// Root of a Merkle tree, by halves.
fn merkle(nodes: &[Node]) -> Node {
    if nodes.len() == 1 {
        return nodes[0];
    }
    let (left, right) = nodes.split_at(nodes.len() / 2);
    trunc20(&[merkle(left), merkle(right)].concat())
}

/// Siblings of a node, bottom up.
fn siblings(nodes: &[Node], at: usize) -> Vec<Node> {
    if nodes.len() == 1 {
        return Vec::new();
    }
    let half = nodes.len() / 2;
    let (left, right) = nodes.split_at(half);
    let (mut path, other) = if at < half {
        (siblings(left, at), right)
    } else {
        (siblings(right, at - half), left)
    };
    path.push(merkle(other));
    path
}

pub struct Lane {
    /// Eight tiles of 1024 bytes.
    pub tiles: Vec<Vec<u8>>,
    pub last: Hash,
}

pub struct Walk {
    pub roots: Vec<Node>,
    pub waves: Vec<Vec<Lane>>,
}

pub fn table(seed0: &Hash, rows: u32) -> Vec<Vec<u8>> {
    (0..rows)
        .map(|r| {
            let mut row = Vec::new();
            for b in 0..16_u32 {
                let mut m = seed0.to_vec();
                m.extend(r.to_le_bytes());
                m.extend(b.to_le_bytes());
                for _ in 0..8 {
                    m = sha256(&m).to_vec();
                }
                row.extend(m);
            }
            row
        })
        .collect()
}

fn multiply(d: &[Vec<u8>], a: usize, b: usize) -> Vec<u8> {
    let mut tile = Vec::new();
    for i in 0..32 {
        for j in 0..32 {
            let (x, y) = (&d[32 * a + i], &d[32 * b + j]);
            let c: u32 = (0..512).map(|k| u32::from(x[k]) * u32::from(y[k])).sum();
            tile.push(((c ^ (c >> 8) ^ (c >> 16)) & 0xff) as u8);
        }
    }
    tile
}

fn leaves(tile: &[u8]) -> Vec<Node> {
    tile.chunks(64).map(trunc20).collect()
}

impl Walk {
    pub fn new(
        seed0: &Hash,
        [rows, lanes, waves]: [u32; 3],
        fake: impl Fn(u32, u32, usize, [u64; 2]) -> bool,
    ) -> Self {
        let d = table(seed0, rows);
        let p = u64::from(rows / 32);
        let mut walk = Self {
            roots: Vec::new(),
            waves: Vec::new(),
        };
        let mut padded = [0_u8; 32];
        for w in 0..waves {
            let mut m = seed0.to_vec();
            m.push(b'w');
            m.extend(w.to_le_bytes());
            m.extend(padded);
            let g = sha256(&m);
            let mut wave = Vec::new();
            for l in 0..lanes {
                let mut m = g.to_vec();
                m.extend(l.to_le_bytes());
                let mut h = sha256(&m);
                let mut tiles = Vec::new();
                for step in 0..8 {
                    let mut m = g.to_vec();
                    m.extend(l.to_le_bytes());
                    m.extend((step as u32).to_le_bytes());
                    let drawn = sha256(&m);
                    let a = (u32_at(&drawn, 0) * p) >> 32;
                    let b = (u32_at(&drawn, 4) * p) >> 32;
                    let tile = if fake(w, l, step, [a, b]) {
                        h.repeat(32)
                    } else {
                        multiply(&d, a as usize, b as usize)
                    };
                    let mut m = h.to_vec();
                    m.extend(merkle(&leaves(&tile)));
                    h = sha256(&m);
                    tiles.push(tile);
                }
                wave.push(Lane { tiles, last: h });
            }
            let root = merkle(&lane_nodes(&wave));
            padded[..20].copy_from_slice(&root);
            walk.roots.push(root);
            walk.waves.push(wave);
        }
        walk
    }

    pub fn open(&self, [wave, lane, step, i, j]: [u32; 5]) -> Vec<u8> {
        let wave = &self.waves[wave as usize];
        let tiles = &wave[lane as usize].tiles;
        let leaf = (i * 32 + j) as usize / 64;
        let tile = &tiles[step as usize];
        let mut opening = Vec::new();
        for tile in tiles {
            opening.extend(merkle(&leaves(tile)));
        }
        opening.extend(&tile[64 * leaf..64 * leaf + 64]);
        opening.extend(siblings(&leaves(tile), leaf).concat());
        opening.extend(siblings(&lane_nodes(wave), lane as usize).concat());
        opening
    }
}

fn lane_nodes(wave: &[Lane]) -> Vec<Node> {
    wave.iter()
        .map(|lane| lane.last[..20].try_into().unwrap())
        .collect()
}
