//! The tier is that of the medians of download and upload over all tests that count.

use iog_client::registry::events::TierSet;
use iog_client::registry::SpeedTest;
use iog_tests::world::PubkeyOf;

use super::{tier_set, Stage};

/// What measurers find in MB/s, in their places' order, and the tier of the medians; of an even number the lower of the middle two, and
/// each median by itself.
const CASES: [(&[(u32, u32)], u8); 14] = [
    (&[(1_600, 1_200), (1_600, 1_200), (1_600, 1_200)], 4),
    (&[(1_600, 1_200), (1_599, 1_200), (0, 1_200)], 3),
    (&[(1_600, 1_199), (1_600, 1_199), (1_600, 1_200)], 3),
    (&[(800, 599), (800, 599), (800, 600)], 2),
    (&[(400, 300), (400, 300), (0, 0)], 2),
    (&[(u32::MAX, 299), (u32::MAX, 299), (u32::MAX, 299)], 1),
    (&[(100, 10), (100, 10), (u32::MAX, u32::MAX)], 1),
    // Below the lowest tier is the lowest tier all the same.
    (&[(0, 0), (0, 0), (0, 0)], 1),
    // Of four the second, not the third.
    (&[(100, 10), (400, 300), (1_600, 1_200), (1_600, 1_200)], 2),
    (&[(400, 300), (400, 300), (800, 600), (1_600, 1_200)], 2),
    // Downloads 100, 400, 1,600, 1,600 and uploads 10, 10, 10, 1,200.
    (&[(1_600, 10), (100, 10), (400, 1_200), (1_600, 10)], 1),
    (
        &[
            (100, 1_200),
            (1_600, 1_200),
            (1_600, 10),
            (800, 600),
            (800, 600),
        ],
        3,
    ),
    (
        &[
            (0, 0),
            (0, 0),
            (1_600, 1_200),
            (1_600, 1_200),
            (1_600, 1_200),
        ],
        4,
    ),
    (&[(0, 0), (0, 0), (0, 0), (1_600, 1_200), (1_600, 1_200)], 1),
];

/// redteam 12b: all that was posted counts, by nobody's choice.
#[test]
fn the_tier_is_that_of_the_medians() {
    let fresh = Stage::new(5);
    for (found, tier) in CASES {
        let mut stage = fresh.clone();
        for (index, (download_mbps, upload_mbps)) in found.iter().enumerate() {
            let test = SpeedTest {
                download_mbps: *download_mbps,
                upload_mbps: *upload_mbps,
                measured_ts: stage.world.now(),
                report_hash: [0; 32],
            };
            stage.post(index, test);
        }
        let device = stage.device();
        assert_eq!((device.tier, stage.tier()), (tier, tier), "{found:?}");
        assert_eq!(device.tier_ts, stage.world.now());
    }
}

#[test]
fn a_test_says_who_measured_and_what_became_of_it() {
    let mut stage = Stage::new(3);
    stage.pass(10);
    for (index, (fresh, after)) in [(1, 1), (2, 1), (3, 3)].into_iter().enumerate() {
        let meta = stage.find(index, 3);
        let expected = TierSet {
            device: stage.one.device,
            measurer: stage.named[index].pubkey_of(),
            download_mbps: 800,
            upload_mbps: 600,
            measured_ts: stage.world.now(),
            report_hash: [7; 32],
            fresh,
            tier_before: 1,
            tier_after: after,
        };
        assert_eq!(tier_set(&meta), expected);
        let entry = stage.measurements().entries[index];
        assert_eq!((entry.download_mbps, entry.upload_mbps), (800, 600));
        assert_eq!(entry.measured_ts, stage.world.now());
    }
    // Asked anew by anyone: nobody's test, and the same tier.
    stage.pass(5);
    let anyone = stage.world.wallet();
    let refresh = super::refresh_ix(&stage.one);
    let meta = stage.world.must(refresh, &[&anyone]);
    let expected = TierSet {
        device: stage.one.device,
        measurer: super::NOBODY,
        download_mbps: 0,
        upload_mbps: 0,
        measured_ts: 0,
        report_hash: [0; 32],
        fresh: 3,
        tier_before: 3,
        tier_after: 3,
    };
    assert_eq!(tier_set(&meta), expected);
    assert_eq!(stage.device().tier_ts, stage.world.now() - 5);
}

/// A measurer's newest test replaces its last: nobody counts twice.
#[test]
fn the_newest_test_replaces_the_last() {
    let mut stage = Stage::new(3);
    for index in 0..3 {
        stage.find(index, 2);
    }
    assert_eq!(stage.tier(), 2);
    stage.pass(1);
    let meta = stage.find(0, 4);
    assert_eq!((tier_set(&meta).fresh, stage.tier()), (3, 2));
    stage.find(1, 4);
    assert_eq!(stage.tier(), 4);
    stage.pass(1);
    stage.find(0, 3);
    assert_eq!(stage.tier(), 3);
    // A device of its own has tests of its own.
    let other = stage.world.registered(stage.one.class_id, 1);
    let open = super::open_ix(&stage.world, &other);
    stage.world.govern(open);
    let one = std::mem::replace(&mut stage.one, other);
    let meta = stage.find(0, 1);
    assert_eq!((tier_set(&meta).fresh, stage.device().tier_ts), (1, 0));
    stage.one = one;
    assert_eq!(stage.tier(), 3);
}

/// A test of an hour ago and one of now are taken, each newer than the same measurer's last.
#[test]
fn tests_of_the_last_hour_are_taken() {
    let mut stage = Stage::new(3);
    stage.pass(7_200);
    for age in [3_600, 3_599, 0] {
        let mut test = super::speed_test(&stage.world, 1);
        test.measured_ts -= age;
        stage.post(0, test);
    }
    let mut test = super::speed_test(&stage.world, 1);
    test.measured_ts -= 3_600;
    stage.post(1, test);
}
