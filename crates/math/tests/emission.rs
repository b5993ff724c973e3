//! The emission against exact arithmetic, over all of its hours.

mod exact;

use exact::{big, floor};
use iog_math::{
    emission::{
        amount, carry_limit, cumulative, hour_at, hour_start, payable, remaining_hours, schedule,
        HOURS,
    },
    units::{EMISSION_IO, HOUR},
    MathError,
};
use num_bigint::BigUint;
use proptest::prelude::*;

/// Bits of the fraction of the comparison.
const PRECISION: u32 = 512;

/// 500 M IO * 8 % in base units, and the hours that they are spread over.
const FIRST_YEAR: u64 = 4_000_000_000_000_000;
const YEAR_HOURS: u32 = 8_760;

/// `r` as a fraction: `10^19 - 138869523959793` over `10^19`.
fn ratio() -> (BigUint, BigUint) {
    let decimals = big(10_u8).pow(19);
    (&decimals - big(138_869_523_959_793_u64), decimals)
}

#[test]
fn every_hour_and_every_sum_is_the_exact_value_rounded_down() {
    // The powers are kept from below and from above: where both round to the same number, so does the exact one.
    let (numerator, decimals) = ratio();
    let least = floor(&(&numerator << PRECISION), &decimals);
    let most = &least + 1_u8;
    let (mut below, mut above) = (big(1_u8) << PRECISION, big(1_u8) << PRECISION);
    let scale = big(YEAR_HOURS) << PRECISION;
    let mut sum = big(0_u8);
    let mut hours = 0;
    for item in schedule() {
        let exact = &below * FIRST_YEAR;
        let expected = floor(&exact, &scale);
        assert_eq!(floor(&(&above * FIRST_YEAR), &scale), expected);
        assert_eq!(big(amount(item.hour).unwrap()), expected, "{item:?}");
        // The sum lacks less than a unit for each hour, and never exceeds the exact one.
        sum += exact;
        let whole = floor(&sum, &scale);
        assert!(big(item.cumulative) <= whole, "{item:?}");
        assert!(whole < big(item.cumulative) + item.hour, "{item:?}");
        below = (below * &least) >> PRECISION;
        above = ((above * &most) >> PRECISION) + 1_u8;
        hours += 1;
    }
    assert_eq!(hours, HOURS);
}

#[test]
fn hours_are_the_exact_fraction_rounded_down() {
    // Nothing is cut off here: the last hour's fraction has 3.3 million digits on either side.
    let (numerator, decimals) = ratio();
    for hour in [1, 2, 3, 731, 8_761, 43_801, HOURS] {
        let dividend = numerator.pow(hour - 1) * FIRST_YEAR;
        let divisor = decimals.pow(hour - 1) * YEAR_HOURS;
        assert_eq!(
            big(amount(hour).unwrap()),
            floor(&dividend, &divisor),
            "hour {hour}"
        );
    }
}

#[test]
fn sums_and_hours_left_are_those_of_the_schedule() {
    assert_eq!(cumulative(0), Ok(0));
    assert_eq!(cumulative(1), Ok(456_621_004_566));
    assert_eq!(cumulative(2), Ok(913_235_668_058));
    for item in schedule().step_by(9_973).chain(schedule().skip(175_317)) {
        assert_eq!(cumulative(item.hour), Ok(item.cumulative), "{item:?}");
    }
    assert_eq!(
        cumulative(HOURS - 1),
        Ok(EMISSION_IO - 40_012_988_344 - 43_598)
    );
    for hour in [HOURS, HOURS + 1, u32::MAX] {
        assert_eq!(cumulative(hour), Ok(EMISSION_IO));
        assert_eq!(remaining_hours(hour), 0);
    }
    let left = [0, 1, 2, HOURS - 1].map(remaining_hours);
    assert_eq!(left, [175_319, 175_318, 175_317, 1]);
}

#[test]
fn published_hours_are_literal() {
    assert_eq!(amount(1), Ok(456_621_004_566)); // 4,566.21004566 IO
    assert_eq!(amount(2), Ok(456_614_663_492));
    assert_eq!(amount(8_760), Ok(404_324_217_441)); // a year later 11.45 % less
    assert_eq!(amount(8_761), Ok(404_318_602_609));
    assert_eq!(amount(87_660), Ok(135_169_415_673)); // half of the time
    assert_eq!(amount(175_318), Ok(40_013_544_010));
    assert_eq!(amount(175_319), Ok(40_012_988_344));
    assert_eq!(amount(0), Err(MathError::OutOfRange));
    assert_eq!(amount(HOURS + 1), Ok(0));
    assert_eq!(amount(u32::MAX), Ok(0));
}

#[test]
fn two_months_leave_97_99_percent() {
    // 1,461 hours: 1.0093 % a month of 730.5 hours. The 1.02 % of the announcement is this rate rounded up.
    let first = u128::from(amount(1).unwrap());
    let later = u128::from(amount(1 + 1_461).unwrap());
    assert_eq!(later * 1_000_000 / first, 979_915);
}

#[test]
fn the_schedule_sums_to_300_million_exactly_and_the_cap_cuts_no_hour() {
    let mut scheduled = 0_u64;
    let mut last = None;
    for item in schedule() {
        let plain = amount(item.hour).unwrap();
        scheduled += plain;
        if item.hour < HOURS {
            assert_eq!(item.amount, plain, "hour {}", item.hour);
            assert_eq!(item.cumulative, scheduled);
        }
        last = Some(item);
    }
    assert_eq!(scheduled, 29_999_999_999_956_402);
    assert_eq!(EMISSION_IO - scheduled, 43_598);
    let last = last.unwrap();
    assert_eq!(last.hour, HOURS);
    assert_eq!(last.amount, 40_012_988_344 + 43_598);
    assert_eq!(last.cumulative, EMISSION_IO);
    assert_eq!(schedule().count(), 175_319);
}

#[test]
fn no_hour_pays_more_than_what_is_left() {
    assert_eq!(payable(1, EMISSION_IO - 7), Ok(7));
    assert_eq!(payable(1, EMISSION_IO), Ok(0));
    assert_eq!(payable(1, EMISSION_IO + 1), Err(MathError::OutOfRange));
    assert_eq!(payable(HOURS, EMISSION_IO), Ok(0));
    assert_eq!(payable(HOURS, EMISSION_IO - 9), Ok(9));
    assert_eq!(payable(HOURS + 1, 0), Ok(0));
    assert_eq!(payable(0, 0), Err(MathError::OutOfRange));
}

/// Within the schedule the carry adds at most as much as the hour's own amount; behind it at most the last full hour's, so that nothing
/// stays locked. redteam 11b
#[test]
fn the_carry_flows_by_at_most_the_hours_amount() {
    for hour in [1, 2, 87_660, HOURS - 1] {
        let paid = amount(hour).unwrap();
        assert_eq!(carry_limit(hour, paid), Ok(paid));
    }
    // The last hour's own amount has the remainder in it, or is cut by the cap.
    assert_eq!(carry_limit(HOURS, 40_013_031_942), Ok(40_013_031_942));
    assert_eq!(carry_limit(HOURS, 0), Ok(0));
    for hour in [HOURS + 1, HOURS + 2, u32::MAX] {
        assert_eq!(carry_limit(hour, 0), Ok(40_013_544_010));
    }
}

#[test]
fn hours_begin_at_their_first_second() {
    let genesis = 1_750_000_000;
    assert_eq!(hour_at(genesis, genesis - 1), Err(MathError::OutOfRange));
    assert_eq!(hour_at(genesis, genesis), Ok(1));
    assert_eq!(hour_at(genesis, genesis + HOUR - 1), Ok(1));
    assert_eq!(hour_at(genesis, genesis + HOUR), Ok(2));
    assert_eq!(hour_start(genesis, 1), Ok(genesis));
    assert_eq!(hour_start(genesis, 0), Err(MathError::OutOfRange));
    let end = genesis + i64::from(HOURS) * HOUR;
    assert_eq!(hour_at(genesis, end - 1), Ok(HOURS));
    assert_eq!(hour_at(genesis, end), Ok(HOURS + 1));
    assert_eq!(hour_at(i64::MIN, i64::MAX), Err(MathError::OutOfRange));
    assert_eq!(hour_at(0, i64::MAX), Err(MathError::OutOfRange));
    assert_eq!(hour_start(i64::MAX, 2), Err(MathError::Overflow));
}

proptest! {
    #[test]
    fn an_hour_contains_its_start(genesis in -4_000_000_000_i64..4_000_000_000, hour in 1..u32::MAX) {
        let start = hour_start(genesis, hour).unwrap();
        prop_assert_eq!(hour_at(genesis, start), Ok(hour));
        prop_assert_eq!(hour_at(genesis, start + HOUR - 1), Ok(hour));
        prop_assert_eq!(hour_at(genesis, start + HOUR), Ok(hour + 1));
    }

    /// However much is carried at the end, it is gone after `carry / limit` hours, rounded up. redteam 11b
    #[test]
    fn the_carry_is_gone_after_the_schedule(carry in 0..=EMISSION_IO) {
        let limit = carry_limit(HOURS + 1, 0).unwrap();
        let hours = u32::try_from(carry.div_ceil(limit)).unwrap();
        let left = (1..=hours).fold(carry, |left, hour| left - left.min(carry_limit(HOURS + hour, 0).unwrap()));
        prop_assert_eq!(left, 0);
    }

    #[test]
    fn any_history_ends_at_the_cap(start in 0..=EMISSION_IO, from in 1..HOURS, hours in 1_u32..500) {
        let mut emitted = start;
        for hour in (from..from.saturating_add(hours)).chain([HOURS]) {
            let paid = payable(hour, emitted).unwrap();
            if hour != HOURS {
                prop_assert!(paid <= amount(hour).unwrap());
            }
            emitted += paid;
            prop_assert!(emitted <= EMISSION_IO);
        }
        prop_assert_eq!(emitted, EMISSION_IO);
    }
}
