//! How the utilisation follows the devices.

mod exact;

use exact::{big, floor};
use iog_math::{
    pricing::{utilisation_at, utilisation_step, UTILISATION_STEP_SECS},
    MathError,
};
use proptest::prelude::*;

#[test]
fn it_moves_by_one_basis_point_in_ten_seconds() {
    let at = |now| utilisation_at(2_000, 1_000, 5, 10, now);
    assert_eq!(at(1_000), Ok(2_000));
    assert_eq!(at(1_009), Ok(2_000));
    assert_eq!(at(1_010), Ok(2_001));
    assert_eq!(at(1_000 + 10 * 2_999 + 9), Ok(4_999));
    assert_eq!(at(1_000 + 30_000), Ok(5_000));
    assert_eq!(at(i64::MAX), Ok(5_000));
    // A clock that steps back moves nothing.
    assert_eq!(at(999), Ok(2_000));
    assert_eq!(at(i64::MIN), Ok(2_000));
    assert_eq!(UTILISATION_STEP_SECS, 10);
}

/// Hired by itself, 40 idle GPUs of 100 move the price for what half a day of fees costs, not a few hours'. redteam 9c
#[test]
fn self_hire_of_a_class_from_60_to_100_percent_takes_11_hours() {
    let at = |secs| utilisation_at(6_000, 0, 100, 100, secs);
    assert_eq!(at(40_000), Ok(10_000));
    assert_eq!(at(39_999), Ok(9_999));
    assert_eq!(at(3 * 3_600 + 1_200), Ok(7_200)); // 3.3 hours: where it was full with steps of 3 s
}

#[test]
fn it_falls_as_fast_as_it_rises() {
    let at = |now| utilisation_at(10_000, 0, 0, 10, now);
    assert_eq!(
        [9, 10, 1_000, 99_999, 100_000].map(at),
        [10_000, 9_999, 9_900, 1, 0].map(Ok)
    );
}

#[test]
fn the_target_is_a_share_of_those_online() {
    let target = |hired, online| utilisation_at(5_000, 0, hired, online, i64::MAX);
    assert_eq!(target(0, 10), Ok(0));
    assert_eq!(target(1, 3), Ok(3_333));
    assert_eq!(target(2, 3), Ok(6_666));
    assert_eq!(target(9_999_999, 10_000_000), Ok(9_999));
    assert_eq!(target(3, 3), Ok(10_000));
    assert_eq!(target(4, 3), Ok(10_000)); // hired ones may have gone offline
    assert_eq!(target(4, 0), Ok(0));
    assert_eq!(target(u64::MAX, u64::MAX), Err(MathError::Overflow));
    assert_eq!(
        utilisation_at(10_001, 0, 0, 0, 0),
        Err(MathError::OutOfRange)
    );
}

#[test]
fn whole_steps_advance_the_time_and_the_target_takes_all_of_it() {
    let step = |now| utilisation_step(2_000, 1_000, 1, 2, now);
    assert_eq!(step(1_009), Ok((2_000, 1_000)));
    assert_eq!(step(1_010), Ok((2_001, 1_010)));
    assert_eq!(step(1_027), Ok((2_002, 1_020)));
    assert_eq!(step(1_000 + 29_999), Ok((4_999, 1_000 + 29_990)));
    assert_eq!(step(1_000 + 30_009), Ok((5_000, 1_000 + 30_009)));
    assert_eq!(step(999), Ok((2_000, 1_000)));
    // No time is saved up at the target: what changes there moves from now on.
    let (bps, moved_ts) = utilisation_step(5_000, 0, 1, 2, 1_000_000).unwrap();
    assert_eq!((bps, moved_ts), (5_000, 1_000_000));
    assert_eq!(utilisation_at(bps, moved_ts, 2, 2, 1_000_010), Ok(5_001));
}

proptest! {
    #[test]
    fn it_is_exact(
        from in 0_u16..=10_000, moved_ts: i64, hired in 0_u64..=1 << 50, online in 0_u64..=1 << 50,
        shift in 0_u32..50, elapsed in prop_oneof![-10_i64..140_000, any::<i64>()],
    ) {
        let (hired, online) = (hired >> shift, online >> shift);
        let now = moved_ts.saturating_add(elapsed);
        let target = match online {
            0 => 0,
            _ => u16::try_from(floor(&(big(hired.min(online)) * 10_000_u16), &big(online))).unwrap(),
        };
        let secs = (i128::from(now) - i128::from(moved_ts)).max(0);
        let steps = u16::try_from(secs / 10).unwrap_or(u16::MAX);
        let expected = if from < target {
            from.saturating_add(steps).min(target)
        } else {
            from.saturating_sub(steps).max(target)
        };
        let (bps, stored_ts) = utilisation_step(from, moved_ts, hired, online, now).unwrap();
        prop_assert_eq!(bps, expected);
        prop_assert_eq!(utilisation_at(from, moved_ts, hired, online, now), Ok(bps));
        prop_assert!(stored_ts >= moved_ts && stored_ts <= now.max(moved_ts));
        prop_assert!(i128::from(now) - i128::from(stored_ts) < 10);
    }

    #[test]
    fn steps_in_between_change_nothing(
        from in 0_u16..=10_000, hired in 0_u64..40, online in 0_u64..40,
        pauses in prop::collection::vec(prop_oneof![0_i64..30, 0_i64..30_000], 1..20),
    ) {
        let (mut bps, mut moved_ts, mut now) = (from, 500, 500);
        for pause in pauses {
            now += pause;
            (bps, moved_ts) = utilisation_step(bps, moved_ts, hired, online, now).unwrap();
            prop_assert_eq!(Ok(bps), utilisation_at(from, 500, hired, online, now));
        }
        // The time to store, too, but that the target may have been reached before the last step.
        let (_, at_once) = utilisation_step(from, 500, hired, online, now).unwrap();
        prop_assert_eq!(moved_ts, at_once);
    }
}
