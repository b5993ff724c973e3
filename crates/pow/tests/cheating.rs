//! A prover that makes up part of its work is caught at the rate that the specification promises.

mod common;

use std::cell::Cell;

use common::{sha256, Walk};
use iog_pow::{challenge, pick, verify, OpeningError, Shape, K_OPENINGS};

const CHALLENGES: u32 = 1500;

/// Proofs of `CHALLENGES` that a walk with made-up tiles passes, and the share of tiles made up.
fn passed(sizes: [u32; 3], fake: impl Fn(u32, u32, usize, [u64; 2]) -> bool) -> (u32, f64) {
    let seed = sha256(b"cheating");
    let faked = Cell::new(0_u32);
    let walk = Walk::new(&seed, sizes, |wave, lane, step, panels| {
        let is_fake = fake(wave, lane, step, panels);
        faked.set(faked.get() + u32::from(is_fake));
        is_fake
    });
    let shape = Shape::new(sizes[0], sizes[1], sizes[2]).unwrap();
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
    let steps = f64::from(sizes[1] * sizes[2] * 8);
    (count, f64::from(faked.get()) / steps)
}

/// A walk of which `fake_of_256` of 256 tiles are made up, whatever their panels.
fn with_made_up(fake_of_256: u8) -> (u32, f64) {
    passed([64, 16, 4], |w, l, step, _| {
        sha256(format!("{w} {l} {step}").as_bytes())[0] < fake_of_256
    })
}

fn matches_prediction((passed, share): (u32, f64)) {
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
    matches_prediction(with_made_up(64));
    // The promise in round numbers: 10 % at a quarter, give or take the sample.
    let (passed, _) = with_made_up(64);
    assert!((90..250).contains(&passed), "{passed} of {CHALLENGES}");
}

#[test]
fn half_made_up_hardly_ever_passes() {
    matches_prediction(with_made_up(128));
}

#[test]
fn honest_work_always_passes() {
    assert_eq!(with_made_up(0), (CHALLENGES, 0.0));
}

/// Who keeps three quarters of the table has both panels of 9 steps in 16. Nothing that it puts into its tiles changes which:
/// panels are drawn from the wave's key, so that it passes one time in a hundred.
#[test]
fn three_quarters_of_the_table_pass_one_time_in_a_hundred() {
    const PANELS: u32 = 16;
    let kept = u64::from(PANELS / 4 * 3);
    let walked = passed([32 * PANELS, 32, 3], |_, _, _, panels| {
        panels.iter().any(|panel| *panel >= kept)
    });
    let (passed, made_up) = walked;
    assert!((made_up - 7.0 / 16.0).abs() < 0.05, "{made_up} made up");
    matches_prediction(walked);
    assert!(passed < CHALLENGES / 30, "{passed} of {CHALLENGES}");
}
