//! What is judged is held for the dispute window of its order, from each hour's own end, and then earned.

use iog_client::market::events::LeaseSettled;
use iog_client::market::instructions::{ApplyParameter, SetParameter};
use iog_client::market::{Event, MarketError as E, ParameterId};
use iog_client::pda;
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{market_events, stage_with, HOUR, PAID, PRICE, RENTER_FEE, SUPPLIER_FEE};

/// Hours that are judged and not released.
fn held(world: &World, order: &Pubkey, supplier: &Supplier) -> u32 {
    let lease = world.lease(order, supplier);
    lease.settled_count - lease.released_count
}

/// With a window of an hour, an hourly settlement holds the hour it judges and releases the one before, with its fees.
#[test]
fn each_hour_releases_the_one_before() {
    let (mut world, supplier, renter) = stage_with(3_600);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    let lease = pda::market::lease(&order, &supplier.device);
    let mut escrowed = 3 * PRICE + 3_006_013;
    for hour in 1..=3 {
        world.serve_hour(&[&supplier], 6);
        let meta = world.settle_lease(&order, &supplier);
        let first = hour == 1;
        let (paid, fee) = if first {
            (0, 0)
        } else {
            (PAID, SUPPLIER_FEE + RENTER_FEE)
        };
        let released_until_ts = if first {
            0
        } else {
            GENESIS_TS + (hour - 1) * HOUR
        };
        let settled = LeaseSettled {
            order,
            lease,
            settled_until_ts: GENESIS_TS + hour * HOUR,
            released_until_ts,
            served: 6,
            missed: 0,
            paid,
            refunded: 0,
            fee,
            escrowed_before: escrowed,
            escrowed_after: escrowed - paid - fee,
        };
        escrowed -= paid + fee;
        assert_eq!(market_events(&meta), [Event::LeaseSettled(settled)]);
        assert_eq!(held(&world, &order, &supplier), 1);
        world.check_order_books(&order);
    }
    // The lease is over and the device free; its last hour is still held.
    assert_eq!(world.lease(&order, &supplier).state, 2);
    assert_eq!(world.occupancy(&supplier).lease, Pubkey::default());
    assert_eq!(world.earned(&supplier), 2 * PAID);
    let keeper = world.authority.insecure_clone();
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    world.set_time(GENESIS_TS + 4 * HOUR - 1);
    world.refuses(E::NothingToSettle, settle.clone(), &[&keeper]);
    world.set_time(GENESIS_TS + 4 * HOUR);
    world.must(settle, &[&keeper]);
    assert_eq!(world.earned(&supplier), 3 * PAID);
    world.wind_up(&order, &[&supplier]);
    world.check_escrows();
}

/// The unproved part of an hour is the renter's at once; the proved one waits.
#[test]
fn unproved_slots_are_not_held() {
    let (mut world, supplier, renter) = stage_with(3_600);
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.serve_hour(&[&supplier], 4);
    world.settle_lease(&order, &supplier);
    // Two sixths of 400,801,604, the rest rounded down for the supplier.
    assert_eq!(world.order(&order).refund_due_units, 133_600_535);
    assert_eq!(world.lease(&order, &supplier).paid_slots[0], 4);
    assert_eq!(
        (held(&world, &order, &supplier), world.earned(&supplier)),
        (1, 0)
    );
    world.refund(&order);
    world.check_order_books(&order);
    world.set_time(GENESIS_TS + 2 * HOUR);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.earned(&supplier), 266_533_066);
}

/// A window of half an hour has passed when the next hour is judged.
#[test]
fn a_short_window_is_over_before_the_next_hour() {
    let (mut world, supplier, renter) = stage_with(1_800);
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.set_time(GENESIS_TS + HOUR + 1_799);
    let settle = world.settle_lease_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NothingToSettle, settle.clone(), &[&keeper]);
    world.set_time(GENESIS_TS + HOUR + 1_800);
    world.must(settle, &[&keeper]);
    assert_eq!(world.earned(&supplier), PAID);
}

/// A day of hours is held at once, and each leaves after its own day, whoever settles when.
#[test]
fn a_day_of_hours_is_held_and_each_leaves_by_itself() {
    let (mut world, supplier, renter) = stage_with(86_400);
    let order = world.running(&renter, 1, 30, &[&supplier]);
    for _ in 0..24 {
        world.serve_hour(&[&supplier], 6);
    }
    world.settle_lease(&order, &supplier);
    assert_eq!(
        (held(&world, &order, &supplier), world.earned(&supplier)),
        (24, 0)
    );
    // The first hour ended 24 hours ago when the 25th is over.
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    assert_eq!(held(&world, &order, &supplier), 24);
    assert_eq!(world.earned(&supplier), PAID);
    for _ in 25..30 {
        world.serve_hour(&[&supplier], 6);
    }
    // Nobody settled meanwhile: what is free by now is released at once.
    world.settle_lease(&order, &supplier);
    assert_eq!(world.earned(&supplier), 6 * PAID);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(world.earned(&supplier), 30 * PAID);
    world.check_escrows();
}

/// The window of an order is the one that held when it was made.
#[test]
fn the_window_is_the_orders_own() {
    let (mut world, supplier, renter) = stage_with(3_600);
    let order = world.running(&renter, 1, 30, &[&supplier]);
    let set = SetParameter {
        authority: world.authority.pubkey_of(),
        id: ParameterId::DisputeSecs,
        value: 0,
    };
    world.govern(set.instruction());
    world.advance(24 * HOUR);
    let id = ParameterId::DisputeSecs;
    world.govern(ApplyParameter { id }.instruction());
    world.settle_lease(&order, &supplier);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    assert_eq!(held(&world, &order, &supplier), 1);
    assert_eq!(world.lease(&order, &supplier).paid_slots[24], 6);
    assert_eq!(world.order(&order).dispute_secs, 3_600);
    let next = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
    assert_eq!(world.order(&next).dispute_secs, 0);
}

/// An early end does not shorten the window, and what is held is no part of its refund.
#[test]
fn an_early_end_leaves_what_is_held() {
    let (mut world, supplier, renter) = stage_with(3_600);
    let order = world.running_in(Currency::Usd, &renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    let books = world.order(&order);
    assert_eq!(
        (books.refunded_units, books.escrowed_units),
        (2_045_000, 1_022_500)
    );
    world.settle_lease(&order, &supplier);
    let close = world.close_lease_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::LeaseNotSettled, close, &[&keeper]);
    // Only the part that is refunded goes out; the rest waits for its window.
    world.refund(&order);
    assert_eq!(world.order(&order).escrowed_units, 1_022_500);
    world.set_time(GENESIS_TS + 2 * HOUR);
    world.wind_up(&order, &[&supplier]);
    let due = world.earnings(&supplier, Currency::Usd).due_units;
    assert_eq!(due, 977_500);
    world.check_escrows();
}

/// Settlements that come a little earlier each hour do not keep what was held before from being earned.
#[test]
fn a_window_is_not_restarted_by_the_next_settlement() {
    let (mut world, supplier, renter) = stage_with(3_600);
    let order = world.running(&renter, 1, 30, &[&supplier]);
    for hour in 1..=20 {
        world.set_time(GENESIS_TS + (hour - 1) * HOUR);
        world.serve_hour(&[&supplier], 6);
        world.set_time(GENESIS_TS + hour * HOUR + 60 - hour);
        world.settle_lease(&order, &supplier);
        assert_eq!(held(&world, &order, &supplier), 1);
    }
    assert_eq!(world.earned(&supplier), 19 * PAID);
}
