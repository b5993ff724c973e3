//! Who decides a dispute, within which bounds, and what it does not stop.

use iog_client::market::accounts::RenterStats;
use iog_client::market::instructions::ApplyResolver;
use iog_client::market::MarketError as E;
use iog_tests::world::{Currency, PubkeyOf, Renter, CLASS_UNPROVED, CURRENCIES, GENESIS_TS};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{finish, stage_with, HOUR, PAID, PRICE};

const THREE_DAYS: i64 = 259_200;

fn stage() -> (World, Supplier, Renter) {
    stage_with(3_600)
}

/// The resolver splits what is disputed, to the unit, in every currency; with less than its slots prove the supplier has lost, and the deposit
/// goes back.
#[test]
fn the_resolver_splits_what_is_disputed() {
    for currency in CURRENCIES {
        let (mut world, supplier, _) = stage();
        let renter = world.credit_renter();
        let order = world.running_in(currency, &renter, 1, 2, &[&supplier]);
        world.heartbeat(&supplier);
        world.dispute(&order, &renter, &supplier);
        world.judge_rest(&order, &supplier);
        let (held, deposit) = match currency {
            Currency::Io => (PRICE, 20_040_081),
            _ => (1_000_000, 50_000),
        };
        assert_eq!(world.lease(&order, &supplier).deposit_units, deposit);
        let part = held / 3;
        world.resolve_dispute(&order, &supplier, part);
        let fee = u64::from(world.order(&order).supplier_fee_bps);
        let paid = part - (part * fee).div_ceil(10_000);
        assert_eq!(world.earnings(&supplier, currency).due_units, paid);
        let back = held - part + deposit;
        assert_eq!(world.order(&order).refund_due_units, back);
        assert_eq!(world.occupancy(&supplier).disputes_lost, 1);
        let lease = world.lease(&order, &supplier);
        assert_eq!((lease.state, lease.deposit_units), (2, 0));
        assert_eq!((lease.paid_units, lease.refunded_units), (paid, back));
        world.check_order_books(&order);
        // A third of a dollar, rounded down.
        let spent = world.read::<RenterStats>(&renter.stats).spent_usd6;
        assert!((333_332..=333_333).contains(&spent), "{spent}");
        assert_eq!(world.verdict(&order, &supplier).paid_usd6, spent);
        finish(&mut world, &order, &[&supplier]);
    }
}

/// Without a resolver the slots decide by themselves, so there is nothing to open.
#[test]
fn without_a_resolver_there_is_no_dispute() {
    let (mut world, supplier, renter) = stage();
    world.set_resolver(&Pubkey::default());
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    let open = world.dispute_ix(&order, &supplier).instruction();
    world.refuses(E::NoResolver, open, &[&renter.wallet]);
    finish(&mut world, &order, &[&supplier]);
    assert_eq!(world.earned(&supplier), PAID);
}

/// A resolver that is removed leaves its open disputes to the rule: neither it nor its successor decides them.
#[test]
fn disputes_of_a_removed_resolver_go_to_the_rule() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.heartbeat(&supplier);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    let next = world.wallet();
    world.set_resolver(&Pubkey::default());
    let old = world.resolver.insecure_clone();
    let decide = world.resolve_dispute_ix(&order, &supplier, 0);
    world.refuses(E::NotResolver, decide.instruction(), &[&old]);
    world.set_resolver(&next.pubkey_of());
    world.refuses(E::NotResolver, decide.instruction(), &[&old]);
    let mut decide = decide;
    decide.resolver = next.pubkey_of();
    world.refuses(E::NotResolver, decide.instruction(), &[&next]);
    world.warp_to(GENESIS_TS + THREE_DAYS);
    world.resolve_by_rule(&order, &supplier);
    finish(&mut world, &order, &[&supplier]);
}

/// After the setup a resolver is named 24 hours ahead, and anyone gives it the role then; until then the one before decides.
#[test]
fn a_resolver_is_named_a_day_ahead() {
    let (mut world, supplier, renter) = stage();
    world.warp_to(GENESIS_TS + 10 * 86_400);
    let next = world.wallet();
    world.set_resolver(&next.pubkey_of());
    let order = world.running(&renter, 1, 2, &[&supplier]);
    world.dispute(&order, &renter, &supplier);
    let before = world.resolver.pubkey_of();
    assert_eq!(world.lease(&order, &supplier).resolver, before);
    let other = world.supplier(iog_tests::world::CLASS_TEST);
    let keeper = world.authority.insecure_clone();
    let apply = ApplyResolver {}.instruction();
    world.warp_to(GENESIS_TS + 11 * 86_400 - 1);
    world.refuses(E::TooEarly, apply.clone(), &[&keeper]);
    world.warp_to(GENESIS_TS + 11 * 86_400);
    world.must(apply.clone(), &[&keeper]);
    world.refuses(E::NothingScheduled, apply, &[&keeper]);
    let order = world.running(&renter, 2, 2, &[&other]);
    world.dispute(&order, &renter, &other);
    assert_eq!(world.lease(&order, &other).resolver, next.pubkey_of());
}

/// The last second of the resolver is not yet the rule's, and the other way round.
#[test]
fn resolver_and_rule_never_both_decide() {
    let (world, supplier, renter) = stage();
    for (secs, by_rule) in [(THREE_DAYS - 1, false), (THREE_DAYS, true)] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 2, &[&supplier]);
        world.dispute(&order, &renter, &supplier);
        world.judge_rest(&order, &supplier);
        world.warp_to(GENESIS_TS + secs);
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
    let (mut world, _, renter) = stage();
    let one = world.cluster(CLASS_UNPROVED, 1);
    let two = world.cluster(CLASS_UNPROVED, 2);
    let order = world.running(&renter, 1, 2, &[&one, &two]);
    world.dispute(&order, &renter, &one);
    world.serve_hour(&[&two], 6);
    world.settle_lease(&order, &two);
    world.end_early(&order, &renter);
    world.settle_lease(&order, &two);
    world.refund(&order);
    world.check_order_books(&order);
    world.warp_to(GENESIS_TS + 2 * HOUR);
    world.settle_lease(&order, &two);
    world.close_lease(&order, &two);
    let close = world.close_order_ix(&order).instruction();
    let keeper = world.authority.insecure_clone();
    world.refuses(E::OrderNotFinished, close, &[&keeper]);
    // What the disputed lease holds waits with it.
    world.judge_rest(&order, &one);
    world.resolve_dispute(&order, &one, 0);
    finish(&mut world, &order, &[&one]);
}
