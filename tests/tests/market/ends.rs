//! Boundaries and races: early ends, cancellation, expiry, acceptance.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::{order_args, Currency, CLASS_TEST, GENESIS_TS};

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

/// 90 seconds are in time, 91 are not; then anyone skips the device and another takes its place.
#[test]
fn a_late_device_is_skipped_and_counted() {
    let (world, one, renter) = stage();
    let keeper = world.authority.insecure_clone();
    for (secs, accepts) in [(90, true), (91, false)] {
        let mut world = world.clone();
        let two = world.supplier(CLASS_TEST);
        let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
        world.match_device(&order, &one);
        world.warp_to(GENESIS_TS + secs);
        let skip = world.skip_ix(&order, &one).instruction();
        let accept = world.accept_ix(&order, &one).instruction();
        if accepts {
            world.refuses(E::AcceptStillOpen, skip.clone(), &[&keeper]);
            world.must(accept, &[&keeper, &one.device_key]);
            world.warp_to(GENESIS_TS + secs + 1);
            world.refuses(E::LeaseNotMatched, skip, &[&keeper]);
            continue;
        }
        world.refuses(E::AcceptTooLate, accept, &[&keeper, &one.device_key]);
        world.must(skip, &[&keeper]);
        let place = world.occupancy(&one);
        assert_eq!((place.skipped, place.leases), (1, 0));
        assert!(world
            .find(&pda::market::lease(&order, &one.device))
            .is_none());
        let books = world.order(&order);
        let matched = books.parts[0].matched;
        assert_eq!((books.state, matched, books.leases), (0, 0, 0));
        world.match_device(&order, &two);
        world.accept(&order, &two);
        assert_eq!(world.order(&order).state, 2);
        // The skipped one rests for an hour, so that it does not block one order after the other. Nobody lifts that.
        let rested = GENESIS_TS + secs + HOUR;
        assert_eq!(world.occupancy(&one).resting_until_ts, rested);
        world.warp_to(rested - 1);
        world.list_device(&one, 0);
        let other = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
        world.make_ready(&one);
        let again = world.match_ix(&other, &one).instruction();
        world.refuses(E::DeviceRests, again.clone(), &[&renter.wallet]);
        world.warp_to(rested);
        world.must(again, &[&renter.wallet]);
    }
}

/// Who has shown a sign of life since the match rests too, and its record is not charged.
#[test]
fn a_live_device_that_does_not_answer_only_rests() {
    let (mut world, one, renter) = stage();
    let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
    world.match_device(&order, &one);
    world.heartbeat(&one);
    world.warp_to(GENESIS_TS + 91);
    world.skip_device(&order, &one);
    let place = world.occupancy(&one);
    assert_eq!(place.skipped, 0);
    assert_eq!(place.resting_until_ts, GENESIS_TS + 91 + HOUR);
    // This order does not take it again.
    world.warp_to(GENESIS_TS + 1_000);
    assert_eq!(world.order(&order).bars[0], one.device.to_bytes()[..8]);
}

/// A device that is late by one second has lost the order; one in time keeps it from expiring.
#[test]
fn acceptance_and_expiry_never_both_succeed() {
    let (world, supplier, renter) = stage();
    let keeper = world.authority.insecure_clone();
    for (secs, accepts) in [(1_199, true), (1_200, false)] {
        let mut world = world.clone();
        let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
        world.warp_to(GENESIS_TS + 1_150);
        world.match_device(&order, &supplier);
        world.warp_to(GENESIS_TS + secs);
        let accept = world.accept_ix(&order, &supplier).instruction();
        let expire = world.expire_ix(&order).instruction();
        let signers = [&keeper, &supplier.device_key];
        if accepts {
            world.refuses(E::OrderNotExpired, expire.clone(), &[&keeper]);
            world.must(accept, &signers);
            world.warp_to(GENESIS_TS + 1_200);
            world.refuses(E::OrderNotOpen, expire, &[&keeper]);
        } else {
            world.refuses(E::OrderExpired, accept.clone(), &signers);
            world.must(expire, &[&keeper]);
            world.refuses(E::OrderNotWhole, accept, &signers);
        }
    }
}

/// Whichever of a cancellation and the last acceptance comes first wins, whole.
#[test]
fn cancellation_and_start_never_both_succeed() {
    let (world, supplier, renter) = stage();
    let keeper = world.authority.insecure_clone();
    for starts in [false, true] {
        let mut world = world.clone();
        let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
        world.match_device(&order, &supplier);
        let accept = world.accept_ix(&order, &supplier).instruction();
        let cancel = world.cancel_ix(&order).instruction();
        let signers = [&keeper, &supplier.device_key];
        if starts {
            world.must(accept, &signers);
            world.refuses(E::OrderNotOpen, cancel, &[&renter.wallet]);
            continue;
        }
        world.must(cancel.clone(), &[&renter.wallet]);
        world.refuses(E::OrderNotWhole, accept, &signers);
        world.refuses(E::OrderNotOpen, cancel, &[&renter.wallet]);
        world.close_lease(&order, &supplier);
        world.refund(&order);
        world.close_order(&order);
        assert_eq!(world.balance(&renter.token), WALLET);
        // It was called off, not late.
        let place = world.occupancy(&supplier);
        assert_eq!((place.skipped, place.resting_until_ts), (0, 0));
    }
}

/// Who had accepted an order that its renter takes back is paid for the seconds it was kept, with the fees of both sides.
#[test]
fn held_time_is_paid_by_the_renter_that_cancels() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let order = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
    world.match_device(&order, &one);
    world.match_device(&order, &two);
    world.accept(&order, &one);
    world.warp_to(GENESIS_TS + 60);
    world.cancel_order(&order, &renter);
    world.check_order_books(&order);
    world.close_lease(&order, &one);
    world.close_lease(&order, &two);
    // floor(400,801,604 / 60), of which 25 basis points are 16,700.06.
    let minute = 6_680_026;
    assert_eq!(world.earned(&one), minute - 16_701);
    assert_eq!(world.earned(&two), 0);
    world.refund(&order);
    world.close_order(&order);
    let spent = minute + 16_700;
    assert_eq!(world.balance(&renter.token), WALLET - spent);
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
