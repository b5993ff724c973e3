//! Kernels alone: joining more nodes than a walk on the processor could make, and reading.

use super::*;
use crate::kernels::{gathered, nodes, MOST_WAVES};
use iog_pow::{
    card_seed,
    walk::{block, node, node_key},
    Chain, Node,
};

const SEED: [u8; 32] = [3; 32];

/// A card with a filled table of its own seed, but for the walk's.
fn filled(shape: &Shape, card: u16, shard_bytes: u64) -> (Emulated, Shards) {
    let mut kernels = Program::of(Math::Mma16x8).start();
    let shards = Shards::new(shape, shard_bytes).unwrap();
    kernels.allocate(&shards, &Work::of(card, shape)).unwrap();
    let seed = crate::kernels::words(&card_seed(&SEED, card));
    for shard in 0..shards.count() {
        let (first, rows) = (shards.first_row(shard), shards.rows(shard));
        kernels.fill(shard, &seed, first, 0, rows).unwrap();
    }
    (kernels, shards)
}

/// The exclusive or of a panel's words, by the definition.
fn panel(card: u16, number: u32) -> u32 {
    let seed = card_seed(&SEED, card);
    let rows = number * 32..(number + 1) * 32;
    let blocks = rows.flat_map(|row| (0..16).map(move |b| (row, b)));
    let words = blocks.flat_map(|(row, b)| crate::kernels::words(&block(&seed, row, b)));
    words.fold(0, |sum, word| sum ^ word)
}

#[test]
fn a_scan_reads_every_word_of_a_shard_and_a_gather_the_panels_it_draws() {
    let shape = Shape::new(7 * 32, 1, 1, 4).unwrap();
    let (mut kernels, shards) = filled(&shape, 3, 2 * 16_384);
    let sums: Vec<u32> = (0..7).map(|number| panel(3, number)).collect();
    for (shard, pair) in (0..shards.count()).zip(sums.chunks(2)) {
        let sum = pair.iter().fold(0, |sum, panel| sum ^ panel);
        assert_eq!(kernels.scan(shard).unwrap(), sum, "shard {shard}");
    }
    for (first, count) in [(0, 1), (1, 40), (u32::MAX - 2, 5)] {
        let drawn = (0..count).map(|n| gathered(u32::wrapping_add(first, n), 7));
        let sum = drawn.fold(0, |sum, number| sum ^ sums[number as usize]);
        assert_eq!(kernels.gather(first, count).unwrap(), sum, "{first}");
    }
}

#[test]
fn gathered_panels_are_spread_over_the_table() {
    let mut seen = [0_u32; 64];
    for draw in 0..64_000 {
        seen[gathered(draw, 64) as usize] += 1;
    }
    assert!(
        seen.iter().all(|times| (850..1_150).contains(times)),
        "{seen:?}"
    );
}

/// The definition's join.
fn joined(key: &Node, mut level: Vec<Node>) -> Node {
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| node(key, &pair[0], &pair[1]))
            .collect();
    }
    level[0]
}

/// One launch joins up to 256 nodes, two up to 65,536: 2^20 tiles.
#[test]
fn as_many_groups_as_a_wave_can_have_are_joined_to_its_root() {
    for groups in [1_u32, 2, 16, 128, 256, 512, 4_096, 65_536] {
        let shape = Shape::new(32, groups * 16, 2, 1).unwrap();
        let mut kernels = Program::of(Math::Mma16x8).start();
        let shards = Shards::new(&shape, 1 << 20).unwrap();
        kernels.allocate(&shards, &Work::of(0, &shape)).unwrap();
        let mut chain = Chain::new(SEED, &shape);
        let mut roots = Vec::new();
        kernels.load(&State::chain(&SEED, &chain)).unwrap();
        for wave in 1..3 {
            let words: Vec<u32> = (0..groups * 4)
                .map(|n| n.wrapping_mul(0x9e37_79b9 ^ wave))
                .collect();
            kernels.put_groups(&words);
            kernels.join().unwrap();
            let root = joined(&node_key(&chain.key()), nodes(&words));
            chain.push(root);
            roots.push(root);
        }
        assert_eq!(nodes(&kernels.roots(2).unwrap()), roots, "{groups}");
    }
}

#[test]
fn the_roots_of_as_many_waves_as_may_be_queued_are_kept() {
    let shape = Shape::new(32, 32, MOST_WAVES, 1).unwrap();
    let mut kernels = Program::of(Math::Mma16x8).start();
    let shards = Shards::new(&shape, 1 << 20).unwrap();
    kernels.allocate(&shards, &Work::of(0, &shape)).unwrap();
    let words = [1, 2, 3, 4, 5, 6, 7, 8];
    kernels.put_groups(&words);
    let mut chain = Chain::new(SEED, &shape);
    // From the middle of a walk, as a batch after another begins.
    for _ in 0..77 {
        chain.push([1; 16]);
    }
    kernels.load(&State::chain(&SEED, &chain)).unwrap();
    for _ in 0..MOST_WAVES {
        kernels.join().unwrap();
    }
    let roots = nodes(&kernels.roots(MOST_WAVES).unwrap());
    for root in roots {
        assert_eq!(root, joined(&node_key(&chain.key()), nodes(&words)));
        chain.push(root);
    }
}

/// Of a key alone, which is what cards that walk together are given, no other follows.
#[test]
fn a_key_alone_stays_what_it_is() {
    let shape = Shape::new(32, 32, 1, 1).unwrap();
    let mut kernels = Program::of(Math::Mma16x8).start();
    let shards = Shards::new(&shape, 1 << 20).unwrap();
    kernels.allocate(&shards, &Work::of(0, &shape)).unwrap();
    let words = [1, 2, 3, 4, 5, 6, 7, 8];
    kernels.put_groups(&words);
    kernels.load(&State::key(&[9; 32])).unwrap();
    kernels.join().unwrap();
    kernels.join().unwrap();
    let root = joined(&node_key(&[9; 32]), nodes(&words));
    assert_eq!(nodes(&kernels.roots(2).unwrap()), [root, root]);
}
