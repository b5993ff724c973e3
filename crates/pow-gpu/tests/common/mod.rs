//! The golden vectors of `iog-pow`, against any engines.
#![allow(dead_code)]

use iog_pow::{pick, Engine, ProverError, Shape, Walker};
use serde::Deserialize;

/// All of them.
pub const ALL: [&str; 9] = [
    "least",
    "three-panels",
    "two-cards",
    "three-cards",
    "eight-cards",
    "many-tiles",
    "hundred-waves",
    "many-waves",
    "test",
];

#[derive(Deserialize)]
struct Vector {
    rows: u32,
    tiles: u32,
    waves: u32,
    cards: u32,
    seed: String,
    /// Of the waves: all, or the first and the last eight.
    roots: Vec<String>,
    commit: String,
    challenge: String,
    openings: Vec<Opening>,
}

#[derive(Deserialize)]
struct Opening {
    n: u32,
    bytes: String,
}

fn read(name: &str) -> Vector {
    let path = format!("{}/../pow/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn bytes(text: &str) -> [u8; 32] {
    hex::decode(text).unwrap().try_into().unwrap()
}

/// Holds the commit and all openings of some engines, one a card, against a vector.
pub fn agrees<E: Engine>(
    name: &str,
    context: &str,
    engines: impl Fn([u8; 32], Shape) -> Result<Vec<E>, ProverError>,
) {
    let vector = read(name);
    let shape = Shape::new(vector.rows, vector.tiles, vector.waves, vector.cards).unwrap();
    let (seed, challenge) = (bytes(&vector.seed), bytes(&vector.challenge));
    let engines = engines(seed, shape).unwrap_or_else(|error| panic!("{context}: {error}"));
    let mut prover = Walker::over(engines, seed, shape);
    let commit = prover
        .commit()
        .unwrap_or_else(|error| panic!("{name}, {context}: {error}"));
    assert_eq!(hex::encode(commit), vector.commit, "{name}, {context}");
    let waves = prover.record().unwrap().waves();
    let held = vector.roots.len();
    for (number, root) in vector.roots.iter().enumerate() {
        let wave = if held == waves.len() || number < held / 2 {
            number
        } else {
            waves.len() - held + number
        };
        assert_eq!(
            &hex::encode(waves[wave]),
            root,
            "{name}, {context}, wave {wave}"
        );
    }
    for opening in &vector.openings {
        let picked = pick(&challenge, opening.n, &shape);
        let opened = prover.open(&picked).unwrap();
        let number = opening.n;
        assert_eq!(
            hex::encode(opened),
            opening.bytes,
            "{name}, {context}, {number}"
        );
    }
}
