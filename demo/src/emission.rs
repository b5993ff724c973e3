//! What each device must earn, worked out from the formulas alone, apart from the ledger on chain.

use anyhow::{anyhow, Result};
use iog_math::{emission, reward, score::device_score};
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

/// An hour as the formulas have it.
pub struct Hour {
    pub hour: u32,
    pub emitted: u64,
    pub enterprise: u64,
    pub community: u64,
}

/// Hours and rewards of each of `devices` devices for the hours 1 to `last`.
pub fn expected(
    last: u32,
    devices: usize,
    entries: &BTreeMap<u32, Vec<Entry>>,
) -> Result<(Vec<Hour>, Vec<u64>)> {
    let mut minted = 0u64;
    let mut carry = [0u64; 2];
    let mut rewards = vec![0u64; devices];
    let mut hours = Vec::new();
    for hour in 1..=last {
        let emitted = math(emission::payable(hour, minted))?;
        minted += emitted;
        let (enterprise, community) = math(reward::pool_split(emitted))?;
        let empty = Vec::new();
        let entries = entries.get(&hour).unwrap_or(&empty);
        for (pool, part) in [enterprise, community].into_iter().enumerate() {
            let here: Vec<_> = entries
                .iter()
                .filter(|entry| entry.enterprise == (pool == 0))
                .collect();
            carry[pool] = share(part + carry[pool], &here, &mut rewards)?;
        }
        hours.push(Hour {
            hour,
            emitted,
            enterprise,
            community,
        });
    }
    Ok((hours, rewards))
}

/// Shares a pool's amount over the scores and returns what is carried on.
fn share(amount: u64, entries: &[&Entry], rewards: &mut [u64]) -> Result<u64> {
    let total: u128 = entries.iter().map(|entry| u128::from(entry.score)).sum();
    if total == 0 {
        return Ok(amount);
    }
    for entry in entries {
        // floor(amount * score / total) differs from the chain's by less than a unit: the chain rounds the rate first.
        let rate = math(reward::per_score_x64(amount, total))?;
        rewards[entry.device] += math(reward::reward(entry.score, rate))?;
    }
    let rate = math(reward::per_score_x64(amount, total))?;
    math(reward::dust(amount, total, rate))
}

/// A device's score of tier 3 and one GPU.
pub fn score(multiplier_x100: u32, hired: bool) -> Result<u64> {
    math(device_score(3, multiplier_x100, 1, hired))
}

fn math<T>(result: iog_math::Result<T>) -> Result<T> {
    result.map_err(|error| anyhow!("formula: {error:?}"))
}
