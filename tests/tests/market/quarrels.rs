//! What readers found in disputes: who gains by the moment of an answer, a decision or an end. Each is refused here, or worth nothing.
//! `redteam dispute 1`, `2`, `3a`, `3b`, `3c`

use iog_client::market::{Event, MarketError as E};
use iog_client::registry::HardwareClass;
use iog_tests::world::{expect_code, receipt_key, Renter, CLASS_TEST, GENESIS_TS};
use iog_tests::{Meta, Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{
    finish, market_events, stage_with, DEPOSIT, HOUR, PAID, PRICE, RENTER_FEE, WALLET,
};

const DAY: u32 = 86_400;
const ALL: u8 = 0b11_1111;
/// From the opening of a dispute to the first moment of the resolver.
const ANSWERS_SECS: i64 = 22_800;

/// What an answer took out of a dispute: rent, what is left, and its part of the deposit.
fn answered(meta: &Meta) -> (u64, u64, u64) {
    match market_events(meta).as_slice() {
        [Event::DisputeAnswered(answer)] => (answer.answered, answer.left, answer.deposit),
        events => panic!("{events:?}"),
    }
}

/// Three devices for three hours. In the first hour one is disputed and judged, and another leaves, so that its renter need not keep the
/// others for all of it: the disputed hour is the dispute's all the same. Its unproved part came back once, and with the end nothing of it
/// comes back again, or the third device were not paid. redteam dispute 1
#[test]
fn an_end_beside_a_disputed_hour_gives_nothing_back_twice() {
    let (mut world, disputed, renter) = stage_with(DAY);
    let [leaving, serving] = [(); 2].map(|()| world.supplier(CLASS_TEST));
    let order = world.running(&renter, 1, 3, &[&disputed, &leaving, &serving]);
    world.heartbeat(&serving);
    world.advance(61);
    world.dispute(&order, &renter, &disputed);
    world.warp_to(GENESIS_TS + 601);
    world.heartbeat(&serving);
    world.warp_to(GENESIS_TS + 1_200);
    world.settle_lease(&order, &disputed);
    // It never beat: its hour came back whole.
    assert_eq!(world.order(&order).refund_due_units, PRICE);
    world.warp_to(GENESIS_TS + 1_300);
    world.leave_lease(&order, &leaving);
    assert_eq!(world.order(&order).broken, 1);
    world.warp_to(GENESIS_TS + 1_400);
    world.end_early(&order, &renter);
    let books = world.order(&order);
    assert_eq!((books.state, books.end_ts), (4, GENESIS_TS + HOUR));
    // Two hours of three GPUs with the fee on top, rounded down.
    let back = 6 * PRICE + 6_012_024;
    assert_eq!(books.refund_due_units, PRICE + back);
    world.check_order_books(&order);
    world.judge_rest(&order, &serving);
    world.warp_to(GENESIS_TS + 61 + 259_200);
    world.resolve_by_rule(&order, &disputed);
    finish(&mut world, &order, &[&disputed, &leaving, &serving]);
    assert_eq!(
        [&disputed, &leaving, &serving].map(|one| world.earned(one)),
        [0, 0, PAID]
    );
    let spent = PRICE + RENTER_FEE;
    assert_eq!(world.balance(&renter.token), WALLET - spent);
}

/// Two hours in dispute, with all slots judged and proved.
fn two_hours() -> (World, Supplier, Renter, Pubkey) {
    let (mut world, supplier, renter) = stage_with(DAY);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    for _ in 0..2 {
        world.serve_hour(&[&supplier], 6);
        world.settle_lease(&order, &supplier);
    }
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    (world, supplier, renter, order)
}

/// A resolver sees two hours and gives the supplier one. An answer with that very hour just before made it a second one out of the rest, and
/// a verdict for the supplier out of one against it: the decision names what it is about, and is refused. redteam dispute 2
#[test]
fn an_answer_just_before_does_not_turn_a_decision() {
    let (mut world, supplier, _, order) = two_hours();
    world.pass_answers(&order, &supplier);
    let resolver = world.resolver.insecure_clone();
    let decision = world.resolve_dispute_ix(&order, &supplier, PRICE);
    assert_eq!(decision.disputed, 2 * PRICE);
    world.answer(&order, &supplier, &[ALL]);
    let earned = world.earned(&supplier);
    world.refuses(E::DisputeChanged, decision.instruction(), &[&resolver]);
    // Looked at again, and meant as before: nothing beyond the hour that the renter acknowledged.
    world.resolve_dispute(&order, &supplier, 0);
    assert_eq!(world.earned(&supplier), earned);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 1);
    finish(&mut world, &order, &[&supplier]);
}

/// A supplier that holds a receipt for each slot stops the resolver at most so often as it gives in: each answer is a slot less to decide
/// about, at two signatures of 5,000 lamports, and behind the last the decision stands. redteam dispute 2
#[test]
fn answers_slot_by_slot_hold_the_resolver_up_no_longer_than_they_last() {
    let (mut world, supplier, _, order) = two_hours();
    world.pass_answers(&order, &supplier);
    let resolver = world.resolver.insecure_clone();
    for slots in 1..=5 {
        let decision = world.resolve_dispute_ix(&order, &supplier, 0);
        let mask = (1u8 << slots) - 1;
        world.answer(&order, &supplier, &[mask]);
        world.refuses(E::DisputeChanged, decision.instruction(), &[&resolver]);
    }
    // Seven slots of twelve are left, and what was given in before is not the resolver's.
    let left = world.in_dispute(&order, &supplier);
    assert_eq!(left, 2 * PRICE - 334_001_336);
    world.resolve_dispute(&order, &supplier, 0);
    finish(&mut world, &order, &[&supplier]);
}

/// No resolver decides before anybody could answer: answers begin when the last slot is judged, 20 minutes after the opening at the latest,
/// and have 6 hours. redteam dispute 3a
#[test]
fn answers_come_before_the_resolver() {
    let (world, supplier, renter) = stage_with(DAY);
    for opened in [0, 1, 119, 599, 600, 601, 3_480, 3_599] {
        let mut world = world.clone();
        let order = world.running(&renter, 1, 3, &[&supplier]);
        for slot in 0..=opened / 600 {
            world.warp_to(GENESIS_TS + slot * 600);
            world.heartbeat(&supplier);
        }
        world.warp_to(GENESIS_TS + opened);
        world.dispute(&order, &renter, &supplier);
        let lease = world.lease(&order, &supplier);
        assert_eq!(lease.disputed_ts, GENESIS_TS + opened);
        world.warp_to(GENESIS_TS + opened + 1_200);
        world.settle_lease(&order, &supplier);
        let end = world.lease_end(&order, &supplier);
        let judged = world.lease(&order, &supplier).settled_until_ts;
        assert_eq!(judged, end, "opened after {opened} s");
        let resolver = world.resolver.insecure_clone();
        let decision = world.resolve_dispute_ix(&order, &supplier, 0).instruction();
        world.refuses(E::AnswersFirst, decision.clone(), &[&resolver]);
        world.warp_to(GENESIS_TS + opened + ANSWERS_SECS - 1);
        world.refuses(E::AnswersFirst, decision.clone(), &[&resolver]);
        let mut answered = world.clone();
        answered.answer(&order, &supplier, &[ALL]);
        world.advance(1);
        world.must(decision, &[&resolver]);
    }
}

/// Two hours paid, the third held and forfeited by leaving 200 s into the fourth; then disputed, and judged.
fn forfeited() -> (World, Supplier, Renter, Pubkey) {
    let (mut world, supplier, renter) = stage_with(3_600);
    let order = world.running(&renter, 1, 30, &[&supplier]);
    for _ in 0..3 {
        world.serve_hour(&[&supplier], 6);
        world.settle_lease(&order, &supplier);
    }
    assert_eq!(world.earned(&supplier), 2 * PAID);
    world.heartbeat(&supplier);
    world.advance(200);
    world.leave_lease(&order, &supplier);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    (world, supplier, renter, order)
}

/// A supplier forfeits everything that is held, and the renter has somebody look at what was paid before. A receipt for the minutes that are
/// left takes these out, and not the look: the dispute goes on about nothing, and the resolver decides against the supplier. The forfeited
/// hour's part of the deposit is still there. redteam dispute 3b
#[test]
fn an_answer_of_the_rest_takes_no_look_away() {
    let (mut world, supplier, renter, order) = forfeited();
    assert_eq!(world.lease(&order, &supplier).deposit_units, DEPOSIT);
    let meta = world.answer(&order, &supplier, &[0, 0, 0, 0b1]);
    // Three minutes of an hour, and their part of the deposit: of an hour and three minutes.
    assert_eq!(answered(&meta), (20_040_080, 0, 954_289));
    let lease = world.lease(&order, &supplier);
    assert_eq!((lease.state, lease.deposit_units), (3, 19_085_792));
    let again = world.receipt(&order, &supplier, &[ALL; 4]);
    let outcome = world.answer_with(&order, &supplier, &again, &receipt_key());
    expect_code(outcome, E::NothingAnswered);
    let by_rule = world.clone();
    let paid = world.earned(&supplier);
    world.resolve_dispute(&order, &supplier, 0);
    assert_eq!(world.earned(&supplier), paid);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 1);
    // The two hours that nobody acknowledged, and not the three minutes.
    assert_eq!(world.verdict(&order, &supplier).paid_usd6, 2_000_000);
    finish(&mut world, &order, &[&supplier]);
    let _ = renter;
    // Where nobody looks, who answered is no worse off than who did not.
    let mut world = by_rule;
    world.advance(259_200);
    world.resolve_by_rule(&order, &supplier);
    assert_eq!(world.earned(&supplier), paid + 19_085_792);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 0);
    finish(&mut world, &order, &[&supplier]);
}

/// A dispute half a minute into an hour is about no rent of that hour: what the renter signed of those before ends it, though no slot of the
/// last stretch can be acknowledged. redteam dispute 3b
#[test]
fn seconds_that_cost_nothing_ask_for_no_look() {
    let (mut world, supplier, renter) = stage_with(DAY);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.advance(30);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    let meta = world.answer(&order, &supplier, &[ALL]);
    assert_eq!(answered(&meta), (PRICE, 0, DEPOSIT));
    assert_eq!(world.lease(&order, &supplier).state, 2);
    finish(&mut world, &order, &[&supplier]);
}

/// The same of an hour in which nothing was proved: there is nothing to answer about it. redteam dispute 3b
#[test]
fn an_hour_without_proof_is_answered_by_nothing() {
    let (mut world, supplier, renter) = stage_with(DAY);
    let order = world.running(&renter, 1, 5, &[&supplier]);
    for beats in [6, 0] {
        world.serve_hour(&[&supplier], beats);
        world.settle_lease(&order, &supplier);
    }
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    let meta = world.answer(&order, &supplier, &[ALL, ALL]);
    // Half of the rent that was disputed, and of the deposit.
    assert_eq!(answered(&meta), (PRICE, 0, DEPOSIT / 2));
    assert_eq!(world.lease(&order, &supplier).state, 3);
    world.resolve_dispute(&order, &supplier, 0);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 1);
    // All that it was paid is acknowledged.
    assert_eq!(world.verdict(&order, &supplier).paid_usd6, 0);
    assert_eq!(world.earned(&supplier), PAID + DEPOSIT / 2);
    finish(&mut world, &order, &[&supplier]);
}

/// A device that took another's place began in the middle of an hour, and an extension at another price cuts its hours where the order's
/// own end. Numbers of hours shift there; the slots of the clock do not. redteam dispute 3c
#[test]
fn what_was_acknowledged_stays_where_it_is_when_a_price_cuts_an_hour() {
    let (mut world, one, renter) = stage_with(DAY);
    let two = world.supplier(CLASS_TEST);
    let order = world.running(&renter, 1, 3, &[&one]);
    world.serve_hour(&[&one], 6);
    world.settle_lease(&order, &one);
    world.leave_lease(&order, &one);
    world.advance(1_500);
    world.make_ready(&two);
    world.match_device(&order, &two);
    world.accept(&order, &two);
    world.edit::<HardwareClass>(&two.class, |class| class.base_price_usd6 = 2_000_000);
    world.post_price(super::stage::QUARTER);
    world.extend(&order, &renter, 3);
    let cut = world.order(&order).rates[1].from_ts;
    assert_eq!(cut, GENESIS_TS + 3 * HOUR);
    let start = world.now();
    let first = start / 600 + 1;
    for slot in first..first + 18 {
        world.warp_to(slot * 600);
        world.heartbeat(&two);
    }
    world.warp_to((first + 18) * 600);
    world.settle_lease(&order, &two);
    world.dispute(&order, &renter, &two);
    world.judge_rest(&order, &two);
    // The first slot behind the cut begins the lease's third stretch, which is no 7,200 s behind its start.
    let slot = u32::try_from(cut / 600).unwrap();
    let day = u32::try_from(first).unwrap();
    let receipt = world.receipt_of(&order, &two, day, [slot]);
    let outcome = world.answer_with(&order, &two, &receipt, &receipt_key());
    outcome.unwrap();
    let lease = world.lease(&order, &two);
    assert_eq!(lease.answered_slots[..4], [0, 0, 0b1, 0]);
    assert!(cut - start < 2 * HOUR);
    // A sixth of an hour at the new price.
    assert_eq!(lease.paid_usd6, 2_000_000 / 6);
    world.check_order_books(&order);
}
