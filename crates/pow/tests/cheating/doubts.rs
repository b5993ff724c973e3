//! Tries to break the definition itself, in small: what holds it together is tested here, one doubt a test.

use crate::common::{
    self, n, node_key, pick, sha256, siblings, tree, Hash, Node, Pick, Sizes, Walk,
};
use crate::rates::{judge, judge_bytes};
use iog_pow::{Chain, OpeningError, Shape};

/// Is there a wave that a later one does not hang on? Cohen and Pietrzak's lemma needs that a wave's left siblings cover every wave before
/// it, each once. A key that changes with every root before, for every number of waves.
#[test]
fn every_key_hangs_on_every_root_before_it() {
    let root = |wave: u32, changed: bool| n(&[u8::from(changed); 16], &wave.to_le_bytes());
    for waves in 1..=40 {
        let shape = Shape::new(32, 1, waves, 1).unwrap();
        let keys = |changed: Option<u32>| -> Vec<Hash> {
            let mut chain = Chain::new([3; 32], &shape);
            let walked = (0..waves).map(|wave| {
                let key = chain.key();
                chain.push(root(wave, changed == Some(wave)));
                key
            });
            walked.collect()
        };
        let honest = keys(None);
        for changed in 0..waves {
            for (wave, (key, other)) in (0..).zip(honest.iter().zip(keys(Some(changed)))) {
                assert_eq!(*key != other, wave > changed, "{waves}: {changed} {wave}");
            }
        }
    }
}

/// Does a prover choose what fills up missing cards and waves? Yes: nobody looks. What it changes is a root, as any byte of a tile does, and
/// what stands right of all waves is nobody's left sibling.
#[test]
fn what_fills_up_is_free_and_moves_nothing_but_luck() {
    let sizes = Sizes::new(256, 2, 6, 3);
    let seed0 = sha256(b"filling");
    let filled = |card: Node, wave: Node| {
        let mut walk = Walk::wave_by_wave(&seed0, sizes, |number, key| {
            let honest = Walk::honest_wave(&seed0, sizes, number, key);
            with_filling(honest, card)
        });
        let mut leaves = walk.tree[0].clone();
        leaves[6..].fill(wave);
        walk.tree = tree(&node_key(&seed0), leaves);
        walk
    };
    let honest = Walk::honest(&seed0, sizes);
    assert_eq!(filled([0; 16], [0; 16]).commit(), honest.commit());
    let other = filled([5; 16], [6; 16]);
    for number in 0..50 {
        let at = pick(&seed0, number, &sizes);
        assert_eq!(judge(&other, &at), Ok(()), "{at:?}");
        assert_eq!(judge(&honest, &at), Ok(()), "{at:?}");
    }
    // A filling that is changed after its wave voids what comes after, like anything else.
    let mut late = filled([0; 16], [0; 16]);
    let first = late.waves.remove(0);
    late.waves.insert(0, with_filling(first, [7; 16]));
    let late = Walk::of(&seed0, sizes, late.waves);
    for wave in 0..6 {
        let at = Pick {
            wave,
            card: 2,
            tile: 0,
            i: 0,
            j: 0,
        };
        assert_eq!(judge(&late, &at).is_ok(), wave == 0, "{wave}");
    }
    assert_ne!(other.waves[1].key, honest.waves[1].key);
    assert_eq!(other.waves[0].key, honest.waves[0].key);
}

fn with_filling(mut wave: common::Wave, filling: Node) -> common::Wave {
    let mut cards = wave.top[0].clone();
    cards[3] = filling;
    wave.top = tree(&node_key(&wave.key), cards);
    wave
}

/// Can the filled-up places be opened? A pick of them is refused before anything else, whatever is shown.
#[test]
fn what_fills_up_is_never_opened() {
    let sizes = Sizes::new(64, 1, 3, 3);
    let walk = Walk::honest(&[1; 32], sizes);
    let at = Pick {
        wave: 2,
        card: 2,
        tile: 0,
        i: 0,
        j: 0,
    };
    let opening = walk.open(&at);
    for outside in [Pick { wave: 3, ..at }, Pick { card: 3, ..at }] {
        assert_eq!(
            judge_bytes(&walk, &outside, &opening),
            Err(OpeningError::Pick)
        );
    }
}

/// Can one kind of message be read as another? Kinds that hash the same bytes at the head differ in length.
#[test]
fn no_two_kinds_of_message_are_equally_long() {
    let seed = 10 + 32 + 32 + 8 + 2 + 2;
    let challenge = 17 + 3 * 32;
    let (card, pick, draw, block, hashed) = (32 + 2, 32 + 4, 32 + 2 + 4, 32 + 4 + 4, 32);
    // Under a wave's key, or the walk's, which differ: nodes; under a wave's alone: leaves.
    let (node, leaf) = (16 + 2 * 16, 16 + 128);
    let keys = (0..=17).map(|left| 32 + 1 + 4 + 16 * left);
    let mut kinds = vec![seed, challenge, card, pick, draw, block, hashed, node, leaf];
    kinds.extend(keys);
    let count = kinds.len();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(kinds.len(), count);
    // That these are the lengths, by the compressions of the longest: a key with 17 siblings has 309 bytes.
    let (_, blocks) = common::counted(|| common::key(&[0; 32], 0, &[[0; 16]; 17]));
    assert_eq!(blocks, 5);
}

/// Is an inner node of a tile's, the tiles', the cards' or the walk's tree good for a leaf or for another level? Depths are fixed, so that a shorter
/// or longer path is refused; and a path that is shifted by a level leads elsewhere.
#[test]
fn no_node_is_read_on_another_level() {
    let sizes = Sizes::new(256, 8, 8, 2);
    let walk = Walk::honest(&[8; 32], sizes);
    let at = Pick {
        wave: 5,
        card: 1,
        tile: 3,
        i: 6,
        j: 7,
    };
    let opening = walk.open(&at);
    for cut in (128..opening.len()).step_by(16) {
        let mut shorter = opening.clone();
        shorter.drain(cut..cut + 16);
        assert_eq!(judge_bytes(&walk, &at, &shorter), Err(OpeningError::Length));
        // The missing one put elsewhere.
        for place in (128..=shorter.len()).step_by(16) {
            let mut shifted = shorter.clone();
            shifted.splice(place..place, opening[cut..cut + 16].iter().copied());
            if shifted != opening {
                assert_eq!(judge_bytes(&walk, &at, &shifted), Err(OpeningError::Path));
            }
        }
    }
}

/// Could the last wave, nobody's left sibling, be made before the others? Its key hangs on all of them, too.
#[test]
fn the_last_wave_comes_last() {
    for waves in [2, 3, 8, 9] {
        let sizes = Sizes::new(128, 1, waves, 1);
        let honest = Walk::honest(&[6; 32], sizes);
        let last = waves - 1;
        let path = siblings(&honest.tree, last as usize);
        let left = (0..sizes.levels())
            .rev()
            .filter(|level| last >> level & 1 == 1);
        let left: Vec<Node> = left.map(|level| path[level as usize]).collect();
        let covered: u32 = (0..sizes.levels())
            .filter(|l| last >> l & 1 == 1)
            .map(|l| 1 << l)
            .sum();
        assert_eq!(covered, last, "the siblings' leaves are all waves before");
        let key = common::key(&[6; 32], last, &left);
        assert_eq!(key, honest.waves[last as usize].key);
    }
}
