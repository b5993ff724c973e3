//! Price books: what they begin with, how slowly they move, and the utilisation behind them.

use iog_client::market::accounts::PriceBook;
use iog_client::market::events::PriceBookSet;
use iog_client::market::{Event, Location, MarketError as E, QuoteArgs};
use iog_tests::world::{
    class_args, order_args, price_book_args, Currency, CLASS_COMMUNITY, CLASS_TEST, GENESIS_TS,
};
use iog_tests::World;

use super::stage::{market_events, stage};

#[test]
fn a_book_begins_empty_and_takes_its_factors() {
    let mut world = World::ready();
    world.add_class(class_args(4));
    let mut args = price_book_args();
    (args.kink_bps, args.slope1_bps, args.slope2_bps) = (8_000, 1, 50_000);
    (args.tier_bps, args.peak_bps) = ([5_000, 6_000, 7_000, 19_999, 20_000], 20_000);
    (args.peak_hours, args.commitment_bps) = ((1 << 24) - 1, [10_000, 5_000, 5_000]);
    args.locations[3] = Location {
        country: *b"SG",
        factor_bps: 5_000,
    };
    let meta = world.add_price_book(4, args);
    let set = PriceBookSet {
        class_id: 4,
        kink_bps: 8_000,
        slope1_bps: 1,
        slope2_bps: 50_000,
        peak_bps: 20_000,
    };
    assert_eq!(market_events(&meta), [Event::PriceBookSet(set)]);
    let book = world.price_book(4);
    let expected = PriceBook {
        online_gpus: 0,
        hired_gpus: 0,
        moved_ts: GENESIS_TS,
        changed_ts: GENESIS_TS,
        peak_hours: args.peak_hours,
        utilisation_bps: 0,
        kink_bps: args.kink_bps,
        slope1_bps: args.slope1_bps,
        slope2_bps: args.slope2_bps,
        tier_bps: args.tier_bps,
        peak_bps: args.peak_bps,
        commitment_bps: args.commitment_bps,
        class_id: 4,
        locations: args.locations,
        version: 1,
        bump: book.bump,
        reserved: [0; 62],
    };
    assert_eq!(book, expected);
}

/// The greatest step, a day apart; a day that is not over refuses even a change of nothing.
#[test]
fn factors_move_by_a_step_a_day() {
    let mut world = World::ready();
    let authority = world.authority.insecure_clone();
    let mut args = price_book_args();
    for day in 1..=3 {
        world.advance(86_400);
        args.tier_bps[0] -= 1_500;
        args.slope2_bps += 10_000;
        args.kink_bps -= 2_000;
        args.commitment_bps[2] = 10_000 - 1_600 * day;
        let set = world.set_price_book_ix(CLASS_TEST, args).instruction();
        world.must(set.clone(), &[&authority]);
        world.refuses(E::PriceChangedLately, set, &[&authority]);
        let book = world.price_book(CLASS_TEST);
        assert_eq!(book.changed_ts, world.now());
        assert_eq!(book.tier_bps[0], args.tier_bps[0]);
        assert_eq!(book.slope2_bps, 10_000 * day);
    }
    world.advance(86_400);
    args.slope2_bps += 10_001;
    let far = world.set_price_book_ix(CLASS_TEST, args).instruction();
    world.refuses(E::PriceStepTooLarge, far, &[&authority]);
    // The other class's book is another's: it has not moved.
    let other = world.price_book(CLASS_COMMUNITY);
    assert_eq!((other.changed_ts, other.kink_bps), (GENESIS_TS, 10_000));
}

/// Setting factors leaves counters and utilisation alone.
#[test]
fn new_factors_move_no_counter() {
    let (mut world, supplier, renter) = stage();
    world.running(&renter, 1, 100, &[&supplier]);
    world.set_time(GENESIS_TS + 86_400);
    let before = world.price_book(CLASS_TEST);
    assert_eq!((before.online_gpus, before.hired_gpus), (1, 1));
    let set = world.set_price_book_ix(CLASS_TEST, price_book_args());
    world.govern(set.instruction());
    let after = world.price_book(CLASS_TEST);
    let expected = PriceBook {
        changed_ts: GENESIS_TS + 86_400,
        ..before
    };
    assert_eq!(after, expected);
}

/// One basis point in ten seconds towards what is hired, with the counts that held in between; a clock that steps back
/// moves nothing.
#[test]
fn utilisation_follows_slowly() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let steep = iog_client::market::PriceBookArgs {
        slope1_bps: 10_000,
        ..price_book_args()
    };
    world.advance(86_400);
    let set = world.set_price_book_ix(CLASS_TEST, steep).instruction();
    world.govern(set);
    let start = world.now();
    let order = world.running(&renter, 1, 100, &[&one]);
    let asked = QuoteArgs {
        gpus: 1,
        hours: 1,
        min_tier: 0,
        countries: [[0; 2]; 8],
    };
    let price_at = |world: &mut World, secs: i64| {
        world.set_time(start + secs);
        world.quote(Currency::Usd, CLASS_TEST, asked).price_usd6
    };
    for (secs, price) in [
        (0, 1_000_000),
        (9, 1_000_000),
        (10, 1_000_100),
        (1_000, 1_010_000),
        (500, 1_005_000),
        (49_999, 1_499_900),
        (50_000, 1_500_000),
        (100_000, 1_500_000),
    ] {
        assert_eq!(price_at(&mut world, secs), price, "after {secs} s");
    }
    // With the second device gone all is hired; what was reached stays, and moves on from there.
    world.delist_device(&two);
    assert_eq!(world.price_book(CLASS_TEST).utilisation_bps, 5_000);
    assert_eq!(price_at(&mut world, 101_000), 1_510_000);
    assert_eq!(price_at(&mut world, 160_000), 2_000_000);
    // When nothing is hired it falls as slowly.
    world.end_early(&order, &renter);
    world.set_time(world.now() + 60);
    world.settle_lease(&order, &one);
    let freed = world.now() - start;
    assert_eq!(world.price_book(CLASS_TEST).utilisation_bps, 10_000);
    assert_eq!(price_at(&mut world, freed + 100), 1_999_000);
    assert_eq!(price_at(&mut world, freed + 100_000), 1_000_000);
}

/// An order keeps the price it was made at, however busy the class becomes.
#[test]
fn a_booked_price_stays() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    let booked = world.order(&order).rates;
    world.update_class(iog_client::registry::ClassArgs {
        base_price_usd6: 9_000_000,
        ..class_args(CLASS_TEST)
    });
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.order(&order).rates, booked);
    assert_eq!(world.earned(&supplier), super::stage::PAID);
    let late = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
    assert_eq!(world.order(&late).rates[0].price_usd6[0], 9_000_000);
}
