//! The emission over time: pages, pending hours, outages, the schedule and its end.

use iog_client::emission::accounts::{Config, DeviceRewards, LedgerPage};
use iog_client::emission::instructions::OpenPage;
use iog_client::emission::EmissionError as E;
use iog_client::pda;
use iog_client::registry::accounts::Device;
use iog_client::token::{self, TokenError};
use iog_tests::world::{expect_code, page_of, PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};
use num_bigint::BigUint;

/// All that is ever emitted: 300,000,000 IO.
const EMISSION: u64 = 30_000_000_000_000_000;
const LAST_HOUR: u32 = 175_319;

fn config(world: &World) -> Config {
    world.read::<Config>(&pda::emission::config())
}

fn rewards(world: &World, supplier: &Supplier) -> DeviceRewards {
    world.read::<DeviceRewards>(&supplier.rewards)
}

/// First second of an hour.
fn start(hour: u32) -> i64 {
    GENESIS_TS + i64::from(hour - 1) * 3_600
}

fn aged(world: &mut World) -> Supplier {
    let supplier = world.supplier(CLASS_TEST);
    world.edit::<Device>(&supplier.device, |device| {
        device.registered_ts = GENESIS_TS - 43_200;
    });
    supplier
}

/// Closes everything that is over, an hour of the clock for each call, as the minter's cap demands.
fn catch_up(world: &mut World) -> u32 {
    let mut calls = 0;
    while config(world).next_hour < world.hour() {
        let page = page_of(config(world).next_hour);
        if world.find(&page).is_none() {
            world.open_page((config(world).next_hour - 1) / 128);
        }
        let before = config(world).next_hour;
        let meta = world.close_hours(48);
        assert!(config(world).next_hour > before, "each call closes hours");
        assert!(meta.units < 400_000, "{} units", meta.units);
        calls += 1;
        if config(world).next_hour < world.hour() {
            world.set_time(world.now() + 3_600);
        }
    }
    calls
}

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

/// Books as they would be when `hour` is over and not closed, with `emitted` minted before it.
fn stand_before(world: &mut World, hour: u32, emitted: u64) {
    world.edit::<Config>(&pda::emission::config(), |books| {
        (books.next_hour, books.minted_units) = (hour, emitted);
    });
    let tokens = pda::token::config();
    world.edit::<token::accounts::Config>(&tokens, |books| books.emitted_units = emitted);
    world.set_time(start(hour + 1));
    let index = (hour - 1) / 128;
    if world.find(&pda::emission::page(index)).is_none() {
        world.open_page(index);
    }
}

/// The last hour pays what the roundings left; nothing is minted behind it, and what is carried is still shared out.
#[test]
fn the_last_hour_pays_the_rest_and_no_hour_behind_it_mints() {
    let mut world = World::ready();
    let supplier = aged(&mut world);
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
    let supplier = aged(&mut world);
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

#[test]
fn hours_128_and_129_lie_on_two_pages() {
    let mut world = World::ready();
    let supplier = aged(&mut world);
    let authority = world.authority.insecure_clone();
    stand_before(&mut world, 127, 1_000_000_000_000);
    world.open_page(1);
    assert_eq!(world.hour(), 128);
    world.check_in(&supplier);
    world.set_time(start(129));
    // Hour 128 is not closed: it stays pending while the device checks in on the next page.
    world.check_in(&supplier);
    assert_eq!(rewards(&world, &supplier).pending_count, 2);
    world.set_time(start(130));
    world.mark_passed(&supplier);
    // A call closes within one page and stops at its end.
    world.close_hours(48);
    assert_eq!(config(&world).next_hour, 129);
    let mut wrong = world.close_ix(48);
    wrong.page = pda::emission::page(0);
    world.refuses(E::WrongPage, wrong.instruction(), &[&authority]);
    let mut check_in = world.check_in_ix(&supplier);
    world.refuses(E::PageMissing, check_in.instruction(), &[&authority]);
    check_in.page = pda::emission::page(0);
    check_in.previous_page = Some(pda::emission::page(1));
    world.refuses(E::WrongPage, check_in.instruction(), &[&authority]);
    check_in.page = pda::emission::page(1);
    check_in.previous_page = Some(pda::emission::page(0));
    world.govern(check_in.instruction());
    let after = rewards(&world, &supplier);
    assert_eq!(
        (
            after.pending_count,
            after.pending[0].hour,
            after.pending[1].hour
        ),
        (2, 129, 130)
    );
    assert!(after.owner_booked_units > 0);
    let page = world.read::<LedgerPage>(&pda::emission::page(0));
    assert_eq!(page.hours[127].enterprise.total_score, 20_100);
    let page = world.read::<LedgerPage>(&pda::emission::page(1));
    assert_eq!(page.hours[0].enterprise.total_score, 20_100);
}

/// A device may leave eight hours unsettled; the ninth check-in waits for the oldest to be closed.
#[test]
fn the_ninth_pending_hour_waits_for_the_first_to_be_closed() {
    let mut world = World::ready();
    let supplier = aged(&mut world);
    let authority = world.authority.insecure_clone();
    for hour in 1..=8 {
        world.set_time(start(hour));
        world.check_in(&supplier);
    }
    world.set_time(start(9));
    world.mark_passed(&supplier);
    let check_in = world.check_in_ix(&supplier).instruction();
    world.refuses(E::HoursNotClosed, check_in.clone(), &[&authority]);
    // Whoever checks in closes the hour in the same transaction.
    let close = world.close_ix(1).instruction();
    world.send(&[close, check_in], &[&authority]).unwrap();
    let after = rewards(&world, &supplier);
    assert_eq!(
        (
            after.pending_count,
            after.pending[0].hour,
            after.pending[7].hour
        ),
        (8, 2, 9)
    );
    // Settled late, every hour is paid once, whatever the order of the calls.
    world.set_time(start(30));
    world.close_hours(48);
    let settle = world.settle_rewards_ix(&supplier, 0).instruction();
    world.govern(settle);
    let page = world.read::<LedgerPage>(&pda::emission::page(0));
    let paid: u64 = page.hours[..9]
        .iter()
        .map(|hour| hour.enterprise.amount_units)
        .sum();
    let booked = rewards(&world, &supplier).owner_booked_units;
    assert!(paid - booked <= 9 * 20_100, "{paid} of which {booked}");
    assert_eq!(rewards(&world, &supplier).pending_count, 0);
}

/// Pending hours can lie on more pages than a call takes when nobody closed hours for weeks: they are settled page by page.
#[test]
fn pending_hours_on_three_pages_are_settled_one_after_the_other() {
    let mut world = World::ready();
    let supplier = aged(&mut world);
    for hour in [1, 130, 258] {
        world.set_time(start(hour));
        let index = (hour - 1) / 128;
        if index > 0 {
            world.open_page(index);
        }
        world.check_in(&supplier);
    }
    world.set_time(start(270));
    catch_up(&mut world);
    let authority = world.authority.insecure_clone();
    let mut none = world.settle_rewards_ix(&supplier, 5);
    none.page = pda::emission::page(3);
    world.open_page(3);
    world.refuses(E::PageMissing, none.instruction(), &[&authority]);
    for (page, left) in [(2, 2), (0, 1), (1, 0)] {
        let settle = world.settle_rewards_ix(&supplier, page).instruction();
        world.govern(settle);
        assert_eq!(rewards(&world, &supplier).pending_count, left);
    }
    world.check_in(&supplier);
    assert!(rewards(&world, &supplier).owner_booked_units > 1_000_000_000_000);
}

#[test]
fn a_page_opens_at_most_one_page_ahead() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let open = |index| OpenPage {
        payer: authority.pubkey_of(),
        page: pda::emission::page(index),
        index,
    };
    world.refuses(E::PageTooEarly, open(2).instruction(), &[&authority]);
    world.must(open(1).instruction(), &[&authority]);
    world.set_time(start(129));
    world.must(open(2).instruction(), &[&authority]);
    world.refuses(E::PageTooEarly, open(3).instruction(), &[&authority]);
    // After an outage, older pages that nobody opened can still be.
    world.set_time(start(1_000));
    for index in [7, 3, 5] {
        world.must(open(index).instruction(), &[&authority]);
    }
}

/// The clock steps back over the end of an hour that is closed already: the hour's shares are given, so nobody joins it.
#[test]
fn a_clock_that_steps_back_opens_no_closed_hour() {
    let mut world = World::ready();
    let (one, late) = (aged(&mut world), aged(&mut world));
    world.check_in(&one);
    world.mark_passed(&late);
    let check_in = world.check_in_ix(&late).instruction();
    world.set_time(start(2));
    world.close_hours(1);
    world.set_time(start(2) - 1);
    let authority = world.authority.insecure_clone();
    let again = world.close_ix(1).instruction();
    world.refuses(E::NothingToClose, again, &[&authority]);
    // The proof of hour 1 is for an hour that is over; one of hour 2, the first open one, counts there.
    world.refuses(E::NoProofOfWork, check_in.clone(), &[&authority]);
    world.edit::<Device>(&late.device, |device| device.last_pass_epoch = 2);
    world.govern(check_in);
    assert_eq!(rewards(&world, &late).pending[0].hour, 2);
    world.set_time(start(3));
    world.close_hours(1);
    for supplier in [&one, &late] {
        let settle = world.settle_rewards_ix(supplier, 0).instruction();
        world.govern(settle);
    }
    let books = config(&world);
    let owed = books.booked_units + books.enterprise_carry_units + books.community_carry_units;
    assert!(
        owed <= books.minted_units,
        "no more is owed than was minted"
    );
}
