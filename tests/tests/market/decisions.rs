//! Who decides a dispute, within which bounds, and what it does not stop.

use iog_client::market::accounts::RenterStats;
use iog_client::market::MarketError as E;
use iog_tests::world::{PubkeyOf, Renter, CLASS_TEST, CURRENCIES, GENESIS_TS};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{finish, stage_with, HOUR, PRICE};

const THREE_DAYS: i64 = 259_200;

fn stage() -> (World, Supplier, Renter) {
    stage_with(3_600)
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
    world.set_resolver(&resolver.pubkey_of());
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
