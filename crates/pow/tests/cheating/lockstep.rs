//! audit: proof H-3. Who walks k parts of the walk side by side knows k waves at once, and could sort and recompute the table in blocks.

use crate::common::{
    n, node_key, panels, sha256, tree, walk::tables, Hash, Node, Panel, Pick, Place, Sizes, Walk,
    Wave,
};
use crate::rates::{eight, is_near, judge, passes, rights};
use crate::rules::{tile_root, Rules};
use iog_pow::OpeningError;

const SIZES: Sizes = Sizes::new(512, 2, 256, 1);

/// What stands for the roots of waves that are not walked yet.
fn made_up(wave: u32) -> Node {
    n(&[0; 16], format!("made up {wave}").as_bytes())
}

/// Walks `chains` equal parts in lockstep, all with true tiles. Each begins with made-up roots for the waves before it.
pub fn lockstep(rules: Rules, seed0: &Hash, sizes: Sizes, chains: u32) -> Walk {
    let tables = tables(seed0, &sizes);
    let each = sizes.waves / chains;
    let before = |chain| (0..chain * each).map(made_up).collect();
    let mut views: Vec<Vec<Node>> = (0..chains).map(before).collect();
    let mut walked: Vec<Vec<Wave>> = (0..chains).map(|_| Vec::new()).collect();
    for step in 0..each {
        // All of these waves are known at once.
        for ((chain, view), waves) in (0..).zip(&mut views).zip(&mut walked) {
            let number = chain * each + step;
            let key = rules.key(seed0, number, view, sizes.levels());
            let wave = true_wave(rules, key, number, &sizes, &tables);
            view.push(wave.root());
            waves.push(wave);
        }
    }
    Walk::of(seed0, sizes, walked.into_iter().flatten().collect())
}

fn true_wave(rules: Rules, key: Hash, wave: u32, sizes: &Sizes, tables: &[Vec<Panel>]) -> Wave {
    let card = |card| {
        let mut before = Node::default();
        let tile = |tile| {
            let drawn = rules.draw(&key, card, tile, &before);
            let panels = panels(&drawn, sizes);
            let place = Place {
                wave,
                card,
                tile,
                panels,
            };
            let made = place.honest(tables);
            before = tile_root(&key, &made);
            made
        };
        (0..sizes.tiles).map(tile).collect()
    };
    Wave::new(key, (0..sizes.cards).map(card).collect())
}

/// Commits to made-up roots for the waves before chain `kept`, so that its keys are the ones that open.
fn committed_for(mut walk: Walk, chains: u32, kept: u32) -> Walk {
    let first = kept * (walk.sizes.waves / chains);
    let mut leaves = walk.roots().to_vec();
    for (leaf, wave) in leaves.iter_mut().zip(0..first) {
        *leaf = made_up(wave);
    }
    walk.tree = tree(&node_key(&walk.seed0), leaves);
    walk
}

/// audit: proof H-3. Every tile is true, and yet of k chains only one opens: all others are refused at the path.
#[test]
fn one_chain_of_k_opens() {
    for chains in [2, 4, 16] {
        let seed0 = sha256(&[b'l', chains as u8]);
        let walk = lockstep(Rules::Version3, &seed0, SIZES, chains);
        let opens = |at: &_| match judge(&walk, at) {
            Ok(()) => true,
            Err(OpeningError::Path) => false,
            Err(other) => panic!("{other:?}"),
        };
        let share = 1.0 / f64::from(chains);
        let what = format!("lockstep, {chains} chains");
        is_near(&what, rights(10_000, &SIZES, opens), 10_000, share);
        let passed = passes(8000, &SIZES, opens);
        if chains == 2 {
            is_near(&what, passed, 8000, eight(0.5));
        } else {
            // One in 65,536 and one in 4 billion.
            assert_eq!(passed, 0, "{what}");
        }
    }
}

/// Whichever chain the commit is made for: the waves that open lie on one path.
#[test]
fn another_chain_of_k_may_open_but_no_two() {
    let chains = 4;
    for kept in 0..chains {
        let walk = lockstep(Rules::Version3, &sha256(b"kept"), SIZES, chains);
        let walk = committed_for(walk, chains, kept);
        let each = SIZES.waves / chains;
        for wave in 0..SIZES.waves {
            let at = Pick {
                wave,
                card: 0,
                tile: wave % 2,
                i: wave % 32,
                j: 5,
            };
            let expected = wave / each == kept;
            assert_eq!(judge(&walk, &at).is_ok(), expected, "{kept} {wave}");
        }
    }
}

/// The same prover against the draft, whose keys hold the root before and no other: of k chains k - 1 waves are wrong, and it passes.
#[test]
fn a_verifier_that_looks_at_one_root_is_fooled() {
    for chains in [2, 4, 16] {
        let seed0 = sha256(&[b's', chains as u8]);
        let walk = lockstep(Rules::SingleRoot, &seed0, SIZES, chains);
        let opens = |at: &_| Rules::SingleRoot.accept(&walk, at);
        let broken = f64::from(chains - 1) / f64::from(SIZES.waves);
        let passed = passes(400, &SIZES, opens);
        is_near(
            &format!("one root, {chains} chains"),
            passed,
            400,
            eight(broken),
        );
        assert!(passed > 200, "{passed} of 400");
    }
}
