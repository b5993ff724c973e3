//! Scores, stake minimum, and the sharing of hours.

mod exact;

use exact::{big, fits};
use iog_math::{
    emission::{amount, carry_limit, HOURS},
    reward::{distributed, per_score_x64, pool_split, reward, split, Pot, Shared},
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
    assert_eq!(reward(u64::MAX, u128::MAX), Err(MathError::Overflow));
    assert_eq!(distributed(u128::MAX, 2), Err(MathError::Overflow));
}

#[test]
fn three_equal_devices_leave_their_dust() {
    let rate = per_score_x64(100, 3).unwrap();
    assert_eq!(reward(1, rate), Ok(33));
    // 100 - 1/2^64 is what could be claimed at most.
    assert_eq!(distributed(3, rate), Ok(99));
    let shared = pot(100, 0, 0, u64::MAX).share(3).unwrap();
    assert_eq!((shared.shared, shared.carry), (99, 1));
}

fn pot(part: u64, carry: u64, carry_limit: u64, max_per_score: u64) -> Pot {
    Pot {
        part,
        carry,
        carry_limit,
        max_per_score,
    }
}

/// One RTX 4090 of tier 1, alone in Enterprise: 25,050 points at 2,500 units. audit: proof H-4, redteam 11a
#[test]
fn a_lone_device_gets_its_points_and_no_windfall() {
    // Hour 13 after 12 empty ones, and hour 721 after 720: 56,388 and 3.11 M IO without limits.
    for (hour, carry) in [(13, 5_205_045_000_000), (721, 310_000_000_000_000)] {
        let part = pool_split(amount(hour).unwrap()).unwrap().0;
        let alone = pot(part, carry, part, 2_500).share(25_050).unwrap();
        assert_eq!(alone.per_score_x64, 2_500 << 64);
        assert_eq!(alone.shared, 62_625_000); // 0.62625 IO
        assert_eq!(alone.carry, part + carry - 62_625_000);
    }
}

/// 867 H100 (200,000 points) cannot take all of the first hour's Enterprise part, 868 can. redteam 11a
#[test]
fn the_ceiling_of_a_point_is_reached_by_868_h100() {
    let part = 433_789_954_337;
    let first = |h100: u128| pot(part, 0, part, 2_500).share(h100 * 200_000).unwrap();
    assert_eq!(
        (first(867).shared, first(867).carry),
        (433_500_000_000, 289_954_337)
    );
    assert!(first(868).carry < 2);
    assert_eq!(reward(200_000, first(867).per_score_x64), Ok(500_000_000)); // 5 IO
}

/// audit: proof H-4
#[test]
fn the_carry_adds_as_much_again_and_no_more() {
    let many = 1 << 40;
    let shares = |carry| pot(1 << 41, carry, 1 << 41, 2_500).share(many).unwrap();
    assert_eq!(shares(0).per_score_x64, 2 << 64);
    assert_eq!(shares(1 << 40).per_score_x64, 3 << 64);
    assert_eq!(shares(1 << 41).per_score_x64, 4 << 64);
    let rich = shares(1 << 60);
    assert_eq!(
        (rich.per_score_x64, rich.carry),
        (4 << 64, (1 << 60) - (1 << 41))
    );
}

#[test]
fn an_hour_without_a_score_carries_all() {
    let expected = Shared {
        per_score_x64: 0,
        shared: 0,
        carry: 12,
    };
    assert_eq!(pot(5, 7, 5, 2_500).share(0), Ok(expected));
    assert_eq!(pot(u64::MAX, 1, 0, 1).share(0), Err(MathError::Overflow));
    assert_eq!(pot(u64::MAX, 1, 1, 1).share(1), Err(MathError::Overflow));
    // A limit beyond 128 bits binds nothing.
    let vast = pot(9, 0, 0, u64::MAX).share(u128::MAX).unwrap();
    assert_eq!((vast.shared, vast.carry), (0, 9));
}

/// After the schedule's end the carry drains by the last full hour's amount an hour, until it is gone. redteam 11b
#[test]
fn the_carry_flows_on_after_the_last_hour() {
    let limit = carry_limit(HOURS + 1, 0).unwrap();
    assert_eq!(limit, 40_013_544_010);
    assert_eq!(carry_limit(HOURS, 7), Ok(7));
    assert_eq!(carry_limit(0, 7), Ok(7));
    let mut carry = 3 * limit + 1;
    let mut shared = Vec::new();
    for _ in 0..5 {
        // A power of two divides exactly: no dust.
        let hour = pot(0, carry, limit, u64::MAX).share(1).unwrap();
        carry = hour.carry;
        shared.push(hour.shared);
    }
    assert_eq!(shared, [limit, limit, limit, 1, 0]);
    assert_eq!(carry, 0);
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
        let pot = pot(amount, 0, 0, u64::MAX).share(total).unwrap();
        prop_assert_eq!(pot.per_score_x64, rate);
        let carried = pot.carry;
        prop_assert!(claims + carried <= amount);
        prop_assert_eq!(distributed(total, rate).unwrap() + carried, amount);
        // What stays behind is below one base unit a device.
        prop_assert!(amount - claims - carried < scores.len() as u64);
        // Carried dust is small: the rate loses less than total / 2^64, and one unit is the floor.
        prop_assert!(u128::from(carried) <= (total >> 64) + 1);
    }

    /// Any history of hours: nothing appears or is lost, no hour passes its limits, and the rate is the greatest that keeps them.
    #[test]
    fn no_history_loses_a_unit_or_passes_a_limit(
        hours in proptest::collection::vec((0..=1_u64 << 45, 0..=1_u64 << 45, 0..=1_u128 << 40), 1..60),
        max_per_score in 100_u64..=1_000_000,
    ) {
        let (mut given, mut shared, mut carry) = (0_u64, 0_u64, 0_u64);
        for (part, carry_limit, score) in hours {
            let hour = pot(part, carry, carry_limit, max_per_score).share(score).unwrap();
            given += part;
            shared += hour.shared;
            prop_assert_eq!(given, shared + hour.carry);
            let most = big(part + carry.min(carry_limit)).min(big(max_per_score) * big(score));
            if score > 0 {
                prop_assert_eq!(big(hour.per_score_x64), (&most << 64_u8) / big(score));
            }
            prop_assert!(big(hour.shared) <= most);
            prop_assert!(most - big(hour.shared) <= big(1_u8));
            carry = hour.carry;
        }
    }

    #[test]
    fn split_pays_all(reward: u64, bps in 0_u16..=10_000) {
        let (owner, co_staker) = split(reward, bps).unwrap();
        prop_assert_eq!(owner.checked_add(co_staker), Some(reward));
        prop_assert_eq!(big(co_staker), big(reward) * bps / 10_000_u16);
    }
}
