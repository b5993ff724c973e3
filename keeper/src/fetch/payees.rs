//! Whom a crank may have to pay.

use super::{chain::Chain, Found};
use crate::{
    error::Result,
    snapshot::{token_account, Snapshot},
};
use solana_pubkey::Pubkey;
use std::collections::{BTreeMap, BTreeSet};

/// The associated token accounts that exist and are still their wallet's: an owner may hand one to somebody else.
pub(super) async fn fetch(
    chain: &Chain<'_>,
    found: &Found,
    snapshot: &Snapshot,
) -> Result<BTreeSet<Pubkey>> {
    let accounts = recipients(found, snapshot);
    let addresses: Vec<Pubkey> = accounts.keys().copied().collect();
    let owners = chain.token_owners(&addresses).await?;
    let found = accounts.into_iter().zip(owners);
    let own = found.filter(|((_, wallet), owner)| *owner == Some(*wallet));
    Ok(own.map(|((account, _), _)| account).collect())
}

/// Associated token accounts that it may have to pay into, and whose they are.
fn recipients(found: &Found, snapshot: &Snapshot) -> BTreeMap<Pubkey, Pubkey> {
    let io_mint = snapshot.emission.io_mint;
    let orders = found.orders.values();
    let renters = orders.map(|order| (order.renter, order.mint));
    let rewarded = found.rewards.values().flat_map(|rewards| {
        let owner = (rewards.owner_booked_units > 0).then_some(rewards.owner);
        let co_staker = (rewards.co_booked_units > 0).then_some(rewards.co_staker);
        let former = (rewards.former_booked_units > 0).then_some(rewards.former_co_staker);
        [owner, co_staker, former].into_iter().flatten()
    });
    let rewarded = rewarded.map(|wallet| (wallet, io_mint));
    let earnings = snapshot.market.earnings.values();
    let earned = earnings.flat_map(|earnings| {
        let claims = earnings.claim_units > earnings.claim_paid_units;
        let claim = claims.then_some((earnings.owner, io_mint));
        let due = earnings.due_units > 0;
        let due = due.then_some((earnings.owner, earnings.mint));
        claim.into_iter().chain(due)
    });
    let all = renters.chain(rewarded).chain(earned);
    all.map(|(wallet, mint)| (token_account(&wallet, &mint), wallet))
        .collect()
}
