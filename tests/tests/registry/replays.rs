//! Proofs of elsewhere: each is bound to its window's hash, device key, epoch, class, number of cards, and to the account that it is for.

use iog_client::pda;
use iog_client::registry::accounts::Attestation;
use iog_client::registry::RegistryError;
use iog_pow::{CpuProver, Node, Shape};
use iog_tests::world::{
    commit_ix, opening, prover, reveal_ix, shape_of, try_commit, PubkeyOf, CLASS_COMMUNITY,
    CLASS_TEST,
};
use iog_tests::{Supplier, World};
use solana_pubkey::Pubkey;

/// A walk of the test's shape over another seed than the one asked for.
fn walk(seed: [u8; 32], cards: u32) -> (CpuProver, Node) {
    let shape = Shape::TEST.with_cards(cards).unwrap();
    let mut prover = CpuProver::new(seed, shape, 1);
    let root = prover.commit().expect("the test shape fits the memory");
    (prover, root)
}

/// Commits the root, which nobody can tell from others yet, and has every opening refused.
#[track_caller]
fn opens_nothing(world: &mut World, supplier: &Supplier, prover: &mut CpuProver, root: Node) {
    try_commit(world, supplier, root).expect("nobody can tell yet");
    world.challenge(supplier);
    for n in 0..8 {
        let bytes = opening(world, supplier, prover, n);
        refused(world, supplier, n, bytes);
    }
}

#[track_caller]
fn refused(world: &mut World, supplier: &Supplier, n: u32, bytes: Vec<u8>) {
    let anyone = world.wallet();
    let reveal = reveal_ix(supplier, n, bytes);
    world.refuses(RegistryError::OpeningPath, reveal, &[&anyone]);
    let stored = world.read::<Attestation>(&supplier.attestation);
    assert_eq!(stored.revealed, 0);
}

/// Slot hash, device key, epoch, class, cards: one wrong at a time, and all right.
#[test]
fn a_walk_of_another_seed_opens_nothing() {
    let mut fresh = World::ready();
    let supplier = fresh.registered(CLASS_TEST, 1);
    fresh.open_window();
    let hash = fresh.window().expect("open").slot_hash;
    let key = supplier.device_key.pubkey_of().to_bytes();
    let wrong = [
        ("another cluster's window", ([9; 32], key, 1, 1, 1)),
        ("another device's key", (hash, [9; 32], 1, 1, 1)),
        ("epoch 0", (hash, key, 0, 1, 1)),
        ("the hour to come", (hash, key, 2, 1, 1)),
        ("the last epoch", (hash, key, u64::MAX, 1, 1)),
        ("another class", (hash, key, 1, CLASS_COMMUNITY, 1)),
        ("two cards'", (hash, key, 1, 1, 2)),
    ];
    for (what, (hash, key, epoch, class, cards)) in wrong {
        let mut world = fresh.clone();
        let seed = iog_pow::seed(&hash, &key, epoch, class, cards);
        assert_ne!(seed, iog_tests::world::seed(&world, &supplier), "{what}");
        let (mut prover, root) = walk(seed, 1);
        opens_nothing(&mut world, &supplier, &mut prover, root);
    }
    let (mut right, root) = walk(iog_pow::seed(&hash, &key, 1, CLASS_TEST, 1), 1);
    try_commit(&mut fresh, &supplier, root).unwrap();
    fresh.challenge(&supplier);
    fresh.reveal(&supplier, &mut right, 0);
}

#[test]
fn another_devices_root_opens_nothing() {
    let mut world = World::ready();
    let (one, two) = (
        world.registered(CLASS_TEST, 1),
        world.registered(CLASS_TEST, 1),
    );
    world.open_window();
    let (mut strangers, root) = prover(&world, &one);
    opens_nothing(&mut world, &two, &mut strangers, root);
}

/// Of a device with the same number of cards, in the same hour, for the very entries that its challenge asks for.
#[test]
fn another_devices_opening_is_refused() {
    let mut world = World::ready();
    let (one, two) = (
        world.registered(CLASS_TEST, 1),
        world.registered(CLASS_TEST, 1),
    );
    let (mut theirs, mut own) = (world.commit(&one), world.commit(&two));
    world.challenge(&two);
    for n in 0..8 {
        let bytes = opening(&world, &two, &mut theirs, n);
        refused(&mut world, &two, n, bytes);
    }
    world.reveal(&two, &mut own, 0);
}

#[test]
fn last_hours_walk_opens_nothing() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    let (mut old, root) = prover(&world, &supplier);
    world.next_hour();
    world.open_window();
    opens_nothing(&mut world, &supplier, &mut old, root);
}

/// Another program's deployment may have opened its window in the same slot: the walk is the same, the account is not, and
/// so the challenge asks for other entries.
#[test]
fn another_programs_openings_are_refused() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    let mut prover = world.commit(&supplier);
    let commit = world.slot();
    world.challenge(&supplier);
    let stored = world.read::<Attestation>(&supplier.attestation);
    let hashes = [commit + 1, stored.challenge_slot].map(|slot| world.slot_hash(slot).unwrap());
    let challenge =
        |address: &Pubkey| iog_pow::challenge(&hashes[0], &hashes[1], &address.to_bytes());
    assert_eq!(stored.challenge, challenge(&supplier.attestation));
    let program = world.address();
    let (device, _) = Pubkey::find_program_address(
        &[b"device", supplier.device_key.pubkey_of().as_ref()],
        &program,
    );
    let (elsewhere, _) = Pubkey::find_program_address(&[b"attestation", device.as_ref()], &program);
    for n in 0..8 {
        let pick = iog_pow::pick(&challenge(&elsewhere), n, &shape_of(&stored));
        let bytes = prover.open(&pick).expect("it was walked");
        refused(&mut world, &supplier, n, bytes);
    }
}

/// The epoch is the clock's: neither last hour's commit nor an hour to come can be proved now.
#[test]
fn last_hours_transactions_prove_nothing_now() {
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    let (_, root) = prover(&world, &supplier);
    let payer = world.wallet();
    let commit = commit_ix(&supplier, root);
    let signers = [&payer, &supplier.device_key];
    world.must(commit.clone(), &signers);
    world.refuses(RegistryError::AlreadyCommitted, commit.clone(), &signers);
    world.next_hour();
    world.refuses(RegistryError::WindowNotOpen, commit.clone(), &signers);
    world.open_window();
    // Committed again it is last hour's walk, which opens nothing: see last_hours_walk_opens_nothing.
    world.must(commit, &signers);
    let windows = world.read::<iog_client::registry::accounts::Windows>(&pda::registry::windows());
    assert_eq!((windows.ring[1].epoch, windows.ring[2].epoch), (1, 2));
}

/// The same openings for the same device in the hour after.
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
    for (n, bytes) in (0..8).zip(old) {
        refused(&mut world, &supplier, n, bytes);
    }
}
