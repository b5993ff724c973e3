//! The breaker: how much may be minted of each kind within 24 hours, and how it comes back.

mod refunds;
mod stage;

use iog_client::token::instructions::{ApplyParameter, SetParameter};
use iog_client::token::ParameterId;
use iog_tests::world::PubkeyOf;

use crate::setup::{DAY, HOUR, IOSD};
use stage::{limit, stage, Stage, IOSD_WINDOW, REFUNDS};

/// The windows of what is minted anew, in their order: emission, net emission, IOSD. Refunds have rules of their own.
const MINTS: [usize; 3] = [0, 1, IOSD_WINDOW];

#[test]
fn each_window_trips_at_its_limit_and_comes_back_within_a_day() {
    // 1,000 units a second
    const LIMIT: u64 = 86_400_000;
    for window in MINTS {
        let mut stage = stage();
        limit(&mut stage.world, window, [LIMIT, 10_000, 0]);
        stage.trips(window, LIMIT + 1, 0, LIMIT);
        stage.passes(window, LIMIT - 1);
        stage.trips(window, 2, LIMIT - 1, LIMIT);
        stage.passes(window, 1);
        stage.trips(window, 1, LIMIT, LIMIT);
        // Little by little: 1,000 units a second, half of it after half a day.
        stage.world.set_time(stage.world.now() + 1);
        stage.trips(window, 1_001, LIMIT - 1_000, LIMIT);
        stage.passes(window, 1_000);
        stage.world.set_time(stage.world.now() + 12 * HOUR);
        stage.post();
        stage.trips(window, LIMIT / 2 + 1, LIMIT / 2, LIMIT);
        stage.passes(window, LIMIT / 2);
        // Wholly, after a day in which nothing passed; and no more than the limit after two.
        for days in [1, 2] {
            stage.world.set_time(stage.world.now() + days * DAY);
            stage.post();
            stage.trips(window, LIMIT + 1, 0, LIMIT);
            stage.passes(window, LIMIT);
        }
        // A clock that steps back drains nothing.
        stage.world.set_time(stage.world.now() - 10);
        stage.post();
        stage.trips(window, 1, LIMIT, LIMIT);
    }
}

#[test]
fn each_window_trips_at_its_share_of_the_supply() {
    for (window, share) in MINTS.into_iter().zip([7, 1, 123]) {
        let mut stage = stage();
        limit(&mut stage.world, window, [u64::MAX, share, 0]);
        let capacity = |stage: &Stage| {
            let supply = u128::from(stage.supply(window));
            u64::try_from(supply * u128::from(share) / 10_000).unwrap()
        };
        let first = capacity(&stage);
        assert!(first > IOSD, "{window}: {first}");
        stage.trips(window, first + 1, 0, first);
        stage.passes(window, first);
        // What was minted is supply of the next.
        let grown = capacity(&stage);
        assert!(grown > first);
        stage.trips(window, grown - first + 1, first, grown);
        stage.passes(window, grown - first);
    }
}

#[test]
fn the_floor_holds_for_a_small_supply_and_never_above_the_limit() {
    for window in MINTS {
        let mut stage = stage();
        limit(&mut stage.world, window, [u64::MAX, 0, 5_000]);
        stage.trips(window, 5_001, 0, 5_000);
        stage.passes(window, 5_000);
        limit(&mut stage.world, window, [4_000, 0, 5_000]);
        stage.trips(window, 4_001, 0, 4_000);
        stage.passes(window, 4_000);
        // All closed.
        limit(&mut stage.world, window, [0, 10_000, 5_000]);
        stage.trips(window, 1, 0, 0);
        limit(&mut stage.world, window, [u64::MAX, 0, 0]);
        stage.trips(window, 1, 0, 0);
    }
}

#[test]
fn each_window_stands_for_itself() {
    for closed in MINTS {
        let mut stage = stage();
        limit(&mut stage.world, closed, [0, 0, 0]);
        for window in MINTS {
            if window == closed {
                stage.trips(window, 1, 0, 0);
            } else {
                stage.passes(window, 1);
            }
        }
        // After a month nothing of what was spent is credited any more: the refund counts.
        limit(&mut stage.world, REFUNDS, [IOSD, 0, IOSD]);
        stage.passes(REFUNDS, 1);
        let levels = stage.world.token_config().windows.map(|w| w.level_units);
        let expected = [0, 1, 2, REFUNDS].map(|window| u64::from(window != closed));
        assert_eq!(levels, expected);
    }
}

#[test]
fn a_capacity_below_the_level_refuses_until_enough_has_drained() {
    let mut stage = stage();
    let (higher, lower) = (5_184_000_000_000, 2_592_000_000_000);
    limit(&mut stage.world, 1, [higher, 10_000, 0]);
    stage.passes(1, higher);
    let set = SetParameter {
        authority: stage.world.authority.pubkey_of(),
        id: ParameterId::NetEmissionLimit,
        value: lower,
    };
    stage.world.govern(set.instruction());
    stage.trips(1, 1, higher, lower);
    // At the lower capacity it drains 0.3 IO a second: a day to the new limit.
    stage.world.set_time(stage.world.now() + DAY);
    stage.trips(1, 1, lower, lower);
    stage.world.set_time(stage.world.now() + 1);
    stage.passes(1, 30_000_000);
}

#[test]
fn a_lower_limit_binds_at_once_and_a_higher_after_a_day() {
    let mut stage = stage();
    let set = |stage: &Stage, value| {
        let set = SetParameter {
            authority: stage.world.authority.pubkey_of(),
            id: ParameterId::IosdLimit,
            value,
        };
        set.instruction()
    };
    limit(&mut stage.world, IOSD_WINDOW, [2_000, 10_000, 0]);
    stage.world.govern(set(&stage, 1_000));
    stage.trips(IOSD_WINDOW, 1_001, 0, 1_000);
    stage.passes(IOSD_WINDOW, 1_000);
    stage.world.govern(set(&stage, 10_000));
    stage.trips(IOSD_WINDOW, 1, 1_000, 1_000);
    stage.world.set_time(stage.world.now() + DAY);
    stage.post();
    stage.trips(IOSD_WINDOW, 1_001, 0, 1_000);
    let apply = ApplyParameter {
        id: ParameterId::IosdLimit,
    };
    stage.world.govern(apply.instruction());
    stage.trips(IOSD_WINDOW, 10_001, 0, 10_000);
    stage.passes(IOSD_WINDOW, 10_000);
}
