//! Which orders make up a lease's mesh: its own, and those that the renter's joins tie to it, as far as the chain bears them out.

use super::{
    key,
    sight::{first_joins, Sight},
};
use crate::rules::{self, state};
use iog_client::market::{self, Order};
use iog_job::{Join, Key, SignedJoin, MAX_MEMBERS, MAX_RANKS};
use iog_math::cluster::{rank_span, world_size, Machines};
use iog_node::board::{BoardJoin, LeaseReport, Mesh};
use solana_pubkey::Pubkey;
use std::collections::BTreeSet;

/// An order of a mesh, and the rank of its place 0.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    pub address: Pubkey,
    pub order: &'a Order,
    pub offset: u16,
}

impl Part<'_> {
    fn ranks(&self) -> std::ops::Range<u32> {
        let from = u32::from(self.offset);
        let (places, machines) = counts(self.order);
        from..from.saturating_add(rank_span(places, &machines))
    }
}

/// The orders of a mesh, the root first, and what became of each join.
#[derive(Clone, Debug)]
pub struct Cluster<'a> {
    pub parts: Vec<Part<'a>>,
    pub joins: Vec<BoardJoin>,
}

impl Cluster<'_> {
    /// Of a lease of its own alone.
    pub fn mesh(&self) -> Option<Mesh> {
        let root = self.parts.first()?;
        Some(Mesh {
            root: key(&root.address),
            root_created_ts: root.order.created_ts,
        })
    }

    pub fn offset(&self, order: &Pubkey) -> Option<u16> {
        let part = self.parts.iter().find(|part| part.address == *order)?;
        Some(part.offset)
    }

    /// The rank of a place of an order, if it is one of the mesh's members: the first places as they were booked, vacant ones counted, so that
    /// nobody is pushed out when somebody is replaced. redteam mesh M6
    pub fn rank(&self, order: &Pubkey, place: u16) -> Option<u16> {
        let part = self.parts.iter().find(|part| part.address == *order)?;
        let lower = self.parts.iter().filter(|other| other.offset < part.offset);
        let before = lower
            .map(|part| u32::from(size(part.order)))
            .fold(u32::from(place), u32::saturating_add);
        let rank = part.offset.checked_add(place)?;
        (before < u32::from(MAX_MEMBERS) && rank < MAX_RANKS).then_some(rank)
    }
}

fn counts(order: &Order) -> (&[u8], Vec<Machines>) {
    let parts = order.parts.iter().map(|part| Machines {
        gpus: part.gpus,
        matched: part.matched,
        per_machine: part.per_machine.into(),
    });
    (&order.places, parts.collect())
}

/// Machines of an order as it was booked.
pub fn size(order: &Order) -> u16 {
    let (places, machines) = counts(order);
    u16::try_from(world_size(places, &machines)).unwrap_or(u16::MAX)
}

impl<'a> Sight<'a> {
    /// The mesh of a running order, by the joins that were sent to one of its leases. redteam mesh M2
    pub fn cluster(
        &self,
        address: &Pubkey,
        order: &'a Order,
        (genesis, now): (Key, i64),
        joins: &[SignedJoin],
    ) -> Cluster<'a> {
        let held: Vec<_> = joins
            .iter()
            .map(|join| self.joined(join, genesis, now))
            .collect();
        // The joins that hold by themselves, with their orders.
        let sound: Vec<(&Join, &Order)> = joins
            .iter()
            .zip(&held)
            .filter_map(|(join, held)| Some((&join.join, held.as_ref().ok().copied()?)))
            .collect();
        let own = key(address);
        let roots = sound.iter().filter(|(join, _)| join.order == own);
        let joined_to: BTreeSet<Key> = sound.iter().map(|(join, _)| join.order).collect();
        let root = roots
            .map(|(join, _)| join.root)
            .filter(|root| !joined_to.contains(root))
            .min();
        let mut cluster = Cluster {
            parts: self.root(root.unwrap_or(own), (address, order)),
            joins: Vec::new(),
        };
        let mut refusals = Vec::new();
        let mut by_age = sound;
        by_age.sort_by_key(|(join, _)| (join.created_ts, join.order, join.root));
        for (join, order) in by_age {
            match place(&cluster, join, order, &joined_to) {
                Ok(part) => cluster.parts.push(part),
                Err(why) => refusals.push((join, why)),
            }
        }
        if cluster.offset(address).is_none() {
            // Its ranks are others': it is alone.
            cluster.parts = vec![Part {
                address: *address,
                order,
                offset: 0,
            }];
        }
        let told = joins.iter().zip(held).map(|(signed, held)| {
            let among = refusals.iter().find(|(join, _)| **join == signed.join);
            let refused = held.err().or(among.map(|(_, why)| *why));
            tell(&signed.join, refused)
        });
        cluster.joins = told.collect();
        cluster
    }

    /// The orders of joins that hold by themselves: whose leases are worth a look.
    pub fn joined_orders<'r>(
        &self,
        reports: impl Iterator<Item = &'r LeaseReport>,
    ) -> BTreeSet<Pubkey> {
        let joins = reports.flat_map(|report| {
            let joins = first_joins(&report.joins).iter();
            joins.map(|join| (join, report.binding.genesis))
        });
        let held = joins.filter(|(join, genesis)| self.joined(join, *genesis, self.now).is_ok());
        held.flat_map(|(join, _)| [join.join.root, join.join.order])
            .map(|order| Pubkey::new_from_array(order.0))
            .collect()
    }

    fn root(&self, root: Key, own: (&Pubkey, &'a Order)) -> Vec<Part<'a>> {
        let address = Pubkey::new_from_array(root.0);
        let order = self.orders.get(&address);
        let (address, order) = order.map_or((*own.0, own.1), |order| (address, order));
        vec![Part {
            address,
            order,
            offset: 0,
        }]
    }

    /// The order that joins, if what the join says by itself is so on chain.
    fn joined(
        &self,
        signed: &SignedJoin,
        genesis: Key,
        now: i64,
    ) -> Result<&'a Order, &'static str> {
        let join = &signed.join;
        if (join.genesis, join.program) != (genesis, key(&market::ID)) {
            return Err("it is of another network");
        }
        if join.root == join.order {
            return Err("an order does not join itself");
        }
        let of = |address: Key, created_ts: i64| {
            let order = self.orders.get(&Pubkey::new_from_array(address.0));
            order.filter(|order| order.created_ts == created_ts)
        };
        let root = of(join.root, join.root_created_ts)
            .ok_or("the root order is not on chain, or is another one at its address")?;
        signed
            .open(&key(&root.engineer_key))
            .map_err(|_| "it is not signed by the root order's engineer key: sign it anew")?;
        let order = of(join.order, join.created_ts)
            .ok_or("the joining order is not on chain, or is another one at its address")?;
        let checks = [
            (order.renter == root.renter, "the orders have different renters"),
            (runs(root, now), "the root order does not run"),
            (runs(order, now), "the joining order does not run (yet, or any more)"),
            (now < join.ends_ts, "its time is over: sign a new one"),
            (
                same_constraints(root, order),
                "the joining order takes other devices than the root order: book it with the same owner, tier, reputation, countries, platform and security",
            ),
        ];
        let failed = checks.iter().find(|(holds, _)| !holds);
        failed.map_or(Ok(order), |(_, why)| Err(why))
    }
}

fn tell(join: &Join, refused: Option<&str>) -> BoardJoin {
    BoardJoin {
        root: join.root,
        order: join.order,
        created_ts: join.created_ts,
        offset: join.offset,
        refused: refused.map(String::from),
    }
}

/// Where a join that holds by itself stands among the others.
fn place<'a>(
    cluster: &Cluster<'a>,
    join: &Join,
    order: &'a Order,
    joined_to: &BTreeSet<Key>,
) -> Result<Part<'a>, &'static str> {
    let part = Part {
        address: Pubkey::new_from_array(join.order.0),
        order,
        offset: join.offset,
    };
    if joined_to.contains(&join.root) {
        return Err("the root order has itself joined another: join that one");
    }
    let root = cluster.mesh().map(|mesh| mesh.root);
    if root != Some(join.root) || cluster.offset(&part.address).is_some() {
        return Err("the order is of another mesh");
    }
    let ranks = part.ranks();
    if ranks.end > u32::from(MAX_RANKS) {
        return Err("ranks end at 1023: choose a smaller offset");
    }
    let apart = |other: &Part| {
        let others = other.ranks();
        ranks.end <= others.start || others.end <= ranks.start
    };
    match cluster.parts.iter().all(apart) {
        true => Ok(part),
        false => Err("its ranks may be another order's: choose an offset behind every machine that the others may have"),
    }
}

fn runs(order: &Order, now: i64) -> bool {
    order.state == state::ORDER_ACTIVE && rules::has_started(order) && now < order.end_ts
}

/// An order is as trustworthy as its worst device: what the renter asked of the first one holds for all that joins it. redteam mesh M1
fn same_constraints(root: &Order, order: &Order) -> bool {
    let countries = |order: &Order| rules::countries(order).collect::<BTreeSet<_>>();
    let of = |order: &Order| {
        let trust = (order.owner, order.secure_only, order.min_reputation_bps);
        (trust, order.min_tier, order.platform)
    };
    of(root) == of(order) && countries(root) == countries(order)
}

#[cfg(test)]
mod tests;
