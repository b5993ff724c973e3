//! The checked-in vectors are what the slow reference computes, and the crate agrees with them bit by bit.

mod common;

use common::vectors::{bytes, make, read, Vector, CASES};
use iog_pow::{challenge, pick, seed, verify, walk, Pick, Root, Shape};

fn shape(v: &Vector) -> Shape {
    Shape::new(v.rows, v.lanes, v.waves).unwrap()
}

fn roots(v: &Vector) -> Vec<Root> {
    v.roots
        .iter()
        .map(|root| hex::decode(root).unwrap().try_into().unwrap())
        .collect()
}

#[test]
fn the_reference_computes_the_vectors() {
    for (name, shape, epoch, class) in CASES {
        assert_eq!(make(name, shape, epoch, class), read(name), "{name}");
    }
}

#[test]
fn seeds_challenges_and_picks_agree() {
    for (name, ..) in CASES {
        let v = read(name);
        let epoch = v.epoch.parse().unwrap();
        let made = seed(&bytes(&v.slot_hash), &bytes(&v.device_key), epoch, v.class);
        assert_eq!(hex::encode(made), v.seed, "{name}");
        let drawn = challenge(&bytes(&v.challenge_slot_hash), &bytes(&v.attestation));
        assert_eq!(hex::encode(drawn), v.challenge, "{name}");
        for o in &v.openings {
            let expected = Pick {
                wave: o.wave,
                lane: o.lane,
                step: o.step,
                i: o.i,
                j: o.j,
            };
            assert_eq!(pick(&drawn, o.n, &shape(&v)), expected, "{name} {}", o.n);
        }
    }
}

#[test]
fn the_verifier_accepts_every_opening() {
    for (name, ..) in CASES {
        let v = read(name);
        let drawn = bytes(&v.challenge);
        for o in &v.openings {
            let opening = hex::decode(&o.bytes).unwrap();
            let at = pick(&drawn, o.n, &shape(&v));
            let verdict = verify(&bytes(&v.seed), &shape(&v), &roots(&v), &at, &opening);
            assert_eq!(verdict, Ok(()), "{name} {}", o.n);
        }
    }
}

#[test]
fn rows_agree_block_by_block() {
    for (name, ..) in CASES {
        let v = read(name);
        let row: Vec<u8> = (0..16)
            .flat_map(|b| walk::block(&bytes(&v.seed), 0, b))
            .collect();
        assert_eq!(hex::encode(row), v.row_0, "{name}");
    }
}

#[cfg(feature = "prover")]
#[test]
fn the_prover_computes_the_vectors_with_any_number_of_threads() {
    use iog_pow::{CpuProver, Prover};
    for (name, ..) in CASES {
        let v = read(name);
        for threads in [1, 2, 3] {
            let mut prover = CpuProver::new(bytes(&v.seed), shape(&v), threads);
            assert_eq!(prover.commit(), Ok(roots(&v)), "{name} {threads}");
            for o in &v.openings {
                let at = pick(&bytes(&v.challenge), o.n, &shape(&v));
                let opening = prover.open(&at).unwrap();
                assert_eq!(hex::encode(opening), o.bytes, "{name} {}", o.n);
            }
        }
    }
}
