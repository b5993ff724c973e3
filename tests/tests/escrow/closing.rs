//! Orders at their end, where random sequences seldom come: nothing stays behind, nothing is paid twice, and nobody is blamed for what it
//! could not do.

use iog_client::market::accounts::PriceBook;
use iog_client::market::MarketError;
use iog_client::pda;
use iog_tests::world::{order_args, Currency, CLASS_TEST, CURRENCIES};
use iog_tests::World;

/// The leases that run to an early end share the discount that was not reached, once: a dispute of what they still hold, opened after
/// their last settlement and won, pays the share no second time.
#[test]
fn a_dispute_pays_no_discount_a_second_time() {
    let mut world = World::with_disputes(86_400);
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
    let book = pda::market::price_book(CLASS_TEST);
    world.edit::<PriceBook>(&book, |book| book.commitment_bps = [9_000; 3]);
    let order = world.running_in(Currency::Usd, &renter, 1, 30, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.serve_hour(&[&supplier], 6);
    world.end_early(&order, &renter);
    // 0.90 USD an hour; two hours at 1.00 cost 200,000 more, and 4,500 of fees on them: less two units for the fees' roundings.
    assert_eq!(world.order(&order).rerate_units, 199_998);
    world.judge_rest(&order, &supplier);
    let lease = world.lease(&order, &supplier);
    assert_eq!((lease.state, lease.paid_units), (2, 195_498));

    world.dispute(&order, &renter, &supplier);
    assert_eq!(world.lease(&order, &supplier).deposit_units, 90_000);
    world.resolve_dispute(&order, &supplier, 1_800_000);
    // The hours less 225 bps, and the deposit.
    let paid = world.lease(&order, &supplier).paid_units;
    assert_eq!(paid, 195_498 + 1_759_500 + 90_000);
    world.check_escrow(Currency::Usd);
    world.close_lease(&order, &supplier);
    world.refund(&order);
    world.close_order(&order);
    world.check_escrows();
}

/// Booking and cancelling costs nothing, and borrowed money can do it for ever. Counters that only rise would be full one day, and the
/// market would take no order in that currency any more.
#[test]
fn booking_and_cancelling_fills_no_counter() {
    for currency in CURRENCIES {
        let mut world = World::ready();
        let renter = world.renter();
        world.give_iosd(&renter, 2_000_000_000_000);
        let before = world.escrow(currency);
        for (id, expires) in [(1, false), (2, true)] {
            let args = order_args(id, 2, 100);
            let order = world.book_in(currency, &renter, CLASS_TEST, args);
            let total = world.order(&order).deposited_units;
            assert_eq!(world.escrow(currency).deposited_units, total);
            if expires {
                world.advance(1_200);
                world.expire_order(&order);
            } else {
                world.cancel_order(&order, &renter);
            }
            assert_eq!(world.escrow(currency).refunds_due_units, total);
            world.check_order_books(&order);
            world.refund(&order);
            world.close_order(&order);
        }
        assert_eq!(world.escrow(currency), before);
        world.check_escrow(currency);
    }
}

/// A device that is asked less than 90 seconds before its order expires had not its time to accept: it rests for nothing.
#[test]
fn a_device_is_not_blamed_where_it_could_not_accept() {
    for (wait, ignored) in [(1_200 - 90, false), (1_200 - 91, true)] {
        let mut world = World::ready();
        let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
        let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
        world.advance(wait);
        world.match_device(&order, &supplier);
        world.advance(100);
        let skip = world.skip_ix(&order, &supplier).instruction();
        let keeper = world.authority.insecure_clone();
        if ignored {
            world.must(skip, &[&keeper]);
            world.expire_order(&order);
        } else {
            world.refuses(MarketError::AcceptStillOpen, skip, &[&keeper]);
            world.expire_order(&order);
            world.close_lease(&order, &supplier);
        }
        let rest = world.occupancy(&supplier).resting_until_ts;
        let rests = if ignored { world.now() + 3_600 } else { 0 };
        assert_eq!(rest, rests, "after {wait} seconds");
        world.refund(&order);
        world.close_order(&order);
        world.check_escrows();
    }
}

/// A replacement whose order its renter ends before it answers is freed by anyone, at once, and is not blamed.
#[test]
fn a_replacement_is_not_blamed_where_its_order_ends() {
    let mut world = World::ready();
    let renter = world.renter();
    let [silent, other, next] = [0; 3].map(|_| world.supplier(CLASS_TEST));
    let order = world.running(&renter, 1, 5, &[&silent, &other]);
    world.advance(2_401);
    world.heartbeat(&other);
    world.report_timeout(&order, &silent);
    world.match_device(&order, &next);
    world.end_early(&order, &renter);
    world.skip_device(&order, &next);
    let place = world.occupancy(&next);
    assert_eq!((place.skipped, place.resting_until_ts), (0, 0));
    assert_eq!(world.order(&order).leases, 2);
    world.check_escrow(Currency::Io);
}
