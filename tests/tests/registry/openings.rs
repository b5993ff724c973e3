//! Openings that were taken from elsewhere or tampered with, and the largest class.

use iog_client::registry::accounts::Attestation;
use iog_client::registry::{ClassArgs, RegistryError};
use iog_pow::Prover;
use iog_tests::world::{
    class_args, opening, prover, reveal_ix, try_commit, PubkeyOf, CLASS_COMMUNITY, CLASS_TEST,
};
use iog_tests::{Supplier, World};

#[track_caller]
fn refused(world: &mut World, supplier: &Supplier, n: u32, bytes: Vec<u8>, error: RegistryError) {
    let authority = world.authority.insecure_clone();
    let before = world.read::<Attestation>(&supplier.attestation);
    world.refuses(error, reveal_ix(supplier, n, bytes), &[&authority]);
    assert_eq!(world.read::<Attestation>(&supplier.attestation), before);
}

/// A device whose honest openings are at hand.
fn challenged(world: &mut World, class_id: u16) -> (Supplier, iog_pow::CpuProver) {
    let supplier = world.registered(class_id, 1);
    let prover = world.commit(&supplier);
    world.challenge(&supplier);
    (supplier, prover)
}

#[test]
fn each_part_of_an_opening_is_bound() {
    let mut world = World::ready();
    let (supplier, mut prover) = challenged(&mut world, CLASS_TEST);
    let honest = opening(&world, &supplier, &mut prover, 0);
    assert_eq!(honest.len(), 424);
    let parts = [
        (0, RegistryError::OpeningLane),
        (159, RegistryError::OpeningLane),
        (160, RegistryError::OpeningTile),
        (223, RegistryError::OpeningTile),
        (224, RegistryError::OpeningTile),
        (303, RegistryError::OpeningTile),
        (304, RegistryError::OpeningLane),
        (423, RegistryError::OpeningLane),
    ];
    for (at, error) in parts {
        let mut bytes = honest.clone();
        bytes[at] ^= 1;
        refused(&mut world, &supplier, 0, bytes, error);
    }
    for len in [0, 1, 423, 425, 444] {
        let mut bytes = honest.clone();
        bytes.resize(len, 0);
        refused(
            &mut world,
            &supplier,
            0,
            bytes,
            RegistryError::OpeningLength,
        );
    }
    // Another opening's answer under this one's number.
    let other = opening(&world, &supplier, &mut prover, 1);
    refused(&mut world, &supplier, 0, other, RegistryError::OpeningLane);
}

#[test]
fn another_devices_opening_is_refused() {
    let mut world = World::ready();
    let (one, mut one_prover) = challenged(&mut world, CLASS_TEST);
    let (two, _) = challenged(&mut world, CLASS_TEST);
    let bytes = opening(&world, &one, &mut one_prover, 0);
    refused(&mut world, &two, 0, bytes, RegistryError::OpeningLane);
}

#[test]
fn another_devices_roots_open_nothing() {
    let mut world = World::ready();
    let (one, two) = (
        world.registered(CLASS_TEST, 1),
        world.registered(CLASS_TEST, 1),
    );
    world.open_window();
    let (mut strangers, roots) = prover(&world, &one);
    try_commit(&mut world, &two, roots).expect("nobody can tell yet");
    world.challenge(&two);
    for n in 0..8 {
        let bytes = opening(&world, &two, &mut strangers, n);
        refused(&mut world, &two, n, bytes, RegistryError::OpeningLane);
    }
}

#[test]
fn another_epochs_walk_is_refused() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    let (mut old, old_roots) = prover(&world, &supplier);
    world.next_hour();
    world.open_window();
    try_commit(&mut world, &supplier, old_roots).expect("nobody can tell yet");
    world.challenge(&supplier);
    for n in 0..8 {
        let bytes = opening(&world, &supplier, &mut old, n);
        refused(&mut world, &supplier, n, bytes, RegistryError::OpeningLane);
    }
}

#[test]
fn another_classs_walk_is_refused() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_COMMUNITY, 1);
    world.open_window();
    let foreign = Supplier {
        class_id: CLASS_TEST,
        ..supplier.clone()
    };
    let (mut walked, roots) = prover(&world, &foreign);
    try_commit(&mut world, &supplier, roots).expect("nobody can tell yet");
    world.challenge(&supplier);
    let bytes = opening(&world, &supplier, &mut walked, 0);
    refused(&mut world, &supplier, 0, bytes, RegistryError::OpeningLane);
}

#[test]
fn a_false_entry_is_found_wherever_it_lies() {
    let mut world = World::ready();
    let (supplier, _) = challenged(&mut world, CLASS_TEST);
    for n in 0..8 {
        let false_entry = world.forge(&supplier, n, 1);
        refused(
            &mut world,
            &supplier,
            n,
            false_entry,
            RegistryError::OpeningEntry,
        );
        // The same tree with the true entry is taken: the entry alone was wrong.
        let true_entry = world.forge(&supplier, n, 0);
        world.govern(reveal_ix(&supplier, n, true_entry));
    }
    let stored = world.read::<Attestation>(&supplier.attestation);
    assert_eq!(stored.revealed, 0xff);
}

#[test]
fn the_largest_class_fits_a_transaction_and_100_000_units() {
    let mut world = World::ready();
    world.add_class(ClassArgs {
        rows: 163_840_000,
        lanes: 1 << 22,
        waves: 24,
        ..class_args(9)
    });
    let supplier = world.registered(9, 1);
    world.open_window();
    let roots = (0..24).map(|wave| [wave; 20]).collect();
    try_commit(&mut world, &supplier, roots).expect("24 roots fit a transaction");
    world.challenge(&supplier);
    for n in 0..8 {
        let bytes = world.forge(&supplier, n, 0);
        assert_eq!(bytes.len(), 744);
        // `send` checks that it fits a packet.
        let meta = world.govern(reveal_ix(&supplier, n, bytes));
        assert!(meta.units <= 100_000, "{} units", meta.units);
    }
    let meta = world.finalize(&supplier);
    assert_eq!(meta.events.len(), 1);
}

#[test]
fn a_walk_over_half_the_table_opens_nothing() {
    // Honest in all but the table's size: the tree holds together, the entries are of other rows.
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    let epoch = u64::from(world.hour());
    let windows = world
        .read::<iog_client::registry::accounts::Windows>(&iog_client::pda::registry::windows());
    let window = windows.ring.iter().find(|w| w.epoch == epoch).unwrap();
    let key = supplier.device_key.pubkey_of().to_bytes();
    let seed = iog_pow::seed(&window.slot_hash, &key, epoch, CLASS_TEST);
    let small = iog_pow::Shape::new(1_024, 64, 3).unwrap();
    let mut cheat = iog_pow::CpuProver::new(seed, small, 1);
    let roots = cheat.commit().unwrap();
    try_commit(&mut world, &supplier, roots).unwrap();
    world.challenge(&supplier);
    let authority = world.authority.insecure_clone();
    let taken = (0..8u32)
        .filter(|n| {
            let bytes = opening(&world, &supplier, &mut cheat, *n);
            let reveal = reveal_ix(&supplier, *n, bytes);
            world.clone().send(&[reveal], &[&authority]).is_ok()
        })
        .count();
    assert_eq!(taken, 0, "of 8 openings");
}
