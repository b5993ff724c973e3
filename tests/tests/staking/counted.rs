//! What counts: the market lists and matches a device exactly while its counted stake reaches the minimum.

use iog_client::market::MarketError;
use iog_tests::world::{expect_code, order_args, CLASS_TEST, GENESIS_TS};

use crate::stage::{Stage, COOL_DOWN, IO, MINIMUM, WAIT};

/// The market takes or refuses the device at this time: to list it, and to match it if it is listed.
#[track_caller]
fn counts(stage: &Stage, at: i64, expected: bool) {
    let mut world = stage.world.clone();
    world.set_time(at);
    world.open_earnings(&stage.one);
    let renter = world.renter();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    let was_listed = world.find(&stage.one.occupancy).is_some();
    let list = world.list_device_ix(&stage.one, 0).instruction();
    world.make_ready(&stage.one);
    let matching = world.match_ix(&order, &stage.one).instruction();
    let listed = world.send(&[list], &[&stage.one.owner]);
    if expected {
        listed.unwrap();
        world.must(matching, &[&renter.wallet]);
        return;
    }
    expect_code(listed, MarketError::NotStaked);
    if was_listed {
        world.refuses(MarketError::NotStaked, matching, &[&renter.wallet]);
    }
}

#[test]
fn both_parts_count_together_to_the_unit() {
    counts(&Stage::staked(MINIMUM), GENESIS_TS, true);
    counts(&Stage::staked(MINIMUM - 1), GENESIS_TS, false);
    counts(&Stage::co_staked(MINIMUM - 1, 1), GENESIS_TS, true);
    counts(&Stage::co_staked(MINIMUM - 2, 1), GENESIS_TS, false);
    let half = MINIMUM / 2;
    counts(&Stage::co_staked(half, half), GENESIS_TS, true);
    counts(&Stage::co_staked(half, half - 1), GENESIS_TS, false);
}

#[test]
fn an_offer_counts_nothing_until_it_is_accepted() {
    let mut stage = Stage::staked(MINIMUM / 2);
    let offer = stage
        .world
        .offer_ix(&stage.one, MINIMUM / 2, 0)
        .instruction();
    stage.owner_does(offer);
    counts(&stage, GENESIS_TS, false);
}

#[test]
fn a_leaving_part_counts_until_the_last_second_of_the_wait() {
    let mut stage = Stage::co_staked(150 * IO, 50 * IO);
    stage.list();
    stage.leave();
    let end = GENESIS_TS + WAIT;
    for (at, expected) in [
        (GENESIS_TS, true),
        (end - 1, true),
        (end, false),
        (end + 1, false),
    ] {
        counts(&stage, at, expected);
    }
    counts(&stage, end + COOL_DOWN, false);
}

/// The owner refills within the wait and the device never drops out; a unit too little, and it does.
#[test]
fn a_refill_in_the_wait_keeps_the_device_in() {
    for (refill, stays) in [(50 * IO, true), (50 * IO - 1, false)] {
        let mut stage = Stage::co_staked(150 * IO, 50 * IO);
        stage.list();
        stage.leave();
        stage.world.set_time(GENESIS_TS + WAIT - 1);
        let add = stage.world.increase_ix(&stage.one, refill).instruction();
        stage.owner_does(add);
        counts(&stage, GENESIS_TS + WAIT - 1, true);
        counts(&stage, GENESIS_TS + WAIT, stays);
        stage.world.set_time(GENESIS_TS + WAIT + COOL_DOWN);
        let paid = stage.withdraw_co_ix();
        stage.world.govern(paid);
        counts(&stage, GENESIS_TS + WAIT + COOL_DOWN, stays);
    }
}

#[test]
fn nothing_counts_from_the_request_on() {
    for mut stage in [
        Stage::staked(3 * MINIMUM),
        Stage::co_staked(3 * MINIMUM, MINIMUM),
    ] {
        counts(&stage, GENESIS_TS, true);
        stage.list();
        stage.request();
        counts(&stage, GENESIS_TS, false);
        counts(&stage, GENESIS_TS + COOL_DOWN, false);
    }
}
