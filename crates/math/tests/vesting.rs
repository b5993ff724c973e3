//! The release of an amount by its schedule; those of the genesis supply are in economics.md.

mod exact;

use exact::big;
use iog_math::{
    units::IO,
    vesting::{vested, Schedule},
    MathError,
};
use proptest::prelude::*;

const START: i64 = 1_750_000_000;
/// 30.4375 days, a twelfth of 365.25 days.
const MONTH_SECS: i64 = 2_629_800;

/// Nothing for 12 months, then 24 equal months (end of month 13 to 36).
const SEED: Schedule = Schedule {
    total: 100_000_000 * IO,
    at_start_bps: 0,
    first_release_secs: 13 * MONTH_SECS,
    periods: 24,
    period_secs: MONTH_SECS,
    per_second: false,
};
const SERIES_A: Schedule = Schedule {
    total: 81_200_000 * IO,
    ..SEED
};
/// 36 equal months (end of month 13 to 48).
const CORE: Schedule = Schedule {
    total: 90_720_000 * IO,
    periods: 36,
    ..SEED
};
/// 30 % at the start, then linear over 35 months after a gap of 6.
const ECOSYSTEM: Schedule = Schedule {
    total: 128_080_000 * IO,
    at_start_bps: 3_000,
    first_release_secs: 6 * MONTH_SECS,
    periods: 35,
    period_secs: MONTH_SECS,
    per_second: true,
};
/// 45 % at the start, then linear over 41 months.
const COMMUNITY: Schedule = Schedule {
    total: 80_000_000 * IO,
    at_start_bps: 4_500,
    first_release_secs: 0,
    periods: 41,
    ..ECOSYSTEM
};
/// All at once.
const LAUNCH_POOL: Schedule = Schedule {
    total: 20_000_000 * IO,
    at_start_bps: 10_000,
    first_release_secs: 0,
    periods: 0,
    ..ECOSYSTEM
};

fn at(schedule: &Schedule, months: i64, secs: i64) -> u64 {
    vested(schedule, START, START + months * MONTH_SECS + secs).unwrap()
}

#[test]
fn seed_and_series_a_pay_24_months_from_the_13th() {
    for schedule in [SEED, SERIES_A] {
        assert_eq!(at(&schedule, 0, 0), 0);
        assert_eq!(at(&schedule, 13, -1), 0);
        assert_eq!(at(&schedule, 13, 0), schedule.total / 24);
        assert_eq!(at(&schedule, 14, -1), schedule.total / 24);
        assert_eq!(at(&schedule, 24, 0), schedule.total / 2);
        assert!(at(&schedule, 36, -1) < schedule.total);
        assert_eq!(at(&schedule, 36, 0), schedule.total);
        assert_eq!(at(&schedule, 1_000, 0), schedule.total);
    }
}

#[test]
fn core_pays_36_months_from_the_13th() {
    assert_eq!(at(&CORE, 13, -1), 0);
    assert_eq!(at(&CORE, 13, 0), 2_520_000 * IO);
    assert_eq!(at(&CORE, 47, 0), 35 * 2_520_000 * IO);
    assert_eq!(at(&CORE, 48, -1), 35 * 2_520_000 * IO);
    assert_eq!(at(&CORE, 48, 0), 90_720_000 * IO);
}

#[test]
fn the_ecosystem_pays_to_the_second_after_its_gap() {
    let first = 38_424_000 * IO;
    assert_eq!(at(&ECOSYSTEM, 0, -1), 0);
    assert_eq!(at(&ECOSYSTEM, 0, 0), first);
    assert_eq!(at(&ECOSYSTEM, 6, 0), first);
    // 89,656,000 IO over 35 months of 2,629,800 s: 0.9740... IO a second
    assert_eq!(at(&ECOSYSTEM, 6, 1) - first, 97_406_646);
    assert_eq!(at(&ECOSYSTEM, 13, 0) - first, 17_931_200 * IO);
    assert!(at(&ECOSYSTEM, 41, -1) < 128_080_000 * IO);
    assert_eq!(at(&ECOSYSTEM, 41, 0), 128_080_000 * IO);
}

#[test]
fn the_community_pays_at_once_and_then_to_the_second() {
    assert_eq!(at(&COMMUNITY, 0, 0), 36_000_000 * IO);
    assert_eq!(at(&COMMUNITY, 41, 0), 80_000_000 * IO);
    let second = 44_000_000 * IO / (41 * 2_629_800);
    assert_eq!(at(&COMMUNITY, 0, 1), 36_000_000 * IO + second);
    assert_eq!(at(&LAUNCH_POOL, 0, -1), 0);
    assert_eq!(at(&LAUNCH_POOL, 0, 0), 20_000_000 * IO);
}

#[test]
fn schedules_that_never_pay_out_are_refused() {
    let good = SEED;
    for bad in [
        Schedule {
            at_start_bps: 10_001,
            ..good
        },
        Schedule { periods: 0, ..good },
        Schedule {
            period_secs: 0,
            ..good
        },
        Schedule {
            period_secs: -1,
            ..good
        },
        Schedule {
            first_release_secs: -1,
            ..good
        },
    ] {
        assert_eq!(bad.validate(), Err(MathError::OutOfRange));
        assert_eq!(vested(&bad, START, START), Err(MathError::OutOfRange));
    }
    let endless = Schedule {
        period_secs: i64::MAX,
        ..good
    };
    assert_eq!(vested(&endless, START, START), Err(MathError::Overflow));
    assert_eq!(vested(&good, i64::MIN, i64::MAX), Err(MathError::Overflow));
}

prop_compose! {
    fn schedule()(
        total: u64,
        at_start_bps in 0_u16..=10_000,
        first_release_secs in 0_i64..100_000_000,
        periods in 1_u32..200,
        period_secs in 1_i64..10_000_000,
        per_second: bool,
    ) -> Schedule {
        Schedule { total, at_start_bps, first_release_secs, periods, period_secs, per_second }
    }
}

proptest! {
    #[test]
    fn release_is_exact_and_never_falls(s in schedule(), now in 0_i64..3_000_000_000, later in 0_i64..10_000_000) {
        let due = vested(&s, 0, now).unwrap();
        prop_assert!(due <= s.total);
        prop_assert!(vested(&s, 0, now + later).unwrap() >= due);
        let at_start = big(s.total) * s.at_start_bps / 10_000_u16;
        let rest = big(s.total) - &at_start;
        let (parts, of) = if now < s.first_release_secs {
            (0, 1)
        } else if s.per_second {
            let whole = s.period_secs * i64::from(s.periods);
            ((now - s.first_release_secs).min(whole), whole)
        } else {
            let parts = (now - s.first_release_secs) / s.period_secs + 1;
            (parts.min(i64::from(s.periods)), i64::from(s.periods))
        };
        prop_assert_eq!(big(due), at_start + rest * parts as u64 / of as u64);
    }

    #[test]
    fn all_is_due_at_the_end_and_not_before(s in schedule()) {
        let end = s.duration_secs().unwrap();
        prop_assert_eq!(vested(&s, START, START + end), Ok(s.total));
        prop_assert_eq!(vested(&s, START, START - 1), Ok(0));
        if s.at_start_bps < 10_000 && s.total > 10_000_000 && end > 0 {
            prop_assert!(vested(&s, START, START + end - 1).unwrap() < s.total);
        }
    }
}
