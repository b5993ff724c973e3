//! Orders at their end, where random sequences seldom come: nothing stays behind, and nobody is blamed for what it could not do.

use iog_tests::world::{order_args, Currency, CLASS_TEST, CURRENCIES};
use iog_tests::World;
use solana_pubkey::Pubkey;

/// An extension pays its fees up front. Where its hours are refunded and all others were in dispute, these fees are all that is left
/// once the renter has its refund: they are fees, and the order closes.
#[test]
fn fees_alone_keep_no_order_open() {
    for currency in CURRENCIES {
        let mut world = World::ready();
        world.set_resolver(&Pubkey::default());
        let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
        world.give_iosd(&renter, 2_000_000_000_000);
        let order = world.running_in(currency, &renter, 1, 2, &[&supplier]);
        world.heartbeat(&supplier);
        world.advance(10);
        world.dispute(&order, &renter, &supplier);
        world.resolve_by_rule(&order, &supplier);
        world.post_price(25_000_000);
        world.extend(&order, &renter, 1);
        world.end_early(&order, &renter);
        world.refund(&order);
        world.close_lease(&order, &supplier);
        world.refund_rest(&order);
        world.close_order(&order);
        let books = world.escrow(currency);
        assert_eq!((books.escrowed_units, books.refunds_due_units), (0, 0));
        world.check_escrows();
    }
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

/// A match that comes too late for the device to have its three minutes is no match that it ignored.
#[test]
fn a_device_is_not_skipped_where_it_could_not_accept() {
    // Just before the order expires, which nobody has said yet.
    let mut world = World::ready();
    let (supplier, renter) = (world.supplier(CLASS_TEST), world.renter());
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    world.advance(1_200 - 180);
    world.match_device(&order, &supplier);
    world.advance(181);
    world.skip_device(&order, &supplier);
    assert_eq!(world.occupancy(&supplier).skipped, 0);

    // Earlier by a second it had them.
    let order = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
    world.advance(1_200 - 181);
    world.match_device(&order, &supplier);
    world.advance(181);
    world.skip_device(&order, &supplier);
    assert_eq!(world.occupancy(&supplier).skipped, 1);
}

/// The same in a running order: too near to its last hour, ended by its renter, or closed to others by a dispute.
#[test]
fn a_replacement_is_not_skipped_where_it_could_not_accept() {
    type Spoil = fn(&mut World, &Pubkey, &iog_tests::world::Renter, &iog_tests::Supplier);
    let nothing: Spoil = |_, _, _, _| {};
    let end: Spoil = |world, order, renter, _| {
        world.end_early(order, renter);
    };
    let dispute: Spoil = |world, order, renter, other| {
        world.dispute(order, renter, other);
    };
    for (wait, spoil, skipped) in [
        (2_400, nothing, 1),
        (3_600 - 180, nothing, 1),
        (3_600 - 179, nothing, 0),
        (2_400, end, 0),
        (2_400, dispute, 0),
    ] {
        let mut world = World::ready();
        let renter = world.renter();
        let [silent, other, next] = [0; 3].map(|_| world.supplier(CLASS_TEST));
        let order = world.running(&renter, 1, 2, &[&silent, &other]);
        world.advance(wait);
        world.heartbeat(&other);
        world.report_timeout(&order, &silent);
        world.match_device(&order, &next);
        spoil(&mut world, &order, &renter, &other);
        world.advance(181);
        world.skip_device(&order, &next);
        assert_eq!(
            world.occupancy(&next).skipped,
            skipped,
            "after {wait} seconds"
        );
        world.check_escrow(Currency::Io);
    }
}
