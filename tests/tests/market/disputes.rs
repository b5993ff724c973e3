//! Disputes: what is in them, who decides, and that nothing is paid twice.

use iog_client::market::accounts::RenterStats;
use iog_client::market::events::{DisputeOpened, DisputeResolved};
use iog_client::market::{Event, MarketError as E};
use iog_client::pda;
use iog_tests::world::{Currency, Renter, CLASS_TEST, CURRENCIES, GENESIS_TS};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{market_events, stage_with, HOUR, PAID, PRICE, WALLET};

const THREE_DAYS: i64 = 259_200;
const HALF: u64 = 200_400_802;

fn stage() -> (World, Supplier, Renter) {
    stage_with(3_600)
}

/// Ends a dispute's order at its time, with leases of these devices.
fn finish(world: &mut World, order: &Pubkey, suppliers: &[&Supplier]) {
    let end = world.order(order).end_ts + HOUR;
    world.set_time(end.max(world.now()));
    world.wind_up(order, suppliers);
    world.check_escrows();
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

/// The resolver splits what is disputed, to the unit, in every currency; below the rule the supplier has lost.
#[test]
fn the_resolver_splits_what_is_disputed() {
    for currency in CURRENCIES {
        let (mut world, supplier, _) = stage();
        let renter = world.credit_renter();
        let order = world.running_in(currency, &renter, 1, 2, &[&supplier]);
        world.heartbeat(&supplier);
        world.dispute(&order, &renter, &supplier);
        let held = world.lease(&order, &supplier).held_units;
        let part = held / 3;
        world.resolve_dispute(&order, &supplier, part);
        let fee = u64::from(world.order(&order).supplier_fee_bps);
        let paid = part - (part * fee).div_ceil(10_000);
        assert_eq!(world.earnings(&supplier, currency).due_units, paid);
        assert_eq!(world.order(&order).refund_due_units, held - part);
        assert_eq!(world.occupancy(&supplier).disputes_lost, 1);
        let lease = world.lease(&order, &supplier);
        assert_eq!((lease.state, lease.held_units, lease.rule_units), (2, 0, 0));
        assert_eq!(
            (lease.paid_units, lease.refunded_units),
            (paid, held - part)
        );
        world.check_order_books(&order);
        // A third of a dollar, rounded down.
        let spent = world.read::<RenterStats>(&renter.stats).spent_usd6;
        assert!((333_332..=333_333).contains(&spent), "{spent}");
        finish(&mut world, &order, &[&supplier]);
    }
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

/// Without a resolver the rule decides at once; a resolver that is named later finds it decided.
#[test]
fn without_a_resolver_the_rule_decides_at_once() {
    let (mut world, supplier, renter) = stage();
    world.set_resolver(&Pubkey::default());
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.set_time(GENESIS_TS + 600);
    world.dispute(&order, &renter, &supplier);
    world.resolve_by_rule(&order, &supplier);
    // Not one heartbeat in ten minutes.
    assert_eq!(world.order(&order).refund_due_units, PRICE);
    let resolver = world.resolver.insecure_clone();
    world.set_resolver(&solana_signer::Signer::pubkey(&resolver));
    let late = world.resolve_dispute_ix(&order, &supplier, PRICE);
    world.refuses(E::NotDisputed, late.instruction(), &[&resolver]);
    finish(&mut world, &order, &[&supplier]);
}

/// The last second of the resolver is not yet the rule's, and the other way round.
#[test]
fn resolver_and_rule_never_both_decide() {
    let (world, supplier, renter) = stage();
    for (secs, by_rule) in [(THREE_DAYS - 1, false), (THREE_DAYS, true)] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 2, &[&supplier]);
        world.dispute(&order, &renter, &supplier);
        world.set_time(GENESIS_TS + secs);
        let (keeper, resolver) = (
            world.authority.insecure_clone(),
            world.resolver.insecure_clone(),
        );
        let rule = world.resolve_by_rule_ix(&order, &supplier).instruction();
        let decide = world.resolve_dispute_ix(&order, &supplier, 0).instruction();
        if by_rule {
            world.refuses(E::DecidedTooLate, decide, &[&resolver]);
            world.must(rule, &[&keeper]);
        } else {
            world.refuses(E::ResolverMayDecide, rule, &[&keeper]);
            world.must(decide, &[&resolver]);
        }
        finish(&mut world, &order, &[&supplier]);
    }
}

/// An open dispute stops neither the other leases of the order nor its end.
#[test]
fn a_dispute_stops_nothing_but_its_own_lease() {
    let (mut world, one, renter) = stage();
    let two = world.cluster(CLASS_TEST, 2);
    let order = world.running(&renter, 1, 2, &[&one, &two]);
    world.dispute(&order, &renter, &one);
    world.serve_hour(&[&two], 6);
    world.settle_lease(&order, &two);
    world.end_early(&order, &renter);
    world.settle_lease(&order, &two);
    world.refund(&order);
    world.check_order_books(&order);
    world.set_time(GENESIS_TS + 2 * HOUR);
    world.settle_lease(&order, &two);
    world.close_lease(&order, &two);
    let close = world.close_order_ix(&order).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::OrderNotFinished, close, &[&keeper]);
    // The last hour of the disputed place, which nobody served, waits with it.
    world.resolve_dispute(&order, &one, 0);
    finish(&mut world, &order, &[&one]);
}
