//! The two parameters, and the caps that a stake keeps.

use iog_client::pda;
use iog_client::staking::accounts::Config;
use iog_client::staking::instructions::{ApplyParameter, SetParameter};
use iog_client::staking::{Caps, ParameterId, StakingError as E};
use iog_tests::world::{expect_code, PubkeyOf, CLASS_TEST};
use iog_tests::{Meta, World};

use crate::stage::{set_caps, Stage, COOL_DOWN, DAY, IO, MONTH, SHARE, WAIT};

fn set(world: &World, id: ParameterId, value: u64) -> SetParameter {
    SetParameter {
        authority: world.authority.pubkey_of(),
        id,
        value,
    }
}

fn apply(world: &mut World, id: ParameterId) -> Meta {
    world.govern(ApplyParameter { id }.instruction())
}

fn caps(world: &World) -> (u64, u64) {
    let Config {
        case_cap_bps,
        month_cap_bps,
        ..
    } = world.read(&pda::staking::config());
    (case_cap_bps.value, month_cap_bps.value)
}

/// A fall protects stakers at once; a rise gives them a day. No case takes more than half, whatever governance wants.
#[test]
fn caps_fall_at_once_and_rise_after_a_day() {
    let mut stage = Stage::new(200 * IO, 0);
    let authority = stage.world.authority.insecure_clone();
    for (id, max) in [
        (ParameterId::CaseCapBps, 5_000),
        (ParameterId::MonthCapBps, 10_000),
    ] {
        let world = &mut stage.world;
        let over = set(world, id.clone(), max + 1).instruction();
        world.refuses(E::OutOfBounds, over, &[&authority]);
        let rise = set(world, id.clone(), max).instruction();
        world.govern(rise);
        assert_eq!(caps(world), (1_000, 2_500));
        let early = ApplyParameter { id: id.clone() }.instruction();
        world.advance(DAY - 1);
        world.refuses(E::TooEarly, early, &[&authority]);
        world.advance(1);
        apply(world, id.clone());
        let fall = set(world, id, if max == 5_000 { 1_000 } else { 2_500 });
        world.govern(fall.instruction());
        assert_eq!(caps(world), (1_000, 2_500));
    }
    let lower = set(&stage.world, ParameterId::CaseCapBps, 500).instruction();
    stage.world.govern(lower);
    expect_code(stage.try_propose(10 * IO + 1), E::SlashAboveCap);
    stage.propose(10 * IO);
    let lower = set(&stage.world, ParameterId::MonthCapBps, 750).instruction();
    stage.world.govern(lower);
    expect_code(stage.try_propose(5 * IO + 1), E::SlashAboveCap);
    stage.propose(5 * IO);
    let none = set(&stage.world, ParameterId::CaseCapBps, 0).instruction();
    stage.world.govern(none);
    stage.pass(31 * DAY);
    expect_code(stage.try_propose(1), E::SlashAboveCap);
}

fn rise(world: &mut World, case: u64, month: u64) {
    let all = [
        (ParameterId::CaseCapBps, case),
        (ParameterId::MonthCapBps, month),
    ];
    for (id, value) in all.clone() {
        let rise = set(world, id, value).instruction();
        world.govern(rise);
    }
    world.advance(DAY);
    for (id, _) in all {
        apply(world, id);
    }
}

/// audit: money M6: caps rise within a day, ways out take 14 and 21: what was agreed to at the opening stands.
#[test]
fn a_rise_does_not_reach_a_stake_that_is_there() {
    let mut stage = Stage::new(200 * IO, 0);
    stage.request();
    rise(&mut stage.world, 5_000, 10_000);
    assert_eq!(caps(&stage.world), (5_000, 10_000));
    expect_code(stage.try_propose(20 * IO + 1), E::SlashAboveCap);
    for amount in [20, 20, 10] {
        stage.propose(amount * IO);
    }
    expect_code(stage.try_propose(1), E::SlashAboveCap);
    stage.pass(COOL_DOWN);
    let out = stage.withdraw_ix();
    stage.owner_does(out);
    assert_eq!(stage.parts()[0], (50 * IO, 50 * IO));

    // Adding to it or a year's time change nothing; a stake that is opened later is under the caps of then.
    let mut stage = Stage::new(200 * IO, 0);
    rise(&mut stage.world, 5_000, 10_000);
    let add = stage.world.increase_ix(&stage.one, 200 * IO).instruction();
    stage.owner_does(add);
    stage.pass(365 * DAY);
    expect_code(stage.try_propose(40 * IO + 1), E::SlashAboveCap);
    let late = stage.world.registered(CLASS_TEST, 1);
    stage.world.stake(&late, 200 * IO);
    let kept = stage.world.device_stake(&late);
    let wide = Caps {
        case_bps: 5_000,
        month_bps: 10_000,
    };
    assert_eq!(kept.caps, wide);
    assert_eq!(kept.opened_ts, stage.world.now());
    let court = stage.court.clone();
    stage.world.propose_slash(&court, &late, 100 * IO);
}

/// audit: money M6: a fall still protects everybody at once, and what was kept is not raised by a later rise.
#[test]
fn the_lower_of_the_opening_and_of_now() {
    let mut stage = Stage::under((5_000, 10_000), 200 * IO, 0);
    for (now, most) in [
        ((1_000, 2_500), 20),
        ((5_000, 10_000), 100),
        ((3_000, 10_000), 60),
    ] {
        let mut stage = stage.clone();
        set_caps(&mut stage.world, now);
        expect_code(stage.try_propose(most * IO + 1), E::SlashAboveCap);
        stage.propose(most * IO);
    }
    // The month's cap as well.
    set_caps(&mut stage.world, (5_000, 5_000));
    stage.propose(100 * IO);
    expect_code(stage.try_propose(1), E::SlashAboveCap);
}

/// audit: money M6: a co-stake keeps the caps of its acceptance: a case that it bears part of is under the lowest of all.
#[test]
fn a_co_stake_keeps_the_caps_of_its_acceptance() {
    // Caps of the opening, of the acceptance, and of now; most of 400 IO.
    for (opening, acceptance, most) in [(5_000, 1_000, 40), (1_000, 5_000, 40), (3_000, 2_000, 80)]
    {
        let mut stage = Stage::under((opening, 10_000), 200 * IO, 0);
        set_caps(&mut stage.world, (acceptance, 10_000));
        let Stage { world, one, co, .. } = &mut stage;
        world.co_stake(one, co, 200 * IO, SHARE);
        let kept = world.device_stake(one).co_caps;
        assert_eq!(u64::from(kept.case_bps), acceptance);
        set_caps(world, (5_000, 10_000));
        expect_code(stage.try_propose(most * IO + 1), E::SlashAboveCap);
        stage.propose(most * IO);
        // Without the co-staker only the opening's binds.
        stage.leave();
        stage.pass(MONTH.max(WAIT + COOL_DOWN));
        stage.finalize(&pda::staking::slash_case(0));
        let out = stage.withdraw_co_ix();
        stage.world.govern(out);
        let left = 200 * IO - most * IO / 2;
        let most = left * opening / 10_000;
        expect_code(stage.try_propose(most + 1), E::SlashAboveCap);
        stage.propose(most);
        let stake = stage.world.device_stake(&stage.one);
        assert_eq!((stake.co_caps.case_bps, stake.co_since_ts), (0, 0));
    }
}
