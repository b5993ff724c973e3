//! What a dispute is about, and what the rule makes of it.

use iog_client::market::accounts::RenterStats;
use iog_client::market::events::{DisputeOpened, DisputeResolved};
use iog_client::market::{Event, MarketError as E};
use iog_client::pda;
use iog_tests::world::{Currency, Renter, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};

use super::stage::{finish, market_events, stage_with, HOUR, PAID, PRICE, WALLET};

const THREE_DAYS: i64 = 259_200;
const HALF: u64 = 200_400_802;

fn stage() -> (World, Supplier, Renter) {
    stage_with(3_600)
}

/// The first hour is disputed whole, else a dispute were a way around the first hour that an early end keeps.
#[test]
fn a_dispute_in_the_first_hour_is_about_all_of_it() {
    let (mut world, one, renter) = stage();
    let two = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 3, &[&one]);
    world.heartbeat(&one);
    world.set_time(GENESIS_TS + 61);
    let meta = world.dispute(&order, &renter, &one);
    let lease = pda::market::lease(&order, &one.device);
    let opened = DisputeOpened {
        order,
        lease,
        disputed: PRICE,
        by_rule: PRICE,
    };
    assert_eq!(market_events(&meta), [Event::DisputeOpened(opened)]);
    let books = world.lease(&order, &one);
    assert_eq!((books.state, books.held_units), (3, PRICE));
    assert_eq!(books.settled_until_ts, GENESIS_TS + HOUR);
    let place = world.occupancy(&one);
    assert_eq!((place.hired_gpus, place.disputes_lost), (0, 0));
    assert_eq!(world.read::<RenterStats>(&renter.stats).disputes, 1);
    // The place is free when the disputed hour is over: its rent exists once.
    let keeper = world.authority.insecure_clone();
    let replace = world.match_ix(&order, &two).instruction();
    world.set_time(GENESIS_TS + HOUR - 1);
    world.refuses(E::NotVacantYet, replace.clone(), &[&keeper]);
    world.set_time(GENESIS_TS + HOUR);
    world.must(replace, &[&keeper]);
    world.accept(&order, &two);
    world.serve_hour(&[&two], 6);
    world.serve_hour(&[&two], 6);
    world.settle_lease(&order, &two);
    world.resolve_dispute(&order, &one, PRICE);
    assert_eq!(world.earned(&one), PAID);
    assert_eq!(world.occupancy(&one).disputes_lost, 0);
    finish(&mut world, &order, &[&one, &two]);
    // Two hours that were settled together: one fee, rounded up once.
    assert_eq!(world.earned(&two), 2 * PRICE - (2 * PRICE).div_ceil(400));
    assert_eq!(world.balance(&renter.token), WALLET - 3 * PRICE - 3_006_013);
}

/// Later, what is held and the part of the running hour, to the minute.
#[test]
fn a_dispute_is_about_what_is_held_and_what_runs() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    for beat in 0..3 {
        world.set_time(GENESIS_TS + HOUR + beat * 600);
        world.heartbeat(&supplier);
    }
    world.set_time(GENESIS_TS + HOUR + 1_859);
    world.dispute(&order, &renter, &supplier);
    let lease = world.lease(&order, &supplier);
    assert_eq!(
        (lease.held_units, lease.rule_units),
        (PRICE + HALF, PRICE + HALF)
    );
    assert_eq!(lease.held_usd6, 1_500_000);
    world.set_time(world.now() + THREE_DAYS);
    world.resolve_by_rule(&order, &supplier);
    let rent = PRICE + HALF;
    assert_eq!(world.earned(&supplier), rent - rent.div_ceil(400));
    let stats = world.read::<RenterStats>(&renter.stats);
    assert_eq!((stats.spent_usd6, stats.points_e6), (1_500_000, 15_000_000));
    finish(&mut world, &order, &[&supplier]);
}

/// What runs and is not proved is the renter's by the rule; what was held is the supplier's.
#[test]
fn the_rule_follows_the_proof() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.set_time(GENESIS_TS + HOUR + 1_859);
    world.dispute(&order, &renter, &supplier);
    let lease = world.lease(&order, &supplier);
    assert_eq!((lease.held_units, lease.rule_units), (PRICE + HALF, PRICE));
    world.set_time(world.now() + THREE_DAYS);
    let escrowed = world.escrow(Currency::Io).escrowed_units;
    let meta = world.resolve_by_rule(&order, &supplier);
    let resolved = DisputeResolved {
        order,
        lease: pda::market::lease(&order, &supplier.device),
        decided: false,
        paid: PAID,
        refunded: HALF,
        fee: PRICE - PAID,
        escrowed_before: escrowed,
        escrowed_after: escrowed - PRICE - HALF,
    };
    assert_eq!(market_events(&meta), [Event::DisputeResolved(resolved)]);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 0);
    assert_eq!(world.order(&order).refund_due_units, HALF);
    finish(&mut world, &order, &[&supplier]);
}

/// Before a first heartbeat is due, its absence says nothing: a dispute in the first second is not a free hour.
#[test]
fn a_dispute_before_the_first_heartbeat_is_the_suppliers_by_rule() {
    for (secs, by_rule) in [(0, PRICE), (599, PRICE), (600, 0)] {
        let (mut world, supplier, renter) = stage();
        let order = world.running(&renter, 1, 2, &[&supplier]);
        world.set_time(GENESIS_TS + secs);
        world.dispute(&order, &renter, &supplier);
        let lease = world.lease(&order, &supplier);
        assert_eq!((lease.held_units, lease.rule_units), (PRICE, by_rule));
    }
}

/// What can no longer be disputed is released first, so that a dispute of the running hour does not reach back.
#[test]
fn a_dispute_does_not_reach_behind_its_window() {
    let (mut world, supplier, renter) = stage_with(1_800);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.set_time(GENESIS_TS + HOUR + 1_800);
    let open = world.dispute_ix(&order, &supplier).instruction();
    world.refuses(E::SettleFirst, open.clone(), &[&renter.wallet]);
    world.settle_lease(&order, &supplier);
    world.must(open, &[&renter.wallet]);
    let lease = world.lease(&order, &supplier);
    assert_eq!((lease.held_units, lease.rule_units), (HALF, 0));
    assert_eq!(world.earned(&supplier), PAID);
}

/// A lease that is over is disputed within the window: what it holds, and nothing of the place.
#[test]
fn a_settled_lease_is_disputed_within_its_window() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.order(&order).state, 3);
    world.set_time(GENESIS_TS + 3 * HOUR - 1);
    let other = world.renter();
    let next = world.running(&other, 1, 1, &[&supplier]);
    world.dispute(&order, &renter, &supplier);
    let lease = world.lease(&order, &supplier);
    assert_eq!(
        (lease.state, lease.held_units, lease.rule_units),
        (3, PRICE, PRICE)
    );
    // Its device serves somebody else by now, and goes on with that.
    let place = world.occupancy(&supplier);
    assert_eq!(place.lease, pda::market::lease(&next, &supplier.device));
    assert_eq!(world.price_book(CLASS_TEST).hired_gpus, 1);
    world.resolve_dispute(&order, &supplier, 0);
    assert_eq!(world.earned(&supplier), PAID);
    world.wind_up(&order, &[&supplier]);
    world.check_escrows();
}

/// A lease whose renter ended the order early can be disputed after it is settled.
#[test]
fn an_ended_lease_is_disputed_once_it_is_settled() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.end_early(&order, &renter);
    world.settle_lease(&order, &supplier);
    world.dispute(&order, &renter, &supplier);
    world.resolve_dispute(&order, &supplier, 0);
    assert_eq!((world.earned(&supplier), world.order(&order).state), (0, 4));
    finish(&mut world, &order, &[&supplier]);
    assert_eq!(world.balance(&renter.token), WALLET - 3_006_013);
}
