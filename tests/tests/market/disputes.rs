//! What a dispute is about, and what the rule makes of it.

use iog_client::market::accounts::RenterStats;
use iog_client::market::events::{DisputeOpened, DisputeResolved};
use iog_client::market::{Event, MarketError as E};
use iog_client::pda;
use iog_tests::world::{Currency, PubkeyOf, Renter, CLASS_TEST, GENESIS_TS};
use iog_tests::{Supplier, World};

use super::stage::{
    finish, market_events, stage_with, DEPOSIT, HOUR, PAID, PRICE, RENTER_FEE, SUPPLIER_FEE, WALLET,
};

const THREE_DAYS: i64 = 259_200;
const HALF: u64 = 200_400_802;
/// 5 % of an hour and a half, rounded up, and what the supplier gets of it less 25 basis points, rounded up.
const DEPOSIT_AND_HALF: u64 = 30_060_121;
const PAID_AND_HALF: u64 = 599_699_399;

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
    world.warp_to(GENESIS_TS + 61);
    let meta = world.dispute(&order, &renter, &one);
    let opened = DisputeOpened {
        order,
        lease: pda::market::lease(&order, &one.device),
        resolver: world.resolver.pubkey_of(),
        evidence_hash: [6; 32],
        disputed: PRICE,
        deposit: DEPOSIT,
    };
    assert_eq!(market_events(&meta), [Event::DisputeOpened(opened)]);
    let lease = world.lease(&order, &one);
    assert_eq!((lease.state, lease.deposit_units), (3, DEPOSIT));
    assert_eq!(lease.ends_ts, GENESIS_TS + HOUR);
    assert_eq!(lease.stopped_ts, GENESIS_TS + 61);
    let place = world.occupancy(&one);
    assert_eq!((place.hired_gpus, place.disputes_lost), (0, 0));
    assert_eq!(world.read::<RenterStats>(&renter.stats).disputes, 1);
    // It was asked for heartbeats for 61 seconds: the slot that they lie in decides, or the next.
    let keeper = world.authority.insecure_clone();
    let settle = world.settle_lease_ix(&order, &one).instruction();
    world.warp_to(GENESIS_TS + 1_199);
    world.refuses(E::NothingToSettle, settle.clone(), &[&keeper]);
    world.warp_to(GENESIS_TS + 1_200);
    world.must(settle, &[&keeper]);
    // The place is free when the disputed hour is over: its rent exists once.
    world.warp_to(GENESIS_TS + HOUR - 1);
    world.make_ready(&two);
    let replace = world.match_ix(&order, &two).instruction();
    world.refuses(E::NotVacantYet, replace.clone(), &[&keeper]);
    world.warp_to(GENESIS_TS + HOUR);
    world.must(replace, &[&keeper]);
    world.accept(&order, &two);
    world.serve_hour(&[&two], 6);
    world.serve_hour(&[&two], 6);
    world.settle_lease(&order, &two);
    // Who gets all that its slots prove gets the deposit, too.
    world.resolve_dispute(&order, &one, PRICE);
    assert_eq!(world.earned(&one), PAID + DEPOSIT);
    assert_eq!(world.occupancy(&one).disputes_lost, 0);
    assert_eq!(world.verdict(&order, &one).paid_usd6, 0);
    finish(&mut world, &order, &[&one, &two]);
    assert_eq!(world.earned(&two), 2 * PAID);
    let spent = 3 * (PRICE + RENTER_FEE) + DEPOSIT;
    assert_eq!(world.balance(&renter.token), WALLET - spent);
}

/// Later, what is held and the part of the running hour, to the minute.
#[test]
fn a_dispute_is_about_what_is_held_and_what_runs() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    for beat in 0..3 {
        world.warp_to(GENESIS_TS + HOUR + beat * 600);
        world.heartbeat(&supplier);
    }
    world.warp_to(GENESIS_TS + HOUR + 1_800);
    world.dispute(&order, &renter, &supplier);
    let lease = world.lease(&order, &supplier);
    assert_eq!(lease.ends_ts, GENESIS_TS + HOUR + 1_800);
    assert_eq!(lease.deposit_units, DEPOSIT_AND_HALF);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.order(&order).refund_due_units, 0);
    world.warp_to(world.now() + THREE_DAYS);
    world.resolve_by_rule(&order, &supplier);
    let earned = PAID_AND_HALF + DEPOSIT_AND_HALF;
    assert_eq!(world.earned(&supplier), earned);
    let stats = world.read::<RenterStats>(&renter.stats);
    assert_eq!((stats.spent_usd6, stats.points_e6), (1_500_000, 15_000_000));
    finish(&mut world, &order, &[&supplier]);
}

/// What runs and is not proved is the renter's, by the same slots as ever; what is held is the supplier's by the rule.
#[test]
fn the_rule_follows_the_proof() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.warp_to(GENESIS_TS + HOUR + 1_800);
    world.dispute(&order, &renter, &supplier);
    world.settle_lease(&order, &supplier);
    assert_eq!(world.order(&order).refund_due_units, HALF);
    world.warp_to(world.now() + THREE_DAYS);
    let escrowed = world.escrow(Currency::Io).escrowed_units;
    let meta = world.resolve_by_rule(&order, &supplier);
    let fee = SUPPLIER_FEE + RENTER_FEE;
    let resolved = DisputeResolved {
        order,
        lease: pda::market::lease(&order, &supplier.device),
        decided: false,
        paid: PAID + DEPOSIT_AND_HALF,
        refunded: 0,
        fee,
        escrowed_before: escrowed,
        escrowed_after: escrowed - PAID - DEPOSIT_AND_HALF - fee,
    };
    assert_eq!(market_events(&meta), [Event::DisputeResolved(resolved)]);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 0);
    finish(&mut world, &order, &[&supplier]);
}

/// When the dispute is opened, when the device beats, and whether the hour is the supplier's by the rule: a dispute before a heartbeat is due
/// is no free hour, and who is silent gets nothing, not even the deposit.
#[test]
fn a_dispute_before_the_first_heartbeat_waits_for_it() {
    for (secs, beat_at, served) in [
        (0, None, false),
        (0, Some(1_199), true),
        (0, Some(1_200), false),
        (719, Some(599), true),
        (719, Some(720), false),
    ] {
        let (mut world, supplier, renter) = stage();
        let order = world.running(&renter, 1, 2, &[&supplier]);
        let beat = |world: &mut World, at: i64| {
            world.warp_to(GENESIS_TS + at);
            world.heartbeat(&supplier);
        };
        match beat_at {
            Some(at) if at < secs => beat(&mut world, at),
            _ => {}
        }
        world.warp_to(GENESIS_TS + secs);
        world.dispute(&order, &renter, &supplier);
        match beat_at {
            Some(at) if at > secs => beat(&mut world, at),
            _ => {}
        }
        world.judge_rest(&order, &supplier);
        world.warp_to(GENESIS_TS + secs + THREE_DAYS);
        world.resolve_by_rule(&order, &supplier);
        let earned = if served { PAID + DEPOSIT } else { 0 };
        assert_eq!(world.earned(&supplier), earned, "{secs}, {beat_at:?}");
        finish(&mut world, &order, &[&supplier]);
        let spent = if served {
            PRICE + RENTER_FEE + DEPOSIT
        } else {
            0
        };
        assert_eq!(world.balance(&renter.token), WALLET - spent);
    }
}

/// What can no longer be disputed is released first, so that a dispute of the running hour does not reach back.
#[test]
fn a_dispute_does_not_reach_behind_its_window() {
    let (mut world, supplier, renter) = stage_with(1_800);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.warp_to(GENESIS_TS + HOUR + 1_800);
    let open = world.dispute_ix(&order, &supplier).instruction();
    world.refuses(E::SettleFirst, open, &[&renter.wallet]);
    world.settle_lease(&order, &supplier);
    world.dispute(&order, &renter, &supplier);
    let lease = world.lease(&order, &supplier);
    // 5 % of an hour, which is the least, rounded up.
    assert_eq!((lease.state, lease.deposit_units), (3, 20_040_081));
    assert_eq!(world.earned(&supplier), PAID);
}

/// A lease that is over is disputed within the window: what it holds, and nothing of the place.
#[test]
fn a_settled_lease_is_disputed_within_its_window() {
    let (mut world, supplier, renter) = stage();
    let order = world.running(&renter, 1, 2, &[&supplier]);
    for _ in 0..2 {
        world.serve_hour(&[&supplier], 6);
        world.settle_lease(&order, &supplier);
    }
    assert_eq!(world.lease(&order, &supplier).state, 2);
    world.warp_to(GENESIS_TS + 3 * HOUR - 1);
    let other = world.renter();
    let next = world.running(&other, 1, 1, &[&supplier]);
    world.dispute(&order, &renter, &supplier);
    let lease = world.lease(&order, &supplier);
    assert_eq!((lease.state, lease.deposit_units), (3, DEPOSIT));
    // Its device serves somebody else by now, and goes on with that.
    let place = world.occupancy(&supplier);
    assert_eq!(place.lease, pda::market::lease(&next, &supplier.device));
    assert_eq!(world.price_book(CLASS_TEST).hired_gpus, 1);
    world.resolve_dispute(&order, &supplier, 0);
    assert_eq!(world.earned(&supplier), PAID);
    assert_eq!(world.order(&order).refund_due_units, PRICE + DEPOSIT);
    // What the lease was paid in its life, for a slash case to give back.
    assert_eq!(world.verdict(&order, &supplier).paid_usd6, 1_000_000);
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
    assert_eq!(world.balance(&renter.token), WALLET);
}
