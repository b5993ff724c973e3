//! Work that was done once and is handed in twice.

use crate::common::{seed, walk::Place, Pick, Sizes, Tile, Walk};
use crate::rates::{is_near, is_right, judge_bytes, rights, wrong_share};
use iog_pow::OpeningError;

/// 16 panels; 1,024 tiles.
const SIZES: Sizes = Sizes::new(512, 16, 32, 2);
const ROUNDS: u32 = 1500;

fn own() -> [u8; 32] {
    seed(&[1; 32], &[2; 32], 3, 4, 2)
}

/// A walk whose tiles are another's: its trees are its own and hold together. What is right is right by chance.
fn guesses(what: &str, mut foreign: impl FnMut(&Place) -> Tile) {
    let walk = Walk::by(&own(), SIZES, |_, place| foreign(place));
    let right = rights(ROUNDS, &SIZES, |at| is_right(&walk, at));
    is_near(what, right, ROUNDS, 1.0 / 256.0);
    // All entries of 1,024 tiles, counted. Pairs of 16 panels come up several times: a standard deviation is about 0.00013.
    let counted = 1.0 - wrong_share(&walk);
    assert!((counted - 1.0 / 256.0).abs() < 0.0005, "{what}: {counted}");
}

/// audit: proof H-2. One card walks once for several device keys. Another key's, hour's (its slot hash and its number), class's, or number of cards' walk, tile by tile under keys of one's own.
#[test]
fn tiles_of_another_walk_are_guesses() {
    let seeds = [
        ("another key's", seed(&[1; 32], &[9; 32], 3, 4, 2)),
        ("another window's", seed(&[9; 32], &[2; 32], 3, 4, 2)),
        ("another hour's", seed(&[1; 32], &[2; 32], 4, 4, 2)),
        ("another class's", seed(&[1; 32], &[2; 32], 3, 5, 2)),
        (
            "another number of cards'",
            seed(&[1; 32], &[2; 32], 3, 4, 1),
        ),
    ];
    for (whose, seed) in seeds {
        let other = Walk::honest(&seed, SIZES);
        guesses(whose, |at| {
            let wave = &other.waves[at.wave as usize];
            wave.tiles[at.card as usize][at.tile as usize].clone()
        });
    }
}

/// audit: proof H-1. One table, that of another card or another key, drawn by the right keys.
#[test]
fn a_table_of_another_walk_is_a_guess() {
    let other = crate::common::walk::tables(&[7; 32], &SIZES);
    guesses("another key's table", |place| place.honest(&other));
    let swapped = crate::common::walk::tables(&own(), &SIZES);
    guesses("the other card's table", |place| {
        let card = place.card ^ 1;
        Place { card, ..*place }.honest(&swapped)
    });
}

/// The same tiles in each wave: one wave walked, 32 handed in.
#[test]
fn tiles_of_another_wave_are_guesses_but_for_the_first() {
    let mut first: Vec<Tile> = Vec::new();
    let walk = Walk::by(&own(), SIZES, |tables, place| {
        if place.wave == 0 {
            first.push(place.honest(tables));
        }
        first[(place.card * SIZES.tiles + place.tile) as usize].clone()
    });
    let right = rights(ROUNDS, &SIZES, |at| is_right(&walk, at));
    let counted = 1.0 - wrong_share(&walk);
    is_near("the first wave's tiles", right, ROUNDS, counted);
    // The first wave; and elsewhere what is right by chance, or drew the same two of 16 panels.
    let predicted = 1.0 / 32.0 + 31.0 / 32.0 * (2.0 / 256.0);
    assert!((counted - predicted).abs() < 0.01, "{counted}");
}

/// Openings of the right walk, handed in for other places: of another card, tile and wave, with every mixture of their paths.
#[test]
fn parts_of_openings_cannot_be_mixed() {
    let walk = Walk::honest(&own(), SIZES);
    let at = Pick {
        wave: 13,
        card: 1,
        tile: 6,
        i: 9,
        j: 30,
    };
    let right = walk.open(&at);
    assert_eq!(judge_bytes(&walk, &at, &right), Ok(()));
    for other in [
        Pick { wave: 12, ..at },
        Pick { wave: 29, ..at },
        Pick { card: 0, ..at },
        Pick { tile: 7, ..at },
        Pick { i: 13, ..at },
    ] {
        let foreign = walk.open(&other);
        assert_eq!(foreign.len(), right.len());
        // Leaf, its siblings, the tile's, the card's, the wave's.
        let cuts = [128, 176, 240, 256, right.len()];
        for from in 0..1 << cuts.len() {
            let mut mixed = Vec::new();
            for (part, end) in cuts.iter().enumerate() {
                let source = if from >> part & 1 == 1 {
                    &foreign
                } else {
                    &right
                };
                mixed.extend(&source[mixed.len()..*end]);
            }
            // Siblings that both share make some mixtures the right opening.
            let expected = if mixed == right {
                Ok(())
            } else {
                Err(OpeningError::Path)
            };
            assert_eq!(judge_bytes(&walk, &at, &mixed), expected, "{from:b}");
        }
    }
}
