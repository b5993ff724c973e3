//! The files in `vectors/`.

use super::{card_seed, challenge, distance, pick, row, seed, sha256, Hash, Node, Sizes, Walk};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// A walk whose roots are all written down has at most this many waves; of longer ones the first and last [`ENDS`].
const ALL_ROOTS: usize = 128;
/// Roots at each end of a long walk that are written down.
const ENDS: usize = 8;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Vector {
    pub spec: String,
    pub rows: u32,
    pub tiles: u32,
    pub waves: u32,
    pub cards: u32,
    pub slot_hash: String,
    pub device_key: String,
    /// Decimal: it may exceed what JSON readers keep exactly.
    pub epoch: String,
    pub class: u16,
    pub seed: String,
    /// First row of the first card's table.
    pub row_0: String,
    pub row_0_last_card: String,
    pub roots: Vec<String>,
    pub commit: String,
    pub challenge_slot_hash_1: String,
    pub challenge_slot_hash_2: String,
    pub distance: u64,
    pub attestation: String,
    pub challenge: String,
    pub openings: Vec<Opening>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    pub n: u32,
    pub wave: u32,
    pub card: u32,
    pub tile: u32,
    pub i: u32,
    pub j: u32,
    pub bytes: String,
}

/// A name and the inputs that are not drawn from it.
pub struct Case {
    pub name: &'static str,
    pub sizes: Sizes,
    pub epoch: u64,
    pub class: u16,
}

const fn case(name: &'static str, sizes: [u32; 4], epoch: u64, class: u16) -> Case {
    let [rows, tiles, waves, cards] = sizes;
    Case {
        name,
        sizes: Sizes::new(rows, tiles, waves, cards),
        epoch,
        class,
    }
}

/// Rows, tiles, waves, cards. Groups of a device are 16 tiles; three cards miss one; 5, 9, 100 and 1,025 waves miss some.
pub const CASES: [Case; 9] = [
    case("least", [32, 1, 1, 1], 0, 0),
    case("three-panels", [96, 4, 5, 1], 1, 7),
    case("two-cards", [224, 16, 6, 2], u64::MAX, u16::MAX),
    case("three-cards", [160, 32, 5, 3], 487_231, 3),
    case("eight-cards", [96, 1, 9, 8], 487_232, 103),
    case("many-tiles", [352, 64, 3, 1], 7, 110),
    case("hundred-waves", [96, 4, 100, 3], 8, 2),
    case("many-waves", [64, 1, 1025, 1], 9, 300),
    case("test", [1024, 4, 512, 1], 42, 1),
];

pub fn read(name: &str) -> Vector {
    serde_json::from_str(&std::fs::read_to_string(path(name)).unwrap()).unwrap()
}

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(format!("{name}.json"))
}

pub fn bytes<const N: usize>(hex_text: &str) -> [u8; N] {
    hex::decode(hex_text).unwrap().try_into().unwrap()
}

/// The roots of waves that a vector writes down, as it writes them.
pub fn shown(roots: &[Node]) -> Vec<String> {
    let middle = ENDS..roots.len().saturating_sub(ENDS);
    let left_out = |wave| roots.len() > ALL_ROOTS && middle.contains(&wave);
    let roots = roots.iter().enumerate();
    let roots = roots.filter(|(wave, _)| !left_out(*wave));
    roots.map(|(_, root)| hex::encode(root)).collect()
}

/// Computes a case by the reference.
pub fn make(case: &Case) -> Vector {
    let input = |what: &str| sha256(format!("{} {what}", case.name).as_bytes());
    let (slot_hash, device_key) = (input("slot hash"), input("device key"));
    let (first, second) = (input("first slot hash"), input("second slot hash"));
    let attestation = input("attestation");
    let sizes = case.sizes;
    let cards = u16::try_from(sizes.cards).unwrap();
    let seed0 = seed(&slot_hash, &device_key, case.epoch, case.class, cards);
    let walk = Walk::honest(&seed0, sizes);
    let challenge = challenge(&first, &second, &attestation);
    let row_0 = |card| hex::encode(row(&card_seed(&seed0, card), 0));
    Vector {
        spec: "iog-pow-v3".into(),
        rows: sizes.rows,
        tiles: sizes.tiles,
        waves: sizes.waves,
        cards: sizes.cards,
        slot_hash: hex::encode(slot_hash),
        device_key: hex::encode(device_key),
        epoch: case.epoch.to_string(),
        class: case.class,
        seed: hex::encode(seed0),
        row_0: row_0(0),
        row_0_last_card: row_0(sizes.cards - 1),
        roots: shown(walk.roots()),
        commit: hex::encode(walk.commit()),
        challenge_slot_hash_1: hex::encode(first),
        challenge_slot_hash_2: hex::encode(second),
        distance: distance(&first),
        attestation: hex::encode(attestation),
        challenge: hex::encode(challenge),
        openings: (0..8).map(|n| open(&walk, &challenge, n)).collect(),
    }
}

fn open(walk: &Walk, challenge: &Hash, n: u32) -> Opening {
    let at = pick(challenge, n, &walk.sizes);
    Opening {
        n,
        wave: at.wave,
        card: at.card,
        tile: at.tile,
        i: at.i,
        j: at.j,
        bytes: hex::encode(walk.open(&at)),
    }
}
