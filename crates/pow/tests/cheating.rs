//! A prover that makes up part of its work is caught at the rate that the specification promises.

mod common;

use common::{sha256, Walk};
use iog_pow::{challenge, pick, verify, OpeningError, Shape, K_OPENINGS};

const SIZES: [u32; 3] = [64, 16, 4];
const CHALLENGES: u32 = 1500;

/// Proofs of `CHALLENGES` that a walk with made-up tiles passes, and the share of tiles made up.
fn passed(fake_of_256: u8) -> (u32, f64) {
    let seed = sha256(b"cheating");
    let fake =
        |w: u32, l: u32, step: usize| sha256(format!("{w} {l} {step}").as_bytes())[0] < fake_of_256;
    let walk = Walk::new(&seed, SIZES, fake);
    let shape = Shape::new(SIZES[0], SIZES[1], SIZES[2]).unwrap();
    let mut faked = 0_u32;
    for w in 0..SIZES[2] {
        for l in 0..SIZES[1] {
            faked += (0..8).map(|s| u32::from(fake(w, l, s))).sum::<u32>();
        }
    }
    let passes = |round: u32| {
        let drawn = challenge(&sha256(&round.to_le_bytes()), &[7; 32]);
        (0..K_OPENINGS).all(|n| {
            let at = pick(&drawn, n, &shape);
            let opening = walk.open([at.wave, at.lane, at.step, at.i, at.j]);
            match verify(&seed, &shape, &walk.roots, &at, &opening) {
                Ok(()) => true,
                Err(OpeningError::Entry) => false,
                Err(other) => panic!("the commit is consistent, yet {other:?}"),
            }
        })
    };
    let count = (0..CHALLENGES).map(|round| u32::from(passes(round))).sum();
    (count, f64::from(faked) / f64::from(SIZES[1] * SIZES[2] * 8))
}

fn matches_prediction(fake_of_256: u8) {
    let (passed, share) = passed(fake_of_256);
    // A made-up entry is right by chance in one of 256.
    let caught_at_once = share * 255.0 / 256.0;
    let p = (1.0 - caught_at_once).powi(8);
    let n = f64::from(CHALLENGES);
    let sigma = (n * p * (1.0 - p)).sqrt();
    let off = f64::from(passed) - n * p;
    assert!(
        off.abs() < 3.0 * sigma,
        "{passed} of {n} passed, {:.1} expected (share {share:.3}, sigma {sigma:.1})",
        n * p
    );
}

#[test]
fn a_quarter_made_up_passes_one_time_in_ten() {
    matches_prediction(64);
    // The promise in round numbers: 10 % at a quarter, give or take the sample.
    let (passed, _) = passed(64);
    assert!((90..250).contains(&passed), "{passed} of {CHALLENGES}");
}

#[test]
fn half_made_up_hardly_ever_passes() {
    matches_prediction(128);
}

#[test]
fn honest_work_always_passes() {
    assert_eq!(passed(0), (CHALLENGES, 0.0));
}
