//! What is above the minimum, above the co-staker's half and not held leaves at once, to the unit.

use iog_client::staking::events::OverflowWithdrawn;
use iog_client::staking::{Event, StakingError as E};
use iog_tests::world::{
    class_args, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST, CLASS_UNPROVED, GENESIS_TS,
};
use iog_tests::World;

use crate::stage::{said, Stage, COOL_DOWN, IO, MINIMUM, WAIT, WALLET};

/// Exactly `free` may leave, and not one unit more.
#[track_caller]
fn most(stage: &Stage, free: u64) {
    let mut stage = stage.clone();
    let before = stage.world.device_stake(&stage.one);
    let over = stage.world.overflow_ix(&stage.one, free + 1).instruction();
    stage
        .world
        .refuses(E::NotOverflow, over, &[&stage.one.owner]);
    assert_eq!(stage.world.device_stake(&stage.one), before);
    if free > 0 {
        let all = stage.world.overflow_ix(&stage.one, free).instruction();
        stage.owner_does(all);
        stage.holds(before.amount_units - free, before.co_amount_units);
    }
}

#[test]
fn it_pays_at_once_and_says_so() {
    let mut stage = Stage::staked(MINIMUM + 7);
    let overflow = stage.world.overflow_ix(&stage.one, 3).instruction();
    let meta = stage.owner_does(overflow);
    let expected = OverflowWithdrawn {
        device: stage.one.device,
        owner: stage.one.owner.pubkey_of(),
        amount: 3,
        stake_before: 20_000_000_007,
        stake_after: 20_000_000_004,
    };
    assert_eq!(meta.events, said(Event::OverflowWithdrawn(expected)));
    assert_eq!(stage.wallets(), (WALLET - MINIMUM - 4, WALLET));
    stage.holds(MINIMUM + 4, 0);
    most(&stage, 4);
    let nothing = stage.world.overflow_ix(&stage.one, 0).instruction();
    stage
        .world
        .refuses(E::ZeroAmount, nothing, &[&stage.one.owner]);
}

#[test]
fn the_minimum_of_class_and_quantity_stays() {
    let mut world = World::ready();
    let co = world.co_staker();
    for (class, quantity, minimum) in [
        (CLASS_COMMUNITY, 1, 50_000_000_000),
        (CLASS_TEST, 1, 20_000_000_000),
        (CLASS_UNPROVED, 4, 80_000_000_000),
    ] {
        let one = world.registered(class, quantity);
        world.stake(&one, minimum + 11);
        let stage = Stage {
            world: world.clone(),
            one: one.clone(),
            co: co.clone(),
        };
        let mut alone = stage.clone();
        let over = alone.world.overflow_ix(&one, 12).instruction();
        alone.world.refuses(E::NotOverflow, over, &[&one.owner]);
        let all = alone.world.overflow_ix(&one, 11).instruction();
        alone.owner_does(all);
        assert_eq!(alone.world.device_stake(&one).amount_units, minimum);
    }
}

#[test]
fn a_class_that_needs_more_or_less_moves_the_limit() {
    let mut stage = Stage::staked(500 * IO);
    most(&stage, 300 * IO);
    for (multiplier_x100, free) in [
        (250, 0),
        (249, 2 * IO),
        (101, 298 * IO),
        (50, 300 * IO),
        (300, 0),
    ] {
        stage.world.update_class(iog_client::registry::ClassArgs {
            multiplier_x100,
            ..class_args(CLASS_TEST)
        });
        most(&stage, free);
    }
}

#[test]
fn a_stake_below_the_minimum_has_none() {
    most(&Stage::staked(MINIMUM / 2), 0);
    most(&Stage::staked(MINIMUM), 0);
}

/// With 150 and 50 the minimum holds all; with 250 and 150 the co-staker's half binds before the minimum does.
#[test]
fn the_co_staker_never_holds_more_than_half() {
    let settled = |owner, co| {
        let mut stage = Stage::co_staked(owner, co);
        stage.world.set_time(GENESIS_TS + COOL_DOWN);
        stage
    };
    most(&settled(150 * IO, 50 * IO), 0);
    most(&settled(150 * IO + 9, 50 * IO), 9);
    most(&settled(250 * IO, 150 * IO), 100 * IO);
    most(&settled(250 * IO, 250 * IO), 0);
    most(&settled(300 * IO + 1, 300 * IO), 1);
}

/// An owner that has a friend join after an offence cannot take its own half out of a case's reach before a cool-down is over: until then
/// only what is above its own minimum leaves. (audit: money M8)
#[test]
fn a_co_staker_frees_nothing_for_fourteen_days() {
    let mut stage = Stage::co_staked(250 * IO, 150 * IO);
    most(&stage, 50 * IO);
    stage.world.set_time(GENESIS_TS + COOL_DOWN - 1);
    most(&stage, 50 * IO);
    stage.world.set_time(GENESIS_TS + COOL_DOWN);
    most(&stage, 100 * IO);
}

/// While a leaving co-staker's part counts the owner may take what is above the minimum; afterwards only above the own minimum.
#[test]
fn a_leaving_co_stakers_part_counts_for_seven_days() {
    let mut stage = Stage::co_staked(260 * IO, 100 * IO);
    let left_ts = GENESIS_TS + COOL_DOWN;
    stage.world.set_time(left_ts);
    stage.leave();
    most(&stage, 160 * IO);
    stage.world.set_time(left_ts + WAIT - 1);
    most(&stage, 160 * IO);
    stage.world.set_time(left_ts + WAIT);
    most(&stage, 60 * IO);
    stage.world.set_time(left_ts + WAIT + COOL_DOWN);
    most(&stage, 60 * IO);
    let paid = stage.withdraw_co_ix();
    stage.world.govern(paid);
    most(&stage, 60 * IO);
}

#[test]
fn a_stake_that_cools_down_has_none() {
    let mut stage = Stage::staked(2 * MINIMUM);
    stage.request();
    let overflow = stage.world.overflow_ix(&stage.one, 1).instruction();
    stage
        .world
        .refuses(E::CoolingDown, overflow, &[&stage.one.owner]);
    stage.holds(2 * MINIMUM, 0);
}
