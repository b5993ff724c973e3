//! What all devices of a wallet have earned.

use super::pending::{self, Shares};
use crate::{context::Context, error::Result, output::Record};
use iog_client::{
    emission::accounts::{Config, DeviceRewards},
    pda,
};
use iog_math::units::Io;
use solana_pubkey::Pubkey;

pub async fn run(context: &Context, wallet: Option<Pubkey>) -> Result<()> {
    let wallet = context.wallet(wallet)?;
    let config: Config = context.config(&pda::emission::config()).await?;
    let bytes = wallet.to_bytes();
    let mut found = Vec::new();
    for offset in [DeviceRewards::OWNER_AT, DeviceRewards::CO_STAKER_AT] {
        let filter: [(usize, &[u8]); 1] = [(offset, &bytes)];
        found.extend(context.list::<DeviceRewards>(&filter).await?);
    }
    let mut records = Vec::new();
    for (_, rewards) in &found {
        let role = if rewards.owner == wallet {
            "owner"
        } else {
            "co-staker"
        };
        let closed = pending::closed(context, rewards, &config).await?;
        records.push(
            Record::new()
                .put("device", rewards.device)
                .put("role", role)
                .put("pending_hours", rewards.pending_count)
                .extend(amounts(rewards, closed)),
        );
    }
    let empty = format!("no device earns for {wallet}");
    context.out.many(&records, &empty);
    Ok(())
}

/// Booked, closed but not booked yet, and claimed; the owner's and the co-staker's.
pub fn amounts(rewards: &DeviceRewards, closed: Shares) -> Record {
    let co_staker = (rewards.co_staker != Pubkey::default()).then_some(rewards.co_staker);
    let former = (rewards.former_booked_units > 0).then_some(rewards.former_co_staker);
    let claimable = |booked: u64, closed: u64| Io(booked.saturating_add(closed));
    Record::new()
        .put("owner", rewards.owner)
        .put("booked", Io(rewards.owner_booked_units))
        .put(
            "claimable",
            claimable(rewards.owner_booked_units, closed.owner),
        )
        .put("claimed", Io(rewards.claimed_units))
        .put("co_staker", co_staker)
        .put("co_booked", Io(rewards.co_booked_units))
        .put(
            "co_claimable",
            claimable(rewards.co_booked_units, closed.co_staker),
        )
        .put("co_claimed", Io(rewards.co_claimed_units))
        .put("former_co_staker", former)
        .put("former_co_booked", Io(rewards.former_booked_units))
}
