//! Devices are asked, and may refuse.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::PubkeyOf;

use super::stage::{book, stage, suppliers};

/// audit: market H1. A stranger matches live devices to orders that they do not want: nobody's record is charged, nobody rests, no
/// money of theirs is gone, and the next honest order takes them at once.
#[test]
fn a_stranger_cannot_rest_the_fleet() {
    let (mut world, supplier, renter) = stage(0);
    let griefer = world.renter();
    let before = world.balance(&griefer.usd);
    let order = book(&mut world, &griefer, 1, 2, 1);
    world.match_device(&order, &supplier);
    world.advance(181);
    let skip = world.skip_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::AcceptStillOpen, skip, &[&keeper]);
    world.cancel_order(&order, &griefer);
    world.close_lease(&order, &supplier);
    let place = world.occupancy(&supplier);
    assert_eq!((place.skipped, place.resting_until_ts), (0, 0));
    world.refund_rest(&order);
    assert_eq!(world.balance(&griefer.usd), before);
    let honest = book(&mut world, &renter, 1, 1, 1);
    world.match_device(&honest, &supplier);
    world.accept(&honest, &supplier);
    assert_eq!(world.order(&honest).state, 2);
}

/// redteam 1a. A device that beats and neither accepts nor declines rests an hour and is barred from the order; its record is not charged.
#[test]
fn alive_and_silent_rests_and_is_barred() {
    let (mut world, supplier, renter) = stage(0);
    let order = book(&mut world, &renter, 1, 1, 1);
    world.match_device(&order, &supplier);
    world.advance(30);
    world.heartbeat(&supplier);
    world.advance(60);
    let skip = world.skip_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::AcceptStillOpen, skip, &[&keeper]);
    world.advance(1);
    world.skip_device(&order, &supplier);
    let place = world.occupancy(&supplier);
    assert_eq!(place.resting_until_ts, world.now() + 3_600);
    assert_eq!(place.skipped, 0, "it is alive: the record stands");
    let again = world.match_ix(&order, &supplier).instruction();
    world.refuses(E::DeviceRests, again, &[&keeper]);
    // The order is over before the rest is: another order, an hour later, may have it; the first never again.
    world.advance(1_000);
    let bars = world.order(&order).bars;
    assert_eq!(bars[0], supplier.device.to_bytes()[..8]);
}

/// redteam 1d. Whether there was a sign of life since the match is decided to the second: a beat in the same ten minutes, but before the
/// match, is none.
#[test]
fn a_sign_before_the_match_is_none_since() {
    let (mut world, supplier, renter) = stage(0);
    world.advance(300);
    world.heartbeat(&supplier);
    world.advance(10);
    let order = book(&mut world, &renter, 1, 1, 1);
    world.match_device(&order, &supplier);
    world.advance(91);
    world.skip_device(&order, &supplier);
    assert_eq!(world.occupancy(&supplier).skipped, 1);
}

/// redteam 1b. A decline is free until 30 s after the order became whole; later it is no answer. Declining is by the device's key alone.
#[test]
fn a_decline_is_free_for_thirty_seconds() {
    for (wait, rests) in [(0, false), (30, false), (31, true), (89, true)] {
        let (mut world, supplier, renter) = stage(0);
        let order = book(&mut world, &renter, 1, 1, 1);
        world.match_device(&order, &supplier);
        world.advance(wait);
        let decline = world.decline_ix(&order, &supplier);
        let mut stranger = decline.clone();
        stranger.signer = world.authority.pubkey_of();
        let keeper = world.authority.insecure_clone();
        world.refuses(E::NotDeviceKey, stranger.instruction(), &[&keeper]);
        world.decline(&order, &supplier);
        let place = world.occupancy(&supplier);
        assert_eq!(place.resting_until_ts > world.now(), rests, "{wait}");
        assert_eq!((place.declined, place.skipped), (1, 0));
        assert_eq!(world.order(&order).state, 0);
    }
}

/// redteam 1b. Two declines of whole orders are free in an hour; the third rests. Keys that take turns hold no place for all of its time.
#[test]
fn the_third_decline_of_an_hour_rests() {
    let (mut world, supplier, renter) = stage(0);
    for id in 1..=3 {
        let order = book(&mut world, &renter, id, 1, 1);
        world.match_device(&order, &supplier);
        world.decline(&order, &supplier);
        let rests = world.occupancy(&supplier).resting_until_ts > world.now();
        assert_eq!(rests, id == 3, "{id}");
    }
    // In the next hour they are free again.
    world.advance(3_601);
    let order = book(&mut world, &renter, 4, 1, 1);
    world.match_device(&order, &supplier);
    world.decline(&order, &supplier);
    assert!(world.occupancy(&supplier).resting_until_ts <= world.now());
}

/// redteam 1b. Before the order is whole nobody is asked: a decline is free at any time, and bars.
#[test]
fn a_decline_of_an_order_that_is_not_whole_is_free() {
    let (mut world, supplier, renter) = stage(0);
    let order = book(&mut world, &renter, 1, 2, 1);
    world.match_device(&order, &supplier);
    world.advance(600);
    world.decline(&order, &supplier);
    assert_eq!(world.occupancy(&supplier).resting_until_ts, 0);
    world.make_ready(&supplier);
    let again = world.match_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::DeviceBarred, again, &[&keeper]);
}

/// redteam 1b. The rest of a late decline cannot be got round by declining when the order has expired.
#[test]
fn an_unanswered_order_that_expired_rests_who_did_not_answer() {
    for decline in [false, true] {
        let (mut world, supplier, renter) = stage(0);
        let order = book(&mut world, &renter, 1, 1, 1);
        world.match_device(&order, &supplier);
        world.advance(91);
        world.cancel_order(&order, &renter);
        if decline {
            world.decline(&order, &supplier);
        } else {
            world.close_lease(&order, &supplier);
        }
        let rest = world.occupancy(&supplier).resting_until_ts;
        assert_eq!(rest, world.now() + 3_600, "declined: {decline}");
    }
}

/// redteam 1c. One sign of life in this hour or the last is enough; two hours are not.
#[test]
fn a_sign_of_life_in_this_or_the_last_hour_is_enough() {
    let (mut world, supplier, renter) = stage(0);
    let keeper = world.authority.insecure_clone();
    world.advance(1_799);
    world.heartbeat(&supplier);
    let start = world.now() - 1_799;
    for (at, alive) in [(3_599, true), (7_199, true), (7_200, false)] {
        let mut world = world.clone();
        world.warp_to(start + at - 40);
        let order = book(&mut world, &renter, 1, 1, 1);
        world.warp_to(start + at);
        world.mark_passed(&supplier);
        let matched = world.match_ix(&order, &supplier).instruction();
        if alive {
            world.must(matched, &[&keeper]);
        } else {
            world.refuses(E::NoSignOfLife, matched, &[&keeper]);
        }
    }
}

/// redteam 1e. Bars live in the order: no lease stays open for them, and the order closes with all of them in it. It remembers 16.
#[test]
fn bars_keep_no_lease_open() {
    let (mut world, _, renter) = stage(0);
    let devices = suppliers(&mut world, 17);
    let order = book(&mut world, &renter, 1, 2, 1);
    for device in &devices {
        world.match_device(&order, device);
        world.decline(&order, device);
    }
    assert_eq!(world.order(&order).leases, 0);
    // The seventeenth took the place of the first.
    let keeper = world.authority.insecure_clone();
    let second = world.match_ix(&order, &devices[1]);
    let signer = world.key_of(&second.keeper);
    world.refuses(E::DeviceBarred, second.instruction(), &[&signer]);
    world.match_device(&order, &devices[0]);
    world.decline(&order, &devices[0]);
    world.cancel_order(&order, &renter);
    world.refund_rest(&order);
    let close = world.close_order_ix(&order).instruction();
    world.must(close, &[&keeper]);
    assert!(world.find(&order).is_none());
}

/// redteam 1e. A device that is disputed in an order is not taken into it again, once the dispute is over.
#[test]
fn a_disputed_device_does_not_come_back() {
    let (mut world, supplier, renter) = stage(86_400);
    let order = super::stage::run(&mut world, &renter, 1, 24, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    world.resolve_dispute(&order, &supplier, 0);
    world.close_lease(&order, &supplier);
    world.make_ready(&supplier);
    let again = world.match_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::DeviceBarred, again, &[&keeper]);
}

/// redteam 1f. Declines are counted where everybody sees them, and weigh nothing.
#[test]
fn declines_are_shown_and_weigh_nothing() {
    let (mut world, supplier, renter) = stage(0);
    for id in 1..=5 {
        let order = book(&mut world, &renter, id, 2, 1);
        world.match_device(&order, &supplier);
        world.decline(&order, &supplier);
    }
    let place = world.occupancy(&supplier);
    assert_eq!((place.declined, place.leases), (5, 0));
    let mut args = iog_tests::world::order_args(9, 1, 1);
    args.min_reputation_bps = 5_000;
    let class = iog_tests::world::CLASS_TEST;
    let order = world.book_in(iog_tests::world::Currency::Usd, &renter, class, args);
    world.match_device(&order, &supplier);
}

/// redteam 1g. What declining costs its node: one signature, 5,000 lamports, against 10,000 and a lease's rent for the match.
#[test]
fn a_match_costs_its_sender_more_than_declining() {
    let (mut world, supplier, renter) = stage(0);
    let order = book(&mut world, &renter, 1, 2, 1);
    let matched = world.match_ix(&order, &supplier).instruction();
    let signers = matched
        .accounts
        .iter()
        .filter(|meta| meta.is_signer)
        .count();
    world.match_device(&order, &supplier);
    let lease = pda::market::lease(&order, &supplier.device);
    let rent = world.find(&lease).expect("the lease").lamports;
    assert_eq!(signers, 1);
    assert_eq!(rent, 4_231_680);
    let decline = world.decline_ix(&order, &supplier).instruction();
    assert_eq!(
        decline
            .accounts
            .iter()
            .filter(|meta| meta.is_signer)
            .count(),
        1
    );
}
