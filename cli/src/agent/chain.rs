//! What the chain says of an order and its leases.

use super::wire::Stage;
use crate::{
    context::Context,
    error::{shown, CliError, Result},
    market::{
        lease::{self, serves},
        order::{self, ACTIVE},
    },
};
use iog_client::market::{
    self,
    accounts::{Lease, Order},
};
use iog_job::{Binding, Key};
use solana_pubkey::Pubkey;
use std::collections::BTreeSet;

/// An order as it is now; without `order` it is closed, or not there yet.
pub struct Seen {
    pub order: Option<Order>,
    pub leases: Vec<(Pubkey, Lease)>,
    pub now: i64,
}

pub fn key(address: &Pubkey) -> Key {
    Key(address.to_bytes())
}

pub fn pubkey(key: &Key) -> Pubkey {
    Pubkey::new_from_array(key.0)
}

pub async fn look(context: &Context, order: &Key) -> Result<Seen> {
    let address = pubkey(order);
    Ok(Seen {
        order: context.find(&address).await?,
        leases: order::leases(context, &address).await?,
        now: context.time().await?.now,
    })
}

/// As [`look`], with no other leases than these.
pub async fn look_at(context: &Context, order: &Key, leases: &BTreeSet<Key>) -> Result<Seen> {
    let address = pubkey(order);
    let addresses: Vec<Pubkey> = leases.iter().map(pubkey).collect();
    let found = context.find_all::<Lease>(&addresses).await?;
    let found = addresses.into_iter().zip(found);
    Ok(Seen {
        order: context.find(&address).await?,
        leases: found
            .filter_map(|(place, lease)| Some((place, lease?)))
            .filter(|(_, lease)| lease.order == address)
            .collect(),
        now: context.time().await?.now,
    })
}

/// Hash of the genesis of the chain behind the endpoint.
pub async fn genesis(context: &Context) -> Result<Key> {
    let rpc = context.sender.rpc();
    let hash = rpc.get_genesis_hash().await;
    let hash = hash.map_err(|error| CliError::rpc("reading the genesis hash", &error))?;
    Ok(Key(hash.to_bytes()))
}

/// Refuses an endpoint of another chain.
pub async fn same_genesis(context: &Context, wanted: &Key) -> Result<()> {
    let found = genesis(context).await?;
    if found == *wanted {
        return Ok(());
    }
    Err(CliError::Refused(format!(
        "the chain at {} began with {found}, the order was booked on one that began with {wanted}: it is another network, or was started anew",
        shown(&context.url)
    )))
}

pub fn is_over(order: &Order, now: i64) -> bool {
    !(order::waits(order) || (order.state == ACTIVE && now < order.end_ts))
}

pub fn stage(order: &Order, leased: &Lease, now: i64) -> Stage {
    match leased.state {
        lease::MATCHED => Stage::Before,
        lease::ACCEPTED if order::waits(order) => Stage::Before,
        _ if serves(order, leased, now) => Stage::Running,
        _ => Stage::Kept,
    }
}

pub fn binding(genesis: Key, order: &Order, address: &Pubkey, leased: &Lease) -> Binding {
    Binding {
        genesis,
        program: key(&market::ID),
        order: key(&leased.order),
        created_ts: order.created_ts,
        lease: key(address),
        matched_ts: leased.matched_ts,
        device: key(&leased.device),
    }
}

/// The lease's own copy of the device's tunnel key: the device may change its own in mid-lease. redteam link S2
pub fn tunnel_key(leased: &Lease) -> Key {
    key(&leased.tunnel_key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::blank;

    #[test]
    fn a_lease_runs_from_its_orders_start_to_its_end() {
        let (mut order, mut leased): (Order, Lease) = (blank(), blank());
        order.state = order::MATCHED;
        leased.state = lease::MATCHED;
        let at = |order: &Order, leased: &Lease| stage(order, leased, 1_000);
        assert_eq!(at(&order, &leased), Stage::Before);
        leased.state = lease::ACCEPTED;
        assert_eq!(at(&order, &leased), Stage::Before);
        order.state = ACTIVE;
        (order.started_ts, order.end_ts) = (900, 1_001);
        assert_eq!(at(&order, &leased), Stage::Running);
        assert!(!is_over(&order, 1_000));
        assert!(is_over(&order, 1_001));
        assert_eq!(stage(&order, &leased, 1_001), Stage::Kept);
        leased.stopped_ts = 950;
        assert_eq!(at(&order, &leased), Stage::Kept);
        leased.stopped_ts = 0;
        leased.state = lease::DISPUTED;
        assert_eq!(at(&order, &leased), Stage::Kept);
    }
}
