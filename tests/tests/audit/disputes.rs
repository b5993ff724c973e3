//! Disputes: what they reach, what they cost, and who decides.

mod discounts;
mod verdicts;

use iog_client::market::instructions::ApplyResolver;
use iog_client::market::MarketError as E;
use iog_tests::world::PubkeyOf;
use solana_pubkey::Pubkey;

use super::slots::{beat, begin, by_rule, cost, net, serve, served, spent, to, BEFORE, RESOLVE};
use super::stage::{earned, run, stage, DAY, HOUR, HOURLY, PAID};

/// Two days: the network is set up, and roles are named a day ahead.
const SET_UP: i64 = 172_800;

/// audit: market H3. A renter that looks after 26 hours disputes 24 of them, not two, and gets them back where the resolver finds nothing was
/// served; what was paid before stands in the verdict, for a slash case.
#[test]
fn a_dispute_reaches_24_hours_back() {
    let (mut world, supplier, renter, order) = served(26, 30);
    assert_eq!(earned(&world, &supplier), 2 * PAID);
    let deposit = world.fund_dispute(&order, &renter, &supplier);
    assert_eq!(deposit, 24 * HOURLY / 20);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    world.resolve_dispute(&order, &supplier, 0);
    assert_eq!(world.verdict(&order, &supplier).paid_usd6, 2 * HOURLY);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(earned(&world, &supplier), 2 * PAID);
    assert_eq!(spent(&world, &renter), 2 * cost(HOURLY));
    world.check_escrows();
}

/// redteam 6a. Each hour is released a day after its own end: settled every hour, a supplier's float is 24 hours and no more, from the first
/// day on; settled once, late, it is the same.
#[test]
fn every_hour_is_released_after_its_own_day() {
    let (mut world, supplier, _, order) = begin(BEFORE, 30, DAY);
    let mut lazy = None;
    for hour in 1..=29_u32 {
        let slots: Vec<i64> = (1..=6).map(|n| i64::from(hour - 1) * 6 + n).collect();
        beat(&mut world, &supplier, &slots);
        to(&mut world, BEFORE + i64::from(hour) * HOUR + 3);
        if hour == 29 {
            break;
        }
        let late = lazy.get_or_insert_with(|| world.clone());
        world.settle_lease(&order, &supplier);
        let lease = world.lease(&order, &supplier);
        let held = lease.settled_count - lease.released_count;
        assert_eq!(held, hour.min(24), "after hour {hour}");
        let released = u64::from(hour.saturating_sub(24));
        assert_eq!(earned(&world, &supplier), released * PAID);
        beat(late, &supplier, &slots[usize::from(hour == 1) * 6..]);
    }
    let mut late = lazy.expect("the first hour");
    late.warp_to(world.now());
    for _ in 0..2 {
        late.settle_lease(&order, &supplier);
    }
    world.settle_lease(&order, &supplier);
    let rents = [&world, &late].map(|world| earned(world, &supplier));
    assert_eq!(rents, [5 * PAID, 5 * PAID]);
}

/// redteam 6b. A dispute costs a deposit of a twentieth of what is disputed. It is the supplier's where it gets all of that, else the renter's
/// again: a threat costs what it threatens with, 5 % each time.
#[test]
fn a_dispute_costs_a_deposit() {
    for (to_supplier, deposit_lost) in [(2 * HOURLY, 100_000), (2 * HOURLY - 1, 0), (0, 0)] {
        let (mut world, supplier, renter, order) = served(2, 10);
        let open = world.dispute_ix(&order, &supplier).instruction();
        for amount in [0, 99_999, 1] {
            world.refuses(E::DepositMissing, open.clone(), &[&renter.wallet]);
            if amount > 0 {
                world.add_funds(&order, &renter, amount);
            }
        }
        world.must(open, &[&renter.wallet]);
        assert_eq!(world.lease(&order, &supplier).deposit_units, 100_000);
        world.judge_rest(&order, &supplier);
        world.resolve_dispute(&order, &supplier, to_supplier);
        world.wind_up(&order, &[&supplier]);
        assert_eq!(earned(&world, &supplier), net(to_supplier) + deposit_lost);
        assert_eq!(spent(&world, &renter), cost(to_supplier) + deposit_lost);
        world.check_escrows();
    }
}

/// redteam 6b. Where nobody decides, the rule does, and the deposit goes with it: a dispute against a supplier that proved all costs 5 %.
#[test]
fn the_rule_gives_the_deposit_to_who_proved() {
    let (mut world, supplier, renter, order) = served(2, 10);
    by_rule(&mut world, &order, &renter, &supplier);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(earned(&world, &supplier), net(2 * HOURLY) + 100_000);
    assert_eq!(spent(&world, &renter), cost(2 * HOURLY) + 100_000);
}

/// redteam 6b. A deposit comes out of refunds that are due: what nobody proved pays for the dispute of it.
#[test]
fn a_deposit_comes_out_of_refunds() {
    let (mut world, supplier, renter, order) = begin(BEFORE, 10, DAY);
    for _ in 0..3 {
        world.serve_hour(&[&supplier], 4);
    }
    world.advance(3);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.order(&order).refund_due_units, 3 * 333_334);
    let open = world.dispute_ix(&order, &supplier).instruction();
    world.must(open, &[&renter.wallet]);
    assert_eq!(world.lease(&order, &supplier).deposit_units, 100_000);
    assert_eq!(world.order(&order).refund_due_units, 900_002);
    world.check_order_books(&order);
    world.judge_rest(&order, &supplier);
    world.resolve_dispute(&order, &supplier, 3 * 666_666);
    world.wind_up(&order, &[&supplier]);
    assert_eq!(earned(&world, &supplier), net(1_999_998) + 100_000);
    world.check_escrows();
}

/// audit: market L7, redteam 6h. A resolver that is named decides a day later and not the disputes of the one before; that one decides until
/// then, and its open disputes go to the rule.
#[test]
fn a_resolver_is_named_a_day_ahead() {
    let (mut world, supplier, renter) = stage(DAY);
    to(&mut world, SET_UP + BEFORE);
    let order = run(&mut world, &renter, 1, 100, &[&supplier]);
    serve(&mut world, &order, &supplier, 1);
    let (old, next) = (world.resolver.pubkey_of(), world.wallet());
    world.set_resolver(&next.pubkey_of());
    let named = world.now();
    let mut later = world.clone();
    world.dispute(&order, &renter, &supplier);
    assert_eq!(world.lease(&order, &supplier).resolver, old);
    world.judge_rest(&order, &supplier);
    world.warp_to(named + i64::from(DAY) - 1);
    world.clone().resolve_dispute(&order, &supplier, 0);
    world.advance(1);
    world.govern(ApplyResolver {}.instruction());
    let mut resolve = world.resolve_dispute_ix(&order, &supplier, 0);
    let key = world.resolver.insecure_clone();
    world.refuses(E::NotResolver, resolve.clone().instruction(), &[&key]);
    resolve.resolver = next.pubkey_of();
    world.refuses(E::NotResolver, resolve.instruction(), &[&next]);
    let rule = world.resolve_by_rule_ix(&order, &supplier).instruction();
    let keeper = world.authority.insecure_clone();
    world.warp_to(named + RESOLVE - 1);
    world.refuses(E::ResolverMayDecide, rule.clone(), &[&keeper]);
    world.advance(1);
    world.must(rule, &[&keeper]);
    assert_eq!(earned(&world, &supplier), PAID + 50_000);
    // What is disputed from that day on is the new one's.
    let again = later.renter();
    later.warp_to(named + i64::from(DAY));
    later.govern(ApplyResolver {}.instruction());
    later.settle_lease(&order, &supplier);
    let other = later.supplier(1);
    let second = run(&mut later, &again, 1, 1, &[&other]);
    later.dispute(&second, &again, &other);
    assert_eq!(later.lease(&second, &other).resolver, next.pubkey_of());
}

/// redteam 6h, 6b. A resolver is removed at once: it decides nothing more, nobody decides in its place, its open disputes go to the rule after
/// their 72 hours, and none is opened until another is named.
#[test]
fn a_resolver_is_removed_at_once() {
    let (mut world, supplier, renter) = stage(DAY);
    let second = world.supplier(1);
    to(&mut world, SET_UP + BEFORE);
    let order = run(&mut world, &renter, 1, 200, &[&supplier, &second]);
    world.serve_hour(&[&supplier, &second], 6);
    world.advance(3);
    for device in [&supplier, &second] {
        world.settle_lease(&order, device);
    }
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    let next = world.wallet();
    world.set_resolver(&next.pubkey_of());
    world.set_resolver(&Pubkey::default());
    let mut resolve = world.resolve_dispute_ix(&order, &supplier, 0);
    let key = world.resolver.insecure_clone();
    world.refuses(E::NotResolver, resolve.clone().instruction(), &[&key]);
    let open = world.dispute_ix(&order, &second).instruction();
    world.refuses(E::NoResolver, open.clone(), &[&renter.wallet]);
    // The one that waited was removed with it; who is named now decides no dispute that was open.
    world.advance(i64::from(DAY));
    world.refuses(E::NoResolver, open, &[&renter.wallet]);
    world.set_resolver(&next.pubkey_of());
    world.advance(i64::from(DAY));
    resolve.resolver = next.pubkey_of();
    world.refuses(E::NotResolver, resolve.instruction(), &[&next]);
    world.advance(i64::from(DAY));
    world.resolve_by_rule(&order, &supplier);
    assert_eq!(earned(&world, &supplier), PAID + 50_000);
}
