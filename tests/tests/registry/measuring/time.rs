//! What time and removals do to measurements and tiers.

use iog_tests::world::PubkeyOf;

use super::{apply_measurer_ix, set_measurer_ix, tier_set, Stage, DAY, NOBODY};

/// redteam 12c: when measurers fall silent no tier falls for 180 days, counted from the test that made its quorum; then to the lowest.
#[test]
fn without_a_quorum_the_last_tier_stands_180_days() {
    let mut stage = Stage::new(3);
    let start = stage.world.now();
    stage.find(0, 4);
    stage.pass(7);
    stage.find(1, 4);
    stage.pass(2);
    stage.find(2, 4);
    assert_eq!((stage.device().tier_ts, stage.tier()), (start, 4));
    // A test counts for 30 days.
    stage.world.set_time(start + 30 * DAY);
    assert_eq!((stage.refresh(), stage.tier()), (3, 4));
    stage.pass(1);
    assert_eq!((stage.refresh(), stage.tier()), (2, 4));
    stage.world.set_time(start + 31 * DAY);
    assert_eq!((stage.refresh(), stage.tier()), (0, 4));
    // Asking anew does not make the tier younger.
    assert_eq!(stage.device().tier_ts, start);
    stage.world.set_time(start + 180 * DAY);
    assert_eq!((stage.refresh(), stage.tier()), (0, 4));
    stage.pass(1);
    let mut asked = stage.clone();
    assert_eq!((asked.refresh(), asked.tier()), (0, 1));
    // Nor does anybody have to ask: it counts as 1 by the clock.
    assert_eq!((stage.device().tier, stage.tier()), (4, 1));
    let meta = stage.find(0, 4);
    assert_eq!((tier_set(&meta).tier_before, stage.tier()), (1, 1));
    stage.find(1, 4);
    stage.find(2, 4);
    assert_eq!(stage.tier(), 4);
}

/// redteam 12c: a measurer that is removed takes its tests with it, at the next look.
#[test]
fn a_removed_measurer_takes_its_tests_along() {
    let mut stage = Stage::new(5);
    for (index, tier) in [4, 4, 4, 1, 1].into_iter().enumerate() {
        stage.find(index, tier);
    }
    assert_eq!(stage.tier(), 4);
    // The three who said 4 are found out: one is removed, and the medians are the others'.
    stage.remove(0);
    assert_eq!(stage.tier(), 4, "until somebody looks");
    assert_eq!((stage.refresh(), stage.tier()), (4, 1));
    // With two more gone there is no quorum, and the last tier stands.
    stage.remove(1);
    stage.remove(2);
    assert_eq!((stage.refresh(), stage.tier()), (2, 1));
    // Named again, in the same place or another, they begin anew.
    for index in [1, 2, 0] {
        let key = stage.named[0].pubkey_of();
        let set = set_measurer_ix(&stage.world, index, key);
        let mut back = stage.clone();
        back.pass(1);
        back.world.govern(set);
        assert_eq!((back.refresh(), back.tier()), (2, 1), "place {index}");
    }
}

/// redteam 12c: nobody's tier falls in a day because one measurer is replaced, and the place's old test is nobody's.
#[test]
fn a_replaced_measurers_test_counts_for_nobody() {
    let mut stage = Stage::new(3);
    for index in 0..3 {
        stage.find(index, 3);
    }
    stage.pass(DAY);
    let new = stage.world.wallet();
    let set = set_measurer_ix(&stage.world, 1, new.pubkey_of());
    stage.world.govern(set);
    // The one who is to go counts until the other follows.
    assert_eq!((stage.refresh(), stage.tier()), (3, 3));
    stage.pass(DAY);
    stage.world.govern(apply_measurer_ix(1));
    // The test in its place is older than its time there.
    assert_eq!((stage.refresh(), stage.tier()), (2, 3));
    stage.named[1] = new;
    let meta = stage.find(1, 1);
    assert_eq!((tier_set(&meta).fresh, stage.tier()), (3, 3));
    assert_eq!(stage.measurements().entries[1].download_mbps, 100);
}

/// With fewer measurers than the quorum nobody gets a tier, and every device has the lowest.
#[test]
fn two_measurers_give_no_tier() {
    let mut stage = Stage::new(2);
    for index in 0..2 {
        let meta = stage.find(index, 4);
        assert_eq!(tier_set(&meta).tier_after, 1);
    }
    assert_eq!((stage.device().tier, stage.device().tier_ts), (1, 0));
    assert_eq!(stage.config().measurers[2].role.key, NOBODY);
}
