//! One device key stands for several cards: each needs a table of its own.

use crate::common::{sha256, Sizes, Walk};
use crate::rates::{eight, passes_as_counted};

/// Eight panels, 128 tiles a card.
const SIZES: Sizes = Sizes::new(256, 4, 32, 8);
const ROUNDS: u32 = 1500;

/// audit: proof H-1. Of the openings one in eight asks for the card that is missing: (7/8)^8 = 0.34.
#[test]
fn eight_cards_proved_with_seven_pass_one_time_in_three() {
    let walk = Walk::by(&sha256(b"seven"), SIZES, |tables, place| {
        if place.card == 7 {
            place.made_up()
        } else {
            place.honest(tables)
        }
    });
    let wrong = passes_as_counted("seven of eight cards", ROUNDS, &walk);
    assert!((wrong - 0.125 * 255.0 / 256.0).abs() < 0.001, "{wrong}");
    assert!((eight(0.125) - 0.34).abs() < 0.005);
}

/// audit: proof H-1. Two cards share a table: whoever's it is, the other's entries are wrong.
#[test]
fn two_cards_with_one_table_are_one_card() {
    let walk = Walk::by(&sha256(b"shared"), SIZES, |tables, place| {
        // Card 7 multiplies what its draws name, but of card 6's table.
        let mut place = *place;
        place.card = place.card.min(6);
        place.honest(tables)
    });
    let wrong = passes_as_counted("two cards, one table", ROUNDS, &walk);
    assert!((wrong - 0.125 * 255.0 / 256.0).abs() < 0.001, "{wrong}");
}

/// Four tables for eight cards, each used twice: (1/2)^8.
#[test]
fn half_of_the_cards_hardly_ever_pass() {
    let walk = Walk::by(&sha256(b"half"), SIZES, |tables, place| {
        let mut place = *place;
        place.card /= 2;
        place.card *= 2;
        place.honest(tables)
    });
    let wrong = passes_as_counted("four of eight cards", ROUNDS, &walk);
    assert!((wrong - 0.5 * 255.0 / 256.0).abs() < 0.003, "{wrong}");
}

/// Who runs one card faster than the others gains nothing: a wave's key hangs on the roots of all cards in the wave before.
#[test]
fn cards_meet_at_each_wave() {
    let seed = sha256(b"meet");
    let honest = Walk::honest(&seed, SIZES);
    for late in 0..8 {
        let other = Walk::by(&seed, SIZES, |tables, place| {
            let mut tile = place.honest(tables);
            if (place.wave, place.card, place.tile) == (4, late, 0) {
                tile[1023] ^= 1;
            }
            tile
        });
        for wave in 0..SIZES.waves as usize {
            let same = honest.waves[wave].key == other.waves[wave].key;
            assert_eq!(same, wave <= 4, "card {late}, wave {wave}");
        }
    }
}
