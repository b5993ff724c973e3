//! Who may pause, and whoever else, gains nothing by it; nor by the order of calls, a stake for a moment, or a repeated call.

use iog_client::emission::EmissionError as E;
use iog_client::staking::StakingError;
use iog_client::token::TokenError;
use iog_tests::world::{expect_code, CLASS_TEST};

use super::stage::*;
use super::void::{nothing_lost, stage};

/// The guardian's device checks in, and check-ins are paused in the same transaction: its hour is nobody's.
#[test]
fn checking_in_and_pausing_at_once_takes_nothing_alone() {
    let mut stage = stage();
    let guardian = stage.guardian.insecure_clone();
    stage.world.mark_passed(&stage.suppliers[0]);
    let check_in = stage.world.check_in_ix(&stage.suppliers[0]).instruction();
    let pause = stage.pause_ix();
    stage.world.send(&[check_in, pause], &[&guardian]).unwrap();
    stage.run_to(2);
    stage.resume();
    stage.run_to(3);
    assert_eq!(stage.booked(), [0, 0]);
    assert_eq!(config(&stage.world).booked_units, 0);
    // Hour 3 is everybody's, and shares a part of theirs too.
    stage.check_in(0);
    stage.check_in(1);
    stage.run_to(4);
    let each = share(SCORE, with_carry(3, parts(1, 2)), 2 * SCORE);
    assert_eq!(stage.booked(), [each, each]);
    nothing_lost(&stage, 2);
}

/// After a long carry, authority and guardian together open the door for their own device alone, hour after hour: every such hour
/// is void, and the first in which all may come shares twice its part, not the whole. audit: proof H-4
#[test]
fn resuming_for_ones_own_device_alone_takes_none_of_a_long_carry() {
    let mut stage = stage();
    stage.pause();
    let (authority, guardian) = (
        stage.world.authority.insecure_clone(),
        stage.guardian.insecure_clone(),
    );
    for hour in [40, 41, 43] {
        stage.world.set_time(start(hour));
        // Closed or not, makes no difference.
        if hour != 41 {
            catch_up(&mut stage.world);
        }
        stage.world.mark_passed(&stage.suppliers[0]);
        let check_in = stage.world.check_in_ix(&stage.suppliers[0]).instruction();
        let together = [stage.resume_ix(), check_in, stage.pause_ix()];
        stage
            .world
            .send(&together, &[&authority, &guardian])
            .unwrap();
    }
    stage.world.set_time(start(44));
    stage.resume();
    stage.run_to(45);
    assert_eq!(stage.booked(), [0, 0]);
    let carried = config(&stage.world).enterprise_carry_units;
    assert_eq!(carried, parts(1, 44));
    stage.check_in(1);
    stage.check_in(0);
    stage.run_to(46);
    let each = share(SCORE, with_carry(45, carried), 2 * SCORE);
    assert_eq!(stage.booked(), [each, each]);
    nothing_lost(&stage, 2);
}

/// Resumed in one hour and paused in the first second of the next, after its own check-in: that hour is void too.
#[test]
fn pausing_right_after_the_void_has_ended_takes_nothing() {
    let mut stage = stage();
    let guardian = stage.guardian.insecure_clone();
    stage.pause();
    stage.world.set_time(start(5) + 3_599);
    stage.resume();
    for close_first in [false, true] {
        let mut stage_hour = start(6);
        if close_first {
            stage_hour = start(8);
            stage.world.set_time(stage_hour - 1);
            stage.resume();
            stage.world.set_time(stage_hour);
            stage.world.close_hours(48);
        }
        stage.world.set_time(stage_hour);
        stage.world.mark_passed(&stage.suppliers[0]);
        let check_in = stage.world.check_in_ix(&stage.suppliers[0]).instruction();
        let pause = stage.pause_ix();
        stage.world.send(&[check_in, pause], &[&guardian]).unwrap();
    }
    stage.run_to(10);
    assert_eq!(stage.booked(), [0, 0]);
    assert_eq!(config(&stage.world).enterprise_carry_units, parts(1, 9));
}

/// Once the void hours are closed they are history: a later pause begins anew and reaches back over nothing.
#[test]
fn a_void_that_is_over_is_forgotten() {
    let mut stage = stage();
    stage.pause();
    stage.resume();
    stage.run_to(2);
    stage.check_in(0);
    stage.world.set_time(start(3));
    stage.check_in(0);
    stage.pause();
    let books = config(&stage.world);
    assert_eq!((books.void_from_hour, books.void_until_hour), (3, 0));
    stage.resume();
    stage.run_to(5);
    assert_eq!(
        stage.booked(),
        [share(SCORE, with_carry(2, parts(1, 1)), SCORE), 0]
    );
}

/// Nobody closed the first pause's hours when the second came: the hours between are void as well, and nothing is lost.
#[test]
fn two_pauses_with_no_hour_closed_between_are_one_stretch() {
    let mut stage = stage();
    stage.pause();
    stage.resume();
    stage.world.set_time(start(2));
    stage.check_in(0);
    stage.world.set_time(start(3));
    stage.pause();
    let books = config(&stage.world);
    assert_eq!((books.void_from_hour, books.void_until_hour), (1, 0));
    stage.resume();
    stage.world.set_time(start(4));
    stage.check_in(1);
    stage.run_to(5);
    assert_eq!(
        stage.booked(),
        [0, share(SCORE, with_carry(4, parts(1, 3)), SCORE)]
    );
    nothing_lost(&stage, 2);
}

/// A pause stops check-ins and nothing else: what was earned before is closed, settled, minted and paid while it lasts.
#[test]
fn a_pause_keeps_nobody_from_what_was_earned() {
    let mut stage = stage();
    stage.check_in(0);
    stage.world.set_time(start(2));
    stage.pause();
    stage.world.close_hours(1);
    let earned = share(SCORE, ENTERPRISE, SCORE);
    assert_eq!(stage.booked(), [earned, 0]);
    let supplier = stage.suppliers[0].clone();
    stage.world.mint_due();
    claim(&mut stage.world, &supplier);
    assert_eq!(rewards(&stage.world, &supplier).claimed_units, earned);
}

/// A stake for a moment earns nothing it is not there for: out of the stake no check-in, and out of it for good for 14 days.
#[test]
fn a_stake_of_a_moment_is_locked_for_its_cool_down() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    world.mark_passed(&supplier);
    let owner = supplier.owner.insecure_clone();
    let check_in = world.check_in_ix(&supplier).instruction();
    let request = world.unstake_ix(&supplier).instruction();
    let withdraw = world.withdraw_ix(&supplier).instruction();
    let outcome = world.send(&[check_in.clone(), request.clone(), withdraw], &[&owner]);
    expect_code(outcome, StakingError::CoolDownNotOver);
    let outcome = world.send(&[request, check_in], &[&owner]);
    expect_code(outcome, E::NotStaked);
    assert_eq!(rewards(&world, &supplier).pending_count, 0);
}

/// The running hour is the clock's: closing is neither early, nor skips an hour, nor does one twice, in whatever batch.
#[test]
fn hours_are_closed_in_order_and_once_in_any_batches() {
    let mut one = planned();
    let supplier = aged(&mut one, CLASS_TEST);
    one.check_in(&supplier);
    one.set_time(start(20));
    let mut other = one.clone();
    one.close_hours(48);
    for batch in [1, 0, 7, 2, 48] {
        other.close_hours(batch);
    }
    assert_eq!(config(&one), config(&other));
    assert_eq!(page(&one, 1), page(&other, 1));
    // The same hour named twice in one transaction is closed once.
    one.set_time(start(22));
    let close = one.close_ix(1).instruction();
    let authority = one.authority.insecure_clone();
    one.send_large(&[close.clone(), close.clone()], &[&authority])
        .unwrap();
    assert_eq!(config(&one).next_hour, 22);
    one.refuses(E::NothingToClose, close, &[&authority]);
}

/// The minter's account of another program mints nothing into the vault, however much its own cap lets pass.
#[test]
fn another_minter_mints_nothing() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    let stranger = world.address();
    let other = world.register_minter(&stranger, 1, 25_000_000_000_000);
    world.check_in(&supplier);
    world.set_time(start(2));
    world.close_hours(1);
    let mut mint = world.mint_due_ix();
    mint.minter = other;
    let authority = world.authority.insecure_clone();
    let before = config(&world);
    let outcome = world.send(&[mint.instruction()], &[&authority]);
    expect_code(outcome, TokenError::NotMinter);
    assert_eq!(config(&world), before);
    check_books(&world);
}
