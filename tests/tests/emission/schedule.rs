//! The schedule, its end, and catching up after an outage.

use iog_client::emission::accounts::{Config, LedgerPage};
use iog_client::pda;
use iog_client::token::TokenError;
use iog_tests::world::{expect_code, CLASS_TEST};
use iog_tests::World;
use num_bigint::BigUint;

use super::stage::*;

/// All that is ever emitted: 300,000,000 IO.
const EMISSION: u64 = 30_000_000_000_000_000;
const LAST_HOUR: u32 = 175_319;

/// `500 M * 8 % / 8760 * (1 - 138869523959793 / 10^19)^(hour - 1)` in exact integers, rounded down.
fn scheduled(hour: u32) -> u64 {
    let whole = BigUint::from(10u64.pow(19));
    let kept = &whole - BigUint::from(138_869_523_959_793u64);
    let amount = BigUint::from(4_000_000_000_000_000u64) * kept.pow(hour - 1);
    let rounded = amount / (BigUint::from(8_760u32) * whole.pow(hour - 1));
    u64::try_from(rounded).expect("an amount of 64 bits")
}

#[test]
fn each_hour_mints_what_the_formula_says() {
    let mut world = World::ready();
    world.set_time(start(48));
    let before = world.supply(&world.io);
    world.close_hours(48);
    let expected: u64 = (1..48).map(scheduled).sum();
    assert_eq!(config(&world).minted_units, expected);
    assert_eq!(world.supply(&world.io), before + expected);
    // Later hours, each from books that stand right before it.
    for hour in [129, 730, 8_760, 20_000] {
        let mut world = world.clone();
        stand_before(&mut world, hour, 1_000_000_000_000_000);
        let before = world.supply(&world.io);
        world.close_hours(1);
        let minted = world.supply(&world.io) - before;
        assert!(scheduled(hour) - minted <= 1, "hour {hour}");
        assert_eq!(config(&world).next_hour, hour + 1);
    }
}

/// The last hour pays what the roundings left; nothing is minted behind it, and what is carried is still shared out.
#[test]
fn the_last_hour_pays_the_rest_and_no_hour_behind_it_mints() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    stand_before(&mut world, LAST_HOUR, EMISSION - 40_000_000_000);
    let before = world.supply(&world.io);
    world.close_hours(1);
    assert_eq!(world.supply(&world.io), before + 40_000_000_000);
    assert_eq!(config(&world).minted_units, EMISSION);
    let carried = config(&world).enterprise_carry_units;
    world.mark_passed(&supplier);
    let check_in = world.check_in_ix(&supplier).instruction();
    world.govern(check_in);
    world.set_time(start(LAST_HOUR + 2));
    let events = world.close_hours(1).events;
    assert_eq!(events.len(), 1, "closed, and nothing minted: {events:?}");
    assert_eq!(world.supply(&world.io), before + 40_000_000_000);
    let page = (LAST_HOUR) / 128;
    let settle = world.settle_rewards_ix(&supplier, page).instruction();
    world.govern(settle);
    let booked = rewards(&world, &supplier).owner_booked_units;
    assert!(carried - booked <= 20_100, "{carried} of which {booked}");
}

/// The token program's own limit holds if the emission's books should ever be wrong.
#[test]
fn the_token_program_refuses_more_than_all_of_the_emission() {
    let mut world = World::ready();
    stand_before(&mut world, LAST_HOUR, EMISSION - 1_000);
    let books = pda::emission::config();
    world.edit::<Config>(&books, |books| books.minted_units = EMISSION - 2_000);
    let close = world.close_ix(1).instruction();
    let authority = world.authority.insecure_clone();
    let outcome = world.send(&[close], &[&authority]);
    expect_code(outcome, TokenError::EmissionExhausted);
}

/// One hour of the clock mints at most the minter's cap, 250,000 IO: a second batch waits for the next hour.
#[test]
fn the_minters_cap_slows_catching_up_and_stops_nothing() {
    let mut world = World::ready();
    world.set_time(start(101));
    world.close_hours(48);
    let close = world.close_ix(48).instruction();
    let authority = world.authority.insecure_clone();
    let outcome = world.send_large(&[close], &[&authority]);
    expect_code(outcome, TokenError::MinterCapReached);
    // A smaller batch still fits, and is paid to the unit.
    world.close_hours(6);
    assert_eq!(config(&world).next_hour, 55);
    world.set_time(start(102));
    world.close_hours(48);
    let closed = config(&world);
    assert_eq!(
        closed.minted_units,
        (1..closed.next_hour).map(scheduled).sum::<u64>()
    );
}

#[test]
fn two_thousand_hours_of_outage_are_caught_up_in_bounded_calls() {
    let mut world = World::ready();
    let supplier = aged(&mut world, CLASS_TEST);
    world.check_in(&supplier);
    world.set_time(start(2_002));
    let calls = catch_up(&mut world);
    assert!(calls <= 60, "{calls} calls");
    let books = config(&world);
    assert!(books.next_hour > 2_001);
    assert_eq!(books.minted_units, iog_math_sum(books.next_hour));
    let settle = world.settle_rewards_ix(&supplier, 0).instruction();
    world.govern(settle);
    let booked = rewards(&world, &supplier).owner_booked_units;
    let page = world.read::<LedgerPage>(&pda::emission::page(0));
    let first = page.hours[0].enterprise.amount_units;
    assert!(first - booked <= 20_100);
    world.check_supply();
}

/// Sum of the schedule before an hour, by the shared crate; the formula itself is compared above.
fn iog_math_sum(before: u32) -> u64 {
    iog_math::emission::schedule()
        .take_while(|hour| hour.hour < before)
        .map(|hour| hour.amount)
        .sum()
}
