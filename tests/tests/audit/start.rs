//! Orders start when all their devices have accepted; until then nobody earns by standing in the way.

use iog_client::market::MarketError as E;
use iog_tests::world::PubkeyOf;
use solana_pubkey::Pubkey;

use super::stage::{book, earned, stage, suppliers, FEE, HOURLY};

/// Rent and renter's fee of so many seconds of one GPU, each rounded down, and what the supplier is paid of it.
fn held(secs: u64) -> (u64, u64, u64) {
    let rent = HOURLY * secs / 3_600;
    let on_top = rent * 225 / 10_000;
    let off = (rent * 225).div_ceil(10_000);
    (rent, on_top, rent - off)
}

/// redteam 3a. A device accepts only when the order is whole, and the longest hold is the time to accept.
#[test]
fn nobody_accepts_before_the_order_is_whole() {
    let (mut world, first, renter) = stage(0);
    let second = suppliers(&mut world, 1).remove(0);
    let order = book(&mut world, &renter, 1, 2, 1);
    world.match_device(&order, &first);
    let accept = world.accept_ix(&order, &first).instruction();
    let keys = super::stage::device_signs(&world, &first);
    world.refuses(E::OrderNotWhole, accept.clone(), &[&keys[0], &keys[1]]);
    world.advance(500);
    world.match_device(&order, &second);
    world.advance(90);
    let mut late = world.clone();
    late.advance(1);
    late.refuses(E::AcceptTooLate, accept.clone(), &[&keys[0], &keys[1]]);
    world.must(accept, &[&keys[0], &keys[1]]);
}

/// redteam 3a. Seven accepting keys and a silent one earn nothing for an order that never starts: the renter pays 90 s a round to the
/// treasury, and five minutes in all.
#[test]
fn saboteurs_earn_nothing_by_standing_in_the_way() {
    let (mut world, _, renter) = stage(0);
    let friends = suppliers(&mut world, 7);
    let silent = suppliers(&mut world, 5);
    let order = book(&mut world, &renter, 1, 8, 1);
    for friend in &friends {
        world.match_device(&order, friend);
    }
    for (round, key) in silent.iter().enumerate() {
        world.match_device(&order, key);
        if round == 0 {
            world.accept_all(&order, &friends.iter().collect::<Vec<_>>());
        }
        world.advance(91);
        world.skip_device(&order, key);
        world.advance(100);
    }
    world.advance(400);
    world.expire_order(&order);
    for friend in &friends {
        world.close_lease(&order, friend);
        assert_eq!(earned(&world, friend), 0);
    }
    let books = world.order(&order);
    // Five rounds of 90 s are 450; 300 are paid.
    let (rent, on_top, _) = held(300);
    assert_eq!(books.fee_units, 7 * (rent + on_top));
    assert_eq!(rent, 83_333);
    world.refund_rest(&order);
    world.close_order(&order);
    world.check_escrows();
}

/// audit: market H7, redteam 3a. A renter that keeps a whole order waiting pays its devices for it, and who had not accepted is owed nothing.
#[test]
fn a_renter_that_holds_pays_for_it() {
    let (mut world, first, renter) = stage(0);
    let second = suppliers(&mut world, 1).remove(0);
    let before = world.balance(&renter.usd);
    let order = book(&mut world, &renter, 1, 2, 1);
    world.match_device(&order, &first);
    world.match_device(&order, &second);
    world.advance(20);
    world.accept(&order, &first);
    world.advance(60);
    world.cancel_order(&order, &renter);
    world.close_lease(&order, &first);
    world.close_lease(&order, &second);
    let (rent, on_top, paid) = held(60);
    assert_eq!((rent, on_top, paid), (16_666, 374, 16_291));
    assert_eq!(earned(&world, &first), paid);
    assert_eq!(earned(&world, &second), 0);
    world.refund_rest(&order);
    assert_eq!(before - world.balance(&renter.usd), rent + on_top);
    world.close_order(&order);
    world.check_escrows();
}

/// redteam 3a. Seconds before the expiry are not the renter's doing: whoever waits with the last acceptance for just that earns nothing.
#[test]
fn an_order_that_runs_out_pays_no_device() {
    let (mut world, first, renter) = stage(0);
    let silent = suppliers(&mut world, 1).remove(0);
    let order = book(&mut world, &renter, 1, 2, 1);
    world.match_device(&order, &first);
    world.advance(1_115);
    world.match_device(&order, &silent);
    world.accept(&order, &first);
    world.advance(85);
    world.expire_order(&order);
    world.close_lease(&order, &first);
    world.close_lease(&order, &silent);
    assert_eq!(earned(&world, &first), 0);
    assert_eq!(
        world.occupancy(&silent).resting_until_ts,
        0,
        "it still had time"
    );
    let (rent, on_top, _) = held(85);
    assert_eq!(world.order(&order).fee_units, rent + on_top);
}

/// redteam 3b, 3c. An order that starts owes nothing for waiting: its money is all of its hours'.
#[test]
fn waiting_costs_a_started_order_nothing() {
    let (mut world, first, renter) = stage(0);
    let others = suppliers(&mut world, 2);
    let order = book(&mut world, &renter, 1, 2, 1);
    world.match_device(&order, &first);
    world.match_device(&order, &others[0]);
    world.accept(&order, &first);
    world.advance(91);
    world.skip_device(&order, &others[0]);
    world.match_device(&order, &others[1]);
    world.advance(10);
    world.accept(&order, &others[1]);
    world.serve_hour(&[&first, &others[1]], 6);
    world.wind_up(&order, &[&first, &others[1]]);
    for supplier in [&first, &others[1]] {
        assert_eq!(earned(&world, supplier), HOURLY - FEE);
    }
    world.check_escrows();
}

/// redteam 3d. Expiry touches the order alone; each lease books its own time when it closes, in any order.
#[test]
fn leases_book_their_held_time_one_by_one() {
    let (mut world, _, renter) = stage(0);
    let devices = suppliers(&mut world, 4);
    let order = book(&mut world, &renter, 1, 4, 1);
    for device in &devices {
        world.match_device(&order, device);
    }
    for device in &devices[..3] {
        world.advance(10);
        world.accept(&order, device);
    }
    world.advance(20);
    world.cancel_order(&order, &renter);
    for (device, secs) in devices.iter().zip([40, 30, 20, 0]).rev() {
        world.close_lease(&order, device);
        assert_eq!(earned(&world, device), held(secs).2);
    }
    world.refund_rest(&order);
    world.close_order(&order);
    world.check_escrows();
}

/// audit: market M1. One odd device cannot lock the renter in: until the start it may cancel, and gets all but the held seconds back.
#[test]
fn the_renter_may_cancel_until_the_start() {
    let (mut world, odd, renter) = stage(0);
    let before = world.balance(&renter.usd);
    let order = book(&mut world, &renter, 1, 8, 168);
    world.match_device(&order, &odd);
    world.advance(10);
    world.cancel_order(&order, &renter);
    world.close_lease(&order, &odd);
    world.refund_rest(&order);
    world.close_order(&order);
    assert_eq!(world.balance(&renter.usd), before);
    world.check_escrows();
}

/// redteam 3a. A device that accepted need not wait for ever: 90 s later it may go. While the order is whole that counts as no answer.
#[test]
fn an_accepted_device_may_leave_an_order_that_does_not_start() {
    let (mut world, first, renter) = stage(0);
    let others = suppliers(&mut world, 3);
    let order = book(&mut world, &renter, 1, 2, 1);
    world.match_device(&order, &first);
    world.match_device(&order, &others[0]);
    world.accept(&order, &first);
    world.advance(90);
    let leave = world.leave_lease_ix(&order, &first).instruction();
    world.refuses(E::AgreedToServe, leave.clone(), &[&first.owner]);
    world.advance(1);
    // The other has let its time pass: it rests, not who waited for it.
    let mut whole = world.clone();
    whole.must(leave, &[&first.owner]);
    assert_eq!(whole.occupancy(&first).resting_until_ts, 0);
    world.skip_device(&order, &others[0]);
    let mut by_key = world.leave_lease_ix(&order, &first);
    by_key.signer = first.device_key.pubkey_of();
    let keys = super::stage::device_signs(&world, &first);
    world.must(by_key.instruction(), &[&keys[0], &keys[1]]);
    assert_eq!(world.occupancy(&first).resting_until_ts, 0);
    assert_eq!(world.occupancy(&first).lease, Pubkey::default());
    // Its lease can neither be disputed nor settled once the order runs without it.
    world.match_device(&order, &others[1]);
    world.match_device(&order, &others[2]);
    world.accept_all(&order, &[&others[1], &others[2]]);
    let settle = world.settle_lease_ix(&order, &first).instruction();
    world.refuses(E::NothingToSettle, settle, &[&keys[0]]);
    world.add_funds(&order, &renter, HOURLY);
    let dispute = world.dispute_ix(&order, &first).instruction();
    world.refuses(E::DisputeTooLate, dispute, &[&renter.wallet]);
    world.close_lease(&order, &first);
}

/// redteam 3a, one step later. Who leaves right after the start has nothing held to forfeit: its record and an hour's rest are what it pays,
/// and the renter, whom the order is of no use to any more, pays its friends for the minutes and not for the hour.
#[test]
fn leaving_right_after_the_start_pays_nobody() {
    let (mut world, _, renter) = stage(0);
    let friends = suppliers(&mut world, 3);
    let (leaver, rest) = friends.split_first().unwrap();
    let order = super::stage::run(
        &mut world,
        &renter,
        1,
        24,
        &friends.iter().collect::<Vec<_>>(),
    );
    world.advance(60);
    world.leave_lease(&order, leaver);
    let place = world.occupancy(leaver);
    assert_eq!(
        (place.timeouts, place.resting_until_ts),
        (1, world.now() + 3_600)
    );
    for friend in rest {
        world.heartbeat(friend);
    }
    world.advance(240);
    world.end_early(&order, &renter);
    world.wind_up(&order, &friends.iter().collect::<Vec<_>>());
    for friend in rest {
        // Five minutes.
        assert_eq!(earned(&world, friend), 83_333 - 1_875);
    }
    world.check_escrows();
}

/// redteam 3 (never whole). A match in an order that is not whole gives way to another 30 s later, or at once to an order that it makes
/// whole and that is no smaller; nothing is counted.
#[test]
fn a_match_that_holds_nobody_gives_way() {
    let (mut world, supplier, renter) = stage(0);
    let griefer = world.renter();
    let never = book(&mut world, &griefer, 1, 2, 1);
    world.match_device(&never, &supplier);
    let rent_back = world.key_of(&griefer.wallet.pubkey_of()).pubkey_of();
    let before = world.find(&rent_back).expect("the griefer").lamports;
    // A smaller order that it completes must wait for 30 s, an equal one need not.
    let small = book(&mut world, &renter, 1, 1, 1);
    let displace = world.displace_ix(&small, &supplier, 0);
    world.refuses(E::MatchHolds, displace.instruction(), &[&renter.wallet]);
    let plain = world.match_ix(&small, &supplier).instruction();
    world.refuses(E::DeviceHired, plain, &[&renter.wallet]);
    world.advance(30);
    let displace = world.displace_ix(&small, &supplier, 0);
    let signer = world.key_of(&displace.keeper);
    world.must(displace.instruction(), &[&signer]);
    let place = world.occupancy(&supplier);
    assert_eq!(
        (place.skipped, place.declined, place.resting_until_ts),
        (0, 0, 0)
    );
    assert_eq!(world.order(&never).leases, 0);
    let after = world.find(&rent_back).expect("the griefer").lamports;
    assert_eq!(after - before, 4_231_680, "who matched has its rent back");
    world.accept(&small, &supplier);
    // A device that serves is displaced by nobody.
    let other = book(&mut world, &renter, 2, 1, 1);
    let displace = world.displace_ix(&other, &supplier, 0).instruction();
    world.refuses(E::MatchHolds, displace, &[&renter.wallet]);
}

/// redteam 3 (never whole). An order that a match makes whole, and that is no smaller, takes the device at once; the keeper may be the same.
#[test]
fn a_whole_order_takes_devices_at_once() {
    let (mut world, supplier, renter) = stage(0);
    let other = suppliers(&mut world, 1).remove(0);
    let griefer = world.renter();
    let never = book(&mut world, &griefer, 1, 2, 1);
    world.advance(31);
    world.match_device(&never, &supplier);
    let honest = book(&mut world, &renter, 1, 2, 1);
    world.match_device(&honest, &other);
    world.advance(29);
    world.make_ready(&supplier);
    let mut displace = world.displace_ix(&honest, &supplier, 0);
    displace.keeper = renter.wallet.pubkey_of();
    world.must(displace.instruction(), &[&renter.wallet]);
    assert_eq!(world.order(&honest).state, 1);
}

/// redteam 3e. For 30 s only the renter matches; then anyone.
#[test]
fn the_renter_matches_first() {
    let (mut world, supplier, renter) = stage(0);
    let order = book(&mut world, &renter, 1, 1, 1);
    let keeper = world.authority.insecure_clone();
    world.make_ready(&supplier);
    for (secs, code) in [
        (0, Some(E::RenterMatchesFirst)),
        (29, Some(E::RenterMatchesFirst)),
        (30, None),
    ] {
        let mut world = world.clone();
        world.advance(secs);
        let mut matched = world.match_ix(&order, &supplier);
        matched.keeper = keeper.pubkey_of();
        match code {
            Some(code) => world.refuses(code, matched.instruction(), &[&keeper]),
            None => {
                world.must(matched.instruction(), &[&keeper]);
            }
        }
    }
    world.match_device(&order, &supplier);
}

/// Whoever matched may also skip: the same account twice is no obstacle.
#[test]
fn a_keeper_skips_what_it_matched() {
    let (mut world, supplier, renter) = stage(0);
    let order = book(&mut world, &renter, 1, 1, 1);
    world.advance(31);
    world.match_device(&order, &supplier);
    assert_eq!(
        world.lease(&order, &supplier).payer,
        world.authority.pubkey_of()
    );
    world.advance(91);
    world.skip_device(&order, &supplier);
    // And take it out of a match that it made.
    world.advance(3_600);
    let never = book(&mut world, &renter, 2, 2, 1);
    world.advance(31);
    world.match_device(&never, &supplier);
    let small = book(&mut world, &renter, 3, 1, 1);
    world.advance(31);
    let displace = world.displace_ix(&small, &supplier, 0);
    let keeper = world.authority.insecure_clone();
    assert_eq!(displace.keeper, keeper.pubkey_of());
    world.must(displace.instruction(), &[&keeper]);
}

/// A match of nobody's counts as nothing: not as hired, and no settlement makes it so.
#[test]
fn a_match_is_not_counted_as_hired() {
    let (mut world, supplier, renter) = stage(0);
    let second = suppliers(&mut world, 1).remove(0);
    let order = super::stage::run(&mut world, &renter, 1, 5, &[&supplier]);
    world.leave_lease(&order, &supplier);
    world.match_device(&order, &second);
    let settle = world.settle_lease_ix(&order, &second).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::NothingToSettle, settle, &[&keeper]);
    let class = iog_tests::world::CLASS_TEST;
    assert_eq!(world.price_book(class).hired_gpus, 0);
}
