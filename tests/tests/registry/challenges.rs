//! The challenge: from which slot, and until when.

use iog_client::registry::RegistryError;
use iog_tests::world::{finalize_ix, CLASS_TEST};
use iog_tests::World;

use super::proof::{attestation, finalized, CHALLENGED, COMMITTED};

#[test]
fn the_challenge_is_the_first_recorded_slot_after_the_commit() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.commit(&supplier);
    // The commit's own slot is recorded, the next three are skipped.
    world.advance_slots(1);
    world.skip_slots(3);
    let first = world.slot();
    world.advance_slots(300);
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

/// audit: proof L-1: a challenge that was recorded when its openings were due already cost a fee and could only fail.
#[test]
fn a_challenge_is_recorded_while_its_openings_can_still_land() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let mut prover = world.commit(&supplier);
    let commit_slot = world.slot();
    // The challenge's slot is the next one; its openings are due 300 slots later.
    world.advance_slots(301);
    let mut late = world.clone();
    late.advance_slots(1);
    let record = world.record_challenge_ix(&supplier);
    let anyone = late.wallet();
    late.refuses(
        RegistryError::ChallengeForgotten,
        record.clone(),
        &[&anyone],
    );
    assert_eq!(attestation(&late, &supplier).state, COMMITTED);
    world.govern(record);
    let stored = attestation(&world, &supplier);
    assert_eq!(
        (stored.state, stored.challenge_slot),
        (CHALLENGED, commit_slot + 1)
    );
    // In the same slot all eight pass.
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    assert_eq!(world.slot(), commit_slot + 301);
    let meta = world.finalize(&supplier);
    assert_eq!(meta.events, finalized(&supplier, true));
}

/// Nobody recorded it: the proof fails when SlotHashes has forgotten the slot and the openings' time is over.
#[test]
fn a_forgotten_challenge_fails_after_512_and_the_reveals_slots() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.commit(&supplier);
    let authority = world.authority.insecure_clone();
    for (slots, error) in [
        (302, RegistryError::ChallengeForgotten),
        (211, RegistryError::ChallengeForgotten),
    ] {
        world.advance_slots(slots);
        let record = world.record_challenge_ix(&supplier);
        world.refuses(error, record, &[&authority]);
    }
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
