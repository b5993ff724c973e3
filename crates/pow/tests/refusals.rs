//! Every part of an opening that is changed is refused with the code of that part.

mod common;

use common::{pick as reference_pick, seed as reference_seed, sha256, Walk};
use iog_pow::{verify, OpeningError, Pick, Root, Shape, ShapeError, MAX_OPENING_LEN};

/// 32 panels: two steps of a lane hardly ever see the same tile, which would open both.
const SIZES: [u32; 3] = [1024, 8, 3];

struct Case {
    seed: [u8; 32],
    shape: Shape,
    roots: Vec<Root>,
    walk: Walk,
}

impl Case {
    fn new() -> Self {
        let seed = reference_seed(&[1; 32], &[2; 32], 3, 4);
        let walk = Walk::new(&seed, SIZES, |_, _, _, _| false);
        Self {
            seed,
            shape: Shape::new(SIZES[0], SIZES[1], SIZES[2]).unwrap(),
            roots: walk.roots.clone(),
            walk,
        }
    }

    fn open(&self, at: &Pick) -> Vec<u8> {
        self.walk.open([at.wave, at.lane, at.step, at.i, at.j])
    }

    fn verify(&self, at: &Pick, opening: &[u8]) -> Result<(), OpeningError> {
        verify(&self.seed, &self.shape, &self.roots, at, opening)
    }
}

fn picks() -> impl Iterator<Item = Pick> {
    (0..12).map(|n| {
        let [wave, lane, step, i, j] = reference_pick(&sha256(b"picks"), n, SIZES[1], SIZES[2]);
        Pick {
            wave,
            lane,
            step,
            i,
            j,
        }
    })
}

/// The error that a change of byte `at` of an opening deserves.
fn expected(at: usize) -> OpeningError {
    match at {
        0..160 => OpeningError::Lane,
        160..304 => OpeningError::Tile,
        _ => OpeningError::Lane,
    }
}

#[test]
fn every_byte_of_an_opening_counts() {
    let case = Case::new();
    for at in picks() {
        let opening = case.open(&at);
        assert_eq!(case.verify(&at, &opening), Ok(()));
        for byte in 0..opening.len() {
            let mut tampered = opening.clone();
            tampered[byte] ^= 1 << (byte % 8);
            let verdict = case.verify(&at, &tampered);
            assert_eq!(verdict, Err(expected(byte)), "byte {byte}");
        }
    }
}

#[test]
fn a_length_off_by_any_amount_is_refused() {
    let case = Case::new();
    let at = picks().next().unwrap();
    let opening = case.open(&at);
    assert_eq!(opening.len(), case.shape.opening_len());
    for len in 0..opening.len() {
        let short = case.verify(&at, &opening[..len]);
        assert_eq!(short, Err(OpeningError::Length));
    }
    for extra in [1, 20, 1000] {
        let mut long = opening.clone();
        long.resize(opening.len() + extra, 0);
        assert_eq!(case.verify(&at, &long), Err(OpeningError::Length));
    }
}

#[test]
fn one_root_for_each_wave_is_needed() {
    let mut case = Case::new();
    let at = picks().next().unwrap();
    let opening = case.open(&at);
    case.roots.push([0; 20]);
    assert_eq!(case.verify(&at, &opening), Err(OpeningError::Roots));
    case.roots.truncate(2);
    assert_eq!(case.verify(&at, &opening), Err(OpeningError::Roots));
    case.roots.clear();
    assert_eq!(case.verify(&at, &opening), Err(OpeningError::Roots));
}

#[test]
fn a_pick_outside_the_shape_is_refused() {
    let case = Case::new();
    let at = picks().next().unwrap();
    let opening = case.open(&at);
    for outside in [
        Pick { wave: 3, ..at },
        Pick { lane: 8, ..at },
        Pick { step: 8, ..at },
        Pick { i: 32, ..at },
        Pick { j: 32, ..at },
        Pick {
            wave: u32::MAX,
            ..at
        },
    ] {
        assert_eq!(case.verify(&outside, &opening), Err(OpeningError::Roots));
    }
}

#[test]
fn an_opening_answers_its_pick_only() {
    let case = Case::new();
    for at in picks() {
        let opening = case.open(&at);
        let lane = Pick {
            lane: at.lane ^ 1,
            ..at
        };
        assert_eq!(case.verify(&lane, &opening), Err(OpeningError::Lane));
        let wave = Pick {
            wave: (at.wave + 1) % 3,
            ..at
        };
        assert_eq!(case.verify(&wave, &opening), Err(OpeningError::Lane));
        let step = Pick {
            step: at.step ^ 1,
            ..at
        };
        assert_eq!(case.verify(&step, &opening), Err(OpeningError::Tile));
        let leaf = Pick { i: at.i ^ 2, ..at };
        assert_eq!(case.verify(&leaf, &opening), Err(OpeningError::Tile));
        // The other entries of the leaf are opened with it.
        let neighbour = Pick {
            i: at.i ^ 1,
            j: at.j ^ 17,
            ..at
        };
        assert_eq!(case.verify(&neighbour, &opening), Ok(()));
    }
}

#[test]
fn a_changed_root_is_refused_in_its_wave_and_the_next() {
    let case = Case::new();
    for at in picks() {
        let opening = case.open(&at);
        for wave in 0..3 {
            let mut roots = case.roots.clone();
            roots[wave as usize][19] ^= 0x80;
            let verdict = verify(&case.seed, &case.shape, &roots, &at, &opening);
            let touched = wave == at.wave || wave + 1 == at.wave;
            let expected = if touched {
                Err(OpeningError::Lane)
            } else {
                Ok(())
            };
            assert_eq!(verdict, expected);
        }
    }
}

#[test]
fn another_window_device_epoch_or_class_is_refused() {
    let case = Case::new();
    let others = [
        iog_pow::seed(&[9; 32], &[2; 32], 3, 4),
        iog_pow::seed(&[1; 32], &[9; 32], 3, 4),
        iog_pow::seed(&[1; 32], &[2; 32], 4, 4),
        iog_pow::seed(&[1; 32], &[2; 32], 3, 5),
    ];
    assert_eq!(iog_pow::seed(&[1; 32], &[2; 32], 3, 4), case.seed);
    for at in picks() {
        let opening = case.open(&at);
        for seed in &others {
            let verdict = verify(seed, &case.shape, &case.roots, &at, &opening);
            assert_eq!(verdict, Err(OpeningError::Lane));
        }
    }
}

#[test]
fn a_table_of_another_size_is_refused_by_its_entries() {
    // Same lanes and waves over 64 rows instead of 1024: all paths hold, the rows do not.
    let case = Case::new();
    let small = Walk::new(&case.seed, [64, 8, 3], |_, _, _, _| false);
    let mut refused = 0;
    for at in picks() {
        let opening = small.open([at.wave, at.lane, at.step, at.i, at.j]);
        let verdict = verify(&case.seed, &case.shape, &small.roots, &at, &opening);
        assert!(matches!(verdict, Ok(()) | Err(OpeningError::Entry)));
        refused += u32::from(verdict.is_err());
    }
    // One draw in 1024 leads to the same two panels, and one wrong entry in 256 is right by chance.
    assert!(refused >= 10, "{refused} of 12");
}

#[test]
fn shapes_are_valid_or_not_made() {
    for rows in [0, 1, 31, 33, 2047, u32::MAX] {
        assert_eq!(Shape::new(rows, 1, 1), Err(ShapeError::Rows), "{rows}");
    }
    for lanes in [0, 3, 6, u32::MAX] {
        assert_eq!(Shape::new(32, lanes, 1), Err(ShapeError::Lanes), "{lanes}");
    }
    for waves in [0, 25, u32::MAX] {
        assert_eq!(Shape::new(32, 1, waves), Err(ShapeError::Waves), "{waves}");
    }
    let largest = Shape::new(u32::MAX - 31, 1 << 31, 24).unwrap();
    assert_eq!(largest.opening_len(), MAX_OPENING_LEN);
    assert_eq!(largest.panels(), (1 << 27) - 1);
    assert_eq!(Shape::new(2048, 64, 3), Ok(Shape::TEST));
    // 22 levels: the largest class, whose opening the specification gives as 744 bytes.
    assert_eq!(Shape::new(32, 1 << 22, 24).unwrap().opening_len(), 744);
}
