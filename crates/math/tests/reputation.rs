//! How a record makes a reputation.

mod exact;

use exact::{big, floor};
use iog_math::reputation::{reputation_bps, Record};
use proptest::prelude::*;

const NEW: Record = Record {
    served: 0,
    missed: 0,
    skipped: 0,
    timeouts: 0,
    disputes_lost: 0,
};

#[test]
fn records_are_literal() {
    assert_eq!(reputation_bps(&NEW), 5_000);
    let served = |served| reputation_bps(&Record { served, ..NEW });
    assert_eq!(
        [1, 4, 8, 24, 720].map(served),
        [5_294, 6_000, 6_666, 8_000, 9_891]
    );
    assert_eq!(served(79_983), 9_998); // 9,998.99
    assert_eq!(served(79_984), 9_999);
    assert_eq!(served(u64::MAX), 9_999); // tends to 10,000, never there
                                         // 720 good hours and one fault: 728 / 737, 737, 742, 748
    let good = Record { served: 720, ..NEW };
    let fault = [
        Record { missed: 1, ..good },
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
        [9_877, 9_877, 9_811, 9_732]
    );
    assert_eq!(reputation_bps(&Record { missed: 24, ..NEW }), 2_000);
    assert_eq!(reputation_bps(&Record { timeouts: 4, ..NEW }), 2_000);
    assert_eq!(
        reputation_bps(&Record {
            disputes_lost: 2,
            ..NEW
        }),
        2_000
    );
}

#[test]
fn the_largest_counts_do_not_panic() {
    let all = Record {
        served: u64::MAX,
        missed: u64::MAX,
        skipped: u64::MAX,
        timeouts: u64::MAX,
        disputes_lost: u64::MAX,
    };
    assert_eq!(reputation_bps(&all), 476); // 1 of 1 + 1 + 1 + 6 + 12
    assert_eq!(reputation_bps(&Record { served: 0, ..all }), 0);
}

prop_compose! {
    fn record()(counts in prop::array::uniform5(0_u64..=1 << 40), shift in 0_u32..40) -> Record {
        let [served, missed, skipped, timeouts, disputes_lost] = counts.map(|count| count >> shift);
        Record { served, missed, skipped, timeouts, disputes_lost }
    }
}

proptest! {
    #[test]
    fn it_is_exact(record in record()) {
        let good = big(record.served) + 8_u8;
        let bad = big(record.missed) + record.skipped + big(record.timeouts) * 6_u8 + big(record.disputes_lost) * 12_u8 + 8_u8;
        let exact = floor(&(&good * 10_000_u16), &(&good + bad));
        prop_assert_eq!(big(reputation_bps(&record)), exact);
    }

    #[test]
    fn service_never_lowers_it_and_faults_never_raise_it(counts in prop::array::uniform5(any::<u64>()), more: u64) {
        let [served, missed, skipped, timeouts, disputes_lost] = counts;
        let record = Record { served, missed, skipped, timeouts, disputes_lost };
        let before = reputation_bps(&record);
        prop_assert!(before < 10_000);
        let better = Record { served: served.saturating_add(more), ..record };
        prop_assert!(reputation_bps(&better) >= before);
        for worse in [
            Record { missed: missed.saturating_add(more), ..record },
            Record { skipped: skipped.saturating_add(more), ..record },
            Record { timeouts: timeouts.saturating_add(more), ..record },
            Record { disputes_lost: disputes_lost.saturating_add(more), ..record },
        ] {
            prop_assert!(reputation_bps(&worse) <= before);
        }
    }
}
