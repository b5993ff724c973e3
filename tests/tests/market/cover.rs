//! What a dollar of IOSD is worth to suppliers: their share of what was burned for it, which no price makes more.

use iog_client::market::events::{CoverSeen, CreditClaimed};
use iog_client::market::{Event, MarketError as E, QuoteArgs};
use iog_tests::world::{order_args, Currency, PubkeyOf, Renter, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{market_events, HOUR, QUARTER};

const DAY: i64 = 86_400;
const DOLLAR: u64 = 1_000_000;

/// A supplier's device serves two hours of an order in IOSD: 1.995 USD for it, 0.01 in fees.
fn earn(world: &mut World, renter: &Renter, id: u64, supplier: &Supplier) {
    let order = world.running_in(Currency::Iosd, renter, id, 2, &[supplier]);
    for _ in 0..2 {
        world.serve_hour(&[supplier], 6);
    }
    world.wind_up(&order, &[supplier]);
}

/// Two suppliers, and a renter with 4.99 IOSD that 20 IO were burned for.
fn stage() -> (World, [Supplier; 2], Renter) {
    let mut world = World::ready();
    let suppliers = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let renter = world.renter();
    world.give_iosd(&renter, 2_000_000_000);
    (world, suppliers, renter)
}

/// The claim of a supplier at the price that is posted.
fn claim(world: &mut World, supplier: &Supplier) -> CreditClaimed {
    let meta = world.claim_credit(supplier);
    let [Event::CreditClaimed(claimed)] = &market_events(&meta)[..] else {
        panic!("a claim says so");
    };
    claimed.clone()
}

/// 40 days later everything that was burned has streamed back: pays what a claim still misses.
fn pay(world: &mut World, supplier: &Supplier) -> u64 {
    let before = world.balance(&supplier.owner_token);
    world.advance(40 * DAY);
    world.fund_credit(u64::MAX);
    world.pay_credit(supplier);
    world.check_escrows();
    world.balance(&supplier.owner_token) - before
}

/// audit: money M7. IO falls to a fifth: a claim is worth its part of the IO that was burned, so that it can be paid, and so can that of
/// whoever comes later.
#[test]
fn a_fall_of_the_price_is_shared() {
    let (mut world, [one, two], renter) = stage();
    earn(&mut world, &renter, 1, &one);
    world.post_price(QUARTER / 5);
    // At the price 39.82 IO; there are 20 for 4.98 USD that can still be claimed.
    let claimed = claim(&mut world, &one);
    let expected = CreditClaimed {
        owner: one.owner.pubkey_of(),
        usd6: 1_995_000,
        io_units: 801_204_819,
        cover_bps: 2_012,
        claimed_before: 0,
        claimed_after: 801_204_819,
    };
    assert_eq!(claimed, expected);
    let line = world.credit_line();
    assert_eq!((line.earned_usd6, line.cover_bps), (1_995_000, 2_012));
    assert_eq!(line.cover_ts, world.now());
    assert_eq!(pay(&mut world, &one), 801_204_819);
    earn(&mut world, &renter, 2, &two);
    world.post_price(QUARTER / 5);
    assert_eq!(claim(&mut world, &two).io_units, 803_897_944);
    assert_eq!(pay(&mut world, &two), 803_897_944);
}

/// audit: money M7. A price that lies once takes no more than its part, and blocks nobody: 10 * 10^-12 USD for an IO made a claim that
/// nobody could stand behind.
#[test]
fn a_lie_blocks_nobody() {
    let (mut world, [one, two], renter) = stage();
    for (id, supplier) in [(1, &one), (2, &two)] {
        earn(&mut world, &renter, id, supplier);
    }
    let mut lie = world.fresh_price(10);
    lie.exponent = -12;
    world.set_price(&lie);
    // 1.995 of 4.97 USD: 1.995 * 10^18 units at the price.
    assert_eq!(claim(&mut world, &one).io_units, 802_816_901);
    assert_eq!(world.credit_line().cover_bps, 0);
    world.post_price(QUARTER);
    assert_eq!(claim(&mut world, &two).io_units, 796_407_185);
    assert_eq!(pay(&mut world, &one), 802_816_901);
    let before = world.balance(&two.owner_token);
    world.pay_credit(&two);
    assert_eq!(world.balance(&two.owner_token) - before, 796_407_185);
}

/// redteam M7b: anyone says what a dollar is worth, for all to see.
#[test]
fn anyone_says_what_a_dollar_is_worth() {
    let (mut world, _, _) = stage();
    let fresh = world.credit_line();
    assert_eq!((fresh.cover_bps, fresh.cover_ts), (10_000, 0));
    world.post_price(QUARTER / 2);
    let meta = world.update_cover();
    let seen = CoverSeen {
        before_bps: 10_000,
        after_bps: 5_020,
    };
    assert_eq!(market_events(&meta), [Event::CoverSeen(seen)]);
    assert_eq!(world.credit_line().cover_ts, world.now());
    let args = QuoteArgs {
        gpus: 1,
        hours: 1,
        min_tier: 0,
        countries: [[0; 2]; 8],
    };
    let quote = world.quote(Currency::Iosd, CLASS_TEST, args);
    assert_eq!((quote.cover_bps, quote.cover_ts), (5_020, world.now()));
    let quote = world.quote(Currency::Usd, CLASS_TEST, args);
    assert_eq!((quote.cover_bps, quote.cover_ts), (10_000, 0));
    // Nothing that was made lowers it, where the price is as it was.
    world.post_price(QUARTER);
    world.update_cover();
    assert_eq!(world.credit_line().cover_bps, 10_000);
}

/// A device of an owner who asks for `floor`, matched to a new order in IOSD at a dollar an hour.
fn matched(world: &World, supplier: &Supplier, floor: u64, line: Option<Pubkey>) -> Option<E> {
    let mut world = world.clone();
    world.list_device(supplier, floor);
    let renter = world.credit_renter();
    let order = world.book_in(Currency::Iosd, &renter, CLASS_TEST, order_args(9, 1, 1));
    world.make_ready(supplier);
    let mut matching = world.match_ix(&order, supplier);
    matching.line = line;
    let keeper = world.key_of(&matching.keeper);
    let outcome = world.send(&[matching.instruction()], &[&keeper]);
    let code = outcome.err()?.code();
    let known = [E::CoverStale, E::CreditLineMissing, E::PriceBelowFloor];
    let found = known.into_iter().find(|error| code == (*error).into());
    Some(found.unwrap_or_else(|| panic!("{code}")))
}

/// redteam M7b: the floor of a device is compared with the dollars that are there, not with those that are written on them.
#[test]
fn a_floor_is_compared_with_the_covered_dollar() {
    let (mut world, [one, _], _) = stage();
    let line = Some(iog_client::pda::market::credit_line());
    // Who asks for nothing need not know.
    assert_eq!(matched(&world, &one, 0, None), None);
    assert_eq!(matched(&world, &one, 1, None), Some(E::CreditLineMissing));
    assert_eq!(matched(&world, &one, 1, line), Some(E::CoverStale));
    world.post_price(QUARTER / 2);
    world.update_cover();
    assert_eq!(matched(&world, &one, 502_000, line), None);
    let below = Some(E::PriceBelowFloor);
    assert_eq!(matched(&world, &one, 502_001, line), below);
    assert_eq!(matched(&world, &one, 0, None), None);
    world.post_price(QUARTER);
    world.update_cover();
    assert_eq!(matched(&world, &one, DOLLAR, line), None);
    assert_eq!(matched(&world, &one, DOLLAR + 1, line), below);
    // It counts for six hours.
    world.advance(6 * HOUR);
    assert_eq!(matched(&world, &one, DOLLAR, line), None);
    world.advance(1);
    assert_eq!(matched(&world, &one, 1, line), Some(E::CoverStale));
    assert_eq!(matched(&world, &one, 0, line), None);
}

/// audit: money L1. A claim takes prices of 20 s, and none that is much older than one that was used.
#[test]
fn the_best_of_many_prices_is_not_chosen() {
    let (mut world, [one, _], renter) = stage();
    earn(&mut world, &renter, 1, &one);
    let keeper = world.authority.insecure_clone();
    let stands = world.now();
    let at = |world: &mut World, age: i64| {
        let mut price = world.fresh_price(QUARTER);
        price.publish_time = world.now() - age;
        world.set_price(&price);
    };
    at(&mut world, 21);
    let update = world.update_cover_ix().instruction();
    world.refuses(E::PriceStale, update.clone(), &[&keeper]);
    at(&mut world, 20);
    world.must(update.clone(), &[&keeper]);
    assert_eq!(world.credit_line().newest_price_ts, stands - 20);
    at(&mut world, 0);
    world.must(update.clone(), &[&keeper]);
    at(&mut world, 11);
    world.refuses(E::PriceOlder, update.clone(), &[&keeper]);
    let claim = world.claim_credit_ix(&one, 0).instruction();
    world.refuses(E::PriceOlder, claim.clone(), &[&one.owner]);
    // redteam P7: whoever uses the newest shuts nobody out.
    at(&mut world, 10);
    world.must(update, &[&keeper]);
    assert_eq!(world.credit_line().newest_price_ts, stands);
    world.must(claim, &[&one.owner]);
}
