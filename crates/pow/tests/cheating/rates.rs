//! Challenges, verdicts, and how far a count may be from what was predicted.

use crate::common::{pick, sha256, walk::places, walk::tables, Hash, Pick, Sizes, Walk};
use iog_pow::{challenge, verify, OpeningError, Shape, K_OPENINGS};

pub fn shape(sizes: &Sizes) -> Shape {
    Shape::new(sizes.rows, sizes.tiles, sizes.waves, sizes.cards).unwrap()
}

/// What the crate's verifier says to a walk's opening.
pub fn judge(walk: &Walk, at: &Pick) -> Result<(), OpeningError> {
    judge_bytes(walk, at, &walk.open(at))
}

pub fn judge_bytes(walk: &Walk, at: &Pick, opening: &[u8]) -> Result<(), OpeningError> {
    let picked = iog_pow::Pick {
        wave: at.wave,
        card: at.card,
        tile: at.tile,
        i: at.i,
        j: at.j,
    };
    let shape = shape(&walk.sizes);
    verify(&walk.seed0, &shape, &walk.commit(), &picked, opening)
}

/// For walks that hold together: only an entry can be wrong.
pub fn is_right(walk: &Walk, at: &Pick) -> bool {
    match judge(walk, at) {
        Ok(()) => true,
        Err(OpeningError::Entry) => false,
        Err(other) => panic!("the commit is consistent, yet {other:?} at {at:?}"),
    }
}

fn drawn(round: u32) -> Hash {
    challenge(&sha256(&round.to_le_bytes()), &[7; 32], &[9; 32])
}

/// How many of so many challenges all eight openings answer.
pub fn passes(rounds: u32, sizes: &Sizes, opens: impl Fn(&Pick) -> bool) -> u32 {
    let pass = |round: &u32| {
        let drawn = drawn(*round);
        (0..K_OPENINGS).all(|n| opens(&pick(&drawn, n, sizes)))
    };
    u32::try_from((0..rounds).filter(pass).count()).unwrap()
}

/// How many of so many single picks are right.
pub fn rights(rounds: u32, sizes: &Sizes, opens: impl Fn(&Pick) -> bool) -> u32 {
    let right = |round: &u32| opens(&pick(&drawn(!round), 0, sizes));
    u32::try_from((0..rounds).filter(right).count()).unwrap()
}

/// Holds a count of `n` trials to three standard deviations of its rate.
pub fn is_near(what: &str, count: u32, n: u32, rate: f64) {
    let (n, count) = (f64::from(n), f64::from(count));
    let sigma = (n * rate * (1.0 - rate)).sqrt();
    let told = format!(
        "{what}: {:.4} of {n}, predicted {rate:.4} (+- {:.4})",
        count / n,
        sigma / n
    );
    println!("{told}");
    assert!((count - n * rate).abs() <= 3.0 * sigma, "{told}");
}

/// Eight openings of which a share of entries is wrong.
pub fn eight(wrong: f64) -> f64 {
    (1.0 - wrong).powi(8)
}

/// The share of a walk's entries that are not what its keys ask for, counted.
pub fn wrong_share(walk: &Walk) -> f64 {
    let tables = tables(&walk.seed0, &walk.sizes);
    let (mut wrong, mut all) = (0_u32, 0_u32);
    for (number, wave) in (0..).zip(&walk.waves) {
        for (places, tiles) in places(&wave.key, number, &walk.sizes)
            .iter()
            .zip(&wave.tiles)
        {
            for (place, tile) in places.iter().zip(tiles) {
                let honest = place.honest(&tables);
                let differing = honest.iter().zip(tile).filter(|(x, y)| x != y).count();
                wrong += u32::try_from(differing).unwrap();
                all += 1024;
            }
        }
    }
    f64::from(wrong) / f64::from(all)
}

/// A walk that holds together passes as often as its wrong entries, counted, let it. Returns them.
pub fn passes_as_counted(what: &str, rounds: u32, walk: &Walk) -> f64 {
    let wrong = wrong_share(walk);
    let count = passes(rounds, &walk.sizes, |at| is_right(walk, at));
    is_near(what, count, rounds, eight(wrong));
    wrong
}
