//! The emission against exact arithmetic, over all of its hours.

mod exact;

use exact::{big, floor};
use iog_math::{
    emission::{amount, hour_at, hour_start, payable, schedule, HOURS},
    units::{EMISSION_IO, HOUR},
    MathError,
};
use num_bigint::BigUint;
use proptest::prelude::*;

/// Bits of the fraction of the comparison: an error of 175,319 roundings at 2^-512 is far below anything visible.
const PRECISION: u32 = 512;

#[test]
fn every_hour_is_the_exact_value_rounded_down() {
    let decimals = big(10_u8).pow(19);
    let ratio = ((&decimals - big(138_869_523_959_793_u64)) << PRECISION) / &decimals;
    let mut power = big(1_u8) << PRECISION;
    let year = big(8_760_u32);
    for hour in 1..=HOURS {
        // 500 M IO * 8 %, then the hours of the year
        let value = &power * big(4_000_000_000_000_000_u64);
        let expected: BigUint = floor(&value, &year) >> PRECISION;
        assert_eq!(big(amount(hour).unwrap()), expected, "hour {hour}");
        power = (power * &ratio) >> PRECISION;
    }
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
