//! Stopping the mint gains nobody anything: hours are closed without it, so nobody's check-ins are refused and nobody is alone.

use iog_client::emission::EmissionError as E;
use iog_client::token::TokenError;
use iog_tests::world::{class_args, CLASS_TEST};
use iog_tests::{Supplier, World};

use super::minting::token_pause;
use super::stage::*;

/// Tier 1 and 200 * 1,000: an H100.
const H100: u64 = 200_050;

/// Checks in, in an hour of page 0 or the one after, with the page before where it must be.
fn check_in(world: &mut World, supplier: &Supplier) {
    let hour = world.hour();
    open_missing(world, hour);
    world.mark_passed(supplier);
    let mut check_in = world.check_in_ix(supplier);
    if hour > 128 && rewards(world, supplier).last_hour <= 128 {
        check_in.previous_page = Some(iog_tests::world::page_of(128));
    }
    world.govern(check_in.instruction());
}

fn booked(world: &mut World, suppliers: &[&Supplier]) -> Vec<u64> {
    let hour = world.hour();
    let settled = |supplier: &&Supplier| {
        for page in 0..=(hour - 1) / 128 {
            let settle = world.settle_rewards_ix(supplier, page).instruction();
            let anyone = world.authority.insecure_clone();
            let _ = world.send(&[settle], &[&anyone]);
        }
        let rewards = rewards(world, supplier);
        assert_eq!(rewards.pending_count, 0);
        rewards.owner_booked_units
    };
    suppliers.iter().map(settled).collect()
}

/// audit: proof M-3, with its numbers: 24 hours of pause, one device that checks in every hour and two that saved eight places each and come one
/// after the other from the ninth hour on. They took all of 16 hours, 69,391 IO; the honest one was refused from the ninth on.
#[test]
fn a_day_of_a_paused_mint_gives_saved_places_their_share_only() {
    let mut world = ready();
    let [honest, second, third] = [(); 3].map(|()| aged(&mut world, CLASS_TEST));
    let pause = token_pause(&world, true);
    world.govern(pause);
    let mut expected = [0; 3];
    let mut carry = 0;
    for hour in 1..=24 {
        let with = match hour {
            1..=8 => 0,
            9..=16 => 1,
            _ => 2,
        };
        check_in(&mut world, &honest);
        let present = if with == 0 { 1 } else { 2 };
        if with > 0 {
            check_in(&mut world, [&second, &third][with - 1]);
            expected[with] += share(SCORE, with_carry(hour, carry), present * SCORE);
        }
        expected[0] += share(SCORE, with_carry(hour, carry), present * SCORE);
        world.set_time(start(hour + 1));
        world.close_hours(1);
        carry = config(&world).enterprise_carry_units;
    }
    let resume = token_pause(&world, false);
    world.govern(resume);
    let all = [&honest, &second, &third];
    assert_eq!(booked(&mut world, &all), expected);
    // What was taken alone, in units of 10^-8 IO, and what it is now: half, the fair share of two.
    let alone = parts(9, 24);
    assert_eq!(alone / 100_000_000, 69_391);
    assert!(expected[1] + expected[2] <= alone / 2);
    // All of it can be minted at once, and each is paid.
    world.mint_due();
    for supplier in all {
        claim(&mut world, supplier);
    }
    check_identities(&world, &all, 48);
}

/// audit: money H1, with its numbers: 1,000 equal devices, the mint paused in hour 100 for 40 hours, four devices kept back for eight hours that
/// come one after the other. They took 138,577 IO; a fair part of 32 hours is 554 IO, and a device that is there a quarter of them gets less.
#[test]
fn forty_hours_of_a_paused_mint_pay_four_saved_devices_a_quarter_of_their_share() {
    let mut world = planned();
    let mut class = class_args(CLASS_TEST);
    class.multiplier_x100 = 1_000;
    world.update_class(class);
    let honest = aged(&mut world, CLASS_TEST);
    let saved = [(); 4].map(|()| aged(&mut world, CLASS_TEST));
    stand_at(&mut world, 100, scheduled_before(100));
    let pause = token_pause(&world, true);
    world.govern(pause);
    let mut expected = [0; 5];
    for hour in 100..140 {
        let turn = usize::try_from(hour - 100).unwrap() / 8;
        let present = 996 + u64::from(turn > 0);
        others(&mut world, 995 * H100);
        check_in(&mut world, &honest);
        expected[0] += share(H100, parts(hour, hour), present * H100);
        if turn > 0 {
            check_in(&mut world, &saved[turn - 1]);
            expected[turn] += share(H100, parts(hour, hour), present * H100);
        }
        world.set_time(start(hour + 1));
        open_missing(&mut world, hour + 1);
        world.close_hours(1);
    }
    let [a, b, c, d] = &saved;
    assert_eq!(booked(&mut world, &[&honest, a, b, c, d]), expected);
    let attack: u64 = expected[1..].iter().sum();
    // 138,576.84 IO, a fair part of 554, and what it is now.
    assert_eq!(parts(108, 139) / 1_000_000, 13_857_684);
    assert_eq!(attack / 1_000_000, 13_899);
    assert_eq!(parts(108, 139) * 4 / 1_000 / 100_000_000, 554);
}

/// audit: money H1, the variant without saved places: whoever resumes, closes and checks in within the last second of an hour takes that
/// hour's part of its device and nothing of the 40 hours before.
#[test]
fn resuming_the_mint_in_the_last_second_takes_nothing_of_the_pause() {
    let mut world = ready();
    let [own, honest] = [(); 2].map(|()| aged(&mut world, CLASS_TEST));
    let pause = token_pause(&world, true);
    world.govern(pause);
    for hour in 1..=40 {
        check_in(&mut world, &honest);
        world.set_time(start(hour + 1));
        world.close_hours(1);
    }
    check_in(&mut world, &honest);
    world.set_time(start(42) - 1);
    world.mark_passed(&own);
    let authority = world.authority.insecure_clone();
    let close = world.close_ix(48).instruction();
    world.refuses(E::NothingToClose, close, &[&authority]);
    let resume = token_pause(&world, false);
    let check_in = world.check_in_ix(&own).instruction();
    let mint_due = world.mint_due_ix().instruction();
    world
        .send_large(&[resume, mint_due, check_in], &[&authority])
        .unwrap();
    world.set_time(start(42));
    let carry = config(&world).enterprise_carry_units;
    assert!(carry <= 1, "{carry}: all was shared while the mint stood");
    world.close_hours(1);
    let booked = booked(&mut world, &[&own, &honest]);
    assert_eq!(booked[0], share(SCORE, with_carry(41, carry), 2 * SCORE));
    assert!(booked[1] > parts(1, 40));
    check_identities(&world, &[&own, &honest], 42);
}

/// audit: proof M-3: a device that checks in every hour is never refused. Where nobody closes hours it closes one itself, in the same
/// transaction, whatever the token's switches say.
#[test]
fn a_device_that_checks_in_hourly_always_finds_room() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    let anyone = world.wallet();
    let pause = token_pause(&world, true);
    world.govern(pause);
    for hour in 1..=40 {
        world.set_time(start(hour));
        world.mark_passed(&supplier);
        let check_in = world.check_in_ix(&supplier).instruction();
        if hour <= 8 {
            world.must(check_in, &[&anyone]);
            continue;
        }
        world.refuses(E::HoursNotClosed, check_in.clone(), &[&anyone]);
        let close = world.close_ix(1).instruction();
        world.send(&[close, check_in], &[&anyone]).unwrap();
    }
    let mint_due = world.mint_due_ix().instruction();
    world.refuses(TokenError::Paused, mint_due, &[&anyone]);
    assert_eq!(config(&world).next_hour, 33);
    world.set_time(start(41));
    world.close_hours(48);
    assert_eq!(booked(&mut world, &[&supplier]), [40 * LONE]);
    check_identities(&world, &[&supplier], 0);
}
