//! The challenge: from which slots, and until when.

use iog_client::registry::RegistryError;
use iog_tests::world::{finalize_ix, try_commit, CLASS_TEST};
use iog_tests::{Supplier, World};

use super::proof::{attestation, finalized, CHALLENGED, COMMITTED};

/// What the first hash draws: 8 to 63 slots after the commit.
fn distance(first: &[u8; 32]) -> u64 {
    8 + u64::from_le_bytes(first[..8].try_into().unwrap()) % 56
}

/// A device that has committed nothing in particular, and the slot it did so in.
fn committed(world: &mut World) -> (Supplier, u64) {
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    try_commit(world, &supplier, [1; 16]).unwrap();
    (supplier, world.slot())
}

fn record(world: &mut World, supplier: &Supplier) {
    let record = world.record_challenge_ix(supplier);
    world.govern(record);
}

/// audit: proof M-6: the leader of the slot after the commit chose the challenge; of two slots he knows one hash only.
#[test]
fn the_challenge_is_of_two_slots_the_second_drawn_by_the_first() {
    let mut world = World::ready();
    let (supplier, commit) = committed(&mut world);
    // The commit's own slot is recorded, the next three are skipped.
    world.advance_slots(1);
    world.skip_slots(3);
    let first = world.slot();
    world.advance_slots(1);
    let hash = world.slot_hash(first).unwrap();
    let second = commit + distance(&hash);
    // Until the second is recorded there is no challenge.
    world.advance_slots(second - world.slot());
    let early = world.record_challenge_ix(&supplier);
    let anyone = world.wallet();
    world.refuses(RegistryError::ChallengeNotYet, early, &[&anyone]);
    assert_eq!(attestation(&world, &supplier).state, COMMITTED);
    // Whenever it is recorded it is the same.
    for later in [1, 200] {
        let mut world = world.clone();
        world.advance_slots(later);
        record(&mut world, &supplier);
        let stored = attestation(&world, &supplier);
        assert_eq!(stored.challenge_slot, second);
        let other = world.slot_hash(second).unwrap();
        let address = supplier.attestation.to_bytes();
        let expected = iog_pow::challenge(&hash, &other, &address);
        assert_eq!(stored.challenge, expected);
    }
}

/// audit: proof M-6: another first hash draws another second slot, and each of the two hashes changes the challenge.
#[test]
fn either_hash_changes_the_challenge() {
    let mut world = World::ready();
    let (supplier, commit) = committed(&mut world);
    let mut plain = world.clone();
    plain.advance_slots(66);
    let first = plain.slot_hash(commit + 1).unwrap();
    let second = commit + distance(&first);
    record(&mut plain, &supplier);
    let before = attestation(&plain, &supplier);
    assert_eq!(before.challenge_slot, second);

    // The first slot is skipped: the next one's hash draws.
    let mut other = world.clone();
    other.advance_slots(1);
    other.skip_slots(1);
    other.advance_slots(64);
    let hash = other.slot_hash(commit + 2).unwrap();
    assert_ne!(distance(&hash), distance(&first));
    record(&mut other, &supplier);
    let stored = attestation(&other, &supplier);
    assert_ne!(stored.challenge, before.challenge);
    assert_eq!(stored.challenge_slot, commit + distance(&hash));

    // The second is skipped: the one after it is taken.
    world.advance_slots(second - commit);
    world.skip_slots(1);
    world.advance_slots(65);
    record(&mut world, &supplier);
    let stored = attestation(&world, &supplier);
    assert_ne!(stored.challenge, before.challenge);
    assert_eq!(stored.challenge_slot, second + 1);
}

/// audit: proof M-6: where the drawn distance is over by the first recorded slot, the second is another one all the same.
#[test]
fn the_second_slot_is_never_the_first() {
    let mut world = World::ready();
    let (supplier, commit) = committed(&mut world);
    world.advance_slots(1);
    world.skip_slots(70);
    world.advance_slots(1);
    let record_ix = world.record_challenge_ix(&supplier);
    let anyone = world.wallet();
    world.refuses(RegistryError::ChallengeNotYet, record_ix, &[&anyone]);
    world.advance_slots(1);
    record(&mut world, &supplier);
    let stored = attestation(&world, &supplier);
    assert_eq!(stored.challenge_slot, commit + 72);
    let address = supplier.attestation.to_bytes();
    let [first, second] = [71, 72].map(|after| world.slot_hash(commit + after).unwrap());
    assert_eq!(
        stored.challenge,
        iog_pow::challenge(&first, &second, &address)
    );
}

/// audit: proof L-1: a challenge that was recorded when its openings were due already cost a fee and could only fail.
#[test]
fn a_challenge_is_recorded_while_its_openings_can_still_land() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let mut prover = world.commit(&supplier);
    let commit = world.slot();
    world.advance_slots(66);
    let due = commit + distance(&world.slot_hash(commit + 1).unwrap()) + 300;
    world.advance_slots(due - world.slot());
    let mut late = world.clone();
    late.advance_slots(1);
    let dead = world.record_challenge_ix(&supplier);
    let anyone = late.wallet();
    late.refuses(RegistryError::ChallengeForgotten, dead, &[&anyone]);
    assert_eq!(attestation(&late, &supplier).state, COMMITTED);
    record(&mut world, &supplier);
    let stored = attestation(&world, &supplier);
    assert_eq!(
        (stored.state, stored.challenge_slot + 300),
        (CHALLENGED, due)
    );
    // In the same slot all eight pass.
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    assert_eq!(world.slot(), due);
    let meta = world.finalize(&supplier);
    assert_eq!(meta.events, finalized(&supplier, true));
}

/// Recorded late: the proof fails when SlotHashes has forgotten the slots and the openings' time is over.
#[test]
fn a_forgotten_challenge_fails_after_512_and_the_reveals_slots() {
    let mut world = World::ready();
    let (supplier, _) = committed(&mut world);
    let authority = world.authority.insecure_clone();
    for slots in [364, 149] {
        world.advance_slots(slots);
        let record = world.record_challenge_ix(&supplier);
        world.refuses(RegistryError::ChallengeForgotten, record, &[&authority]);
    }
    world.advance_slots(299);
    let end = finalize_ix(&supplier);
    world.refuses(RegistryError::NotFinal, end, &[&authority]);
    world.advance_slots(1);
    let meta = world.finalize(&supplier);
    assert_eq!(meta.events, finalized(&supplier, false));
}

/// With long reveals the slots are forgotten before the openings are due: 512 slots after the commit the challenge can still be had.
#[test]
fn a_challenge_can_be_had_for_512_slots() {
    for (slots, had) in [(512, true), (513, false)] {
        let mut world = World::ready();
        world.update_class(iog_client::registry::ClassArgs {
            reveal_slots: 9_000,
            ..iog_tests::world::class_args(CLASS_TEST)
        });
        let (supplier, _) = committed(&mut world);
        world.advance_slots(slots);
        if had {
            record(&mut world, &supplier);
            continue;
        }
        let anyone = world.wallet();
        let late = world.record_challenge_ix(&supplier);
        world.refuses(RegistryError::ChallengeForgotten, late, &[&anyone]);
    }
}
