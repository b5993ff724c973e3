//! Every part of an opening that is changed is refused, and so is every opening of something else.

mod common;

use common::{pick as reference_pick, seed as reference_seed, sha256, Hash, Sizes, Walk};
use iog_pow::{verify, Node, OpeningError, Pick, Shape, ShapeError, MAX_OPENING_LEN};

/// 32 panels: two tiles hardly ever multiply the same ones. Of cards and waves some are missing.
const SIZES: Sizes = Sizes::new(1024, 8, 11, 3);

fn shape_of(sizes: Sizes) -> Shape {
    Shape::new(sizes.rows, sizes.tiles, sizes.waves, sizes.cards).unwrap()
}

struct Case {
    seed: Hash,
    shape: Shape,
    walk: Walk,
}

impl Case {
    fn new() -> Self {
        Self::of(reference_seed(&[1; 32], &[2; 32], 3, 4, 3), SIZES)
    }

    fn of(seed: Hash, sizes: Sizes) -> Self {
        Self {
            seed,
            shape: shape_of(sizes),
            walk: Walk::honest(&seed, sizes),
        }
    }

    fn open(&self, at: &Pick) -> Vec<u8> {
        self.walk.open(&common::Pick {
            wave: at.wave,
            card: at.card,
            tile: at.tile,
            i: at.i,
            j: at.j,
        })
    }

    fn verify(&self, at: &Pick, opening: &[u8]) -> Result<(), OpeningError> {
        verify(&self.seed, &self.shape, &self.walk.commit(), at, opening)
    }
}

fn picks() -> impl Iterator<Item = Pick> {
    (0..12).map(|n| {
        let at = reference_pick(&sha256(b"picks"), n, &SIZES);
        Pick {
            wave: at.wave,
            card: at.card,
            tile: at.tile,
            i: at.i,
            j: at.j,
        }
    })
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
            assert_eq!(verdict, Err(OpeningError::Path), "byte {byte}");
        }
    }
}

#[test]
fn every_bit_of_the_commit_counts() {
    let case = Case::new();
    let at = picks().next().unwrap();
    let opening = case.open(&at);
    for bit in 0..128 {
        let mut commit: Node = case.walk.commit();
        commit[bit / 8] ^= 1 << (bit % 8);
        let verdict = verify(&case.seed, &case.shape, &commit, &at, &opening);
        assert_eq!(verdict, Err(OpeningError::Path), "bit {bit}");
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
    for extra in [1, 16, 1000] {
        let mut long = opening.clone();
        long.resize(opening.len() + extra, 0);
        assert_eq!(case.verify(&at, &long), Err(OpeningError::Length));
    }
}

/// The places that are filled up with zero bytes, too: the fourth card and the twelfth to sixteenth wave.
#[test]
fn a_pick_outside_the_shape_is_refused() {
    let case = Case::new();
    let at = picks().next().unwrap();
    let opening = case.open(&at);
    let far = u32::MAX;
    for outside in [
        Pick { wave: 11, ..at },
        Pick { wave: far, ..at },
        Pick { card: 3, ..at },
        Pick { card: far, ..at },
        Pick { tile: 8, ..at },
        Pick { tile: far, ..at },
        Pick { i: 32, ..at },
        Pick { j: 32, ..at },
    ] {
        let verdict = case.verify(&outside, &opening);
        assert_eq!(verdict, Err(OpeningError::Pick), "{outside:?}");
    }
}

#[test]
fn an_opening_answers_its_pick_only() {
    let case = Case::new();
    for at in picks() {
        let opening = case.open(&at);
        let others = (0..11).map(|wave| Pick { wave, ..at });
        let others = others.chain((0..3).map(|card| Pick { card, ..at }));
        let others = others.chain((0..8).map(|tile| Pick { tile, ..at }));
        let others = others.chain((0..8).map(|leaf| Pick {
            i: 4 * leaf + at.i % 4,
            ..at
        }));
        for other in others.filter(|other| *other != at) {
            let verdict = case.verify(&other, &opening);
            assert_eq!(verdict, Err(OpeningError::Path), "{at:?} {other:?}");
            // And the other way round: its opening is not this one's.
            let foreign = case.verify(&at, &case.open(&other));
            assert_eq!(foreign, Err(OpeningError::Path), "{at:?} {other:?}");
        }
        // The other 127 entries of the leaf are opened with it.
        let neighbour = Pick {
            i: at.i ^ 3,
            j: at.j ^ 17,
            ..at
        };
        assert_eq!(case.verify(&neighbour, &opening), Ok(()));
    }
}

#[test]
fn another_window_device_epoch_class_or_number_of_cards_is_refused() {
    let case = Case::new();
    let others = [
        iog_pow::seed(&[9; 32], &[2; 32], 3, 4, 3),
        iog_pow::seed(&[1; 32], &[9; 32], 3, 4, 3),
        iog_pow::seed(&[1; 32], &[2; 32], 4, 4, 3),
        iog_pow::seed(&[1; 32], &[2; 32], 3, 5, 3),
        iog_pow::seed(&[1; 32], &[2; 32], 3, 4, 4),
    ];
    assert_eq!(iog_pow::seed(&[1; 32], &[2; 32], 3, 4, 3), case.seed);
    let commit = case.walk.commit();
    for other in &others {
        let foreign = Case::of(*other, SIZES);
        for at in picks() {
            let opening = case.open(&at);
            let verdict = verify(other, &case.shape, &commit, &at, &opening);
            assert_eq!(verdict, Err(OpeningError::Path));
            let verdict = case.verify(&at, &foreign.open(&at));
            assert_eq!(verdict, Err(OpeningError::Path));
        }
    }
}

/// The whole walk of another key, committed as one's own.
#[test]
fn another_keys_walk_under_ones_own_commit_opens_nothing() {
    let case = Case::new();
    let foreign = Case::of([7; 32], SIZES);
    let commit = foreign.walk.commit();
    for at in picks() {
        let verdict = verify(&case.seed, &case.shape, &commit, &at, &foreign.open(&at));
        assert_eq!(verdict, Err(OpeningError::Path));
    }
}

#[test]
fn a_table_of_another_size_is_refused_by_its_entries() {
    // Same tiles, waves and cards over 64 rows instead of 1024: all paths hold, the rows do not.
    let case = Case::new();
    let small = Case::of(case.seed, Sizes { rows: 64, ..SIZES });
    let commit = small.walk.commit();
    let verdict = |at: Pick| verify(&case.seed, &case.shape, &commit, &at, &small.open(&at));
    let verdicts: Vec<_> = picks().map(verdict).collect();
    let entry = |verdict: &&Result<(), _>| **verdict == Err(OpeningError::Entry);
    let refused = verdicts.iter().filter(entry).count();
    assert!(verdicts
        .iter()
        .all(|verdict| verdict.is_ok() || entry(&verdict)));
    // One draw in 1024 leads to the same two panels, and one wrong entry in 256 is right by chance.
    assert!(refused >= 10, "{refused} of 12");
}

#[test]
fn shapes_are_valid_or_not_made() {
    for rows in [0, 1, 31, 33, 2047, u32::MAX] {
        assert_eq!(Shape::new(rows, 1, 1, 1), Err(ShapeError::Rows), "{rows}");
    }
    for tiles in [0, 3, 6, (1 << 20) + 1, 1 << 21, u32::MAX] {
        let refused = Shape::new(32, tiles, 1, 1);
        assert_eq!(refused, Err(ShapeError::Tiles), "{tiles}");
    }
    for waves in [0, (1 << 17) + 1, u32::MAX] {
        let refused = Shape::new(32, 1, waves, 1);
        assert_eq!(refused, Err(ShapeError::Waves), "{waves}");
    }
    for cards in [0, 9, u32::MAX] {
        assert_eq!(
            Shape::new(32, 1, 1, cards),
            Err(ShapeError::Cards),
            "{cards}"
        );
        assert_eq!(Shape::TEST.with_cards(cards), Err(ShapeError::Cards));
    }
    let largest = Shape::new(u32::MAX - 31, 1 << 20, 1 << 17, 8).unwrap();
    assert_eq!(largest.opening_len(), MAX_OPENING_LEN);
    assert_eq!(MAX_OPENING_LEN, 816);
    assert_eq!(largest.panels(), (1 << 27) - 1);
    assert_eq!(largest.table_len(), (u64::from(u32::MAX) - 31) * 512);
    assert_eq!(Shape::new(1024, 4, 512, 1), Ok(Shape::TEST));
    // Of the specification: a host of eight H100, whose opening has 768 bytes.
    let h100 = Shape::new(157_286_400, 1 << 19, 23_363, 8).unwrap();
    assert_eq!(h100.opening_len(), 768);
}

#[test]
fn levels_count_what_is_filled_up() {
    let card_levels = (1..=8).map(|cards| Shape::TEST.with_cards(cards).unwrap().card_levels());
    assert_eq!(card_levels.collect::<Vec<_>>(), [0, 1, 2, 2, 3, 3, 3, 3]);
    let levels = |waves| Shape::new(32, 1, waves, 1).unwrap().wave_levels();
    let waves = [1, 2, 3, 4, 5, 100, 512, 513, 131_072];
    assert_eq!(waves.map(levels), [0, 1, 2, 2, 3, 7, 9, 10, 17]);
    let groups = |tiles| Shape::new(32, tiles, 1, 1).unwrap().groups();
    assert_eq!(
        [1, 8, 16, 32, 64, 1 << 20].map(groups),
        [1, 1, 1, 2, 4, 65_536]
    );
}
