//! What is settled is held for the dispute window of its order, and then earned.

use iog_client::market::events::LeaseSettled;
use iog_client::market::instructions::{ApplyParameter, SetParameter};
use iog_client::market::{Event, MarketError as E, ParameterId};
use iog_client::pda;
use iog_tests::world::{order_args, Currency, PubkeyOf, CLASS_TEST, GENESIS_TS};

use super::stage::{market_events, stage_with, HOUR, PAID, PRICE, SUPPLIER_FEE};

/// An hourly settlement holds the hour it works through and releases the one before.
#[test]
fn each_hour_releases_the_one_before() {
    let (mut world, supplier, renter) = stage_with(3_600);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    let lease = pda::market::lease(&order, &supplier.device);
    for hour in 1..=3 {
        world.serve_hour(&[&supplier], 6);
        let meta = world.settle_lease(&order, &supplier);
        let first = hour == 1;
        // The renter's fees, of three hours, go with the first settlement.
        let (paid, fee) = if first {
            (0, 3_006_013)
        } else {
            (PAID, SUPPLIER_FEE)
        };
        let escrowed_before = match hour {
            1 => 3 * PRICE + 3_006_013,
            2 => 3 * PRICE,
            _ => 2 * PRICE,
        };
        let settled = LeaseSettled {
            order,
            lease,
            settled_until_ts: GENESIS_TS + hour * HOUR,
            served: 1,
            missed: 0,
            held_before: if first { 0 } else { PRICE },
            held_after: PRICE,
            paid,
            refunded: 0,
            fee,
            escrowed_before,
            escrowed_after: escrowed_before - paid - fee,
        };
        assert_eq!(market_events(&meta), [Event::LeaseSettled(settled)]);
        world.check_order_books(&order);
    }
    // The order is done and the device free; its last hour is still held.
    assert_eq!(world.order(&order).state, 3);
    assert!(!world
        .occupancy(&supplier)
        .lease
        .to_bytes()
        .iter()
        .any(|byte| *byte > 0));
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

/// Unproved hours are the renter's at once.
#[test]
fn unproved_hours_are_not_held() {
    let (mut world, supplier, renter) = stage_with(3_600);
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.serve_hour(&[&supplier], 4);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.order(&order).refund_due_units, PRICE);
    assert_eq!(world.lease(&order, &supplier).held_units, 0);
    world.refund(&order);
    world.check_order_books(&order);
}

/// A window of half an hour has passed when the next hour is settled.
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
    assert_eq!(world.lease(&order, &supplier).held_units, PRICE);
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
        (2_000_000, 1_000_000)
    );
    world.settle_lease(&order, &supplier);
    let close = world.close_lease_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::LeaseNotSettled, close, &[&keeper]);
    // Only the part that is refunded goes out; the rest waits for its window.
    world.refund(&order);
    assert_eq!(world.order(&order).escrowed_units, 1_000_000);
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
        assert_eq!(world.lease(&order, &supplier).held_units, PRICE);
    }
    assert_eq!(world.earned(&supplier), 19 * PAID);
}
