//! The hour's average: no price without it, and how far from it a price may be. redteam P4

use iog_client::token::TokenError as E;
use iog_tests::world::expect_code;

use super::stage::{silent, stage, thousandths, QUARTER, QUARTER_LOW};

/// redteam P4: without three quarters of an hour there is no average, and without an average no price.
#[test]
fn an_hour_must_be_known_first() {
    let mut stage = silent(9, 5);
    stage.all_say(&[QUARTER; 9]);
    stage.burn_refused(E::PriceStale);
    for _ in 0..8 {
        stage.world.advance(300);
        stage.all_say(&[QUARTER; 9]);
        stage.burn_refused(E::PriceStale);
    }
    stage.world.advance(299);
    stage.all_say(&[QUARTER; 9]);
    stage.burn_refused(E::PriceStale);
    stage.world.advance(1);
    assert_eq!(stage.low(), QUARTER_LOW);
    // Who is silent for long starts again: a median counts for ten minutes.
    stage.world.advance(3_000);
    stage.all_say(&[QUARTER; 9]);
    stage.burn_refused(E::PriceStale);
}

/// redteam P4: a majority moves the price by a fifth of the hour's average at once, and no further; IOSD is made at the lower of both.
#[test]
fn a_majority_moves_a_fifth_at_once() {
    let base = stage(9, 5);
    let says = |prices: u64| {
        let mut stage = base.clone();
        stage.world.advance(30);
        stage.all_say(&[prices, prices, prices, prices, prices, QUARTER, QUARTER]);
        stage
    };
    // Of seven the fourth; the middle three are all liars.
    let mut up = says(thousandths(1_200));
    assert_eq!(up.low(), QUARTER - 2 * thousandths(1_200) / 1_000);
    says(thousandths(1_200) + 1).burn_refused(E::PriceDeviates);
    let mut down = says(thousandths(800));
    assert_eq!(down.low(), thousandths(800) - 2 * thousandths(800) / 1_000);
    says(thousandths(800) - 1).burn_refused(E::PriceDeviates);
}

/// redteam P4: the average moves with the time that a median stood: a minute of 1.2 is a three hundredth of an hour.
#[test]
fn the_average_is_of_time() {
    let mut stage = stage(5, 3);
    stage.all_say_later(1, thousandths(1_200));
    let before = stage.average();
    assert_eq!(before, QUARTER);
    stage.world.advance(60);
    // The last hour: since the last full five minutes an hour ago.
    let into = u64::try_from(stage.now() % 300).unwrap();
    let hour = 3_600 + into;
    let expected = (QUARTER * (hour - 60) + thousandths(1_200) * 60) / hour;
    assert_eq!(stage.average(), expected);
}

/// The highest that can be reported.
const MOST: u64 = 1_000_000_000_000_000;

/// redteam P4: whoever makes the median for a minute moves the average by a minute's weight of a fifth, whatever it says.
#[test]
fn no_median_counts_for_more_than_a_fifth() {
    let base = stage(5, 3);
    // A thousandth of what is furthest off is more than 2 % of the average, and of 1 not less than 1.
    for (lie, counts, code) in [
        (MOST, thousandths(1_200), E::PriceUncertain),
        (thousandths(10_000), thousandths(1_200), E::PriceDeviates),
        (thousandths(100), thousandths(800), E::PriceDeviates),
        (1, thousandths(800), E::PriceUncertain),
    ] {
        let mut stage = base.clone();
        stage.all_say_later(1, lie);
        assert_eq!(stage.world.price_feed().feed.held_price, counts);
        expect_code(stage.order(), code);
        stage.all_say_later(60, QUARTER);
        let hour = 3_600 + u64::try_from(stage.now() % 300).unwrap();
        let expected = (QUARTER * (hour - 60) + counts * 60) / hour;
        assert_eq!(stage.average(), expected);
    }
}

/// redteam P4: a day in which nobody reports wipes nothing out: what follows stands a fifth around the last average that was known, until an
/// hour is known again.
#[test]
fn silence_does_not_free_the_price() {
    let base = stage(5, 3);
    for (lie, counts) in [(MOST, thousandths(1_200)), (1, thousandths(800))] {
        let mut stage = base.clone();
        stage.world.advance(86_400);
        for _ in 0..9 {
            stage.all_say(&[lie; 5]);
            assert_eq!(stage.world.price_feed().feed.held_price, counts);
            expect_code(stage.order(), E::PriceStale);
            stage.world.advance(300);
        }
        stage.all_say(&[counts; 5]);
        assert_eq!(stage.average(), counts);
    }
}

/// The clock steps back: nothing counts twice, and what was from now on is from the future.
#[test]
fn a_clock_that_steps_back_counts_nothing_twice() {
    let mut stage = stage(5, 3);
    let now = stage.now();
    stage.world.set_time(now - 6);
    // Reports of six seconds ahead are none.
    stage.burn_refused(E::PriceStale);
    stage.world.set_time(now - 5);
    assert_eq!(stage.low(), QUARTER_LOW);
    let before = stage.world.price_feed().feed;
    expect_code(
        stage.world.carry(&[stage.says(0, QUARTER * 2)]),
        E::NothingNewer,
    );
    assert_eq!(stage.world.price_feed().feed, before);
    stage.world.set_time(now);
    assert_eq!(stage.average(), QUARTER);
}
