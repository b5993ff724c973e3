//! What holds for any shape, challenge and bytes.

use iog_pow::{pick, verify, walk, OpeningError, Pick, Shape};
use proptest::prelude::*;

prop_compose! {
    fn shapes()(panels in 1_u32..1 << 27, levels in 0_u32..32, waves in 1_u32..=24) -> Shape {
        Shape::new(panels * 32, 1 << levels, waves).unwrap()
    }
}

proptest! {
    #[test]
    fn picks_and_panels_lie_in_the_shape(shape in shapes(), bytes: [u8; 32], n: u32) {
        prop_assert!(pick(&bytes, n, &shape).fits(&shape));
        let (a, b) = walk::panels(&bytes, &shape);
        prop_assert!(a < shape.panels() && b < shape.panels());
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

    #[test]
    fn no_bytes_make_the_verifier_panic_or_believe(
        seed: [u8; 32],
        roots in proptest::collection::vec(any::<[u8; 20]>(), 0..26),
        (wave, lane, step, i, j) in (0_u32..26, any::<u32>(), 0_u32..9, 0_u32..33, 0_u32..33),
        levels in 0_u32..32,
        waves in 1_u32..=24,
        bytes in proptest::collection::vec(any::<u8>(), 924),
        exact: bool,
    ) {
        let shape = Shape::new(u32::MAX - 31, 1 << levels, waves).unwrap();
        let at = Pick { wave, lane: lane >> 1 >> (31 - levels), step, i, j };
        let len = if exact { shape.opening_len() } else { bytes.len() - 1 };
        let verdict = verify(&seed, &shape, &roots, &at, &bytes[..len]);
        let expected = if !exact {
            OpeningError::Length
        } else if roots.len() != waves as usize || !at.fits(&shape) {
            OpeningError::Roots
        } else {
            OpeningError::Lane
        };
        prop_assert_eq!(verdict, Err(expected));
    }
}
