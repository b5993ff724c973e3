//! The checked-in vectors are what the slow reference computes, and the crate agrees with them bit by bit.

mod common;

use common::vectors::{bytes, make, read, Vector, CASES};
use iog_pow::{card_seed, challenge, challenge_distance, pick, seed, verify, walk, Pick, Shape};

fn shape(v: &Vector) -> Shape {
    Shape::new(v.rows, v.tiles, v.waves, v.cards).unwrap()
}

fn vectors() -> impl Iterator<Item = (&'static str, Vector)> {
    CASES.into_iter().map(|case| (case.name, read(case.name)))
}

#[test]
fn the_reference_computes_the_vectors() {
    for case in CASES {
        assert_eq!(make(&case), read(case.name), "{}", case.name);
    }
}

/// So that a reviewer can read them.
#[test]
fn the_files_are_small() {
    for case in CASES {
        let path = common::vectors::path(case.name);
        let len = std::fs::metadata(path).unwrap().len();
        assert!(len < 40_000, "{}: {len} bytes", case.name);
    }
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/vectors"));
    assert_eq!(files.unwrap().count(), CASES.len());
}

#[test]
fn seeds_challenges_and_picks_agree() {
    for (name, v) in vectors() {
        let epoch = v.epoch.parse().unwrap();
        let cards = u16::try_from(v.cards).unwrap();
        let key = bytes(&v.device_key);
        let made = seed(&bytes(&v.slot_hash), &key, epoch, v.class, cards);
        assert_eq!(hex::encode(made), v.seed, "{name}");
        let [first, second] = [&v.challenge_slot_hash_1, &v.challenge_slot_hash_2];
        assert_eq!(challenge_distance(&bytes(first)), v.distance, "{name}");
        let drawn = challenge(&bytes(first), &bytes(second), &bytes(&v.attestation));
        assert_eq!(hex::encode(drawn), v.challenge, "{name}");
        for o in &v.openings {
            let expected = Pick {
                wave: o.wave,
                card: o.card,
                tile: o.tile,
                i: o.i,
                j: o.j,
            };
            assert_eq!(pick(&drawn, o.n, &shape(&v)), expected, "{name} {}", o.n);
        }
    }
}

#[test]
fn the_verifier_accepts_every_opening() {
    for (name, v) in vectors() {
        let drawn = bytes(&v.challenge);
        for o in &v.openings {
            let opening = hex::decode(&o.bytes).unwrap();
            let at = pick(&drawn, o.n, &shape(&v));
            let commit = bytes(&v.commit);
            let verdict = verify(&bytes(&v.seed), &shape(&v), &commit, &at, &opening);
            assert_eq!(verdict, Ok(()), "{name} {}", o.n);
        }
    }
}

#[test]
fn rows_agree_block_by_block() {
    for (name, v) in vectors() {
        let last = u16::try_from(v.cards - 1).unwrap();
        for (card, expected) in [(0, &v.row_0), (last, &v.row_0_last_card)] {
            let seed = card_seed(&bytes(&v.seed), card);
            let blocks = (0..16).flat_map(|b| walk::block(&seed, 0, b));
            let row: Vec<u8> = blocks.collect();
            assert_eq!(hex::encode(row), *expected, "{name} {card}");
        }
    }
}

#[cfg(feature = "prover")]
mod provers {
    use super::*;
    use common::vectors::shown;
    use iog_pow::{CpuProver, Record, Replay, Walker};

    fn opens_alike(name: &str, v: &Vector, mut open: impl FnMut(&Pick) -> Vec<u8>) {
        for o in &v.openings {
            let at = pick(&bytes(&v.challenge), o.n, &shape(v));
            assert_eq!(hex::encode(open(&at)), o.bytes, "{name} {}", o.n);
        }
    }

    #[test]
    fn the_prover_computes_the_vectors_with_any_number_of_threads() {
        for (name, v) in vectors() {
            for threads in [1, 3] {
                let mut prover = CpuProver::new(bytes(&v.seed), shape(&v), threads);
                assert_eq!(prover.commit(), Ok(bytes(&v.commit)), "{name} {threads}");
                let record = prover.record().unwrap();
                assert_eq!(shown(record.waves()), v.roots, "{name} {threads}");
                opens_alike(name, &v, |at| prover.open(at).unwrap());
            }
        }
    }

    /// What is kept of a walk in a file opens it again, on a machine that has no table.
    #[test]
    fn a_record_and_no_table_open_the_vectors() {
        for (name, v) in vectors() {
            let mut prover = CpuProver::new(bytes(&v.seed), shape(&v), 2);
            prover.commit().unwrap();
            let kept = prover.record().unwrap().to_bytes();
            assert_eq!(kept.len(), 64 + 16 * (v.cards * v.waves) as usize);
            let record = Record::from_bytes(&kept).unwrap();
            assert_eq!(record.to_bytes(), kept);
            assert_eq!(hex::encode(record.commit()), v.commit, "{name}");
            opens_alike(name, &v, |at| {
                let card = u16::try_from(at.card).unwrap();
                let mut engine = Replay::new(*record.seed(), card, *record.shape(), 1);
                record.open(at, &mut engine).unwrap()
            });
        }
    }

    /// Cards that keep no table walk to the same commit. `test` would take minutes.
    #[test]
    fn the_vectors_are_walked_without_a_table() {
        for name in ["least", "three-panels", "two-cards", "eight-cards"] {
            let v = read(name);
            let (seed, shape) = (bytes(&v.seed), shape(&v));
            let cards = 0..u16::try_from(v.cards).unwrap();
            let engines = cards.map(|card| Replay::new(seed, card, shape, 1));
            let mut prover = Walker::over(engines.collect(), seed, shape);
            assert_eq!(prover.commit(), Ok(bytes(&v.commit)), "{name}");
            opens_alike(name, &v, |at| prover.open(at).unwrap());
        }
    }
}
