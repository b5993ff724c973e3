//! Answers to disputes: what the renter's own receipt acknowledges leaves a dispute at once, and comes back to nobody.
//! `redteam link 13`

use iog_client::market::events::DisputeAnswered;
use iog_client::market::{Event, MarketError as E};
use iog_client::pda;
use iog_tests::world::{expect_code, receipt_key, Renter};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

use super::stage::{finish, market_events, send, stage_with, DEPOSIT, HOUR, PAID};

const DAY: u32 = 86_400;
const ALL: u8 = 0b11_1111;
/// 5 % of two hours, rounded up.
const DEPOSIT_OF_TWO: u64 = 40_080_161;

/// Two hours of an H100's kind of device, each with its first `beats` slots proved, in dispute.
fn disputed(beats: i64) -> (World, Supplier, Renter, Pubkey) {
    let (mut world, supplier, renter) = stage_with(DAY);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    for _ in 0..2 {
        world.serve_hour(&[&supplier], beats);
        world.settle_lease(&order, &supplier);
    }
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    (world, supplier, renter, order)
}

/// redteam link 13
#[test]
fn what_is_acknowledged_is_the_suppliers_at_once_with_its_part_of_the_deposit() {
    let (mut world, supplier, renter, order) = disputed(6);
    let lease = world.lease(&order, &supplier);
    assert_eq!(lease.deposit_units, DEPOSIT_OF_TWO);
    let escrowed = world.order(&order).escrowed_units;
    // Three slots of the first hour and all of the second: three quarters.
    let meta = world.answer(&order, &supplier, &[0b111, ALL]);
    let event = DisputeAnswered {
        order,
        lease: pda::market::lease(&order, &supplier.device),
        answered: 601_202_406,
        left: 200_400_802,
        deposit: 30_060_120,
        // Less 25 basis points of the rent, rounded up, and with the deposit's part.
        paid: 599_699_399 + 30_060_120,
        fee: 1_503_007 + 1_503_006,
        escrowed_before: escrowed,
        escrowed_after: escrowed - 601_202_406 - 30_060_120 - 1_503_006,
    };
    assert_eq!(market_events(&meta), [Event::DisputeAnswered(event)]);
    assert_eq!(world.earned(&supplier), 629_759_519);
    let lease = world.lease(&order, &supplier);
    assert_eq!((lease.state, lease.deposit_units), (3, 10_020_041));
    assert_eq!(lease.answered_slots[..3], [0b111, ALL, 0]);
    assert_eq!(lease.paid_usd6, 1_500_000);
    world.check_escrows();
    // The resolver has what is left, and no more; what was acknowledged no slash case gives back.
    let resolver = world.resolver.insecure_clone();
    world.pass_answers(&order, &supplier);
    let greedy = world.resolve_dispute_ix(&order, &supplier, 200_400_803);
    world.refuses(E::BeyondDispute, greedy.instruction(), &[&resolver]);
    world.resolve_dispute(&order, &supplier, 0);
    assert_eq!(world.earned(&supplier), 629_759_519);
    assert_eq!(world.verdict(&order, &supplier).paid_usd6, 0);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 1);
    let due = world.order(&order).refund_due_units;
    assert!(due >= 200_400_802 + 10_020_041, "{due}");
    let _ = renter;
    finish(&mut world, &order, &[&supplier]);
}

/// What the rule leaves to the supplier is paid once.
#[test]
fn the_rule_pays_the_rest() {
    let (mut world, supplier, _, order) = disputed(6);
    world.answer(&order, &supplier, &[0b111, ALL]);
    world.advance(259_200);
    world.resolve_by_rule(&order, &supplier);
    // Three quarters and a quarter, each with a fee that is rounded up, and the deposit whole.
    let paid = 599_699_399 + 199_899_799 + DEPOSIT_OF_TWO;
    assert_eq!(world.earned(&supplier), paid);
    finish(&mut world, &order, &[&supplier]);
}

/// A dispute that is answered whole is over, as by the rule; nothing waits for a resolver.
#[test]
fn a_dispute_answered_whole_is_over() {
    let (mut world, supplier, _, order) = disputed(6);
    world.answer(&order, &supplier, &[ALL, ALL]);
    let lease = world.lease(&order, &supplier);
    assert_eq!((lease.state, lease.deposit_units), (2, 0));
    assert_eq!((lease.released_count, lease.settled_count), (2, 2));
    // 801,603,208 less 2,004,009, and the deposit.
    assert_eq!(world.earned(&supplier), 799_599_199 + DEPOSIT_OF_TWO);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 0);
    let rule = world.resolve_by_rule_ix(&order, &supplier).instruction();
    expect_code(send(&mut world, rule), E::NotDisputed);
    world.close_lease(&order, &supplier);
    finish(&mut world, &order, &[]);
}

/// Receipts add up: a slot is paid with the first that acknowledges it, and never again.
#[test]
fn receipts_add_up_and_no_slot_is_paid_twice() {
    let (mut world, supplier, _, order) = disputed(6);
    world.answer(&order, &supplier, &[0b1]);
    // A sixth of an hour, less a fee of 167,001 units; a twelfth of the deposit.
    let first = 66_800_267 - 167_001 + 3_340_013;
    assert_eq!(world.earned(&supplier), first);
    for masks in [&[0b1][..], &[0], &[0b1, 0], &[0, 0, ALL]] {
        let receipt = world.receipt(&order, &supplier, masks);
        let outcome = world.answer_with(&order, &supplier, &receipt, &receipt_key());
        expect_code(outcome, E::NothingAnswered);
    }
    world.answer(&order, &supplier, &[0b11_1110]);
    // A receipt may begin at a later slot.
    let second = world.receipt(&order, &supplier, &[]).first_slot + 6;
    let later = world.receipt_of(&order, &supplier, second, second..second + 6);
    world
        .answer_with(&order, &supplier, &later, &receipt_key())
        .unwrap();
    assert_eq!(world.lease(&order, &supplier).state, 2);
    // 334,001,337 less 835,004, and an hour; the deposit to its last unit.
    let paid = 66_800_267 - 167_001 + 334_001_337 - 835_004 + PAID + DEPOSIT_OF_TWO;
    assert_eq!(world.earned(&supplier), paid);
    finish(&mut world, &order, &[&supplier]);
}

/// Receipts that were asked for ahead: a slot in which the device did not beat is no slot that it served.
#[test]
fn slots_without_a_heartbeat_do_not_count() {
    let (mut world, supplier, _, order) = disputed(4);
    let receipt = world.receipt(&order, &supplier, &[0b11_0000, 0b11_0000]);
    let outcome = world.answer_with(&order, &supplier, &receipt, &receipt_key());
    expect_code(outcome, E::NothingAnswered);
    world.answer(&order, &supplier, &[ALL, ALL]);
    assert_eq!(
        world.lease(&order, &supplier).answered_slots[..2],
        [0b1111; 2]
    );
    // Four of six of each hour were all that was disputed; the deposit is 5 % of that.
    let paid = 534_402_138 - 1_336_006 + 26_720_107;
    assert_eq!(world.earned(&supplier), paid);
    finish(&mut world, &order, &[&supplier]);
}

/// A slot that was forgiven has no heartbeat: it stays with the resolver.
#[test]
fn a_forgiven_slot_stays_in_dispute() {
    let (mut world, supplier, _, order) = disputed(5);
    let meta = world.answer(&order, &supplier, &[ALL, ALL]);
    let events = market_events(&meta);
    let [Event::DisputeAnswered(answer)] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert_eq!((answer.answered, answer.left), (668_002_672, 133_600_536));
    assert_eq!(world.lease(&order, &supplier).state, 3);
    world.resolve_dispute(&order, &supplier, 133_600_536);
    assert_eq!(world.occupancy(&supplier).disputes_lost, 0);
    finish(&mut world, &order, &[&supplier]);
}

/// In the first hour the share that was proved counts for all of it, and so does what is acknowledged.
#[test]
fn an_acknowledged_slot_of_the_first_hour_counts_for_its_share_of_it() {
    let (mut world, supplier, renter) = stage_with(DAY);
    let order = world.running(&renter, 1, 3, &[&supplier]);
    world.heartbeat(&supplier);
    world.advance(61);
    world.dispute(&order, &renter, &supplier);
    // The slot that it lies in decides, or the next: both must be over.
    world.advance(1_138);
    let receipt = world.receipt(&order, &supplier, &[ALL]);
    let outcome = world.answer_with(&order, &supplier, &receipt, &receipt_key());
    expect_code(outcome, E::SettleFirst);
    world.advance(1);
    world.settle_lease(&order, &supplier);
    world.answer(&order, &supplier, &[0b1]);
    assert_eq!(world.lease(&order, &supplier).state, 2);
    assert_eq!(world.earned(&supplier), PAID + DEPOSIT);
    finish(&mut world, &order, &[&supplier]);
}

/// What its owner forfeited no receipt brings back.
#[test]
fn what_was_forfeited_is_not_answered() {
    let (mut world, supplier, renter) = stage_with(DAY);
    let order = world.running(&renter, 1, 5, &[&supplier]);
    world.serve_hour(&[&supplier], 6);
    world.settle_lease(&order, &supplier);
    world.leave_lease(&order, &supplier);
    world.dispute(&order, &renter, &supplier);
    world.judge_rest(&order, &supplier);
    let receipt = world.receipt(&order, &supplier, &[ALL]);
    let outcome = world.answer_with(&order, &supplier, &receipt, &receipt_key());
    expect_code(outcome, E::NothingAnswered);
    assert_eq!(world.earned(&supplier), 0);
}

/// The hours of a device that took another's place begin where it did; a receipt names the slots of the clock that begin in them.
#[test]
fn slots_are_those_of_the_clock_wherever_hours_begin() {
    let (mut world, one, renter) = stage_with(DAY);
    let two = world.supplier(iog_tests::world::CLASS_TEST);
    let order = world.running(&renter, 1, 5, &[&one]);
    world.serve_hour(&[&one], 6);
    world.settle_lease(&order, &one);
    world.leave_lease(&order, &one);
    // Seven minutes into the hour: its first slot begins three minutes later.
    world.advance(420);
    world.make_ready(&two);
    world.match_device(&order, &two);
    world.accept(&order, &two);
    let start = world.now();
    for slot in 1..=6 {
        world.warp_to(start + slot * 600);
        if slot == 2 {
            continue;
        }
        world.heartbeat(&two);
    }
    world.warp_to(start + HOUR + 600);
    world.settle_lease(&order, &two);
    world.dispute(&order, &renter, &two);
    world.judge_rest(&order, &two);
    // The second slot that began is the one without a heartbeat.
    let receipt = world.receipt(&order, &two, &[0b10]);
    let outcome = world.answer_with(&order, &two, &receipt, &receipt_key());
    expect_code(outcome, E::NothingAnswered);
    let before = world.earned(&two);
    world.answer(&order, &two, &[0b101]);
    assert_eq!(world.lease(&order, &two).answered_slots[0], 0b101);
    assert!(world.earned(&two) > before);
    world.check_escrows();
}
