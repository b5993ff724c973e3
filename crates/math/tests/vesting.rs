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
    assert_eq!(vested(&endless, START, START), Err(MathError::OutOfRange));
    assert_eq!(vested(&good, i64::MIN, i64::MAX), Err(MathError::Overflow));
}

/// Twenty years of 365.25 days.
const YEARS_20: i64 = 631_152_000;

/// audit: money L5
#[test]
fn schedules_end_within_20_years() {
    // First release, periods, their length, whether to the second, and when all is due.
    for (first_release_secs, periods, period_secs, per_second, end) in [
        (YEARS_20, 1, 1, false, Some(YEARS_20)),
        (YEARS_20 + 1, 1, 1, false, None),
        (YEARS_20, 2, 1, false, None),
        (0, 2, YEARS_20, false, Some(YEARS_20)),
        (0, 1, YEARS_20, true, Some(YEARS_20)),
        (1, 1, YEARS_20, true, None),
        (0, 2, YEARS_20, true, None),
        (0, 240, 2_629_800, true, Some(YEARS_20)),
        // The audit's: 64 bits do not hold the end.
        (0, 3, i64::MAX / 2, false, None),
        (0, 3, i64::MAX / 2, true, None),
        (i64::MAX, 1, 1, false, None),
        (i64::MAX, 1, 1, true, None),
        (0, u32::MAX, i64::MAX, true, None),
        // The only part is due at the first release, whatever the period.
        (7, 1, i64::MAX, false, Some(7)),
    ] {
        let schedule = Schedule {
            total: 1_000,
            at_start_bps: 0,
            first_release_secs,
            periods,
            period_secs,
            per_second,
        };
        let Some(end) = end else {
            assert_eq!(schedule.validate(), Err(MathError::OutOfRange));
            continue;
        };
        assert_eq!(schedule.validate(), Ok(()));
        assert_eq!(schedule.duration_secs(), Ok(end));
        assert!(vested(&schedule, START, START + end - 1).unwrap() < 1_000);
        assert_eq!(vested(&schedule, START, START + end), Ok(1_000));
    }
}

prop_compose! {
    fn any_schedule()(
        total: u64,
        at_start_bps: u16,
        first_release_secs: i64,
        periods: u32,
        period_secs: i64,
        per_second: bool,
        shifts in (0_u32..64, 0_u32..32, 0_u32..64, 0_u32..16),
    ) -> Schedule {
        Schedule {
            total,
            at_start_bps: at_start_bps >> shifts.3,
            first_release_secs: first_release_secs >> shifts.0,
            periods: periods >> shifts.1,
            period_secs: period_secs >> shifts.2,
            per_second,
        }
    }
}

prop_compose! {
    fn schedule()(
        total: u64,
        at_start_bps in 0_u16..=10_000,
        first_release_secs in 0_i64..100_000_000,
        periods in 1_u32..200,
        period_secs in 1_i64..2_600_000,
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

    /// audit: money L5: whatever is not refused at its creation pays all within 20 years, and never fails on the way.
    #[test]
    fn what_is_valid_pays_out(s in any_schedule(), now in START..=i64::MAX) {
        match s.validate() {
            Ok(()) => {
                prop_assert_eq!(vested(&s, START, START + YEARS_20), Ok(s.total));
                prop_assert!(vested(&s, START, now).is_ok_and(|due| due <= s.total));
            }
            Err(error) => prop_assert_eq!(error, MathError::OutOfRange),
        }
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
