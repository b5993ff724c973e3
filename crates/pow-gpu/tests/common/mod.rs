//! The golden vectors of `iog-pow`, against any engine.
#![allow(dead_code)]

use iog_pow::{pick, Engine, Prover, ProverError, Shape, Walker};
use serde::Deserialize;

pub const ALL: [&str; 5] = ["least", "three-panels", "all-waves", "many-lanes", "test"];

#[derive(Deserialize)]
struct Vector {
    rows: u32,
    lanes: u32,
    waves: u32,
    seed: String,
    roots: Vec<String>,
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

/// Holds the roots and all openings of an engine against a vector.
pub fn agrees<E: Engine>(
    name: &str,
    context: &str,
    engine: impl Fn([u8; 32], Shape) -> Result<E, ProverError>,
) {
    let vector = read(name);
    let shape = Shape::new(vector.rows, vector.lanes, vector.waves).unwrap();
    let (seed, challenge) = (bytes(&vector.seed), bytes(&vector.challenge));
    let engine = engine(seed, shape).unwrap_or_else(|error| panic!("{context}: {error}"));
    let mut prover = Walker::over(engine, seed, shape);
    let roots: Vec<String> = prover
        .commit()
        .unwrap_or_else(|error| panic!("{name}, {context}: {error}"))
        .iter()
        .map(hex::encode)
        .collect();
    assert_eq!(roots, vector.roots, "{name}, {context}");
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
