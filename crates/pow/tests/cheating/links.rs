//! Where a walk may be broken, and what it costs: what was walked after a break opens only if it was walked after it.

use crate::common::{node_key, sha256, tree, Node, Pick, Sizes, Walk};
use crate::lockstep::lockstep;
use crate::rates::{eight, is_near, judge, passes};
use crate::rules::Rules;

const SIZES: Sizes = Sizes::new(256, 2, 100, 1);

fn seed() -> [u8; 32] {
    sha256(b"links")
}

fn first_entry(wave: u32) -> Pick {
    Pick {
        wave,
        card: 0,
        tile: 1,
        i: 31,
        j: 0,
    }
}

/// Which waves of a walk open.
fn opening_waves(walk: &Walk) -> Vec<u32> {
    let waves = 0..walk.sizes.waves;
    waves
        .filter(|wave| judge(walk, &first_entry(*wave)).is_ok())
        .collect()
}

/// A root that is changed after the walk voids every later wave, so that no wave can be left for last.
#[test]
fn a_root_changed_after_the_walk_voids_all_later_waves() {
    let honest = Walk::honest(&seed(), SIZES);
    assert_eq!(opening_waves(&honest).len(), 100);
    for changed in [0, 1, 31, 32, 49, 63, 64, 98, 99] {
        let mut leaves: Vec<Node> = honest.roots().to_vec();
        leaves[changed as usize][0] ^= 1;
        let levels = tree(&node_key(&seed()), leaves);
        let walk = Walk {
            tree: levels,
            waves: Walk::honest(&seed(), SIZES).waves,
            ..honest
        };
        let expected: Vec<u32> = (0..changed).collect();
        assert_eq!(opening_waves(&walk), expected, "wave {changed}");
    }
}

/// Waves left out, with a made-up root that those after them were walked with, cost their share and nothing else: at the beginning, in the middle, and
/// the last one, which is nobody's left sibling.
#[test]
fn waves_left_out_cost_their_share() {
    for left_out in [0..1, 30..40, 63..64, 99..100, 75..100] {
        let walk = Walk::by(&seed(), SIZES, |tables, place| {
            if left_out.contains(&place.wave) {
                place.made_up()
            } else {
                place.honest(tables)
            }
        });
        let open = opening_waves(&walk);
        assert!((0..100).all(|wave| open.contains(&wave) != left_out.contains(&wave)));
        let share = left_out.len() as f64 / 100.0;
        let passed = passes(300, &SIZES, |at| judge(&walk, at).is_ok());
        // By chance a made-up entry is right once in 256.
        let what = format!("waves {left_out:?} left out");
        is_near(&what, passed, 300, eight(share * 255.0 / 256.0));
    }
}

/// A few broken links were worth a whole walk in the draft. Here each break leaves what lies on one side of it.
#[test]
fn few_breaks_leave_little() {
    // Three breaks: four parts side by side.
    let sizes = Sizes { waves: 64, ..SIZES };
    let walk = lockstep(Rules::Version3, &seed(), sizes, 4);
    assert_eq!(opening_waves(&walk), (0..16).collect::<Vec<_>>());
    // The draft's verifier sees three wrong waves of 64.
    let draft = Rules::SingleRoot;
    let walk = lockstep(draft, &seed(), sizes, 4);
    let open = |wave: &u32| draft.accept(&walk, &first_entry(*wave));
    assert_eq!((0..64).filter(open).count(), 61);
}
