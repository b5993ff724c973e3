//! When a node answers a dispute of its own lease, and with what. redteam 13

use crate::{
    action::Action,
    draft::draft,
    plan::{fixtures::*, plan},
    rules::state::*,
    snapshot::{Local, Snapshot},
};
use iog_client::price_report::ED25519_PROGRAM;
use iog_job::{Binding, Key, Receipt, Signed};
use iog_math::units::HOUR;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const STARTED: i64 = NOW - 1_800;
/// The first slot that begins in its hour, 500 s behind its start.
const FIRST: i64 = (STARTED + 500) / 600;

/// An hour in dispute that is judged: its first two slots are proved and paid.
fn disputed() -> Snapshot {
    let mut snapshot = hired(order(ORDER_ACTIVE), LEASE_DISPUTED);
    let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
    order.end_ts = STARTED + 9 * HOUR;
    order.receipt_key = renters_key();
    let lease = snapshot.leases.get_mut(&key(LEASE)).unwrap();
    (lease.ends_ts, lease.stopped_ts) = (STARTED + HOUR, STARTED + HOUR);
    (lease.settled_count, lease.settled_until_ts) = (1, STARTED + HOUR);
    lease.paid_slots[0] = 2;
    lease.disputed_ts = STARTED + HOUR;
    snapshot.time.now = STARTED + HOUR + 700;
    let device = &mut snapshot.devices.get_mut(&key(DEVICE)).unwrap().device;
    device.beat_head = FIRST + 1;
    device.beats = Default::default();
    for slot in [FIRST, FIRST + 1] {
        let bit = usize::try_from(slot.rem_euclid(768)).unwrap();
        device.beats[bit / 64] |= 1 << (bit % 64);
    }
    snapshot
}

fn signer() -> Keypair {
    Keypair::new_from_array([7; 32])
}

fn renters_key() -> Pubkey {
    signer().pubkey()
}

fn receipt(slots: &[i64]) -> Signed {
    let binding = Binding {
        genesis: Key::default(),
        program: Key::default(),
        order: Key([ORDER; 32]),
        created_ts: 0,
        lease: Key([LEASE; 32]),
        matched_ts: MATCHED,
        device: Key([DEVICE; 32]),
    };
    let slots = slots.iter().map(|slot| u32::try_from(*slot).unwrap());
    let day = Receipt::day_of(u32::try_from(FIRST).unwrap());
    let mut receipt = Receipt::new(&binding, day);
    for slot in slots {
        assert!(receipt.acknowledge(slot));
    }
    let message = receipt.message();
    Signed {
        signature: hex::encode(signer().sign_message(&message)),
        message: hex::encode(message),
    }
}

fn holding(receipts: Vec<Signed>) -> Local {
    let mut local = local();
    local.receipts.insert((key(LEASE), MATCHED), receipts);
    local
}

fn answers(snapshot: &Snapshot, local: &Local) -> Vec<Action> {
    let planned = plan(snapshot, local, &policy(crate::config::Role::Node));
    let actions = planned.into_iter().map(|planned| planned.action);
    actions
        .filter(|action| matches!(action, Action::AnswerDispute { .. }))
        .collect()
}

/// Each receipt that would take something out, once for each dispute, as anybody may send it: no key of the device signs.
#[test]
fn a_dispute_is_answered_with_what_the_renter_signed() {
    let (snapshot, signed) = (disputed(), receipt(&[FIRST]));
    let found = answers(&snapshot, &holding(vec![signed.clone()]));
    let [answer] = found.as_slice() else {
        panic!("{found:?}");
    };
    let expected = Action::AnswerDispute {
        lease: key(LEASE),
        opened_ts: STARTED + HOUR,
        receipt: signed,
    };
    assert_eq!(*answer, expected);
    let key_of =
        |snapshot: &Snapshot, receipt: Signed| answers(snapshot, &holding(vec![receipt]))[0].key();
    let same = answer.key();
    assert_eq!(key_of(&snapshot, receipt(&[FIRST])), same);
    assert_ne!(key_of(&snapshot, receipt(&[FIRST + 1])), same);
    let mut later = disputed();
    later.leases.get_mut(&key(LEASE)).unwrap().disputed_ts += 1;
    assert_ne!(key_of(&later, receipt(&[FIRST])), same);
    let written = draft(answer, &snapshot, &key(99), None).unwrap();
    assert_eq!((written.device, written.checked_signatures), (None, 1));
    let [check, answer] = written.instructions.as_slice() else {
        panic!("{:?}", written.instructions);
    };
    assert_eq!(check.program_id, ED25519_PROGRAM);
    assert_eq!(answer.program_id, iog_client::market::ID);
}

#[test]
fn what_would_take_nothing_out_is_not_sent() {
    let good = || holding(vec![receipt(&[FIRST, FIRST + 1])]);
    assert_eq!(answers(&disputed(), &good()).len(), 1);
    // No receipt, one of slots without a heartbeat, one that another key signed.
    assert!(answers(&disputed(), &local()).is_empty());
    assert!(answers(&disputed(), &holding(vec![receipt(&[FIRST + 2])])).is_empty());
    let with = |change: &dyn Fn(&mut iog_client::market::Lease)| {
        let mut snapshot = disputed();
        change(snapshot.leases.get_mut(&key(LEASE)).unwrap());
        answers(&snapshot, &good()).len()
    };
    assert_eq!(with(&|lease| lease.state = LEASE_SETTLED), 0);
    assert_eq!(with(&|lease| lease.settled_until_ts -= 1), 0, "not judged");
    assert_eq!(with(&|lease| lease.matched_ts += 1), 0, "of another match");
    assert_eq!(with(&|lease| lease.answered_slots[0] = 0b11), 0);
    assert_eq!(with(&|lease| lease.answered_slots[0] = 0b01), 1);
    assert_eq!(with(&|lease| lease.paid_slots[0] = 0), 0, "forfeited");
    let mut other = disputed();
    other.orders.get_mut(&key(ORDER)).unwrap().receipt_key = key(55);
    assert!(answers(&other, &good()).is_empty());
    let mut strangers = good();
    strangers.own.clear();
    assert!(answers(&disputed(), &strangers).is_empty());
}

/// Four receipts of one day that say nearly the same, as of an agent that lost its folder again and again: all answers of a pass are sent at
/// once, and whoever signed so would have the node pay for those that come too late.
#[test]
fn no_two_answers_of_a_pass_say_the_same() {
    let later = receipt(&[FIRST + 1]);
    let both = receipt(&[FIRST, FIRST + 1]);
    let beyond = receipt(&[FIRST + 1, FIRST + 2]);
    let sent = |receipts: &[&Signed]| {
        let receipts = receipts.iter().map(|signed| (*signed).clone());
        let found = answers(&disputed(), &holding(receipts.collect()));
        let sent = found.into_iter().map(|action| match action {
            Action::AnswerDispute { receipt, .. } => receipt,
            other => panic!("{other:?}"),
        });
        sent.collect::<Vec<_>>()
    };
    assert_eq!(sent(&[&both, &later, &beyond]), std::slice::from_ref(&both));
    assert_eq!(
        sent(&[&later, &both, &beyond]),
        [later.clone(), both.clone()]
    );
    let unproved = receipt(&[FIRST + 2, FIRST + 3]);
    assert_eq!(sent(&[&unproved, &beyond, &later]), [beyond]);
}
