//! How a record makes a reputation.

mod exact;

use exact::{big, floor};
use iog_math::reputation::{reputation_bps, Record};
use proptest::prelude::*;

const NEW: Record = Record {
    slots_served: 0,
    slots_missed: 0,
    skipped: 0,
    timeouts: 0,
    disputes_lost: 0,
};
/// Slots of an hour.
const HOUR: u64 = 6;

#[test]
fn records_are_literal() {
    assert_eq!(reputation_bps(&NEW), 5_000);
    let served = |slots_served| {
        reputation_bps(&Record {
            slots_served,
            ..NEW
        })
    };
    assert_eq!(
        [1, 4, 8, 24, 720].map(|hours| served(hours * HOUR)),
        [5_294, 6_000, 6_666, 8_000, 9_891]
    );
    // a slot is a sixth of an hour: 49 / 97
    assert_eq!(served(1), 5_051);
    assert_eq!(served(79_983 * HOUR + 5), 9_998); // 9,998.999
    assert_eq!(served(79_984 * HOUR), 9_999);
    assert_eq!(served(u64::MAX), 9_999); // tends to 10,000, never there
}

/// 720 good hours are 728 of 736. A missed slot weighs itself, a skipped match an hour, a timeout six and a lost dispute twelve:
/// 4,368 / 4,417, 728 / 737, 742, 748. redteam 5f: the record counts slots.
#[test]
fn faults_weigh_what_they_cost() {
    let good = Record {
        slots_served: 720 * HOUR,
        ..NEW
    };
    let fault = [
        Record {
            slots_missed: 1,
            ..good
        },
        Record { skipped: 1, ..good },
        Record {
            timeouts: 1,
            ..good
        },
        Record {
            disputes_lost: 1,
            ..good
        },
    ];
    assert_eq!(
        fault.map(|record| reputation_bps(&record)),
        [9_889, 9_877, 9_811, 9_732]
    );
    // 24 hours of faults of each kind: 8 of 40
    let bad = [
        Record {
            slots_missed: 24 * HOUR,
            ..NEW
        },
        Record { skipped: 24, ..NEW },
        Record { timeouts: 4, ..NEW },
        Record {
            disputes_lost: 2,
            ..NEW
        },
    ];
    assert_eq!(bad.map(|record| reputation_bps(&record)), [2_000; 4]);
}

#[test]
fn the_largest_counts_do_not_panic() {
    let all = Record {
        slots_served: u64::MAX,
        slots_missed: u64::MAX,
        skipped: u64::MAX,
        timeouts: u64::MAX,
        disputes_lost: u64::MAX,
    };
    assert_eq!(reputation_bps(&all), 86); // 1 of 1 + 1 + 6 + 36 + 72 = 116
    assert_eq!(
        reputation_bps(&Record {
            slots_served: 0,
            ..all
        }),
        0
    );
}

prop_compose! {
    fn record()(counts in prop::array::uniform5(0_u64..=1 << 40), shift in 0_u32..40) -> Record {
        let [slots_served, slots_missed, skipped, timeouts, disputes_lost] = counts.map(|count| count >> shift);
        Record { slots_served, slots_missed, skipped, timeouts, disputes_lost }
    }
}

proptest! {
    #[test]
    fn it_is_exact(record in record()) {
        // In sixths of hours: 8 and 8 hours to begin with.
        let good = big(record.slots_served) + 48_u8;
        let bad = big(record.slots_missed)
            + big(record.skipped) * 6_u8
            + big(record.timeouts) * 36_u8
            + big(record.disputes_lost) * 72_u8
            + 48_u8;
        let exact = floor(&(&good * 10_000_u16), &(&good + bad));
        prop_assert_eq!(big(reputation_bps(&record)), exact);
    }

    #[test]
    fn service_never_lowers_it_and_faults_never_raise_it(counts in prop::array::uniform5(any::<u64>()), more: u64) {
        let [slots_served, slots_missed, skipped, timeouts, disputes_lost] = counts;
        let record = Record { slots_served, slots_missed, skipped, timeouts, disputes_lost };
        let before = reputation_bps(&record);
        prop_assert!(before < 10_000);
        let better = Record { slots_served: slots_served.saturating_add(more), ..record };
        prop_assert!(reputation_bps(&better) >= before);
        for worse in [
            Record { slots_missed: slots_missed.saturating_add(more), ..record },
            Record { skipped: skipped.saturating_add(more), ..record },
            Record { timeouts: timeouts.saturating_add(more), ..record },
            Record { disputes_lost: disputes_lost.saturating_add(more), ..record },
        ] {
            prop_assert!(reputation_bps(&worse) <= before);
        }
    }
}
