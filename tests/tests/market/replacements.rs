//! Devices that fall silent or stop, and those that take their place.

use iog_client::market::events::LeaseEnded;
use iog_client::market::{Event, MarketError as E};
use iog_client::pda;
use iog_tests::world::{Currency, PubkeyOf, CLASS_TEST, GENESIS_TS};

use super::stage::{market_events, stage, stage_with, HOUR, PAID, PRICE, WALLET};

/// More than three whole ten-minute intervals without a heartbeat: anyone ends the lease.
#[test]
fn a_silent_device_is_taken_out() {
    let (world, supplier, renter) = stage();
    for (secs, ends) in [(2_399, false), (2_400, true)] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 2, &[&supplier]);
        world.heartbeat(&supplier);
        world.set_time(GENESIS_TS + secs);
        let stranger = world.wallet();
        let mut report = world.timeout_ix(&order, &supplier);
        report.signer = stranger.pubkey_of();
        if !ends {
            world.refuses(E::DeviceServes, report.instruction(), &[&stranger]);
            continue;
        }
        let meta = world.must(report.instruction(), &[&stranger]);
        let ended = LeaseEnded {
            order,
            lease: pda::market::lease(&order, &supplier.device),
            device: supplier.device,
            timed_out: true,
        };
        assert_eq!(market_events(&meta), [Event::LeaseEnded(ended)]);
        let place = world.occupancy(&supplier);
        assert_eq!((place.timeouts, place.hired_gpus), (1, 0));
        let books = world.order(&order);
        assert_eq!(
            (books.state, books.matched_gpus, books.accepted_gpus),
            (2, 0, 0)
        );
        assert_eq!((books.leases, books.running_leases), (1, 0));
        world.check_price_book(CLASS_TEST, &[&supplier]);
    }
}

/// A device without any heartbeat is silent since its lease began.
#[test]
fn silence_counts_from_the_start_of_the_lease() {
    let (mut world, supplier, renter) = stage();
    world.advance(86_400);
    let order = world.running(&renter, 1, 2, &[&supplier]);
    let start = world.now();
    let keeper = world.authority.insecure_clone();
    let report = world.timeout_ix(&order, &supplier).instruction();
    world.set_time(start + 2_399);
    world.refuses(E::DeviceServes, report.clone(), &[&keeper]);
    world.set_time(start + 2_400);
    world.must(report, &[&keeper]);
}

/// A paused or terminated device has stopped, whatever it said last.
#[test]
fn a_device_that_stopped_is_taken_out_at_once() {
    for state in [1, 2] {
        let (mut world, supplier, renter) = stage();
        let order = world.running(&renter, 1, 2, &[&supplier]);
        world.heartbeat(&supplier);
        world.set_device_state(&supplier, state);
        world.report_timeout(&order, &supplier);
        assert_eq!(world.occupancy(&supplier).timeouts, 1);
    }
}

/// The first device's hour is lost to it, the second one is paid from its acceptance, the renter has the rest back.
#[test]
fn a_replacement_serves_the_rest() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 3, &[&one]);
    world.serve_hour(&[&one], 6);
    world.settle_lease(&order, &one);
    world.set_time(GENESIS_TS + HOUR + 2_400);
    world.report_timeout(&order, &one);
    world.match_device(&order, &two);
    world.set_time(world.now() + 100);
    world.accept(&order, &two);
    let began = GENESIS_TS + HOUR + 2_500;
    let lease = world.lease(&order, &two);
    assert_eq!(lease.settled_until_ts, began);
    assert_eq!(lease.agreed_until_ts, GENESIS_TS + 3 * HOUR);
    world.serve_hour(&[&two], 6);
    // The last 1,100 seconds: one whole interval, 18 whole minutes.
    world.heartbeat(&two);
    world.set_time(GENESIS_TS + 3 * HOUR);
    world.settle_lease(&order, &two);
    let rent = PRICE + PRICE * 18 / 60;
    assert_eq!(world.earned(&two), rent - rent.div_ceil(400));
    assert_eq!(world.earned(&one), PAID);
    assert_eq!(world.order(&order).state, 3);
    world.wind_up(&order, &[&one, &two]);
    let fees = 3_006_013; // of the reservation
    assert_eq!(world.balance(&renter.token), WALLET - PRICE - rent - fees);
    world.check_escrows();
}

/// The same device may come back into an order only once its lease account is closed; another place is another lease.
#[test]
fn a_device_returns_with_a_new_lease() {
    let (mut world, one, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&one]);
    world.set_time(GENESIS_TS + 2_400);
    world.report_timeout(&order, &one);
    let keeper = world.authority.insecure_clone();
    let again = world.match_ix(&order, &one).instruction();
    assert!(world.send(&[again], &[&keeper]).is_err());
    world.close_lease(&order, &one);
    world.match_device(&order, &one);
    world.accept(&order, &one);
    assert_eq!(world.occupancy(&one).leases, 2);
    world.serve_hour(&[&one], 6);
    world.settle_lease(&order, &one);
    assert_eq!(world.earned(&one), PAID);
    world.check_order_books(&order);
}

/// What was held for the first device's served hour is still released after it left.
#[test]
fn a_device_that_left_is_paid_what_was_held() {
    let (mut world, one, renter) = stage_with(1_800);
    let order = world.running(&renter, 1, 3, &[&one]);
    world.serve_hour(&[&one], 6);
    world.settle_lease(&order, &one);
    assert_eq!(
        (world.earned(&one), world.lease(&order, &one).held_units),
        (0, PRICE)
    );
    world.set_device_state(&one, 1);
    world.report_timeout(&order, &one);
    let keeper = world.authority.insecure_clone();
    let settle = world.settle_lease_ix(&order, &one).instruction();
    world.set_time(GENESIS_TS + HOUR + 1_799);
    world.refuses(E::NothingToSettle, settle.clone(), &[&keeper]);
    let close = world.close_lease_ix(&order, &one).instruction();
    world.refuses(E::LeaseNotSettled, close, &[&keeper]);
    world.set_time(GENESIS_TS + HOUR + 1_800);
    world.must(settle, &[&keeper]);
    assert_eq!(world.earned(&one), PAID);
    world.close_lease(&order, &one);
    world.check_order_books(&order);
}

/// An order all of whose devices dropped out is over with its end; nobody else need do anything.
#[test]
fn an_abandoned_order_is_wound_up_at_its_end() {
    let (mut world, one, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&one]);
    world.set_device_state(&one, 2);
    world.report_timeout(&order, &one);
    world.close_lease(&order, &one);
    let keeper = world.authority.insecure_clone();
    let refund = world.refund_ix(&order);
    world.set_time(GENESIS_TS + 3 * HOUR - 1);
    world.refuses(E::NothingDue, refund.clone(), &[&keeper]);
    world.set_time(GENESIS_TS + 3 * HOUR);
    world.must(refund, &[&keeper]);
    assert_eq!(world.order(&order).state, 3);
    world.close_order(&order);
    let fees = 3_006_013;
    assert_eq!(world.balance(&renter.token), WALLET - fees);
    assert_eq!(world.escrow(Currency::Io).fees_due_units, fees);
    world.check_escrows();
}

/// A replacement that lets its match pass is counted; one whose order the renter ended before it was late is not.
#[test]
fn a_replacement_is_skipped_like_any_other() {
    let (world, one, renter) = stage();
    for (ended_after, skipped) in [(None, 1), (Some(100), 0)] {
        let mut world = world.clone();
        let two = world.supplier(CLASS_TEST);
        let order = world.running(&renter, 1, 3, &[&one]);
        world.set_time(GENESIS_TS + 2_400);
        world.report_timeout(&order, &one);
        world.match_device(&order, &two);
        if let Some(secs) = ended_after {
            world.set_time(GENESIS_TS + 2_400 + secs);
            world.end_early(&order, &renter);
        }
        world.set_time(GENESIS_TS + 2_400 + 181);
        world.skip_device(&order, &two);
        let place = world.occupancy(&two);
        assert_eq!((place.skipped, place.hired_gpus), (skipped, 0));
        let books = world.order(&order);
        assert_eq!((books.matched_gpus, books.running_leases), (0, 0));
        world.check_order_books(&order);
        world.set_time(GENESIS_TS + 3 * HOUR);
        world.wind_up(&order, &[&one]);
        world.check_escrows();
    }
}
