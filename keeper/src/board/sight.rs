//! From an endpoint's accounts to leases on the board.

use super::{
    key,
    mesh::{self, Cluster},
    Told,
};
use crate::{
    rules::{self, state},
    snapshot::{Local, Snapshot},
};
use iog_client::market::{self, Lease, Order};
use iog_job::{Binding, Hash, Join, Key, SignedJoin, MAX_JOINS, NO_RANK};
use iog_node::board::{BoardLease, LeaseReport, Member, Stage};
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

/// Whose leases are told, and of which chain.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// Accounts of its devices.
    pub own: &'a BTreeSet<Pubkey>,
    pub genesis: Key,
    pub keep_secs: i64,
    /// What the job side says of leases: here, which orders join a mesh.
    pub reports: &'a BTreeMap<(Pubkey, i64), LeaseReport>,
}

/// What renters sent to join orders to meshes.
pub fn joins(local: &Local) -> impl Iterator<Item = &Join> {
    let reports = local.reports.values();
    reports.flat_map(|report| first_joins(&report.joins).iter().map(|join| &join.join))
}

/// Whatever the job side says: it is no more trusted than the jobs beside it. redteam J1
pub(super) fn first_joins(joins: &[SignedJoin]) -> &[SignedJoin] {
    joins.get(..MAX_JOINS).unwrap_or(joins)
}

impl Machine<'_> {
    fn joins(&self, address: &Pubkey, lease: &Lease) -> &[SignedJoin] {
        let report = self.reports.get(&(*address, lease.matched_ts));
        report.map_or(&[], |report| first_joins(&report.joins))
    }

    /// Leases that the board is made of: those of its orders, and of orders whose joins hold by themselves. A join could name anybody's order,
    /// and whoever had another endpoint asked for thousands of leases would keep it silent. redteam L2
    pub fn fellows(&self, snapshot: &Snapshot) -> BTreeSet<Pubkey> {
        let own = snapshot.leases.values();
        let own = own.filter(|lease| self.own.contains(&lease.device));
        let mut orders: BTreeSet<Pubkey> = own.map(|lease| lease.order).collect();
        orders.extend(Sight::from(snapshot).joined_orders(self.reports.values()));
        let fellows = snapshot.leases.iter();
        let fellows = fellows.filter(|(_, lease)| orders.contains(&lease.order));
        fellows.map(|(address, _)| *address).collect()
    }

    /// The orders of its leases, and those that are to join them.
    pub fn orders(&self, snapshot: &Snapshot) -> BTreeSet<Pubkey> {
        let own = snapshot.leases.iter();
        let own = own.filter(|(_, lease)| self.own.contains(&lease.device));
        let orders = own.flat_map(|(address, lease)| {
            let joins = self.joins(address, lease).iter();
            let joined = joins.flat_map(|join| [join.join.root, join.join.order]);
            joined
                .map(|order| Pubkey::new_from_array(order.0))
                .chain([lease.order])
        });
        orders.collect()
    }
}

impl<'a> Sight<'a> {
    /// The leases of these devices. Stages are told for `now`, so that endpoints whose clocks differ a little tell the same.
    pub fn tell(&self, machine: &Machine, now: i64) -> Told {
        let own = self
            .leases
            .iter()
            .filter(|(_, lease)| machine.own.contains(&lease.device));
        let leases = own.filter_map(|(address, lease)| {
            let order = self.orders.get(&lease.order)?;
            let lease = self.on_board((address, lease), order, machine, now)?;
            Some((super::name(&lease), lease))
        });
        Told {
            now: self.now,
            leases: leases.collect(),
        }
    }

    fn on_board(
        &self,
        (address, lease): (&Pubkey, &Lease),
        order: &'a Order,
        machine: &Machine,
        now: i64,
    ) -> Option<BoardLease> {
        let started_ts = rules::started(lease, order);
        let stage = stage(lease, order, now)?;
        let ends_ts = rules::served_until(lease, order);
        let keep_until_ts = match stage {
            Stage::Kept => ends_ts.saturating_add(machine.keep_secs),
            _ => 0,
        };
        if stage == Stage::Kept && now >= keep_until_ts {
            return None;
        }
        let serves = matches!(stage, Stage::Running | Stage::Kept);
        let told = BoardLease {
            binding: Binding {
                genesis: machine.genesis,
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
            rank: lease.place,
            world_size: mesh::size(order),
            mesh: None,
            joins: Vec::new(),
            gpus: lease.gpus,
            image_hash: Hash(order.image_hash),
            command_hash: Hash(order.command_hash),
            cards: Vec::new(),
            cards_free: false,
            started_ts: if serves { started_ts } else { 0 },
            ends_ts: if serves { ends_ts } else { 0 },
            keep_until_ts,
            members: Vec::new(),
        };
        Some(match stage {
            Stage::Running => self.meshed(told, (address, lease), order, machine, now),
            _ => told,
        })
    }

    /// With its rank in its mesh, and who else is of it.
    fn meshed(
        &self,
        told: BoardLease,
        (address, lease): (&Pubkey, &Lease),
        order: &'a Order,
        machine: &Machine,
        now: i64,
    ) -> BoardLease {
        let joins = machine.joins(address, lease);
        let cluster = self.cluster(&lease.order, order, (machine.genesis, now), joins);
        let offset = cluster.offset(&lease.order).unwrap_or(0);
        let rank = cluster.rank(&lease.order, lease.place);
        BoardLease {
            rank: lease.place.checked_add(offset).unwrap_or(NO_RANK),
            mesh: rank.and_then(|_| cluster.mesh()),
            members: match rank {
                Some(_) => self.members(address, &cluster, now),
                None => Vec::new(),
            },
            joins: cluster.joins,
            ..told
        }
    }

    /// Accepted, undisputed leases of the mesh's orders that serve. redteam mesh M4
    fn members(&self, own: &Pubkey, cluster: &Cluster, now: i64) -> Vec<Member> {
        let members = self.leases.iter().filter_map(|(address, lease)| {
            let part = cluster
                .parts
                .iter()
                .find(|part| part.address == lease.order)?;
            let fellow = address != own && rules::serves(lease, part.order, now);
            let rank = cluster.rank(&lease.order, lease.place)?;
            fellow.then(|| Member {
                lease: key(address),
                device: key(&lease.device),
                tunnel_key: key(&lease.tunnel_key),
                rank,
            })
        });
        let mut members: Vec<Member> = members.collect();
        members.sort_by_key(|member| (member.rank, member.lease));
        members
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
