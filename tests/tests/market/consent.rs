//! Devices that are asked: they accept, do not answer, or are called off.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::{order_args, CLASS_TEST, GENESIS_TS};

use super::stage::{stage, HOUR, WALLET};

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
