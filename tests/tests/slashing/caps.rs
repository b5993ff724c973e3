//! How much may be slashed: a tenth in one case, a quarter in 30 days, four cases in 30 days.

use iog_client::staking::StakingError as E;
use iog_tests::world::{expect_code, CASE_CAP_BPS, MONTH_CAP_BPS};

use crate::stage::{Stage, COOL_DOWN, IO, MONTH};

const CASE: u64 = 40 * IO;

fn stage() -> Stage {
    Stage::new(300 * IO, 100 * IO)
}

/// Exactly `most` may be proposed, and not one unit more; nothing changes by a refusal.
#[track_caller]
fn most(stage: &Stage, most: u64) {
    let mut stage = stage.clone();
    let before = stage.world.device_stake(&stage.one);
    expect_code(stage.try_propose(most + 1), E::SlashAboveCap);
    assert_eq!(stage.world.device_stake(&stage.one), before);
    if most > 0 {
        stage.propose(most);
    }
}

#[test]
fn the_cap_of_one_case_is_a_tenth_rounded_down() {
    assert_eq!((CASE_CAP_BPS, MONTH_CAP_BPS), (1_000, 2_500));
    most(&stage(), CASE);
    most(&Stage::new(300 * IO + 9, 100 * IO), CASE);
    most(&Stage::new(300 * IO + 10, 100 * IO), CASE + 1);
    most(&Stage::new(200 * IO, 0), 20 * IO);
    let mut none = stage();
    expect_code(none.try_propose(0), E::ZeroAmount);
}

#[test]
fn the_cap_of_thirty_days_is_a_quarter_of_all_cases() {
    let mut stage = stage();
    stage.propose(CASE);
    most(&stage, CASE);
    stage.propose(CASE);
    most(&stage, 20 * IO);
    stage.propose(20 * IO);
    most(&stage, 0);
}

/// The stake may shrink and grow in between: the caps are a share of what there is when a case is proposed.
#[test]
fn caps_follow_the_stake() {
    let mut stage = stage();
    stage.propose(CASE);
    let add = stage.world.increase_ix(&stage.one, 100 * IO).instruction();
    stage.owner_does(add);
    most(&stage, 50 * IO);
    stage.propose(50 * IO);
    most(&stage, 35 * IO);
    // 500 IO less 100 of overflow: a quarter of 400 is 100, of which 90 are used.
    let out = stage.world.overflow_ix(&stage.one, 100 * IO).instruction();
    stage.owner_does(out);
    most(&stage, 10 * IO);
}

/// A rejected case counts all the same: a slasher does not get its turn again.
#[test]
fn a_rejected_case_counts_for_thirty_days() {
    let mut stage = stage();
    for _ in 0..2 {
        let case = stage.propose(CASE);
        stage.appeal(&case);
        stage.resolve(&case, false);
        stage.finalize(&case);
    }
    assert_eq!(stage.parts(), [(300 * IO, 0), (100 * IO, 0)]);
    most(&stage, 20 * IO);
    stage.pass(MONTH - 1);
    most(&stage, 20 * IO);
    stage.pass(1);
    most(&stage, CASE);
}

#[test]
fn four_cases_in_thirty_days() {
    let mut stage = stage();
    for _ in 0..4 {
        stage.propose(1);
        stage.pass(1);
    }
    let before = stage.world.device_stake(&stage.one);
    expect_code(stage.try_propose(1), E::TooManyCases);
    // The first was four seconds ago: its place is free when it is 30 days old, and only its own.
    stage.pass(MONTH - 5);
    expect_code(stage.try_propose(1), E::TooManyCases);
    assert_eq!(stage.world.device_stake(&stage.one), before);
    stage.pass(1);
    stage.propose(1);
    expect_code(stage.try_propose(1), E::TooManyCases);
    stage.pass(1);
    stage.propose(1);
    assert_eq!(stage.world.device_stake(&stage.one).open_cases, 6);
    assert_eq!(stage.parts(), [(300 * IO, 6), (100 * IO, 0)]);
}

/// The window slides: each case counts until the second in which it is 30 days old.
#[test]
fn the_window_slides() {
    let mut stage = stage();
    stage.propose(CASE);
    stage.pass(10 * 86_400);
    stage.propose(CASE);
    stage.pass(10 * 86_400);
    stage.propose(20 * IO);
    most(&stage, 0);
    stage.pass(10 * 86_400 - 1);
    most(&stage, 0);
    stage.pass(1);
    most(&stage, CASE);
    stage.propose(CASE);
    most(&stage, 0);
    stage.pass(10 * 86_400);
    most(&stage, CASE);
}

/// A stake that cools down is slashed like any other, until its last second and beyond, while it is not withdrawn.
#[test]
fn a_stake_on_its_way_out_is_slashed_like_any_other() {
    let mut stage = stage();
    stage.request();
    most(&stage, CASE);
    stage.pass(COOL_DOWN);
    most(&stage, CASE);
    stage.pass(MONTH);
    most(&stage, CASE);
    let mut stage = self::stage();
    stage.leave();
    stage.pass(30 * 86_400);
    most(&stage, CASE);
    let case = stage.propose(CASE);
    assert_eq!(stage.case(&case).co_units, 10 * IO);
}
