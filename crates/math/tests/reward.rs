//! Scores, stake minimum, and the sharing of an hour.

mod exact;

use exact::{big, fits};
use iog_math::{
    reward::{distributed, dust, per_score_x64, pool_split, reward, split},
    score::device_score,
    stake::{minimum, CO_STAKER_WAIT_SECS, UNSTAKE_COOLDOWN_SECS},
    units::{EMISSION_IO, IO},
    MathError,
};
use proptest::prelude::*;

#[test]
fn published_scores_are_literal() {
    // 8 H100 of tier 4, hired; one RTX 3060 of tier 1, idle.
    assert_eq!(device_score(4, 1_000, 8, true), Ok(1_600_205));
    assert_eq!(device_score(1, 75, 1, false), Ok(15_050));
    assert_eq!(device_score(0, 0, 0, false), Ok(0));
    assert_eq!(device_score(5, 1, 1, false), Err(MathError::OutOfRange));
    let huge = device_score(4, u32::MAX, u32::MAX, true);
    assert_eq!(huge, Err(MathError::Overflow));
}

#[test]
fn stake_minimum_is_literal() {
    assert_eq!(minimum(1_000, 8), Ok(16_000 * IO));
    assert_eq!(minimum(75, 1), Ok(200 * IO));
    assert_eq!(minimum(100, 1), Ok(200 * IO));
    assert_eq!(minimum(101, 1), Ok(202 * IO));
    assert_eq!(minimum(0, 3), Ok(600 * IO));
    assert_eq!(minimum(1_000, 0), Ok(0));
    assert_eq!(minimum(u32::MAX, u32::MAX), Err(MathError::Overflow));
    assert_eq!(UNSTAKE_COOLDOWN_SECS, 14 * 24 * 3_600);
    assert_eq!(CO_STAKER_WAIT_SECS, 7 * 24 * 3_600);
}

#[test]
fn the_first_hour_splits_95_to_5() {
    let (enterprise, community) = pool_split(456_621_004_566).unwrap();
    assert_eq!(enterprise, 433_789_954_337); // .7 rounded down
    assert_eq!(community, 22_831_050_229); // .3 and the .7
}

#[test]
fn a_pool_without_score_has_no_rate() {
    assert_eq!(per_score_x64(1, 0), Err(MathError::DivisionByZero));
    assert_eq!(dust(1, 1, 2 << 64), Err(MathError::Overflow));
    assert_eq!(reward(u64::MAX, u128::MAX), Err(MathError::Overflow));
    assert_eq!(distributed(u128::MAX, 2), Err(MathError::Overflow));
}

#[test]
fn three_equal_devices_leave_their_dust() {
    let rate = per_score_x64(100, 3).unwrap();
    assert_eq!(reward(1, rate), Ok(33));
    // 100 - 1/2^64 is what could be claimed at most.
    assert_eq!(distributed(3, rate), Ok(99));
    assert_eq!(dust(100, 3, rate), Ok(1));
}

#[test]
fn shares_above_one_are_refused() {
    assert_eq!(split(100, 10_001), Err(MathError::OutOfRange));
    assert_eq!(split(101, 5_000), Ok((51, 50)));
    assert_eq!(split(101, 0), Ok((101, 0)));
    assert_eq!(split(101, 10_000), Ok((0, 101)));
}

proptest! {
    #[test]
    fn a_score_is_exact(tier in 0_u8..=4, multiplier: u32, quantity: u32, hired: bool) {
        let expected = big(tier) * 50_u8
            + big(multiplier) * big(quantity) * 200_u8
            + big(u8::from(hired)) * 5_u8;
        prop_assert_eq!(device_score(tier, multiplier, quantity, hired), fits(expected));
    }

    #[test]
    fn a_minimum_is_exact(multiplier: u32, quantity: u32) {
        let product = big(200 * IO) * big(multiplier.max(100)) * big(quantity);
        let expected = exact::ceil(&product, &big(100_u8));
        prop_assert_eq!(minimum(multiplier, quantity), fits(expected));
    }

    #[test]
    fn pools_add_up(amount: u64) {
        let (enterprise, community) = pool_split(amount).unwrap();
        prop_assert_eq!(enterprise.checked_add(community), Some(amount));
        let expected = big(amount) * 9_500_u16 / 10_000_u16;
        prop_assert_eq!(big(enterprise), expected);
    }

    #[test]
    fn rate_and_reward_are_exact(amount: u64, total in 1..=u128::MAX, score: u64, rate: u128) {
        let expected = (big(amount) << 64_u8) / big(total);
        prop_assert_eq!(big(per_score_x64(amount, total).unwrap()), expected);
        prop_assert_eq!(reward(score, rate), fits((big(score) * big(rate)) >> 64_u8));
    }

    #[test]
    fn claims_and_dust_never_exceed_the_pool(
        amount in 0..=EMISSION_IO,
        scores in proptest::collection::vec(0_u64..=u64::MAX >> 8, 1..200),
    ) {
        let total: u128 = scores.iter().map(|score| u128::from(*score)).sum();
        prop_assume!(total > 0);
        let rate = per_score_x64(amount, total).unwrap();
        let claims: u64 = scores.iter().map(|score| reward(*score, rate).unwrap()).sum();
        let carried = dust(amount, total, rate).unwrap();
        prop_assert!(claims + carried <= amount);
        prop_assert_eq!(distributed(total, rate).unwrap() + carried, amount);
        // What stays behind is below one base unit a device.
        prop_assert!(amount - claims - carried < scores.len() as u64);
        // Carried dust is small: the rate loses less than total / 2^64, and one unit is the floor.
        prop_assert!(u128::from(carried) <= (total >> 64) + 1);
    }

    #[test]
    fn split_pays_all(reward: u64, bps in 0_u16..=10_000) {
        let (owner, co_staker) = split(reward, bps).unwrap();
        prop_assert_eq!(owner.checked_add(co_staker), Some(reward));
        prop_assert_eq!(big(co_staker), big(reward) * bps / 10_000_u16);
    }
}
