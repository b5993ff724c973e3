//! Tries to break the definition itself, in small: what holds it together is tested here, one doubt a test.

use crate::common::{
    self, n, node_key, panels, pick, sha256, siblings, tree, Hash, Node, Pick, Sizes, Walk,
};
use crate::rates::{judge, judge_bytes};
use iog_pow::{walk::scale, Chain, OpeningError, Shape};

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

/// Are all entries asked for alike? Counts of 60,000 picks, each within four standard deviations of even, also where 100 waves and 3 cards do
/// not divide 2^32.
#[test]
fn picks_are_even() {
    let sizes = Sizes::new(64, 8, 100, 3);
    let picks: Vec<Pick> = (0..7500_u32)
        .flat_map(|round| {
            let challenge = sha256(&round.to_le_bytes());
            (0..8).map(move |number| pick(&challenge, number, &sizes))
        })
        .collect();
    let even = |what: &str, values: usize, value: &dyn Fn(&Pick) -> u32| {
        let mut counts = vec![0_u32; values];
        for at in &picks {
            counts[value(at) as usize] += 1;
        }
        let mean = picks.len() as f64 / values as f64;
        let chi: f64 = counts
            .iter()
            .map(|x| (f64::from(*x) - mean).powi(2) / mean)
            .sum();
        let freedom = values as f64 - 1.0;
        let off = (chi - freedom) / (2.0 * freedom).sqrt();
        assert!(off.abs() < 4.0, "{what}: {off:.1} sigma");
    };
    even("wave", 100, &|at| at.wave);
    even("card", 3, &|at| at.card);
    even("tile", 8, &|at| at.tile);
    even("entry", 1024, &|at| at.i * 32 + at.j);
    // And not tied to each other.
    even("wave and card", 300, &|at| at.wave * 3 + at.card);
    even("tile and row", 256, &|at| at.tile * 32 + at.i);
    even("wave and column", 3200, &|at| at.wave * 32 + at.j);
}

/// Are some panels drawn less often, so that one may leave them out? Of 2^32 words each panel has the same number or one more. At the
/// largest class, 11 million panels, the rarest tenth is drawn 0.026 % less often than a tenth.
#[test]
fn no_panel_is_rare() {
    let panels = 353_894_400 / 32;
    let least = u32::try_from((1_u64 << 32) / u64::from(panels)).unwrap();
    let first_word = |panel: u32| ((u64::from(panel) << 32).div_ceil(u64::from(panels))) as u32;
    for panel in (0..panels - 1).step_by(9973) {
        let (first, next) = (first_word(panel), first_word(panel + 1));
        assert_eq!(scale(first, panels), panel);
        assert_eq!(scale(next - 1, panels), panel);
        assert!([least, least + 1].contains(&(next - first)), "{panel}");
    }
    assert_eq!(scale(u32::MAX, panels), panels - 1);
    assert!(1.0 / f64::from(least) < 0.0027);
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

/// Are the two panels of a tile drawn apart, and those of neighbouring tiles, cards and waves? Joint counts are even.
#[test]
fn draws_are_even() {
    let sizes = Sizes::new(16 * 32, 1, 1, 1);
    let mut counts = [[0_u32; 256]; 4];
    for wave in 0..40_u32 {
        let g = sha256(&wave.to_le_bytes());
        let other = sha256(&[wave.to_le_bytes(), [1; 4]].concat());
        for tile in 0..500 {
            let drawn = |g, card, tile| panels(&common::draw(g, card, tile), &sizes);
            let [a, b] = drawn(&g, 0, tile);
            let seconds = [
                b,
                drawn(&g, 0, tile + 1)[0],
                drawn(&g, 1, tile)[0],
                drawn(&other, 0, tile)[0],
            ];
            for (counts, second) in counts.iter_mut().zip(seconds) {
                counts[(a * 16 + second) as usize] += 1;
            }
        }
    }
    for counts in counts {
        let mean = 20_000.0 / 256.0;
        let chi: f64 = counts
            .iter()
            .map(|x| (f64::from(*x) - mean).powi(2) / mean)
            .sum();
        let off = (chi - 255.0) / (2.0_f64 * 255.0).sqrt();
        assert!(off.abs() < 4.0, "{off:.1} sigma");
    }
}
