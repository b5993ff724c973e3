//! From an endpoint's accounts to leases on the board.

use super::{key, Told};
use crate::{
    rules::{self, state},
    snapshot::Snapshot,
};
use iog_client::market::{self, Lease, Order};
use iog_job::{Binding, Hash, Key};
use iog_node::board::{BoardLease, Member, Stage};
use solana_pubkey::Pubkey;
use std::collections::{BTreeMap, BTreeSet};

/// Accounts as an endpoint has them, and its clock.
#[derive(Clone, Debug)]
pub struct Sight<'a> {
    pub now: i64,
    pub leases: &'a BTreeMap<Pubkey, Lease>,
    pub orders: &'a BTreeMap<Pubkey, Order>,
}

impl<'a> From<&'a Snapshot> for Sight<'a> {
    fn from(snapshot: &'a Snapshot) -> Self {
        Self {
            now: snapshot.time.now,
            leases: &snapshot.leases,
            orders: &snapshot.orders,
        }
    }
}

impl Sight<'_> {
    /// The leases of these devices. Stages are told for `now`, so that endpoints whose clocks differ a little tell the same.
    pub fn tell(&self, own: &BTreeSet<Pubkey>, genesis: Key, now: i64, keep_secs: i64) -> Told {
        let own = self
            .leases
            .iter()
            .filter(|(_, lease)| own.contains(&lease.device));
        let leases = own.filter_map(|(address, lease)| {
            let order = self.orders.get(&lease.order)?;
            let lease = self.on_board(address, lease, order, genesis, now, keep_secs)?;
            Some((super::name(&lease), lease))
        });
        Told {
            now: self.now,
            leases: leases.collect(),
        }
    }

    fn on_board(
        &self,
        address: &Pubkey,
        lease: &Lease,
        order: &Order,
        genesis: Key,
        now: i64,
        keep_secs: i64,
    ) -> Option<BoardLease> {
        let started_ts = rules::started(lease, order);
        let stage = stage(lease, order, now)?;
        let ends_ts = rules::served_until(lease, order);
        let (mut keep_until_ts, mut members) = (0, Vec::new());
        match stage {
            Stage::Kept => keep_until_ts = ends_ts.saturating_add(keep_secs),
            Stage::Running => members = self.members(address, lease, order, now),
            Stage::Matched | Stage::Accepted => {}
        }
        if stage == Stage::Kept && now >= keep_until_ts {
            return None;
        }
        let serves = matches!(stage, Stage::Running | Stage::Kept);
        Some(BoardLease {
            binding: Binding {
                genesis,
                program: key(&market::ID),
                order: key(&lease.order),
                created_ts: order.created_ts,
                lease: key(address),
                matched_ts: lease.matched_ts,
                device: key(&lease.device),
            },
            stage,
            renter: key(&order.renter),
            engineer_key: key(&order.engineer_key),
            receipt_key: key(&order.receipt_key),
            tunnel_key: key(&lease.tunnel_key),
            place: lease.place,
            gpus: lease.gpus,
            image_hash: Hash(order.image_hash),
            command_hash: Hash(order.command_hash),
            cards: Vec::new(),
            cards_free: false,
            started_ts: if serves { started_ts } else { 0 },
            ends_ts: if serves { ends_ts } else { 0 },
            keep_until_ts,
            members,
        })
    }

    /// Accepted, undisputed leases of the same order that serve. redteam M4
    fn members(&self, own: &Pubkey, of: &Lease, order: &Order, now: i64) -> Vec<Member> {
        let fellows = self.leases.iter().filter(|(address, lease)| {
            *address != own && lease.order == of.order && rules::serves(lease, order, now)
        });
        let members = fellows.map(|(address, lease)| Member {
            lease: key(address),
            device: key(&lease.device),
            tunnel_key: key(&lease.tunnel_key),
            place: lease.place,
        });
        members.collect()
    }
}

/// Where a lease stands for those who serve it; nothing for one that never came to serve.
fn stage(lease: &Lease, order: &Order, now: i64) -> Option<Stage> {
    let served = rules::has_started(order) && lease.accepted_ts > 0;
    match lease.state {
        state::LEASE_MATCHED if !rules::is_past(order) => Some(Stage::Matched),
        state::LEASE_ACCEPTED if rules::serves(lease, order, now) => Some(Stage::Running),
        state::LEASE_ACCEPTED if !served && rules::is_waiting(order) => Some(Stage::Accepted),
        state::LEASE_ACCEPTED | state::LEASE_DISPUTED | state::LEASE_SETTLED if served => {
            Some(Stage::Kept)
        }
        _ => None,
    }
}
