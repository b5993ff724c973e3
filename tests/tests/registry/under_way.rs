//! Proofs that chance, a pause or a change of the class finds under way.

use iog_client::registry::accounts::HardwareClass;
use iog_client::registry::{ClassTerms, RegistryError};
use iog_tests::world::{commit_ix, expect_code, try_commit, PubkeyOf, CLASS_TEST, CLASS_UNPROVED};
use iog_tests::World;

use super::catalog::{apply_ix, schedule_ix, terms_of, WEEK};
use super::proof::{attestation, device, ended, CHALLENGED};

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
    let pair = world.registered(CLASS_TEST, 2);
    let terms = ClassTerms {
        rows: 2_048,
        tiles: 8,
        waves: 2,
        commit_slots: 750,
        reveal_slots: 56,
        max_cards: 1,
        ..terms_of(&world, CLASS_TEST)
    };
    let by = world.authority.pubkey_of();
    world.govern(schedule_ix(&by, CLASS_TEST, terms));
    world.advance(WEEK);
    let epoch = u64::from(world.hour());
    let mut prover = world.commit(&supplier);
    let mut two = world.commit(&pair);
    // While a window is open nothing changes, and in the next hour not after its window has opened.
    let anyone = world.wallet();
    let open = RegistryError::WindowAlreadyOpen;
    world.refuses(open, apply_ix(CLASS_TEST), &[&anyone]);
    world.challenge(&supplier);
    let record = world.record_challenge_ix(&pair);
    world.govern(record);
    world.set_time(world.now() - world.now() % 3_600 + 3_600);
    world.must(apply_ix(CLASS_TEST), &[&anyone]);
    // Long after the 56 slots of the new terms.
    world.advance_slots(230);
    for (device, prover) in [(&supplier, &mut prover), (&pair, &mut two)] {
        let stored = attestation(&world, device);
        assert_eq!((stored.state, stored.rows), (CHALLENGED, 1_024));
        assert_eq!((stored.tiles, stored.waves), (4, 512));
        for n in 0..8 {
            world.reveal(device, prover, n);
        }
        let meta = world.finalize(device);
        assert_eq!(meta.events, [ended(device, epoch, true, 1, (1, 0))]);
    }
    let stored = attestation(&world, &pair);
    assert_eq!((stored.cards, stored.reveal_slots), (2, 300));
    // The next hour is walked in the new size, and the cards are as many as the class takes by now.
    world.open_window();
    let refused = try_commit(&mut world, &pair, [1; 16]);
    expect_code(refused, RegistryError::InvalidQuantity);
    world.commit(&supplier);
    let stored = attestation(&world, &supplier);
    assert_eq!((stored.rows, stored.tiles, stored.waves), (2_048, 8, 2));
    assert_eq!((stored.reveal_slots, stored.cards), (56, 1));
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

/// redteam 2d: a class that is never proved takes no commit, so none of its devices looks proved to anybody.
#[test]
fn a_class_without_proofs_takes_no_commit() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_UNPROVED, 8);
    world.open_window();
    let payer = world.wallet();
    let commit = commit_ix(&supplier, [1; 16]);
    let signers = [&payer, &supplier.device_key];
    world.refuses(RegistryError::ClassNotProved, commit, &signers);
    let content = device(&world, &supplier);
    assert_eq!((content.last_sign_ts, content.proofs_failed), (0, 0));
    let class = world.read::<HardwareClass>(&supplier.class);
    assert_eq!((class.proof_valid_hours, class.gpus_active), (0, 8));
}
