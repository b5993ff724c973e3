//! What a stake counts for, as the staking program has it (`state/device_stake.rs`); the program decides.

use crate::market::rules::cards;
use iog_client::{
    registry::accounts::{Device, HardwareClass},
    staking::accounts::DeviceStake,
};
use iog_math::stake::UNSTAKE_COOLDOWN_SECS;
use solana_pubkey::Pubkey;

/// The least stake of a device. It follows the lowest multiplier that was announced: a rise is known 7 days ahead.
pub fn minimum(device: &Device, class: &HardwareClass) -> iog_math::Result<u64> {
    iog_math::stake::minimum(class.stake_multiplier_x100, cards(device))
}

pub fn co_staker(stake: &DeviceStake) -> Option<Pubkey> {
    (stake.co_staker != Pubkey::default()).then_some(stake.co_staker)
}

/// What counts at `now`: nothing on its way out, a leaving co-staker's part until its wait is over.
pub fn counted(stake: &DeviceStake, now: i64) -> u64 {
    if stake.unlock_ts != 0 {
        return 0;
    }
    let left = stake.co_leave_ts != 0 && now >= stake.co_leave_ts;
    let co_amount = if left { 0 } else { stake.co_amount_units };
    stake.amount_units.saturating_add(co_amount)
}

/// Whether the co-staker has a share in what is earned now.
pub fn shares(stake: &DeviceStake) -> bool {
    let stays = stake.co_leave_ts == 0 && stake.unlock_ts == 0;
    stays && stake.co_amount_units > 0 && stake.co_share_bps > 0
}

/// What the owner may take out at once. A co-staker's part stands in for the owner's no sooner than the owner could have left.
pub fn overflow(stake: &DeviceStake, minimum: u64, now: i64) -> u64 {
    let own = stake.amount_units;
    let joined_ts = stake.co_since_ts.saturating_add(UNSTAKE_COOLDOWN_SECS);
    let counted = match now < joined_ts {
        true => counted(stake, now).min(own),
        false => counted(stake, now),
    };
    counted
        .saturating_sub(minimum)
        .min(own.saturating_sub(stake.co_amount_units))
        .min(own.saturating_sub(stake.held_units))
}

/// When the co-staker's part is free: after its own wait and cool-down or the whole stake's cool-down, whichever ends first.
pub fn co_unlock_ts(stake: &DeviceStake) -> Option<i64> {
    let left = (stake.co_leave_ts != 0).then_some(stake.co_leave_ts);
    let own = left.map(|until| until.saturating_add(UNSTAKE_COOLDOWN_SECS));
    let whole = (stake.unlock_ts != 0).then_some(stake.unlock_ts);
    own.into_iter().chain(whole).min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_client::decode;

    fn stake(own: u64, co: u64) -> DeviceStake {
        // Every field of an empty account is zero.
        let mut stake: DeviceStake = {
            let mut data = DeviceStake::DISCRIMINATOR.to_vec();
            data.resize(512, 0);
            decode(&data).unwrap()
        };
        (stake.amount_units, stake.co_amount_units) = (own, co);
        if co > 0 {
            stake.co_staker = Pubkey::new_unique();
            stake.co_share_bps = 2_500;
        }
        stake
    }

    use iog_client::AccountData as _;

    #[test]
    fn a_leaving_co_staker_counts_for_seven_days_and_shares_nothing() {
        let mut stake = stake(150, 100);
        assert!(shares(&stake));
        stake.co_leave_ts = 1_000;
        assert!(!shares(&stake));
        assert_eq!((counted(&stake, 999), counted(&stake, 1_000)), (250, 150));
        assert_eq!(co_unlock_ts(&stake), Some(1_000 + 1_209_600));
        stake.unlock_ts = 5_000;
        assert_eq!((counted(&stake, 0), co_unlock_ts(&stake)), (0, Some(5_000)));
    }

    #[test]
    fn overflow_is_above_minimum_half_and_holds() {
        // 14 days after the co-staker came
        let later = 1_209_600;
        assert_eq!(overflow(&stake(250, 0), 200, later), 50);
        assert_eq!(overflow(&stake(150, 100), 200, later), 50);
        assert_eq!(overflow(&stake(150, 100), 200, later - 1), 0);
        assert_eq!(overflow(&stake(120, 100), 200, later), 20);
        let mut held = stake(250, 0);
        held.held_units = 240;
        assert_eq!(overflow(&held, 200, later), 10);
        assert_eq!(overflow(&stake(100, 0), 200, later), 0);
    }
}
