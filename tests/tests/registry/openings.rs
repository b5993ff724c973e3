//! Openings that were taken from elsewhere or tampered with, and the largest class.

use iog_client::registry::accounts::Attestation;
use iog_client::registry::{ClassArgs, RegistryError};
use iog_pow::{CpuProver, Shape};
use iog_tests::world::{
    class_args, opening, packet_len, reveal_ix, seed, shape_of, try_commit, CLASS_TEST,
};
use iog_tests::{Supplier, World};
use solana_compute_budget_interface::ComputeBudgetInstruction;

#[track_caller]
fn refused(world: &mut World, supplier: &Supplier, n: u32, bytes: Vec<u8>, error: RegistryError) {
    let authority = world.authority.insecure_clone();
    let before = world.read::<Attestation>(&supplier.attestation);
    world.refuses(error, reveal_ix(supplier, n, bytes), &[&authority]);
    assert_eq!(world.read::<Attestation>(&supplier.attestation), before);
}

/// A device whose honest openings are at hand.
fn challenged(world: &mut World, cards: u32) -> (Supplier, CpuProver) {
    let supplier = world.registered(CLASS_TEST, cards);
    let prover = world.commit(&supplier);
    world.challenge(&supplier);
    (supplier, prover)
}

#[test]
fn each_part_of_an_opening_is_bound() {
    let mut world = World::ready();
    let (supplier, mut prover) = challenged(&mut world, 2);
    let honest = opening(&world, &supplier, &mut prover, 0);
    // Leaf and three siblings, two of the tile, one of the card, nine of the wave.
    assert_eq!(honest.len(), 128 + 16 * (3 + 2 + 1 + 9));
    for at in [0, 127, 128, 175, 176, 207, 208, 223, 224, 367] {
        let mut bytes = honest.clone();
        bytes[at] ^= 1;
        refused(&mut world, &supplier, 0, bytes, RegistryError::OpeningPath);
    }
    for len in [0, 1, 352, 367, 369, 384] {
        let mut bytes = honest.clone();
        bytes.resize(len, 0);
        let error = RegistryError::OpeningLength;
        refused(&mut world, &supplier, 0, bytes, error);
    }
    // Another opening's answer under this one's number.
    let other = opening(&world, &supplier, &mut prover, 1);
    refused(&mut world, &supplier, 0, other, RegistryError::OpeningPath);
    world.reveal(&supplier, &mut prover, 0);
}

#[test]
fn a_false_entry_is_found_wherever_it_lies() {
    let mut world = World::ready();
    let (supplier, _) = challenged(&mut world, 3);
    for n in 0..8 {
        for lie in [1, 0x80, 0xff] {
            let bytes = world.forge(&supplier, n, lie);
            refused(&mut world, &supplier, n, bytes, RegistryError::OpeningEntry);
        }
        // The same tree with the true entry is taken: the entry alone was wrong.
        let true_entry = world.forge(&supplier, n, 0);
        world.govern(reveal_ix(&supplier, n, true_entry));
    }
    let stored = world.read::<Attestation>(&supplier.attestation);
    assert_eq!(stored.revealed, 0xff);
}

/// An opening is paid for once: a second one is refused before anything is hashed.
#[test]
fn an_opening_counts_once_and_costs_little_a_second_time() {
    let mut world = World::ready();
    let (supplier, mut prover) = challenged(&mut world, 1);
    let bytes = opening(&world, &supplier, &mut prover, 5);
    let first = world.govern(reveal_ix(&supplier, 5, bytes.clone()));
    assert!(first.units > 100_000, "{} units", first.units);
    let already = RegistryError::OpeningProvedAlready;
    refused(&mut world, &supplier, 5, bytes, already);
    // Whatever it says, and after the deadline too.
    refused(&mut world, &supplier, 5, Vec::new(), already);
    world.advance_slots(1_000);
    refused(&mut world, &supplier, 5, Vec::new(), already);
    let stored = world.read::<Attestation>(&supplier.attestation);
    assert_eq!(stored.revealed, 1 << 5);
}

/// Property 8 of the proof: an opening costs at most 150,000 units and fits a transaction with two instructions for units and their
/// price and a payer of its own. Of the H100's class with eight cards, and of the largest shape there is.
#[test]
fn the_largest_openings_fit_a_transaction_and_150_000_units() {
    let mut world = World::ready();
    for (id, rows, tiles, waves, len) in [
        (9, 157_286_400, 1 << 19, 23_282, 768),
        (10, 330_301_440, 1 << 20, 1 << 17, 816),
    ] {
        world.add_class(ClassArgs {
            rows,
            tiles,
            waves,
            ..class_args(id)
        });
        let supplier = world.registered(id, 8);
        world.open_window();
        try_commit(&mut world, &supplier, [1; 16]).unwrap();
        world.challenge(&supplier);
        let mut most = 0;
        for n in 0..8 {
            let bytes = world.forge(&supplier, n, 0);
            assert_eq!(bytes.len(), len);
            let reveal = reveal_ix(&supplier, n, bytes);
            let whole = [
                ComputeBudgetInstruction::set_compute_unit_limit(150_000),
                ComputeBudgetInstruction::set_compute_unit_price(1),
                reveal.clone(),
            ];
            let payer = world.wallet();
            let bytes = packet_len(&world.signed(&whole, &[&payer]));
            assert!(bytes <= 1_232, "{bytes} bytes");
            most = most.max(world.must(reveal, &[&payer]).units);
        }
        println!("class {id}: an opening of {len} bytes, at most {most} units");
        assert!(most <= 150_000, "{most} units");
        let meta = world.finalize(&supplier);
        assert_eq!(meta.events.len(), 1);
    }
}

/// audit: proof H-3
#[test]
fn a_walk_over_half_the_table_opens_nothing() {
    // Honest in all but the table's size: the tree holds together, the entries are of other rows.
    let mut world = World::ready();
    let supplier = world.registered(CLASS_TEST, 1);
    world.open_window();
    let small = Shape::new(512, 4, 512, 1).unwrap();
    let mut cheat = CpuProver::new(seed(&world, &supplier), small, 1);
    let root = cheat.commit().unwrap();
    try_commit(&mut world, &supplier, root).unwrap();
    world.challenge(&supplier);
    let stored = world.read::<Attestation>(&supplier.attestation);
    for n in 0..8 {
        let pick = iog_pow::pick(&stored.challenge, n, &shape_of(&stored));
        let bytes = cheat.open(&pick).unwrap();
        refused(&mut world, &supplier, n, bytes, RegistryError::OpeningEntry);
    }
}
