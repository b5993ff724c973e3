//! The proof's way through time.

use iog_client::events::Event;
use iog_client::registry::accounts::{Attestation, Device};
use iog_client::registry::events::{
    ChallengeRecorded, OpeningProved, ProofFinalized, RootsCommitted,
};
use iog_client::registry::instructions::{ApplyClass, ScheduleClass};
use iog_client::registry::{self, ClassArgs, ProofTerms, RegistryError};
use iog_tests::world::{class_args, finalize_ix, opening, reveal_ix, PubkeyOf, CLASS_TEST};
use iog_tests::{Supplier, World};

/// State of an attestation.
const COMMITTED: u8 = 1;
const CHALLENGED: u8 = 2;
const PASSED: u8 = 3;
const FAILED: u8 = 4;

fn attestation(world: &World, supplier: &Supplier) -> Attestation {
    world.read(&supplier.attestation)
}

fn device(world: &World, supplier: &Supplier) -> Device {
    world.read(&supplier.device)
}

/// The end of a device's first proof.
fn finalized(supplier: &Supplier, passed: bool) -> Vec<Event> {
    vec![ended(
        supplier,
        1,
        passed,
        u32::from(passed),
        (u64::from(passed), u64::from(!passed)),
    )]
}

fn ended(
    supplier: &Supplier,
    epoch: u64,
    passed: bool,
    pass_streak: u32,
    (proofs_passed, proofs_failed): (u64, u64),
) -> Event {
    Event::Registry(registry::Event::ProofFinalized(ProofFinalized {
        device: supplier.device,
        epoch,
        passed,
        pass_streak,
        proofs_passed,
        proofs_failed,
    }))
}

#[test]
fn eight_openings_in_any_order_pass() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    let (mut prover, roots) = iog_tests::world::prover(&world, &supplier);
    let slot = world.slot();
    let meta = iog_tests::world::try_commit(&mut world, &supplier, roots.clone()).unwrap();
    let committed = RootsCommitted {
        device: supplier.device,
        epoch: 1,
        slot,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::RootsCommitted(committed))]
    );
    let stored = attestation(&world, &supplier);
    assert_eq!(
        (stored.state, stored.epoch, stored.commit_slot),
        (COMMITTED, 1, slot)
    );
    assert_eq!((stored.waves, &stored.roots[..3]), (3, &roots[..]));
    assert_eq!((stored.revealed, stored.challenge_slot), (0, 0));

    let meta = world.challenge(&supplier);
    let hash = world.slot_hash(slot + 1).unwrap();
    let challenge = iog_pow::challenge(&hash, &supplier.attestation.to_bytes());
    let recorded = ChallengeRecorded {
        device: supplier.device,
        epoch: 1,
        challenge,
        audited: true,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::ChallengeRecorded(
            recorded
        ))]
    );
    let stored = attestation(&world, &supplier);
    assert_eq!(
        (stored.state, stored.challenge_slot),
        (CHALLENGED, slot + 1)
    );

    let mut revealed = 0;
    for n in [3, 0, 7, 7, 1, 2, 6, 5, 3, 4] {
        let meta = world.reveal(&supplier, &mut prover, n);
        revealed |= 1 << n;
        let proved = OpeningProved {
            device: supplier.device,
            epoch: 1,
            n: u8::try_from(n).unwrap(),
            revealed,
        };
        assert_eq!(
            meta.events,
            [Event::Registry(registry::Event::OpeningProved(proved))]
        );
        assert_eq!(attestation(&world, &supplier).revealed, revealed);
    }
    let meta = world.finalize(&supplier);
    assert_eq!(meta.events, finalized(&supplier, true));
    assert_eq!(attestation(&world, &supplier).state, PASSED);
    let device = device(&world, &supplier);
    assert_eq!(
        (device.last_pass_epoch, device.pass_streak, device.fail_bits),
        (1, 1, 0)
    );
}

#[test]
fn streaks_grow_hour_by_hour() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    for epoch in 1..=3 {
        world.prove(&supplier);
        let device = device(&world, &supplier);
        assert_eq!(u64::from(device.pass_streak), epoch);
        assert_eq!(device.last_pass_epoch, epoch);
        world.next_hour();
    }
}

#[test]
fn the_challenge_is_the_first_recorded_slot_after_the_commit() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.commit(&supplier);
    // The commit's own slot is recorded, the next three are skipped.
    world.advance_slots(1);
    world.skip_slots(3);
    let first = world.slot();
    world.advance_slots(400);
    let record = world.record_challenge_ix(&supplier);
    world.govern(record);
    let stored = attestation(&world, &supplier);
    let hash = world.slot_hash(first).unwrap();
    assert_eq!(stored.challenge_slot, first);
    assert_eq!(
        stored.challenge,
        iog_pow::challenge(&hash, &supplier.attestation.to_bytes())
    );
}

#[test]
fn the_last_slots_of_commit_challenge_and_reveal_count() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    let (mut prover, roots) = iog_tests::world::prover(&world, &supplier);
    // The window's slot is the newest recorded one, 750 slots are allowed from there.
    world.advance_slots(749);
    iog_tests::world::try_commit(&mut world, &supplier, roots).unwrap();
    let commit_slot = world.slot();
    // 512 hashes are kept: the commit's own is the oldest of them.
    world.advance_slots(512);
    let record = world.record_challenge_ix(&supplier);
    world.govern(record);
    let stored = attestation(&world, &supplier);
    assert_eq!(stored.challenge_slot, commit_slot + 1);
    // The challenge's slot lies 511 slots back already: the reveal's 300 slots are over.
    let bytes = opening(&world, &supplier, &mut prover, 0);
    let authority = world.authority.insecure_clone();
    world.refuses(
        RegistryError::LateReveal,
        reveal_ix(&supplier, 0, bytes),
        &[&authority],
    );
}

#[test]
fn a_reveal_in_the_deadlines_slot_counts_and_finalize_waits_for_the_next() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let mut prover = world.commit(&supplier);
    world.challenge(&supplier);
    let deadline = attestation(&world, &supplier).challenge_slot + 300;
    world.advance_slots(deadline - world.slot());
    world.reveal(&supplier, &mut prover, 0);
    let authority = world.authority.insecure_clone();
    world.refuses(
        RegistryError::NotFinal,
        finalize_ix(&supplier),
        &[&authority],
    );
    world.advance_slots(1);
    let meta = world.finalize(&supplier);
    assert_eq!(meta.events, finalized(&supplier, false));
    let device = device(&world, &supplier);
    assert_eq!((device.last_fail_epoch, device.fail_bits), (1, 1));
    assert_eq!((device.last_pass_epoch, device.pass_streak), (0, 0));
    assert_eq!(attestation(&world, &supplier).state, FAILED);
}

#[test]
fn all_openings_proved_pass_however_late_the_last_call() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let mut prover = world.commit(&supplier);
    world.challenge(&supplier);
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    world.next_hour();
    let meta = world.finalize(&supplier);
    assert_eq!(meta.events, finalized(&supplier, true));
}

#[test]
fn a_forgotten_challenge_fails_after_512_and_the_reveals_slots() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.commit(&supplier);
    let authority = world.authority.insecure_clone();
    world.advance_slots(513);
    let record = world.record_challenge_ix(&supplier);
    world.refuses(RegistryError::ChallengeForgotten, record, &[&authority]);
    world.advance_slots(299);
    world.refuses(
        RegistryError::NotFinal,
        finalize_ix(&supplier),
        &[&authority],
    );
    world.advance_slots(1);
    let meta = world.finalize(&supplier);
    assert_eq!(meta.events, finalized(&supplier, false));
}

#[test]
fn a_commit_over_an_unresolved_one_counts_its_failure() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.prove(&supplier);
    world.next_hour();
    // Committed and left; challenged and left.
    world.commit(&supplier);
    world.next_hour();
    world.open_window();
    let (_, roots) = iog_tests::world::prover(&world, &supplier);
    let meta = iog_tests::world::try_commit(&mut world, &supplier, roots).unwrap();
    // What nobody finalised is said by the commit that replaces it.
    assert_eq!(meta.events.len(), 2);
    assert_eq!(meta.events[0], ended(&supplier, 2, false, 0, (1, 1)));
    world.challenge(&supplier);
    let after_first = device(&world, &supplier);
    assert_eq!(
        (after_first.last_fail_epoch, after_first.fail_bits),
        (2, 0b1)
    );
    assert_eq!(after_first.pass_streak, 0);
    world.next_hour();
    world.prove(&supplier);
    let device = device(&world, &supplier);
    assert_eq!((device.last_fail_epoch, device.fail_bits), (3, 0b11));
    assert_eq!((device.last_pass_epoch, device.pass_streak), (4, 1));
}

#[test]
fn the_lottery_opens_one_proof_in_four_and_passes_the_others() {
    let mut world = World::ready();
    let class_id = 7;
    world.add_class(ClassArgs {
        audit_modulus: 4,
        ..class_args(class_id)
    });
    let mut audited = Vec::new();
    for _ in 0..8 {
        let supplier = world.registered(class_id, 1);
        world.open_window();
        let roots = vec![[1; 20]; 3];
        iog_tests::world::try_commit(&mut world, &supplier, roots).unwrap();
        let meta = world.challenge(&supplier);
        let stored = attestation(&world, &supplier);
        let draw = u64::from_le_bytes(stored.challenge[..8].try_into().unwrap());
        let device = device(&world, &supplier);
        let authority = world.authority.insecure_clone();
        if draw % 4 == 0 {
            assert_eq!((stored.state, device.pass_streak), (CHALLENGED, 0));
            assert_eq!(meta.events.len(), 1);
        } else {
            assert_eq!((stored.state, stored.revealed), (PASSED, 0));
            assert_eq!(meta.events[1..], finalized(&supplier, true));
            assert_eq!((device.last_pass_epoch, device.pass_streak), (1, 1));
            // Nothing is left to prove or to close.
            for closed in [
                reveal_ix(&supplier, 0, vec![0; 424]),
                finalize_ix(&supplier),
            ] {
                world.refuses(RegistryError::NoChallenge, closed, &[&authority]);
            }
        }
        audited.push(draw % 4 == 0);
    }
    assert!(
        audited.contains(&true) && audited.contains(&false),
        "{audited:?}"
    );
}

#[test]
fn a_paused_device_ends_its_proof_but_begins_none() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let mut prover = world.commit(&supplier);
    world.set_device_state(&supplier, 1);
    world.challenge(&supplier);
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    world.finalize(&supplier);
    assert_eq!(device(&world, &supplier).last_pass_epoch, 1);
}

#[test]
fn a_class_that_changes_touches_no_proof_under_way() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let class = supplier.class;
    let schedule = ScheduleClass {
        authority: world.authority.pubkey_of(),
        class,
        proof: ProofTerms {
            rows: 4_096,
            lanes: 32,
            waves: 2,
            commit_slots: 750,
            reveal_slots: 1,
            audit_modulus: 64,
        },
    };
    world.govern(schedule.instruction());
    world.advance(86_400);
    let epoch = u64::from(world.hour());
    let mut prover = world.commit(&supplier);
    // While a window is open nothing changes, and in the next hour not before its window opens.
    let apply = ApplyClass { class }.instruction();
    let anyone = world.wallet();
    world.refuses(RegistryError::WindowAlreadyOpen, apply.clone(), &[&anyone]);
    world.challenge(&supplier);
    world.set_time(world.now() - world.now() % 3_600 + 3_600);
    world.must(apply, &[&anyone]);
    world.advance_slots(250);
    assert_eq!(attestation(&world, &supplier).state, CHALLENGED);
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    let meta = world.finalize(&supplier);
    assert_eq!(meta.events, [ended(&supplier, epoch, true, 1, (1, 0))]);
    // The next hour is walked in the new size; the old one has a root too many.
    world.open_window();
    let refused = iog_tests::world::try_commit(&mut world, &supplier, vec![[1; 20]; 3]);
    iog_tests::world::expect_code(refused, RegistryError::WrongRootCount);
    world.commit(&supplier);
    let stored = attestation(&world, &supplier);
    assert_eq!((stored.rows, stored.lanes, stored.waves), (4_096, 32, 2));
    assert_eq!((stored.reveal_slots, stored.audit_modulus), (1, 64));
}

#[test]
fn a_proved_hour_has_passed_even_if_only_the_next_commit_says_so() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let mut prover = world.commit(&supplier);
    world.challenge(&supplier);
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    world.next_hour();
    world.commit(&supplier);
    let device = device(&world, &supplier);
    assert_eq!((device.last_pass_epoch, device.pass_streak), (1, 1));
    assert_eq!((device.last_fail_epoch, device.fail_bits), (0, 0));
}
