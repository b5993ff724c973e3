//! The files in `vectors/`.

use super::{challenge, pick, seed, sha256, Hash, Walk};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Vector {
    pub spec: String,
    pub rows: u32,
    pub lanes: u32,
    pub waves: u32,
    pub slot_hash: String,
    pub device_key: String,
    /// Decimal: it may exceed what JSON readers keep exactly.
    pub epoch: String,
    pub class: u16,
    pub seed: String,
    /// First row of the table.
    pub row_0: String,
    pub roots: Vec<String>,
    pub challenge_slot_hash: String,
    pub attestation: String,
    pub challenge: String,
    pub openings: Vec<Opening>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    pub n: u32,
    pub wave: u32,
    pub lane: u32,
    pub step: u32,
    pub i: u32,
    pub j: u32,
    pub bytes: String,
}

/// Name, rows, lanes, waves, epoch, class: the least, odd panels, all waves, the longest path of a small run, `test`.
pub const CASES: [(&str, [u32; 3], u64, u16); 5] = [
    ("least", [32, 1, 1], 0, 0),
    ("three-panels", [96, 4, 2], 1, 7),
    ("all-waves", [256, 2, 24], u64::MAX, u16::MAX),
    ("many-lanes", [64, 512, 1], 487_231, 3),
    ("test", [2048, 64, 3], 42, 1),
];

pub fn read(name: &str) -> Vector {
    serde_json::from_str(&std::fs::read_to_string(path(name)).unwrap()).unwrap()
}

pub fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("vectors")
        .join(format!("{name}.json"))
}

pub fn bytes(hex_text: &str) -> Hash {
    hex::decode(hex_text).unwrap().try_into().unwrap()
}

/// Computes a case by the reference.
pub fn make(name: &str, shape: [u32; 3], epoch: u64, class: u16) -> Vector {
    let input = |what: &str| sha256(format!("{name} {what}").as_bytes());
    let (slot_hash, device_key) = (input("slot hash"), input("device key"));
    let (later, attestation) = (input("challenge slot hash"), input("attestation"));
    let seed0 = seed(&slot_hash, &device_key, epoch, class);
    let walk = Walk::new(&seed0, shape, |_, _, _, _| false);
    let challenge = challenge(&later, &attestation);
    let [rows, lanes, waves] = shape;
    let openings = (0..8)
        .map(|n| {
            let at = pick(&challenge, n, lanes, waves);
            let [wave, lane, step, i, j] = at;
            let bytes = hex::encode(walk.open(at));
            Opening {
                n,
                wave,
                lane,
                step,
                i,
                j,
                bytes,
            }
        })
        .collect();
    Vector {
        spec: "iog-pow-v2".into(),
        rows,
        lanes,
        waves,
        slot_hash: hex::encode(slot_hash),
        device_key: hex::encode(device_key),
        epoch: epoch.to_string(),
        class,
        seed: hex::encode(seed0),
        row_0: hex::encode(&super::table(&seed0, 1)[0]),
        roots: walk.roots.iter().map(hex::encode).collect(),
        challenge_slot_hash: hex::encode(later),
        attestation: hex::encode(attestation),
        challenge: hex::encode(challenge),
        openings,
    }
}
