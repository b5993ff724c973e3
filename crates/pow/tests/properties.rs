//! What holds for any shape, challenge, roots and bytes.

mod common;

use common::Sizes;
use iog_pow::{challenge_distance, pick, verify, walk, Chain, OpeningError, Pick, Shape};
use proptest::prelude::*;

prop_compose! {
    fn shapes()(
        panels in 1_u32..1 << 27,
        levels in 0_u32..=20,
        waves in 1_u32..=1 << 17,
        cards in 1_u32..=8,
    ) -> Shape {
        Shape::new(panels * 32, 1 << levels, waves, cards).unwrap()
    }
}

proptest! {
    #[test]
    fn picks_and_panels_lie_in_the_shape(shape in shapes(), bytes: [u8; 32], n: u32) {
        let at = pick(&bytes, n, &shape);
        prop_assert!(at.fits(&shape));
        let (a, b) = walk::panels(&bytes, &shape);
        prop_assert!(a < shape.panels() && b < shape.panels());
        // As the reference draws them.
        let sizes = Sizes::new(shape.rows(), shape.tiles(), shape.waves(), shape.cards());
        prop_assert_eq!(common::panels(&bytes, &sizes), [a, b]);
        let common::Pick { wave, card, tile, i, j } = common::pick(&bytes, n, &sizes);
        prop_assert_eq!(Pick { wave, card, tile, i, j }, at);
    }

    #[test]
    fn scaling_is_the_upper_half_of_the_product(word: u32, bound: u32) {
        let expected = (u64::from(word) * u64::from(bound)) >> 32;
        prop_assert_eq!(u64::from(walk::scale(word, bound)), expected);
        prop_assert!(bound == 0 || walk::scale(u32::MAX, bound) == bound - 1);
    }

    #[test]
    fn folding_is_the_low_byte(c in 0_u32..1 << 25) {
        let expected = (c ^ (c >> 8) ^ (c >> 16)) & 0xff;
        prop_assert_eq!(u32::from(walk::fold(c)), expected);
    }

    /// Every distance is a whole number of slots from 8 to 63, so that both slots are still recorded a while after the second.
    #[test]
    fn the_second_slot_is_8_to_63_slots_away(hash: [u8; 32]) {
        let distance = challenge_distance(&hash);
        prop_assert!((8..64).contains(&distance));
        prop_assert_eq!(common::distance(&hash), distance);
    }

    /// audit: proof M-6. Changing either hash changes what is asked.
    #[test]
    fn a_challenge_hangs_on_both_hashes(first: [u8; 32], second: [u8; 32], bit in 0_usize..256) {
        let drawn = iog_pow::challenge(&first, &second, &[3; 32]);
        prop_assert_eq!(common::challenge(&first, &second, &[3; 32]), drawn);
        let flipped = |mut hash: [u8; 32]| {
            hash[bit / 8] ^= 1 << (bit % 8);
            hash
        };
        prop_assert_ne!(iog_pow::challenge(&flipped(first), &second, &[3; 32]), drawn);
        prop_assert_ne!(iog_pow::challenge(&first, &flipped(second), &[3; 32]), drawn);
        prop_assert_ne!(iog_pow::challenge(&first, &second, &flipped([3; 32])), drawn);
    }

    /// The stack of peaks is the tree of the text: each wave's key, and the root wherever the walk stops.
    #[test]
    fn a_chain_is_the_tree_over_the_roots(
        seed: [u8; 32],
        roots in proptest::collection::vec(any::<[u8; 16]>(), 1..70),
        spare in 0_u32..70,
    ) {
        let waves = u32::try_from(roots.len()).unwrap();
        let shape = Shape::new(32, 1, waves + spare, 1).unwrap();
        let levels = Sizes::new(32, 1, waves + spare, 1).levels();
        let mut chain = Chain::new(seed, &shape);
        for (wave, root) in (0..waves).zip(&roots) {
            prop_assert_eq!(chain.wave(), wave);
            let left = common::left_siblings(&seed, &roots, wave, levels);
            prop_assert_eq!(chain.key(), common::key(&seed, wave, &left));
            prop_assert_eq!(walk::wave_key(&seed, wave, &left), chain.key());
            chain.push(*root);
        }
        let mut leaves = roots;
        leaves.resize(1 << levels, [0; 16]);
        let whole = common::tree(&common::node_key(&seed), leaves);
        prop_assert_eq!(chain.commit(), whole.last().unwrap()[0]);
    }

    #[test]
    fn no_bytes_make_the_verifier_panic_or_believe(
        seed: [u8; 32],
        commit: [u8; 16],
        (wave, card, i, j) in (0_u32..80, 0_u32..10, 0_u32..33, 0_u32..33),
        tile: u32,
        (levels, waves, cards) in (0_u32..=20, 1_u32..=1 << 17, 1_u32..=8),
        bytes in proptest::collection::vec(any::<u8>(), 820),
        exact: bool,
    ) {
        let shape = Shape::new(u32::MAX - 31, 1 << levels, waves, cards).unwrap();
        // Half of the tiles lie outside.
        let tile = tile.checked_shr(31 - levels).unwrap_or(0);
        let at = Pick { wave, card, tile, i, j };
        let len = if exact { shape.opening_len() } else { bytes.len() - 1 };
        let verdict = verify(&seed, &shape, &commit, &at, &bytes[..len]);
        let expected = if !exact {
            OpeningError::Length
        } else if !at.fits(&shape) {
            OpeningError::Pick
        } else {
            OpeningError::Path
        };
        prop_assert_eq!(verdict, Err(expected));
    }
}
