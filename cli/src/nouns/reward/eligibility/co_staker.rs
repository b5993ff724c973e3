//! A new co-staker's first hour waits until the former one's hours are booked. What that one has not fetched stays beside the new one's;
//! only a third waits until the first is paid.

use super::Check;
use crate::nouns::{reward::pending, stake::rules};
use iog_client::{emission::accounts::DeviceRewards, staking::accounts::DeviceStake};
use solana_pubkey::Pubkey;

pub fn check(
    device: Pubkey,
    stake: Option<&DeviceStake>,
    rewards: Option<&DeviceRewards>,
) -> Check {
    let turns = stake
        .zip(rewards)
        .filter(|(stake, rewards)| rules::shares(stake) && stake.co_staker != rewards.co_staker);
    let pending =
        turns.is_some_and(|(_, rewards)| pending::iter(rewards).any(|hour| hour.co_share_bps > 0));
    let unpaid = turns.is_some_and(|(stake, rewards)| {
        let returns = rewards.former_co_staker == stake.co_staker;
        !returns && rewards.co_booked_units > 0 && rewards.former_booked_units > 0
    });
    let to_do = if pending {
        format!("the former co-staker's hours are not booked: iog reward settle {device}, once they are closed")
    } else {
        format!(
            "the co-staker before the last is not paid: iog reward claim {device} --co --former"
        )
    };
    super::check("former_co_staker_paid", !pending && !unpaid, to_do)
}
