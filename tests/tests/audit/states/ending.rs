//! Of running orders that end.

use iog_client::market::instructions::CloseRenter;
use iog_client::market::MarketError as E;
use iog_tests::world::{Currency, PubkeyOf, Renter};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::super::slots::{served, to, BEFORE};
use super::super::stage::{send, suppliers, HOUR};
use super::{close_earnings_ix, nothing_is_left};

/// A running order of four hours whose device left after one, with another matched in its place that has not answered.
fn replaced() -> (World, [Supplier; 2], Renter, Pubkey) {
    let (mut world, first, renter, order) = served(1, 4);
    let second = suppliers(&mut world, 1).remove(0);
    world.leave_lease(&order, &first);
    world.match_device(&order, &second);
    (world, [first, second], renter, order)
}

/// redteam 14a. A replacement that has not accepted when its order ends early: anybody closes its lease at once, without a word of its key.
#[test]
fn an_unanswered_replacement_holds_no_ended_order() {
    for skipped in [false, true] {
        let (mut world, [first, second], renter, order) = replaced();
        let close = world.close_lease_ix(&order, &second).instruction();
        let early = send(&mut world, close).expect_err("it may still accept");
        assert_eq!(early.code(), E::LeaseNotSettled.into());
        world.end_early(&order, &renter);
        if skipped {
            world.skip_device(&order, &second);
        } else {
            world.close_lease(&order, &second);
        }
        let place = world.occupancy(&second);
        assert_eq!((place.skipped, place.resting_until_ts), (0, 0));
        world.wind_up(&order, &[&first]);
        let all = [&first, &second];
        nothing_is_left(&mut world, Currency::Usd, &order, &renter, &all);
    }
}

/// redteam 14a. The same of an order that runs out: its time to accept is over, and anybody skips it.
#[test]
fn an_unanswered_replacement_holds_no_order_that_ran_out() {
    let (mut world, [first, second], renter, order) = replaced();
    to(&mut world, BEFORE + 4 * HOUR + 3);
    let keys = super::super::stage::device_signs(&world, &second);
    let accept = world.accept_ix(&order, &second).instruction();
    world.refuses(E::AcceptTooLate, accept, &[&keys[0], &keys[1]]);
    world.skip_device(&order, &second);
    assert_eq!(world.occupancy(&second).skipped, 1);
    world.wind_up(&order, &[&first]);
    let all = [&first, &second];
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &all);
}

/// redteam 14a. Closed earnings, in a running order that ends: the replacement's owner has none, and anybody frees it.
#[test]
fn a_match_without_earnings_holds_no_ended_order() {
    let (mut world, [first, second], renter, order) = replaced();
    let close = close_earnings_ix(&world, &second, Currency::Usd);
    world.must(close, &[&second.owner]);
    world.end_early(&order, &renter);
    let close = world.close_lease_ix(&order, &second).instruction();
    assert!(send(&mut world, close).is_err(), "it has no earnings");
    world.skip_device(&order, &second);
    world.wind_up(&order, &[&first]);
    let all = [&first, &second];
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &all);
}

/// redteam 14a. Closed statistics and earnings: neither can be closed while settling needs it, from the first hour to the last refund.
#[test]
fn nobody_takes_away_what_settling_needs() {
    let (mut world, supplier, renter, order) = served(1, 2);
    let statistics = CloseRenter {
        renter: renter.wallet.pubkey_of(),
        stats: renter.stats,
    }
    .instruction();
    let earnings = close_earnings_ix(&world, &supplier, Currency::Usd);
    let refused = |world: &mut World| {
        world.refuses(E::StillNeeded, statistics.clone(), &[&renter.wallet]);
        world.refuses(E::StillNeeded, earnings.clone(), &[&supplier.owner]);
    };
    refused(&mut world);
    world.end_early(&order, &renter);
    refused(&mut world);
    world.judge_rest(&order, &supplier);
    refused(&mut world);
    world.advance(86_400);
    world.settle_lease(&order, &supplier);
    refused(&mut world);
    world.close_lease(&order, &supplier);
    world.withdraw(&supplier, Currency::Usd);
    world.refuses(E::StillNeeded, statistics.clone(), &[&renter.wallet]);
    world.wind_up(&order, &[]);
    nothing_is_left(&mut world, Currency::Usd, &order, &renter, &[&supplier]);
}
