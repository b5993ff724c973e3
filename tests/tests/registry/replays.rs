//! Proofs of elsewhere: each is bound to its window's hash, device, epoch, class, and to the account that it is for.

use iog_client::pda;
use iog_client::registry::accounts::Attestation;
use iog_client::registry::RegistryError;
use iog_pow::{CpuProver, Prover, Root, Shape};
use iog_tests::world::{commit_ix, opening, reveal_ix, try_commit, PubkeyOf, CLASS_TEST};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

/// A walk of the test's shape over another seed than the one asked for.
fn walk(
    slot_hash: [u8; 32],
    device_key: [u8; 32],
    epoch: u64,
    class: u16,
) -> (CpuProver, Vec<Root>) {
    let seed = iog_pow::seed(&slot_hash, &device_key, epoch, class);
    let mut prover = CpuProver::new(seed, Shape::TEST, 1);
    let roots = prover.commit().expect("the test shape fits the memory");
    (prover, roots)
}

/// Commits the roots, which nobody can tell from others yet, and has every opening refused.
#[track_caller]
fn opens_nothing(world: &mut World, supplier: &Supplier, prover: &mut CpuProver, roots: Vec<Root>) {
    try_commit(world, supplier, roots).expect("nobody can tell yet");
    world.challenge(supplier);
    let anyone = world.wallet();
    for n in 0..8 {
        let bytes = opening(world, supplier, prover, n);
        let reveal = reveal_ix(supplier, n, bytes);
        world.refuses(RegistryError::OpeningLane, reveal, &[&anyone]);
    }
    let stored = world.read::<Attestation>(&supplier.attestation);
    assert_eq!(stored.revealed, 0);
}

#[test]
fn another_clusters_walk_opens_nothing() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    let key = supplier.device_key.pubkey_of().to_bytes();
    // The same device, hour and class; the other cluster's slot has another hash.
    let (mut prover, roots) = walk([9; 32], key, 1, CLASS_TEST);
    opens_nothing(&mut world, &supplier, &mut prover, roots);
}

#[test]
fn a_walk_of_a_chosen_epoch_opens_nothing() {
    for epoch in [0, 2, u64::MAX] {
        let mut world = World::ready();
        let supplier = world.registered(CLASS_TEST, 1);
        world.open_window();
        let hash = world.window().expect("open").slot_hash;
        let key = supplier.device_key.pubkey_of().to_bytes();
        let (mut prover, roots) = walk(hash, key, epoch, CLASS_TEST);
        opens_nothing(&mut world, &supplier, &mut prover, roots);
    }
}

/// Another program's deployment may have opened its window in the same slot: the walk is the same, the account is not, and
/// so the challenge asks for other entries.
#[test]
fn another_programs_openings_are_refused() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let mut prover = world.commit(&supplier);
    world.challenge(&supplier);
    let stored = world.read::<Attestation>(&supplier.attestation);
    let hash = world.slot_hash(stored.challenge_slot).unwrap();
    let program = world.address();
    let (device, _) = Pubkey::find_program_address(
        &[b"device", supplier.device_key.pubkey_of().as_ref()],
        &program,
    );
    let (elsewhere, _) = Pubkey::find_program_address(&[b"attestation", device.as_ref()], &program);
    let foreign = iog_pow::challenge(&hash, &elsewhere.to_bytes());
    assert_ne!(foreign, stored.challenge);
    let anyone = world.wallet();
    for n in 0..8 {
        let pick = iog_pow::pick(&foreign, n, &Shape::TEST);
        let bytes = prover.open(&pick).expect("it was walked");
        let reveal = reveal_ix(&supplier, n, bytes);
        world.refuses(RegistryError::OpeningLane, reveal, &[&anyone]);
    }
}

/// The epoch is the clock's: neither last hour's commit nor an hour to come can be proved now.
#[test]
fn last_hours_transactions_prove_nothing_now() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    let (_, roots) = iog_tests::world::prover(&world, &supplier);
    let payer = world.wallet();
    let commit = commit_ix(&supplier, roots);
    let signers = [&payer, &supplier.device_key];
    world.must(commit.clone(), &signers);
    world.refuses(RegistryError::AlreadyCommitted, commit.clone(), &signers);
    world.next_hour();
    world.refuses(RegistryError::WindowNotOpen, commit.clone(), &signers);
    world.open_window();
    // Committed again it is last hour's walk, which opens nothing: see another_epochs_walk_is_refused.
    world.must(commit, &signers);
    let windows = world.read::<iog_client::registry::accounts::Windows>(&pda::registry::windows());
    assert_eq!((windows.ring[1].epoch, windows.ring[2].epoch), (1, 2));
}

/// The same openings for the same device in the hour after, with the same roots.
#[test]
fn last_hours_openings_are_refused() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let mut prover = world.commit(&supplier);
    world.challenge(&supplier);
    let old: Vec<_> = (0..8)
        .map(|n| opening(&world, &supplier, &mut prover, n))
        .collect();
    for n in 0..8 {
        world.reveal(&supplier, &mut prover, n);
    }
    world.finalize(&supplier);
    world.next_hour();
    world.commit(&supplier);
    world.challenge(&supplier);
    let anyone = world.wallet();
    for (n, bytes) in (0..8).zip(old) {
        let reveal = reveal_ix(&supplier, n, bytes);
        world.refuses(RegistryError::OpeningLane, reveal, &[&anyone]);
    }
}
