//! Early ends: what comes back, and what the first hour costs.

use iog_client::market::MarketError as E;
use iog_tests::world::{Currency, GENESIS_TS};

use super::stage::{stage, HOUR, PAID, PRICE, RENTER_FEE, WALLET};

/// The hour is settled up to the very second at which the renter then ends the order.
#[test]
fn an_end_on_a_settled_hour_leaves_only_the_lease_to_finish() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    world.check_order_books(&order);
    let fee = 2_004_008; // 25 basis points of two hours, rounded down
    assert_eq!(world.order(&order).refunded_units, 2 * PRICE + fee);
    let before = world.earned(&supplier);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.earned(&supplier), before);
    assert_eq!(world.lease(&order, &supplier).state, 2);
    let again = world.settle_lease_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NothingToSettle, again, &[&keeper]);
    world.wind_up(&order, &[&supplier]);
    world.check_escrows();
}

/// Seconds after the start, minutes refunded of a booking of two hours.
#[test]
fn the_first_hour_is_never_refunded_and_a_minute_begun_is_used() {
    let (world, supplier, renter) = stage();
    for (secs, minutes) in [
        (0, 60),
        (1, 60),
        (3_599, 60),
        (3_600, 60),
        (3_601, 59),
        (3_660, 59),
        (3_661, 58),
        (7_139, 1),
        (7_140, 1),
        (7_141, 0),
        (7_199, 0),
        (7_200, 0),
        (9_000, 0),
    ] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 2, &[&supplier]);
        world.set_time(GENESIS_TS + secs);
        world.end_early(&order, &renter);
        world.check_order_books(&order);
        let ended = world.order(&order);
        let rent = PRICE * minutes / 60;
        assert_eq!(ended.refunded_units, rent + rent / 400, "{secs}");
        let left = i64::try_from(minutes).unwrap() * 60;
        assert_eq!(ended.end_ts, GENESIS_TS + 7_200 - left, "{secs}");
    }
}

/// Weak spot of minute-wise refunds: ends that split an hour over and over. Nobody gains a unit.
#[test]
fn splitting_hours_into_minutes_pays_nobody_more() {
    let (mut world, supplier, renter) = stage();
    let mut id = 0;
    for secs in [3_601, 3_660, 3_725, 4_799, 5_555, 6_599, 7_138] {
        id += 1;
        let order = world.running(&renter, id, 2, &[&supplier]);
        world.serve_hour(&[&supplier], 6);
        let (rest, start) = (secs - HOUR, world.now());
        for beat in 0..=rest / 600 {
            world.warp_to(start + beat * 600);
            world.heartbeat(&supplier);
        }
        world.warp_to(start + rest);
        world.end_early(&order, &renter);
        world.warp_to(start + 2 * HOUR);
        world.settle_lease(&order, &supplier);
        world.check_order_books(&order);
        let done = world.order(&order);
        let minutes = u64::try_from((rest + 59) / 60).unwrap();
        let rent = PRICE + PRICE * minutes / 60;
        let earned = done.paid_units + done.fee_units;
        assert!(earned <= rent + rent / 400, "{secs}");
        assert!(done.escrowed_units <= 4, "dust of {}", done.escrowed_units);
        world.wind_up(&order, &[&supplier]);
        assert_eq!(world.escrow(Currency::Io).escrowed_units, 0);
        world.check_escrows();
    }
}

/// Booking and ending at once, again and again: each time the first hour is paid, so that it is never a free minute.
#[test]
fn ending_at_once_costs_an_hour_each_time() {
    let (mut world, supplier, renter) = stage();
    for id in 1..=5 {
        let order = world.running(&renter, id, 3, &[&supplier]);
        world.end_early(&order, &renter);
        world.serve_hour(&[&supplier], 1);
        world.wind_up(&order, &[&supplier]);
    }
    assert_eq!(world.earned(&supplier), 5 * PAID);
    assert_eq!(
        WALLET - world.balance(&renter.token),
        5 * (PRICE + RENTER_FEE)
    );
    world.check_escrows();
}

/// Hours of an extension that all come back bring their fee with them.
#[test]
fn an_early_end_gives_the_fees_of_an_extension_back() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 5);
    world.set_time(GENESIS_TS + 3_000);
    world.post_price(25_000_000);
    world.extend(&order, &renter, 10);
    world.end_early(&order, &renter);
    let books = world.order(&order);
    assert_eq!(books.refunded_units, 10 * PRICE + 10_020_040);
    world.set_time(GENESIS_TS + HOUR);
    world.wind_up(&order, &[&supplier]);
    // All that was asked for until the end is proved: the hour is the supplier's.
    assert_eq!(world.earned(&supplier), PAID);
    assert_eq!(world.balance(&renter.token), WALLET - PRICE - RENTER_FEE);
    world.check_escrows();
}
