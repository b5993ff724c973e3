//! What a decision leaves behind.

use iog_client::market::MarketError as E;
use iog_client::pda;
use iog_tests::world::PubkeyOf;

use super::super::slots::{beat, begin, by_rule, cost, served, spent, to, BEFORE};
use super::super::stage::{earned, HOUR, HOURLY, PAID};

/// redteam 6i. Only a dispute that the resolver decided against the supplier counts as lost: not one that it won, and none that the rule
/// decided, even where that found nothing proved.
#[test]
fn a_lost_dispute_is_one_that_the_resolver_decided() {
    for (to_supplier, lost) in [
        (Some(HOURLY), 0),
        (Some(HOURLY - 1), 1),
        (Some(0), 1),
        (None, 0),
    ] {
        let (mut world, supplier, renter, order) = served(1, 5);
        world.dispute(&order, &renter, &supplier);
        world.judge_rest(&order, &supplier);
        match to_supplier {
            Some(units) => drop(world.resolve_dispute(&order, &supplier, units)),
            None => {
                world.advance(259_200);
                world.resolve_by_rule(&order, &supplier);
            }
        }
        let record = world.occupancy(&supplier);
        assert_eq!(record.disputes_lost, lost, "{to_supplier:?}");
    }
    let (mut world, supplier, renter, order) = begin(BEFORE, 5, 86_400);
    world.advance(1_000);
    by_rule(&mut world, &order, &renter, &supplier);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 0);
}

/// redteam 6g. A decision leaves a record that outlives lease and order: who, whose, where, and the dollars that the lease was paid in its
/// life. It closes after 180 days; one that the supplier won names no dollars and closes at once.
#[test]
fn a_decision_leaves_a_record() {
    for (to_supplier, paid) in [(400_000, 2 * HOURLY + 400_000), (24 * HOURLY, 0)] {
        let (mut world, supplier, renter, order) = served(26, 30);
        world.dispute(&order, &renter, &supplier);
        world.judge_rest(&order, &supplier);
        world.resolve_dispute(&order, &supplier, to_supplier);
        let decided = world.now();
        let lease = pda::market::lease(&order, &supplier.device);
        let close = world.close_verdict_ix(&order, &supplier).instruction();
        world.wind_up(&order, &[&supplier]);
        let verdict = world.verdict(&order, &supplier);
        let resolver = world.resolver.pubkey_of();
        let named = [
            verdict.lease,
            verdict.order,
            verdict.device,
            verdict.owner,
            verdict.renter,
            verdict.resolver,
        ];
        let expected = [
            lease,
            order,
            supplier.device,
            supplier.owner.pubkey_of(),
            renter.wallet.pubkey_of(),
            resolver,
        ];
        assert_eq!(named, expected);
        assert_eq!((verdict.paid_usd6, verdict.decided_ts), (paid, decided));
        let keeper = world.authority.insecure_clone();
        if paid > 0 {
            world.warp_to(decided + 15_552_000 - 1);
            world.refuses(E::StillNeeded, close.clone(), &[&keeper]);
            world.advance(1);
        }
        let before = world.lamports(&resolver);
        world.must(close, &[&keeper]);
        assert!(world.lamports(&resolver) > before, "its rent comes back");
        assert!(world.find(&pda::market::verdict(&lease)).is_none());
    }
}

/// redteam 6g. A supplier that was paid, then beat no more, is disputed: nothing is held, and the decision is against it all the same. The
/// deposit is the renter's again.
#[test]
fn nothing_held_is_decided_against_all_the_same() {
    let (mut world, supplier, renter, order) = begin(BEFORE, 5, 600);
    beat(&mut world, &supplier, &[1, 2, 3, 4, 5, 6]);
    to(&mut world, BEFORE + 2 * HOUR + 3);
    world.settle_lease(&order, &supplier);
    assert_eq!(earned(&world, &supplier), PAID);
    to(&mut world, BEFORE + 2 * HOUR + 1_800);
    world.settle_lease(&order, &supplier);
    let deposit = world.fund_dispute(&order, &renter, &supplier);
    // Of an hour at least.
    assert_eq!(deposit, 50_000);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    world.resolve_dispute(&order, &supplier, 0);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 1);
    assert_eq!(world.verdict(&order, &supplier).paid_usd6, HOURLY);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(earned(&world, &supplier), PAID);
    assert_eq!(spent(&world, &renter), cost(HOURLY));
    world.check_escrows();
}

/// redteam 6g. A supplier that left forfeited all that was held: the renter may still dispute it, for a verdict about what was paid before.
#[test]
fn who_forfeited_everything_is_decided_against_too() {
    let (mut world, supplier, renter, order) = served(26, 30);
    world.leave_lease(&order, &supplier);
    let open = world.dispute_ix(&order, &supplier).instruction();
    world.must(open, &[&renter.wallet]);
    world.judge_rest(&order, &supplier);
    world.resolve_dispute(&order, &supplier, 0);
    assert_eq!(world.verdict(&order, &supplier).paid_usd6, 2 * HOURLY);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 1);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(spent(&world, &renter), 2 * cost(HOURLY));
    world.check_escrows();
}
