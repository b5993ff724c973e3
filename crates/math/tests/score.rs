//! Connectivity tiers against their published thresholds.

use iog_math::score::{lower_median, tier, MAX_TIER};
use proptest::prelude::*;

/// economics.md: download and upload in MB/s of at least 100/10, 400/300, 800/600, 1600/1200.
const PUBLISHED: [(u8, u32, u32); 4] = [
    (1, 100, 10),
    (2, 400, 300),
    (3, 800, 600),
    (4, 1_600, 1_200),
];

#[test]
fn each_tier_begins_at_its_thresholds_and_needs_both() {
    for (number, download, upload) in PUBLISHED {
        assert_eq!(tier(download, upload), number);
        assert_eq!(tier(download, u32::MAX), number);
        assert_eq!(tier(u32::MAX, upload), number);
        assert_eq!(tier(download - 1, upload), number - 1);
        assert_eq!(tier(download, upload - 1), number - 1);
    }
    assert_eq!(tier(0, 0), 0);
    assert_eq!(tier(u32::MAX, u32::MAX), MAX_TIER);
}

#[test]
fn the_median_is_the_middle_or_the_lower_of_two() {
    assert_eq!(lower_median(&mut []), None);
    for (values, median) in [
        (&mut [7][..], 7),
        (&mut [9, 2], 2),
        (&mut [9, 2, 5], 5),
        (&mut [9, 2, 5, 4], 4),
        (&mut [0, u32::MAX, u32::MAX, 0, 3], 3),
    ] {
        assert_eq!(lower_median(values), Some(median));
    }
}

proptest! {
    /// redteam 12b: fewer than half move the median no further than what an honest measurer found.
    #[test]
    fn fewer_than_half_move_nothing_beyond_the_honest(
        honest in proptest::collection::vec(0u32..3_000, 1..9),
        lies in proptest::collection::vec(any::<u32>(), 0..8),
    ) {
        let lies = &lies[..lies.len().min(honest.len() - 1)];
        let mut all = [&honest[..], lies].concat();
        let median = lower_median(&mut all).expect("there are some");
        let (least, most) = (honest.iter().min(), honest.iter().max());
        prop_assert!(least <= Some(&median) && Some(&median) <= most);
    }

    #[test]
    fn the_tier_is_the_highest_that_both_reach(download in 0u32..2_000, upload in 0u32..1_500) {
        let reached = PUBLISHED
            .iter()
            .filter(|(_, d, u)| download >= *d && upload >= *u)
            .map(|(number, _, _)| *number)
            .max()
            .unwrap_or(0);
        prop_assert_eq!(tier(download, upload), reached);
    }

    #[test]
    fn a_faster_connection_is_never_worse(download in 0u32..3_000, upload in 0u32..3_000, more in 0u32..1_000) {
        prop_assert!(tier(download + more, upload) >= tier(download, upload));
        prop_assert!(tier(download, upload + more) >= tier(download, upload));
    }
}
