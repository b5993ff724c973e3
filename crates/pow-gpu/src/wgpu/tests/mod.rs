//! The kernels on lavapipe, call by call.

mod reference;

use super::{adapters, cards, open, Card};
use crate::{
    kernels::{gathered, nodes, words, Fault, Kernels, State, Work},
    shards::Shards,
};
use iog_pow::{Chain, Node, ProverError, Shape};
use reference::{top, Table};
use std::time::Duration;
use wgpu::DeviceType;

const SEED: [u8; 32] = [7; 32];
const CARD_SEED: [u8; 32] = [11; 32];
const KEY: [u8; 32] = [13; 32];

/// Lavapipe, which the tests install with the machine's packages.
fn lavapipe() -> Card {
    open(0, true).unwrap_or_else(|error| {
        panic!("{error}; the tests need Debian's mesa-vulkan-drivers (`cargo xtask setup`)")
    })
}

/// A card whose table is filled in two pieces a shard, its work, and the table.
fn filled(shape: Shape, number: u16, shard_bytes: u64) -> (Card, Work, Table) {
    let mut card = lavapipe();
    let shards = Shards::new(&shape, shard_bytes).unwrap();
    let work = Work::of(number, &shape);
    card.allocate(&shards, &work).unwrap();
    let seed = words(&CARD_SEED);
    for shard in 0..shards.count() {
        let (first, rows) = (shards.first_row(shard), shards.rows(shard));
        card.fill(shard, &seed, first, 0, 5).unwrap();
        card.fill(shard, &seed, first + 5, 5, rows - 5).unwrap();
    }
    (card, work, Table::new(&CARD_SEED, shape))
}

fn shape(rows: u32, tiles: u32) -> Shape {
    Shape::new(rows, tiles, 1, 1).unwrap()
}

#[test]
fn a_processor_is_taken_for_a_card_only_when_told_to() {
    let processors = |software| {
        let adapters = adapters(software).into_iter();
        let kinds = adapters.map(|adapter| adapter.get_info().device_type);
        kinds.filter(|kind| *kind == DeviceType::Cpu).count()
    };
    assert_eq!(processors(false), 0);
    assert!(
        processors(true) > 0,
        "the tests need Debian's mesa-vulkan-drivers (`cargo xtask setup`)"
    );
}

#[test]
fn cards_are_numbered_as_they_are_opened() {
    let cards = cards(true);
    for (number, card) in cards.iter().enumerate() {
        assert_eq!(card.number, number);
        assert!(!card.name.is_empty() && card.driver.len() > 1, "{card:?}");
    }
    let Err(ProverError::Unavailable(text)) = open(cards.len(), true).map(|_| ()) else {
        panic!("one card too many");
    };
    assert!(text.contains(&cards[0].name), "{text}");
}

#[test]
fn a_wait_that_is_too_long_is_told_as_such() {
    let mut card = lavapipe();
    let shape = shape(2048, 64);
    let shards = Shards::new(&shape, 1 << 20).unwrap();
    card.allocate(&shards, &Work::of(0, &shape)).unwrap();
    card.patience = Duration::ZERO;
    let fault = card.fill(0, &[0; 8], 0, 0, 2048);
    assert!(
        matches!(fault, Err(Fault::Hung(Duration::ZERO))),
        "{fault:?}"
    );
}

#[test]
fn too_many_shards_are_refused_with_both_numbers() {
    let mut card = lavapipe();
    let bindable = card.bindable();
    let shape = shape(bindable.saturating_mul(32), 1);
    let shards = Shards::new(&shape, 16_384).unwrap();
    let refused = card.allocate(&shards, &Work::of(0, &shape));
    let Err(Fault::Failed(ProverError::Unavailable(text))) = refused else {
        panic!("two buffers too many");
    };
    assert!(text.contains(&bindable.to_string()), "{text}");
    assert!(text.contains(&shards.count().to_string()), "{text}");
}

#[test]
fn a_table_that_memory_does_not_hold_is_refused_before_it_is_allocated() {
    let mut card = lavapipe();
    let shape = shape(u32::MAX - 31, 1);
    // 2 TB in as few buffers as there can be.
    let shards = Shards::new(&shape, u64::MAX).unwrap();
    let refused = card.allocate(&shards, &Work::of(0, &shape));
    let Err(Fault::Failed(ProverError::Memory { bytes })) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(bytes, shape.table_len());
}

#[test]
fn groups_are_those_of_the_definition() {
    // One tile, part of a round, a round, a group, two groups; the last card's number.
    for (tiles, number) in [(1, 0), (4, 7), (8, 1), (16, 7), (32, 2)] {
        let (mut card, work, table) = filled(shape(96, tiles), number, 1 << 15);
        card.load(&State::key(&KEY)).unwrap();
        card.walk(0, work.groups).unwrap();
        let expected: Vec<Node> = (0..work.groups)
            .map(|group| table.group(&KEY, &work, group))
            .collect();
        let walked = nodes(&card.groups().unwrap());
        assert_eq!(walked, expected, "{tiles} tiles");
        for root in 1..3 {
            card.walk(0, work.groups).unwrap();
            card.join().unwrap();
            let roots = nodes(&card.roots(root).unwrap());
            let expected = table.root(&KEY, &work);
            assert!(roots.iter().all(|root| *root == expected), "{tiles} tiles");
        }
    }
}

#[test]
fn what_is_queued_keeps_its_numbers_and_its_key() {
    let (mut card, work, table) = filled(shape(96, 64), 0, 1 << 15);
    let mut expected = Vec::new();
    for (first, key) in [(0, KEY), (2, [17; 32])] {
        card.load(&State::key(&key)).unwrap();
        for group in [first, first + 1] {
            card.walk(group, 1).unwrap();
            expected.push(table.group(&key, &work, group));
        }
    }
    assert_eq!(nodes(&card.groups().unwrap()), expected);
}

#[test]
fn a_wave_of_2_20_tiles_is_walked_in_pieces_and_joined() {
    let (mut card, work, table) = filled(shape(96, 1 << 20), 5, 1 << 15);
    assert_eq!(work.groups, 1 << 16);
    card.load(&State::key(&KEY)).unwrap();
    // Tiles of 16 and of 20 bits, and numbers behind the first 2^15 groups.
    let pieces = [(0, 1), (4_095, 3), (65_534, 2)];
    // Two workgroups a row: three take two rows, of which a place is left over.
    let abreast = std::mem::replace(&mut card.abreast, 2);
    for (first, count) in pieces {
        card.walk(first, count).unwrap();
        card.wait().unwrap();
    }
    card.abreast = abreast;
    let mut expected = vec![Node::default(); 1 << 16];
    for group in pieces
        .into_iter()
        .flat_map(|(first, count)| first..first + count)
    {
        expected[usize::try_from(group).unwrap()] = table.group(&KEY, &work, group);
    }
    assert_eq!(nodes(&card.groups().unwrap()), expected);
    card.join().unwrap();
    let key = KEY[..16].try_into().unwrap();
    assert_eq!(
        nodes(&card.roots(1).unwrap()),
        [top(&key, expected)],
        "joined"
    );
}

/// Walks some waves on from a chain, in batches, and holds roots and chain against the definition.
fn follows(chain: &mut Chain, shape: Shape, batches: &[u32]) {
    let (mut card, work, table) = filled(shape, 3, 1 << 15);
    for batch in batches {
        card.load(&State::chain(&SEED, chain)).unwrap();
        for _ in 0..*batch {
            card.walk(0, work.groups).unwrap();
            card.join().unwrap();
        }
        for root in nodes(&card.roots(*batch).unwrap()) {
            let wave = chain.wave();
            assert_eq!(root, table.root(&chain.key(), &work), "wave {wave}");
            chain.push(root);
        }
    }
}

#[test]
fn hundreds_of_waves_are_walked_without_a_word_from_outside() {
    let shape = Shape::new(96, 2, 500, 1).unwrap();
    let mut chain = Chain::new(SEED, &shape);
    follows(&mut chain, shape, &[256, 1, 243]);
    assert_eq!(chain.wave(), 500);
}

#[test]
fn the_last_waves_of_the_longest_walk_have_up_to_17_siblings() {
    let shape = Shape::new(96, 2, 1 << 17, 1).unwrap();
    let mut chain = Chain::new(SEED, &shape);
    for wave in 0..(1_u32 << 17) - 3 {
        chain.push(u128::from(wave).to_le_bytes());
    }
    follows(&mut chain, shape, &[3]);
}

#[test]
fn what_is_read_is_seen() {
    let shape = shape(5 * 32, 2);
    let (mut card, _, table) = filled(shape, 0, 2 << 14);
    let panels = |panels: &[u32]| panels.iter().fold(0, |all, panel| all ^ table.seen(*panel));
    for (shard, expected) in (0..).zip([&[0, 1][..], &[2, 3], &[4]]) {
        assert_eq!(card.scan(shard).unwrap(), panels(expected), "{shard}");
    }
    for (first, count) in [(0, 1), (1, 1), (3, 40), (u32::MAX, 1)] {
        let draws = (first..=first.saturating_add(count - 1)).map(|draw| gathered(draw, 5));
        let drawn: Vec<u32> = draws.collect();
        assert_eq!(card.gather(first, count).unwrap(), panels(&drawn));
    }
}
