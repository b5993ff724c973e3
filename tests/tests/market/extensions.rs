//! Extensions: further hours at the price of their day, each price in its own segment.

use iog_client::market::events::OrderExtended;
use iog_client::market::{Event, MarketError as E, Rate};
use iog_tests::world::{class_args, Currency, CLASS_TEST, GENESIS_TS};

use super::stage::{market_events, stage, HOUR, PAID, PRICE, QUARTER};

/// One dollar at 0.5 USD less twice 0.1 %: 10^16 / 49,900,000, rounded up, and what the supplier gets of it.
const HALF_PRICE: u64 = 200_400_802;
const PAID_HALF: u64 = 199_899_799;

#[test]
fn an_extension_pays_the_price_of_its_day() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    let before = world.order(&order);
    world.set_time(GENESIS_TS + 60);
    world.post_price(50_000_000);
    let meta = world.extend(&order, &renter, 3);
    let total = 3 * HALF_PRICE + 1_503_007; // and 25 basis points of it, rounded up
    let extended = OrderExtended {
        order,
        hours: 3,
        price_usd6: [1_000_000, 0, 0, 0],
        price_per_gpu_hour: [HALF_PRICE, 0, 0, 0],
        total,
        end_ts: GENESIS_TS + 5 * HOUR,
        escrowed_before: before.deposited_units,
        escrowed_after: before.deposited_units + total,
    };
    assert_eq!(market_events(&meta), [Event::OrderExtended(extended)]);
    let after = world.order(&order);
    assert_eq!((after.hours, after.rate_count), (5, 2));
    assert_eq!(after.booked_end_ts, GENESIS_TS + 2 * HOUR);
    assert_eq!(after.funded_until_ts, GENESIS_TS + 5 * HOUR);
    assert_eq!(after.rates[0], before.rates[0]);
    let second = Rate {
        from_ts: GENESIS_TS + 2 * HOUR,
        price_per_gpu_hour_units: [HALF_PRICE, 0, 0, 0],
        price_usd6: [1_000_000, 0, 0, 0],
        commitment_bps: [[10_000; 3], [0; 3], [0; 3], [0; 3]],
        booked_hours: 3,
        booking: 1,
    };
    assert_eq!(after.rates[1], second);
    world.check_order_books(&order);
    world.set_time(GENESIS_TS);
    for _ in 0..5 {
        world.serve_hour(&[&supplier], 6);
    }
    world.settle_lease(&order, &supplier);
    assert_eq!(world.earned(&supplier), 2 * PAID + 3 * PAID_HALF);
    world.wind_up(&order, &[&supplier]);
    world.check_escrows();
}

/// At the same price a short extension is no further segment, however often it comes.
#[test]
fn the_same_price_needs_no_segment() {
    for currency in [Currency::Usd, Currency::Iosd] {
        let (mut world, supplier, _) = stage();
        let renter = world.credit_renter();
        let order = world.running_in(currency, &renter, 1, 1, &[&supplier]);
        for _ in 0..5 {
            world.extend(&order, &renter, 1);
        }
        let books = world.order(&order);
        assert_eq!((books.hours, books.rate_count), (6, 1));
        world.check_order_books(&order);
        for _ in 0..6 {
            world.serve_hour(&[&supplier], 6);
        }
        world.wind_up(&order, &[&supplier]);
        world.check_escrow(currency);
    }
}

/// A day or more has a discount of its own to reach, and in IO each extension reaches as far as its price: these take one of four places.
#[test]
fn other_extensions_take_a_place_each() {
    for (currency, hours) in [(Currency::Usd, 24), (Currency::Io, 1)] {
        let (mut world, supplier, renter) = stage();
        let order = world.running_in(currency, &renter, 1, 1, &[&supplier]);
        for count in 2..=4 {
            world.extend(&order, &renter, hours);
            assert_eq!(world.order(&order).rate_count, count);
        }
        let more = world.extend_ix(&order, hours, u64::MAX).instruction();
        world.refuses(E::TooManyRates, more, &[&renter.wallet]);
        world.check_order_books(&order);
    }
}

/// The early end of an order of two prices gives the dear hours back at the dear price.
#[test]
fn an_early_end_refunds_each_segment_at_its_price() {
    let (world, supplier, renter) = stage();
    for (secs, rent) in [
        (0, PRICE + 2 * HALF_PRICE),
        // An hour and a half in: half of the second hour, and the extension.
        (5_400, PRICE / 2 + 2 * HALF_PRICE),
        // In the extension: 90 of its 120 minutes.
        (9_000, 90 * HALF_PRICE / 60),
        (14_399, 0),
    ] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 2, &[&supplier]);
        world.post_price(50_000_000);
        world.extend(&order, &renter, 2);
        world.warp_to(GENESIS_TS + secs);
        world.end_early(&order, &renter);
        let refund = rent + rent / 400;
        assert_eq!(world.order(&order).refunded_units, refund, "{secs}");
        world.check_order_books(&order);
        world.wind_up(&order, &[&supplier]);
        world.check_escrows();
    }
}

/// A price segment begins within an hour of a replaced device's lease: the interval ends where the price does.
#[test]
fn an_interval_ends_where_its_price_does() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 2, &[&one]);
    world.post_price(50_000_000);
    world.extend(&order, &renter, 1);
    world.set_device_state(&one, 1);
    world.warp_to(GENESIS_TS + 1_800);
    world.report_timeout(&order, &one);
    world.match_device(&order, &two);
    world.accept(&order, &two);
    // From 0:30 to 1:30, to 2:00 at the old price, to 3:00 at the new one.
    world.serve_hour(&[&two], 6);
    world.serve_hour(&[&two], 6);
    world.serve_hour(&[&two], 6);
    world.settle_lease(&order, &two);
    // Half an hour at a quarter is worth as much as an hour at a half.
    assert_eq!(world.earned(&two), PAID + 2 * PAID_HALF);
    let place = world.occupancy(&two);
    assert_eq!((place.slots_served, place.slots_missed), (15, 0));
    world.wind_up(&order, &[&one, &two]);
    world.check_escrows();
}

/// The supplier agreed to the booked end; beyond it, it may leave, and another serves what is left.
#[test]
fn a_supplier_may_leave_what_it_did_not_agree_to() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let keeper = world.authority.insecure_clone();
    let order = world.running(&renter, 1, 1, &[&one]);
    world.extend(&order, &renter, 3);
    world.serve_hour(&[&one], 6);
    let leave = world.leave_lease_ix(&order, &one).instruction();
    world.refuses(E::SettleFirst, leave, &[&one.owner]);
    world.settle_lease(&order, &one);
    world.set_time(GENESIS_TS + HOUR - 1);
    let mut leave = world.leave_lease_ix(&order, &one);
    leave.signer = iog_tests::world::PubkeyOf::pubkey_of(&one.device_key);
    let leave = leave.instruction();
    let signers = [&keeper, &one.device_key];
    world.refuses(E::AgreedToServe, leave.clone(), &signers);
    world.warp_to(GENESIS_TS + HOUR + 60);
    world.must(leave, &signers);
    assert_eq!(world.earned(&one), PAID);
    let place = world.occupancy(&one);
    assert_eq!((place.timeouts, place.cap_until_ts), (0, 0));
    assert_eq!(world.price_book(CLASS_TEST).hired_gpus, 0);
    // Whoever replaces it agrees to the end as it is now, and no further.
    world.match_device(&order, &two);
    world.accept(&order, &two);
    let lease = world.lease(&order, &two);
    assert_eq!(lease.agreed_until_ts, GENESIS_TS + 4 * HOUR);
    let mut early = world.leave_lease_ix(&order, &two);
    early.signer = iog_tests::world::PubkeyOf::pubkey_of(&two.device_key);
    let signers = [&keeper, &two.device_key];
    world.refuses(E::AgreedToServe, early.instruction(), &signers);
    world.check_order_books(&order);
    for _ in 0..3 {
        world.serve_hour(&[&two], 6);
    }
    world.wind_up(&order, &[&one, &two]);
    world.check_escrows();
}

/// An extension may be made until the last second, and never changes what is booked. A class that takes no new orders goes on.
#[test]
fn extensions_until_the_last_second() {
    let (mut world, supplier, renter) = stage();
    let order = world.running_in(Currency::Usd, &renter, 1, 1, &[&supplier]);
    world.set_time(GENESIS_TS + HOUR - 1);
    world.update_class(iog_client::registry::ClassArgs {
        base_price_usd6: 3_000_000,
        enabled: false,
        ..class_args(CLASS_TEST)
    });
    world.extend(&order, &renter, 1);
    let [first, second, ..] = world.order(&order).rates;
    assert_eq!(
        (first.price_usd6[0], second.price_usd6[0]),
        (1_000_000, 3_000_000)
    );
    world.check_order_books(&order);
}

/// IO for a dollar holds for 168 hours. Then it is taken anew, and what the hours that are left cost more comes out of the spare money.
#[test]
fn io_is_priced_anew_after_a_week() {
    let (mut world, supplier, renter) = stage();
    let week = 168 * HOUR;
    let mut args = iog_tests::world::order_args(1, 1, 336);
    // 336 hours with their fee are 135,006,012,228 units or so; the rest is spare.
    args.max_total = 300_000_000_000;
    let order = world.book(&renter, CLASS_TEST, args);
    world.fill(&order, &[&supplier]);
    let cost = 336 * PRICE + (336 * PRICE).div_ceil(400);
    let books = world.order(&order);
    assert_eq!(books.deposited_units, 300_000_000_000);
    assert_eq!(books.spare_units, 300_000_000_000 - cost);
    assert_eq!(books.step_ts, GENESIS_TS + week);
    assert_eq!(books.end_ts, GENESIS_TS + week + 24 * HOUR);
    world.warp_to(GENESIS_TS + week - 1);
    world.post_price(QUARTER / 2);
    let keeper = world.authority.insecure_clone();
    let anew = world.price_anew_ix(&order).instruction();
    world.refuses(E::NoStepDue, anew.clone(), &[&keeper]);
    world.warp_to(GENESIS_TS + week);
    world.post_price(QUARTER / 2);
    world.must(anew.clone(), &[&keeper]);
    let after = world.order(&order);
    // One dollar at 0.125 USD less twice 0.1 %: 10^16 / 12,475,000, rounded up.
    let dear = 801_603_207;
    assert_eq!(after.rates[1].price_per_gpu_hour_units[0], dear);
    assert_eq!(after.rates[1].price_usd6[0], 1_000_000);
    assert_eq!(after.end_ts, GENESIS_TS + 2 * week);
    assert_eq!(after.step_ts, 0);
    let more = 168 * (dear - PRICE) + 1;
    let taken = more + more.div_ceil(400);
    assert_eq!(after.spare_units, books.spare_units - taken);
    world.check_order_books(&order);
    world.refuses(E::NoStepDue, anew, &[&keeper]);
}
