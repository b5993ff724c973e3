//! What each device must earn, worked out from the formulas alone, apart from the ledger on chain.

use anyhow::{anyhow, Result};
use iog_math::{
    emission,
    reward::{self, Pot},
    score::device_score,
};
use std::collections::BTreeMap;

/// What a device brought into an hour.
#[derive(Clone, Copy)]
pub struct Entry {
    pub device: usize,
    pub enterprise: bool,
    /// Serving an order: no proof, and a better score.
    pub hired: bool,
    pub score: u64,
}

/// Most that a point of score gets in an hour, as the plan says: 0.000025 IO, 5 IO for an H100.
const MAX_PER_SCORE: u64 = 2_500;

/// An hour as the formulas have it.
pub struct Hour {
    pub hour: u32,
    pub scheduled: u64,
    /// What each pool shares out.
    pub enterprise: u64,
    pub community: u64,
    /// What both leave to their next hours.
    pub carried: u64,
}

/// Hours and rewards of each of `devices` devices for the hours 1 to `last`.
pub fn expected(
    last: u32,
    devices: usize,
    entries: &BTreeMap<u32, Vec<Entry>>,
) -> Result<(Vec<Hour>, Vec<u64>)> {
    let mut given = 0u64;
    let mut carry = [0u64; 2];
    let mut rewards = vec![0u64; devices];
    let mut hours = Vec::new();
    for hour in 1..=last {
        let scheduled = math(emission::payable(hour, given))?;
        given += scheduled;
        let (enterprise, community) = math(reward::pool_split(scheduled))?;
        let mut shared = [0u64; 2];
        let empty = Vec::new();
        let entries = entries.get(&hour).unwrap_or(&empty);
        for (pool, part) in [enterprise, community].into_iter().enumerate() {
            let here: Vec<_> = entries
                .iter()
                .filter(|entry| entry.enterprise == (pool == 0))
                .collect();
            // No more of the carry than the hour's own part again.
            let pot = Pot {
                part,
                carry: carry[pool],
                carry_limit: part,
                max_per_score: MAX_PER_SCORE,
            };
            shared[pool] = share(&pot, &here, &mut rewards)?;
            carry[pool] = part + carry[pool] - shared[pool];
        }
        let [enterprise, community] = shared;
        hours.push(Hour {
            hour,
            scheduled,
            enterprise,
            community,
            carried: carry.iter().sum(),
        });
    }
    Ok((hours, rewards))
}

/// Shares what a pool may share over the scores and returns how much that is.
fn share(pot: &Pot, entries: &[&Entry], rewards: &mut [u64]) -> Result<u64> {
    let total: u128 = entries.iter().map(|entry| u128::from(entry.score)).sum();
    let hour = math(pot.share(total))?;
    for entry in entries {
        rewards[entry.device] += math(reward::reward(entry.score, hour.per_score_x64))?;
    }
    Ok(hour.shared)
}

/// The score of a device of so many GPUs that nobody measured: tier 1.
pub fn score(multiplier_x100: u32, cards: u32, hired: bool) -> Result<u64> {
    math(device_score(1, multiplier_x100, cards, hired))
}

fn math<T>(result: iog_math::Result<T>) -> Result<T> {
    result.map_err(|error| anyhow!("formula: {error:?}"))
}
