//! Proofs that chance, a pause or a change of the class finds under way.

use iog_client::registry::accounts::HardwareClass;
use iog_client::registry::{ClassArgs, ClassTerms, RegistryError};
use iog_tests::world::{
    class_args, commit_ix, expect_code, finalize_ix, reveal_ix, try_commit, PubkeyOf, CLASS_TEST,
    CLASS_UNPROVED,
};
use iog_tests::World;

use super::catalog::{apply_ix, schedule_ix, terms_of, WEEK};
use super::proof::{attestation, device, ended, finalized, CHALLENGED, PASSED};

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
        try_commit(&mut world, &supplier, roots).unwrap();
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
    let terms = ClassTerms {
        rows: 4_096,
        lanes: 32,
        waves: 2,
        commit_slots: 750,
        reveal_slots: 1,
        audit_modulus: 64,
        ..terms_of(&world, CLASS_TEST)
    };
    let by = world.authority.pubkey_of();
    world.govern(schedule_ix(&by, CLASS_TEST, terms));
    world.advance(WEEK);
    let epoch = u64::from(world.hour());
    let mut prover = world.commit(&supplier);
    // While a window is open nothing changes, and in the next hour not after its window has opened.
    let anyone = world.wallet();
    let open = RegistryError::WindowAlreadyOpen;
    world.refuses(open, apply_ix(CLASS_TEST), &[&anyone]);
    world.challenge(&supplier);
    world.set_time(world.now() - world.now() % 3_600 + 3_600);
    world.must(apply_ix(CLASS_TEST), &[&anyone]);
    world.advance_slots(250);
    assert_eq!(attestation(&world, &supplier).state, CHALLENGED);
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    let meta = world.finalize(&supplier);
    assert_eq!(meta.events, [ended(&supplier, epoch, true, 1, (1, 0))]);
    // The next hour is walked in the new size; the old one has a root too many.
    world.open_window();
    let refused = try_commit(&mut world, &supplier, vec![[1; 20]; 3]);
    expect_code(refused, RegistryError::WrongRootCount);
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

/// redteam 2d: a class that is never proved takes no commit, so none of its devices looks proved to anybody.
#[test]
fn a_class_without_proofs_takes_no_commit() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_UNPROVED, 8);
    world.open_window();
    let payer = world.wallet();
    let commit = commit_ix(&supplier, vec![[1; 20]; 3]);
    let signers = [&payer, &supplier.device_key];
    world.refuses(RegistryError::ClassNotProved, commit, &signers);
    let content = device(&world, &supplier);
    assert_eq!((content.last_sign_ts, content.proofs_failed), (0, 0));
    let class = world.read::<HardwareClass>(&supplier.class);
    assert_eq!((class.proof_valid_hours, class.gpus_active), (0, 8));
}
