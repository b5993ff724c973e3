//! Devices that fall silent or stop, and those that take their place.

use iog_client::market::events::LeaseEnded;
use iog_client::market::{Event, MarketError as E};
use iog_client::pda;
use iog_tests::world::{Currency, PubkeyOf, CLASS_TEST, GENESIS_TS};

use super::stage::{market_events, stage, HOUR, PAID, PRICE, RENTER_FEE, WALLET};

/// Three whole ten-minute intervals without a heartbeat, while the chain went on: anyone ends the lease.
#[test]
fn a_silent_device_is_taken_out() {
    let (world, supplier, renter) = stage();
    for (secs, ends) in [(2_399, false), (2_400, true)] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 2, &[&supplier]);
        world.heartbeat(&supplier);
        world.warp_to(GENESIS_TS + secs);
        let stranger = world.wallet();
        let mut report = world.timeout_ix(&order, &supplier);
        report.signer = stranger.pubkey_of();
        if !ends {
            world.refuses(E::DeviceServes, report.instruction(), &[&stranger]);
            continue;
        }
        let escrowed = world.escrow(Currency::Io).escrowed_units;
        let meta = world.must(report.instruction(), &[&stranger]);
        let ended = LeaseEnded {
            order,
            lease: pda::market::lease(&order, &supplier.device),
            device: supplier.device,
            timed_out: true,
            forfeited: 0,
            escrowed_before: escrowed,
            escrowed_after: escrowed,
        };
        assert_eq!(market_events(&meta), [Event::LeaseEnded(ended)]);
        let place = world.occupancy(&supplier);
        assert_eq!((place.timeouts, place.hired_gpus), (1, 0));
        // Until the end that it had agreed to no lease pays it more.
        let capped = (place.cap_usd6, place.cap_until_ts);
        assert_eq!(capped, (1_000_000, GENESIS_TS + 2 * HOUR));
        let books = world.order(&order);
        let part = books.parts[0];
        assert_eq!((books.state, part.matched, part.accepted), (2, 0, 0));
        let lease = world.lease(&order, &supplier);
        assert_eq!((books.leases, lease.state), (1, 1));
        assert_eq!(lease.ends_ts, GENESIS_TS + 2_400);
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
    world.warp_to(start + 2_399);
    world.refuses(E::DeviceServes, report.clone(), &[&keeper]);
    world.warp_to(start + 2_400);
    world.must(report, &[&keeper]);
}

/// A chain that stood still accuses nobody: the slots of 20 minutes must have gone by, too.
#[test]
fn a_halt_of_the_chain_is_no_silence() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.heartbeat(&supplier);
    let keeper = world.authority.insecure_clone();
    let report = world.timeout_ix(&order, &supplier).instruction();
    world.set_time(GENESIS_TS + 2_500);
    world.skip_slots(3_000);
    world.refuses(E::DeviceServes, report.clone(), &[&keeper]);
    world.skip_slots(1);
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

/// A device that beats now and then is taken out when it had fewer than three slots of its last judged hour.
#[test]
fn a_device_that_hardly_serves_is_taken_out() {
    let (world, supplier, renter) = stage();
    for (beats, ends) in [(2, true), (3, false)] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 3, &[&supplier]);
        world.serve_hour(&[&supplier], beats);
        world.heartbeat(&supplier);
        world.settle_lease(&order, &supplier);
        let report = world.timeout_ix(&order, &supplier).instruction();
        let keeper = world.authority.insecure_clone();
        if ends {
            world.must(report, &[&keeper]);
        } else {
            world.refuses(E::DeviceServes, report, &[&keeper]);
        }
    }
}

/// The second device is paid from its acceptance; the renter has what neither of them proved back.
#[test]
fn a_replacement_serves_the_rest() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 3, &[&one]);
    world.serve_hour(&[&one], 6);
    world.settle_lease(&order, &one);
    world.warp_to(GENESIS_TS + HOUR + 2_400);
    world.report_timeout(&order, &one);
    world.match_device(&order, &two);
    world.warp_to(GENESIS_TS + HOUR + 2_490);
    world.accept(&order, &two);
    let lease = world.lease(&order, &two);
    assert_eq!(lease.started_ts, GENESIS_TS + HOUR + 2_490);
    assert_eq!(lease.agreed_until_ts, GENESIS_TS + 3 * HOUR);
    world.serve_hour(&[&two], 6);
    // The last 1,110 seconds: one slot begins in them.
    world.warp_to(GENESIS_TS + 10_200);
    world.heartbeat(&two);
    world.warp_to(GENESIS_TS + 3 * HOUR);
    world.settle_lease(&order, &two);
    // floor(400,801,604 * 18 / 60), whole minutes counted, and 25 basis points, 300,601.2.
    let rest = 120_240_481;
    assert_eq!(world.earned(&two), PAID + rest - 300_602);
    assert_eq!(world.earned(&one), PAID);
    world.wind_up(&order, &[&one, &two]);
    let spent = 2 * (PRICE + RENTER_FEE) + rest + 300_601;
    assert_eq!(world.balance(&renter.token), WALLET - spent);
    world.check_escrows();
}

/// Who dropped out of an order is not taken again.
#[test]
fn a_device_does_not_return() {
    let (mut world, one, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&one]);
    world.warp_to(GENESIS_TS + 2_400);
    world.report_timeout(&order, &one);
    let keeper = world.authority.insecure_clone();
    world.judge_rest(&order, &one);
    world.close_lease(&order, &one);
    // It served no hour, and rests for one.
    world.advance(3_600);
    world.make_ready(&one);
    let again = world.match_ix(&order, &one).instruction();
    world.refuses(E::DeviceBarred, again, &[&keeper]);
    world.check_order_books(&order);
}

/// An order all of whose devices dropped out is over with its end; nobody else need do anything.
#[test]
fn an_abandoned_order_is_wound_up_at_its_end() {
    let (mut world, one, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&one]);
    world.set_device_state(&one, 2);
    world.report_timeout(&order, &one);
    world.settle_lease(&order, &one);
    world.close_lease(&order, &one);
    let keeper = world.authority.insecure_clone();
    let refund = world.refund_ix(&order);
    world.set_time(GENESIS_TS + 3 * HOUR - 1);
    world.refuses(E::NothingDue, refund.clone(), &[&keeper]);
    world.set_time(GENESIS_TS + 3 * HOUR);
    world.must(refund, &[&keeper]);
    assert_eq!(world.order(&order).state, 3);
    world.close_order(&order);
    // Nothing was served, and so no fee was earned.
    assert_eq!(world.balance(&renter.token), WALLET);
    assert_eq!(world.escrow(Currency::Io).fees_due_units, 0);
    world.check_escrows();
}

/// The renter takes the money for a vacant place back instead of waiting for another device.
#[test]
fn vacant_gpus_are_given_back() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 3, &[&one, &two]);
    world.set_device_state(&one, 1);
    world.warp_to(GENESIS_TS + HOUR + 1_800);
    world.settle_lease(&order, &one);
    world.report_timeout(&order, &one);
    world.reduce(&order, &renter, 0, 1);
    let books = world.order(&order);
    assert_eq!((books.parts[0].gpus, books.parts[0].matched), (1, 1));
    // Ninety minutes with their fee, and the first hour, which nobody served.
    let rent = PRICE + PRICE / 2;
    assert_eq!(books.refunded_units, PRICE + rent + rent / 400);
    let last = world.reduce_ix(&order, 0, 1).instruction();
    world.refuses(E::NotVacant, last, &[&renter.wallet]);
    world.wind_up(&order, &[&one, &two]);
    world.check_escrows();
}

/// A replacement that lets its match pass is counted; one whose order the renter ended is not.
#[test]
fn a_replacement_is_skipped_like_any_other() {
    let (world, one, renter) = stage();
    for (ended, skipped, rests) in [(false, 1, true), (true, 1, false)] {
        let mut world = world.clone();
        let two = world.supplier(CLASS_TEST);
        let order = world.running(&renter, 1, 3, &[&one]);
        world.warp_to(GENESIS_TS + 2_400);
        world.report_timeout(&order, &one);
        world.match_device(&order, &two);
        if ended {
            world.warp_to(GENESIS_TS + 2_450);
            world.end_early(&order, &renter);
        }
        world.warp_to(GENESIS_TS + 2_400 + 91);
        world.skip_device(&order, &two);
        let place = world.occupancy(&two);
        let counted = if rests { skipped } else { 0 };
        assert_eq!((place.skipped, place.hired_gpus), (counted, 0));
        assert_eq!(place.resting_until_ts > 0, rests);
        let books = world.order(&order);
        assert_eq!(books.leases, 1);
        world.check_order_books(&order);
        world.wind_up(&order, &[&one]);
        world.check_escrows();
    }
}
