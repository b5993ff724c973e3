//! Boundaries and races: early ends, cancellation, expiry, acceptance.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::{order_args, Currency, CLASS_TEST, GENESIS_TS};

use super::stage::{stage, HOUR, PRICE, WALLET};

/// The hour is settled up to the very second at which the renter then ends the order.
#[test]
fn an_end_on_a_settled_hour_leaves_only_the_lease_to_finish() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.end_early(&order, &renter);
    world.check_order_books(&order);
    assert_eq!(world.order(&order).refunded_units, 2 * PRICE);
    let before = world.earned(&supplier);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.earned(&supplier), before);
    assert_eq!(world.order(&order).running_leases, 0);
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
        assert_eq!(ended.refunded_units, PRICE * minutes / 60, "{secs}");
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
            world.set_time(start + beat * 600);
            world.heartbeat(&supplier);
        }
        world.set_time(start + rest);
        world.end_early(&order, &renter);
        world.set_time(start + HOUR);
        world.settle_lease(&order, &supplier);
        world.check_order_books(&order);
        let done = world.order(&order);
        let earned = done.paid_units + done.fee_units - 2_004_009;
        let minutes = u64::try_from((rest + 59) / 60).unwrap();
        assert!(u128::from(earned) * 60 <= u128::from(PRICE) * u128::from(60 + minutes));
        assert!(done.escrowed_units <= 1, "dust of {}", done.escrowed_units);
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
        world.serve_hour(&[&supplier], 6);
        world.wind_up(&order, &[&supplier]);
    }
    assert_eq!(world.earned(&supplier), 5 * super::stage::PAID);
    // Three hours' reservation fee each, of 25 basis points rounded up.
    assert_eq!(
        WALLET - world.balance(&renter.token),
        5 * (PRICE + 3_006_013)
    );
    world.check_escrows();
}

/// 180 seconds are in time, 181 are not; then anyone skips the device and another takes its place.
#[test]
fn a_late_device_is_skipped_and_counted() {
    let (world, one, renter) = stage();
    let keeper = world.authority.insecure_clone();
    for (secs, accepts) in [(180, true), (181, false)] {
        let mut world = world.clone();
        let two = world.supplier(CLASS_TEST);
        let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
        world.match_device(&order, &one);
        world.set_time(GENESIS_TS + secs);
        let skip = world.skip_ix(&order, &one).instruction();
        let accept = world.accept_ix(&order, &one).instruction();
        if accepts {
            world.refuses(E::AcceptStillOpen, skip.clone(), &[&keeper]);
            world.must(accept, &[&keeper, &one.device_key]);
            world.set_time(GENESIS_TS + secs + 1);
            world.refuses(E::LeaseNotMatched, skip, &[&keeper]);
            continue;
        }
        world.refuses(E::AcceptTooLate, accept, &[&keeper, &one.device_key]);
        let lamports = world.lamports(&one.owner_token);
        world.must(skip, &[&keeper]);
        assert_eq!(world.lamports(&one.owner_token), lamports);
        let place = world.occupancy(&one);
        assert_eq!((place.skipped, place.leases), (1, 0));
        assert!(world
            .find(&pda::market::lease(&order, &one.device))
            .is_none());
        let books = world.order(&order);
        assert_eq!((books.state, books.matched_gpus, books.leases), (0, 0, 0));
        world.match_device(&order, &two);
        world.accept(&order, &two);
        assert_eq!(world.order(&order).state, 2);
        // The skipped one rests for an hour, so that it does not block one order after the other.
        let rested = GENESIS_TS + secs + HOUR;
        assert_eq!(world.occupancy(&one).resting_until_ts, rested);
        world.set_time(rested - 1);
        let other = world.book(&renter, CLASS_TEST, order_args(2, 1, 1));
        let again = world.match_ix(&other, &one).instruction();
        world.refuses(E::DeviceRests, again.clone(), &[&keeper]);
        // Its owner, who lists it again, says that it answers now.
        let mut listed = world.clone();
        listed.list_device(&one, 0);
        listed.must(again.clone(), &[&keeper]);
        world.set_time(rested);
        world.must(again, &[&keeper]);
    }
}

/// A device that is late by one second has lost the order; one in time keeps it from expiring.
#[test]
fn acceptance_and_expiry_never_both_succeed() {
    let (world, supplier, renter) = stage();
    let keeper = world.authority.insecure_clone();
    for (secs, accepts) in [(1_199, true), (1_200, false)] {
        let mut world = world.clone();
        let order = world.book(&renter, CLASS_TEST, order_args(1, 1, 1));
        world.set_time(GENESIS_TS + 1_100);
        world.match_device(&order, &supplier);
        world.set_time(GENESIS_TS + secs);
        let accept = world.accept_ix(&order, &supplier).instruction();
        let expire = world.expire_ix(&order).instruction();
        let signers = [&keeper, &supplier.device_key];
        if accepts {
            world.refuses(E::OrderNotExpired, expire.clone(), &[&keeper]);
            world.must(accept, &signers);
            world.set_time(GENESIS_TS + 1_200);
            world.refuses(E::OrderNotOpen, expire, &[&keeper]);
        } else {
            world.refuses(E::OrderExpired, accept.clone(), &signers);
            world.must(expire, &[&keeper]);
            world.refuses(E::OrderNotOpen, accept, &signers);
        }
    }
}

/// Whichever of a cancellation and an acceptance comes first wins, whole.
#[test]
fn cancellation_and_acceptance_never_both_succeed() {
    let (world, supplier, renter) = stage();
    let keeper = world.authority.insecure_clone();
    for first_accepts in [false, true] {
        let mut world = world.clone();
        let order = world.book(&renter, CLASS_TEST, order_args(1, 2, 1));
        world.match_device(&order, &supplier);
        let accept = world.accept_ix(&order, &supplier).instruction();
        let cancel = world.cancel_ix(&order).instruction();
        let signers = [&keeper, &supplier.device_key];
        if first_accepts {
            world.must(accept, &signers);
            world.refuses(E::AlreadyAccepted, cancel, &[&renter.wallet]);
            continue;
        }
        world.must(cancel.clone(), &[&renter.wallet]);
        world.refuses(E::OrderNotOpen, accept, &signers);
        world.refuses(E::OrderNotOpen, cancel, &[&renter.wallet]);
        world.close_lease(&order, &supplier);
        world.refund(&order);
        world.close_order(&order);
        assert_eq!(world.balance(&renter.token), WALLET);
        // It was called off, not late.
        assert_eq!(world.occupancy(&supplier).skipped, 0);
    }
}

/// Fees are kept with an early end, those of an extension whose hours all come back among them.
#[test]
fn an_early_end_keeps_the_fees_of_an_extension() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 1, &[&supplier]);
    world.serve_hour(&[&supplier], 5);
    world.set_time(GENESIS_TS + 3_000);
    world.post_price(25_000_000);
    world.extend(&order, &renter, 10);
    world.end_early(&order, &renter);
    let books = world.order(&order);
    // 25 basis points of an hour and of ten, each rounded up.
    assert_eq!(
        (books.fee_units, books.pending_fee_units),
        (1_002_005 + 10_020_041, 0)
    );
    assert_eq!(books.refunded_units, 10 * PRICE);
    world.set_time(GENESIS_TS + HOUR);
    world.wind_up(&order, &[&supplier]);
    world.check_escrows();
}
