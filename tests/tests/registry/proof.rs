//! The proof's way through time.

use iog_client::events::Event;
use iog_client::registry::accounts::{Attestation, Device};
use iog_client::registry::events::{
    ChallengeRecorded, OpeningProved, ProofFinalized, WalkCommitted,
};
use iog_client::registry::{self, RegistryError};
use iog_tests::world::{finalize_ix, CLASS_TEST};
use iog_tests::{Supplier, World};

/// State of an attestation.
pub const COMMITTED: u8 = 1;
pub const CHALLENGED: u8 = 2;
pub const PASSED: u8 = 3;
const FAILED: u8 = 4;

pub fn attestation(world: &World, supplier: &Supplier) -> Attestation {
    world.read(&supplier.attestation)
}

pub fn device(world: &World, supplier: &Supplier) -> Device {
    world.read(&supplier.device)
}

/// The end of a device's first proof.
pub fn finalized(supplier: &Supplier, passed: bool) -> Vec<Event> {
    vec![ended(
        supplier,
        1,
        passed,
        u32::from(passed),
        (u64::from(passed), u64::from(!passed)),
    )]
}

pub fn ended(
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
    let (mut prover, root) = iog_tests::world::prover(&world, &supplier);
    let slot = world.slot();
    let meta = iog_tests::world::try_commit(&mut world, &supplier, root).unwrap();
    let committed = WalkCommitted {
        device: supplier.device,
        epoch: 1,
        slot,
        cards: 1,
        commit: root,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::WalkCommitted(committed))]
    );
    let stored = attestation(&world, &supplier);
    assert_eq!(
        (stored.state, stored.epoch, stored.commit_slot),
        (COMMITTED, 1, slot)
    );
    assert_eq!((stored.commit, stored.cards), (root, 1));
    assert_eq!((stored.rows, stored.tiles, stored.waves), (1_024, 4, 512));
    assert_eq!((stored.revealed, stored.challenge_slot), (0, 0));

    let meta = world.challenge(&supplier);
    let first = world.slot_hash(slot + 1).unwrap();
    // 8 to 63 slots after the commit, as the first hash says.
    let second = slot + 8 + u64::from_le_bytes(first[..8].try_into().unwrap()) % 56;
    let hashes = (first, world.slot_hash(second).unwrap());
    let address = supplier.attestation.to_bytes();
    let challenge = iog_pow::challenge(&hashes.0, &hashes.1, &address);
    let recorded = ChallengeRecorded {
        device: supplier.device,
        epoch: 1,
        challenge,
        slot: second,
    };
    assert_eq!(
        meta.events,
        [Event::Registry(registry::Event::ChallengeRecorded(
            recorded
        ))]
    );
    let stored = attestation(&world, &supplier);
    assert_eq!((stored.state, stored.challenge_slot), (CHALLENGED, second));

    let mut revealed = 0;
    for n in [3, 0, 7, 1, 2, 6, 5, 4] {
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
fn the_last_slot_of_a_commit_counts() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    let (_, root) = iog_tests::world::prover(&world, &supplier);
    // The window's slot is the newest recorded one, 750 slots are allowed from there.
    world.advance_slots(749);
    iog_tests::world::try_commit(&mut world, &supplier, root).unwrap();
    assert_eq!(attestation(&world, &supplier).commit_slot, world.slot());
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
fn a_commit_over_an_unresolved_one_counts_its_failure() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.prove(&supplier);
    world.next_hour();
    // Committed and left; challenged and left.
    world.commit(&supplier);
    world.next_hour();
    world.open_window();
    let (_, root) = iog_tests::world::prover(&world, &supplier);
    let meta = iog_tests::world::try_commit(&mut world, &supplier, root).unwrap();
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
