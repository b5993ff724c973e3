//! What another endpoint has of the leases of this machine. redteam L2

use super::{chain::Chain, chain_time};
use crate::error::{KeeperError, Result};
use iog_client::market::{Lease, Order};
use iog_job::Key;
use iog_tx::Sender;
use solana_pubkey::Pubkey;
use solana_sdk_ids::sysvar;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug, Default)]
pub struct Witnessed {
    pub now: i64,
    pub leases: BTreeMap<Pubkey, Lease>,
    pub orders: BTreeMap<Pubkey, Order>,
}

/// The clock, these leases, and their orders and others.
pub async fn witness(
    sender: &Sender,
    leases: &BTreeSet<Pubkey>,
    others: &BTreeSet<Pubkey>,
) -> Result<Witnessed> {
    let chain = Chain::new(sender);
    let clock = chain.raw(&[sysvar::clock::ID]).await?;
    let time = chain_time(clock.first().and_then(Option::as_ref))?;
    let leases: BTreeMap<Pubkey, Lease> = chain.some(leases.iter().copied()).await?;
    let orders = leases.values().map(|lease| lease.order);
    let orders: BTreeSet<Pubkey> = orders.chain(others.iter().copied()).collect();
    Ok(Witnessed {
        now: time.now,
        leases,
        orders: chain.some(orders).await?,
    })
}

/// Which chain the endpoint is of.
pub async fn genesis(sender: &Sender) -> Result<Key> {
    let hash = sender.rpc().get_genesis_hash().await;
    let hash = hash.map_err(KeeperError::rpc("reading the genesis hash"))?;
    Ok(Key(hash.to_bytes()))
}
