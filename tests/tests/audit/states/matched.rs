//! Before the start.

use iog_client::market::MarketError as E;
use iog_tests::world::Currency;
use iog_tests::Supplier;

use super::super::slots::{beat, to, BEFORE};
use super::super::stage::{book, earned, send, stage, suppliers, HOUR, PAID};
use super::{close_earnings_ix, nothing_is_left};

/// redteam 1e. An order whose bar is an open lease: bars stand in the order, so it ends with no lease.
#[test]
fn a_bar_holds_no_order() {
    let (mut world, first, renter) = stage(0);
    let second = suppliers(&mut world, 1).remove(0);
    to(&mut world, BEFORE);
    let order = book(&mut world, &renter, 1, 1, 1);
    world.match_device(&order, &first);
    world.decline(&order, &first);
    world.match_device(&order, &second);
    world.advance(91);
    world.skip_device(&order, &second);
    assert_eq!(world.order(&order).next_bar, 2);
    assert_eq!(world.order(&order).leases, 0);
    world.advance(1_200);
    world.expire_order(&order);
    world.wind_up(&order, &[]);
    nothing_is_left(
        &mut world,
        Currency::Usd,
        &order,
        &renter,
        &[&first, &second],
    );
}

/// redteam 1c. A device matched outside of its ten minutes: its last sign of life is of the hour before, and it serves.
#[test]
fn a_device_is_matched_outside_its_ten_minutes() {
    let (mut world, supplier, renter) = stage(0);
    beat(&mut world, &supplier, &[0]);
    world.mark_passed(&supplier);
    to(&mut world, 7_197);
    let order = book(&mut world, &renter, 1, 1, 1);
    let matched = world.match_ix(&order, &supplier).instruction();
    world.must(matched, &[&renter.wallet]);
    world.accept(&order, &supplier);
    world.serve_hour(&[&supplier], 6);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(earned(&world, &supplier), PAID);
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &[&supplier]);
}

/// redteam 3c. An escrow that is short by held minutes: an order that was whole for five minutes and more before it started has the money for
/// all of its hours.
#[test]
fn held_minutes_are_not_missing_at_the_end() {
    let (mut world, first, renter) = stage(0);
    let others = suppliers(&mut world, 5);
    to(&mut world, BEFORE);
    let order = book(&mut world, &renter, 1, 2, 1);
    world.match_device(&order, &first);
    for (round, device) in others.iter().enumerate() {
        world.match_device(&order, device);
        if round == 0 {
            world.accept(&order, &first);
        }
        if round < 4 {
            world.advance(91);
            world.skip_device(&order, device);
        }
    }
    assert_eq!(world.order(&order).whole_secs, 360);
    world.advance(80);
    world.accept(&order, &others[4]);
    let served = [&first, &others[4]];
    world.serve_hour(&served, 6);
    world.wind_up(&order, &served);
    for device in served {
        assert_eq!(earned(&world, device), PAID);
    }
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &served);
}

/// redteam 3d. An end that must touch every lease: the renter has all but the held time back at once, and each lease books its own when
/// somebody closes it, the last first.
#[test]
fn an_end_touches_no_lease() {
    let (mut world, _, renter) = stage(0);
    let devices = suppliers(&mut world, 12);
    let all: Vec<&Supplier> = devices.iter().collect();
    to(&mut world, BEFORE);
    let order = book(&mut world, &renter, 1, 12, 1);
    for device in &all {
        world.match_device(&order, device);
    }
    world.accept_all(&order, &all[..11]);
    world.advance(60);
    world.cancel_order(&order, &renter);
    // Eleven times 16,666 units and 2.25 %, rounded up once; the rest of the deposit goes.
    let reserve = 183_333 + 4_125;
    assert_eq!(world.order(&order).escrowed_units, reserve);
    world.refund(&order);
    assert_eq!(world.balance(&renter.usd), 20_000_000_000 - reserve);
    for device in all.iter().rev() {
        world.close_lease(&order, device);
    }
    world.wind_up(&order, &[]);
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &all);
}

/// redteam 14a. Closed earnings: a matched device whose owner closes them cannot hold an order that has expired: anybody frees it, at once.
#[test]
fn a_match_without_earnings_holds_no_expired_order() {
    for cancelled in [false, true] {
        let (mut world, supplier, renter) = stage(0);
        to(&mut world, BEFORE);
        let order = book(&mut world, &renter, 1, 2, 1);
        world.match_device(&order, &supplier);
        let close = close_earnings_ix(&world, &supplier, Currency::Usd);
        world.must(close, &[&supplier.owner]);
        if cancelled {
            world.cancel_order(&order, &renter);
        } else {
            world.advance(1_200);
            world.expire_order(&order);
        }
        let close = world.close_lease_ix(&order, &supplier).instruction();
        assert!(send(&mut world, close).is_err(), "it has no earnings");
        world.skip_device(&order, &supplier);
        let place = world.occupancy(&supplier);
        assert_eq!((place.skipped, place.resting_until_ts), (0, 0));
        world.wind_up(&order, &[]);
        nothing_is_left(&mut world, Currency::Usd, &order, &renter, &[&supplier]);
    }
}

/// redteam 3a. A device that walked away before the start, whose order then starts with another: it can be neither settled nor disputed,
/// however it beats, and closes.
#[test]
fn a_device_that_walked_away_is_over() {
    let (mut world, first, renter) = stage(86_400);
    let others = suppliers(&mut world, 3);
    to(&mut world, BEFORE);
    let order = book(&mut world, &renter, 1, 2, 3);
    world.match_device(&order, &first);
    world.match_device(&order, &others[0]);
    world.accept(&order, &first);
    world.advance(91);
    world.skip_device(&order, &others[0]);
    world.leave_lease(&order, &first);
    let serve = [&others[1], &others[2]];
    for device in serve {
        world.match_device(&order, device);
    }
    world.accept_all(&order, &serve);
    for _ in 0..2 {
        world.serve_hour(&[&first, &others[1], &others[2]], 6);
    }
    world.advance(600);
    let settle = world.settle_lease_ix(&order, &first).instruction();
    let early = send(&mut world, settle).expect_err("nothing is its");
    assert_eq!(early.code(), E::NothingToSettle.into());
    world.add_funds(&order, &renter, 1_000_000);
    let dispute = world.dispute_ix(&order, &first).instruction();
    world.refuses(E::DisputeTooLate, dispute, &[&renter.wallet]);
    world.advance(HOUR);
    world.wind_up(&order, &[&first, &others[1], &others[2]]);
    assert_eq!(earned(&world, &first), 0);
    assert_eq!(earned(&world, &others[1]), 2 * PAID);
    let all = [&first, &others[1], &others[2]];
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &all);
}
