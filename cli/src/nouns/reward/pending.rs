//! Hours that a device checked in for and that are not booked yet.

use crate::{context::Context, error::Result, nouns::emission::place};
use iog_client::{
    emission::{
        accounts::{Config, DeviceRewards, LedgerPage},
        types::PendingHour,
    },
    pda,
};
use iog_math::reward;
use std::collections::{btree_map::Entry, BTreeMap};

/// What hours bring to owner and co-staker.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shares {
    pub owner: u64,
    pub co_staker: u64,
}

impl Shares {
    pub fn add(&mut self, other: Self) {
        self.owner = self.owner.saturating_add(other.owner);
        self.co_staker = self.co_staker.saturating_add(other.co_staker);
    }
}

pub fn iter(rewards: &DeviceRewards) -> impl Iterator<Item = &PendingHour> {
    rewards.pending.iter().take(rewards.pending_count.into())
}

/// Pending hours, and what those that are closed bring.
pub async fn hours(
    context: &Context,
    rewards: &DeviceRewards,
    config: &Config,
) -> Result<Vec<(PendingHour, Option<Shares>)>> {
    let mut pages: BTreeMap<u32, Option<LedgerPage>> = BTreeMap::new();
    let mut found = Vec::new();
    for hour in iter(rewards) {
        let (index, position) = place(hour.hour);
        let mut shares = None;
        if hour.hour < config.next_hour {
            let page = match pages.entry(index) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(entry) => {
                    entry.insert(context.find(&pda::emission::page(index)).await?)
                }
            };
            let ledger = page.as_ref().and_then(|page| page.hours.get(position));
            shares = ledger
                .map(|ledger| match hour.pool {
                    0 => ledger.enterprise.per_score_x64,
                    _ => ledger.community.per_score_x64,
                })
                .map(|rate| split(hour, rate))
                .transpose()?;
        }
        found.push((*hour, shares));
    }
    Ok(found)
}

fn split(hour: &PendingHour, per_score_x64: u128) -> Result<Shares> {
    let amount = reward::reward(hour.score, per_score_x64)?;
    let (owner, co_staker) = reward::split(amount, hour.co_share_bps)?;
    Ok(Shares { owner, co_staker })
}

/// What all closed hours bring.
pub async fn closed(context: &Context, rewards: &DeviceRewards, config: &Config) -> Result<Shares> {
    let mut sum = Shares::default();
    for (_, shares) in hours(context, rewards, config).await? {
        sum.add(shares.unwrap_or_default());
    }
    Ok(sum)
}
