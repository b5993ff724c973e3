//! The schedule, its end, and closing after an outage.

use iog_client::emission::accounts::Config;
use iog_client::emission::EmissionError as E;
use iog_client::pda;
use iog_tests::world::{CLASS_COMMUNITY, CLASS_TEST};
use iog_tests::{Supplier, World};
use num_bigint::BigUint;

use super::stage::*;

/// All that is ever emitted: 300,000,000 IO.
const EMISSION: u64 = 30_000_000_000_000_000;
const LAST_HOUR: u32 = 175_319;
/// What the last full hour, 175,318, gives each pool: 400.13544010 IO in all.
const AFTER: [u64; 2] = [38_012_866_809, 2_000_677_201];

/// `500 M * 8 % / 8760 * (1 - 138869523959793 / 10^19)^(hour - 1)` in exact integers, rounded down.
fn scheduled(hour: u32) -> u64 {
    let whole = BigUint::from(10u64.pow(19));
    let kept = &whole - BigUint::from(138_869_523_959_793u64);
    let amount = BigUint::from(4_000_000_000_000_000u64) * kept.pow(hour - 1);
    let rounded = amount / (BigUint::from(8_760u32) * whole.pow(hour - 1));
    u64::try_from(rounded).expect("an amount of 64 bits")
}

#[test]
fn each_hour_gives_what_the_formula_says() {
    let mut world = World::ready();
    world.set_time(start(48));
    world.close_hours(48);
    let expected: u64 = (1..48).map(scheduled).sum();
    assert_eq!(config(&world).scheduled_units, expected);
    // Later hours, each from books that stand right before it.
    for hour in [129, 730, 8_760, 20_000] {
        let mut world = world.clone();
        let before = 1_000_000_000_000_000;
        stand_before(&mut world, hour, before);
        world.close_hours(1);
        let books = config(&world);
        assert_eq!(books.scheduled_units - before, scheduled(hour));
        assert_eq!(books.next_hour, hour + 1);
    }
}

/// The last hour gives what the roundings left; hours behind it give nothing.
#[test]
fn the_last_hour_gives_the_rest_and_no_hour_behind_it_anything() {
    let mut world = planned();
    stand_before(&mut world, LAST_HOUR, EMISSION - 40_013_031_942);
    let carry_before = config(&world).enterprise_carry_units + config(&world).community_carry_units;
    world.close_hours(1);
    let books = config(&world);
    assert_eq!(books.scheduled_units, EMISSION);
    let carry = books.enterprise_carry_units + books.community_carry_units;
    assert_eq!(carry - carry_before, 40_013_031_942);
    world.set_time(start(LAST_HOUR + 3));
    world.close_hours(48);
    let books = config(&world);
    assert_eq!(books.next_hour, LAST_HOUR + 3);
    assert_eq!(books.scheduled_units, EMISSION);
    let anyone = world.authority.insecure_clone();
    let mint = world.mint_due_ix().instruction();
    world.refuses(E::NothingDue, mint, &[&anyone]);
}

/// Books as they would be behind the last hour, with these carries and all else shared, minted and claimed.
fn behind_the_end(world: &mut World, carries: [u64; 2]) {
    stand_at(world, LAST_HOUR + 1, EMISSION);
    world.edit::<Config>(&pda::emission::config(), |books| {
        let shared = EMISSION - carries[0] - carries[1];
        books.shared_units = shared;
        books.minted_units = shared;
        books.claimed_units = shared;
        [books.enterprise_carry_units, books.community_carry_units] = carries;
    });
    let tokens = pda::token::config();
    world.edit::<iog_client::token::accounts::Config>(&tokens, |books| {
        books.emitted_units = EMISSION - carries[0] - carries[1];
    });
}

/// Checks both in, closes the hour, and returns what each pool shared and carries on.
fn an_hour(world: &mut World, suppliers: [&Supplier; 2]) -> [[u64; 2]; 2] {
    let hour = world.hour();
    open_missing(world, hour);
    for supplier in suppliers {
        world.check_in(supplier);
    }
    world.set_time(start(hour + 1));
    world.close_hours(1);
    let at = usize::try_from((hour - 1) % 128).unwrap();
    let ledger = page(world, hour).hours[at];
    let books = config(world);
    [
        [
            ledger.enterprise.amount_units,
            ledger.community.amount_units,
        ],
        [books.enterprise_carry_units, books.community_carry_units],
    ]
}

/// redteam 11b: "as much again" of nothing is nothing: the carry was locked for ever. Behind the end it flows by the last full hour's parts until it
/// is gone, dust included.
#[test]
fn the_carry_flows_on_behind_the_last_hour_until_it_is_gone() {
    let mut world = ready();
    let enterprise = aged(&mut world, CLASS_TEST);
    let community = aged(&mut world, CLASS_COMMUNITY);
    let mut carry = [2 * AFTER[0] + 1_000_000, AFTER[1] + 7];
    behind_the_end(&mut world, carry);
    for hour in 1..=5 {
        let [shared, left] = an_hour(&mut world, [&enterprise, &community]);
        for pool in [0, 1] {
            let most = carry[pool].min(AFTER[pool]);
            assert!(
                most - shared[pool] <= 1,
                "hour {hour}, pool {pool}: {shared:?}"
            );
            assert_eq!(left[pool], carry[pool] - shared[pool]);
        }
        carry = left;
    }
    // A rounded rate leaves one unit in an hour whose pot does not divide; it is no device's.
    assert!(carry[0] <= 1 && carry[1] <= 1, "{carry:?}");
    let books = config(&world);
    assert_eq!(books.scheduled_units, EMISSION);
    let due = books.shared_units - books.minted_units;
    world.mint_due();
    assert_eq!(world.balance(&pda::emission::vault()), due);
}

/// redteam 11b, 11a: the ceiling of a point of score holds behind the end as well.
#[test]
fn a_lone_device_behind_the_end_gets_its_points() {
    let mut world = planned();
    let enterprise = aged(&mut world, CLASS_TEST);
    let community = aged(&mut world, CLASS_COMMUNITY);
    let carry = [EMISSION / 2, EMISSION / 4];
    behind_the_end(&mut world, carry);
    let [shared, left] = an_hour(&mut world, [&enterprise, &community]);
    assert_eq!(shared, [LONE, COMMUNITY_SCORE * MOST]);
    assert_eq!(left, [carry[0] - shared[0], carry[1] - shared[1]]);
}

/// Two thousand hours that nobody closed are closed at once, in batches within a page each, with nothing minted for any of them.
#[test]
fn two_thousand_hours_of_outage_are_closed_in_bounded_calls() {
    let mut world = planned();
    let supplier = aged(&mut world, CLASS_TEST);
    world.check_in(&supplier);
    world.set_time(start(2_002));
    let calls = catch_up(&mut world);
    assert!(calls <= 48, "{calls} calls");
    let books = config(&world);
    assert_eq!(books.next_hour, 2_002);
    assert_eq!(books.scheduled_units, scheduled_before(2_002));
    assert_eq!(books.shared_units, LONE);
    settle(&mut world, &supplier);
    assert_eq!(rewards(&world, &supplier).owner_booked_units, LONE);
    world.mint_due();
    claim(&mut world, &supplier);
    check_identities(&world, &[&supplier], 0);
}
