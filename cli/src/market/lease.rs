//! Leases with what their instructions need, and how far they are worked through.

use crate::{chain::missing, context::Context, error::Result};
use iog_client::{
    market::{
        accounts::{Lease, Occupancy, Order},
        instructions,
    },
    pda,
};
use iog_math::units::HOUR;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub const ACCEPTED: u8 = 1;
pub const SETTLED: u8 = 2;
pub const DISPUTED: u8 = 3;
const STATES: [&str; 4] = ["matched", "accepted", "settled", "disputed"];
/// Hours that one `settle` works through (`SETTLE_HOURS` of the program's constants.rs).
const SETTLE_HOURS: u32 = 24;

pub fn state(state: u8) -> &'static str {
    STATES.get(usize::from(state)).copied().unwrap_or("unknown")
}

/// A lease, and the class whose price book counts its device.
pub struct Leased {
    pub address: Pubkey,
    pub lease: Lease,
    class_id: u16,
}

/// Reads what belongs to the leases.
pub async fn with_classes(context: &Context, leases: Vec<(Pubkey, Lease)>) -> Result<Vec<Leased>> {
    let places: Vec<Pubkey> = leases
        .iter()
        .map(|(_, lease)| pda::market::occupancy(&lease.device))
        .collect();
    let found = context.find_all::<Occupancy>(&places).await?;
    leases
        .into_iter()
        .zip(places.iter().zip(found))
        .map(|((address, lease), (place, occupancy))| {
            let occupancy = occupancy
                .ok_or_else(|| missing("Occupancy", place, "the device was never listed"))?;
            Ok(Leased {
                address,
                lease,
                class_id: occupancy.class_id,
            })
        })
        .collect()
}

/// The order of each lease. An order is there as long as it has leases.
pub async fn orders(context: &Context, leases: &[(Pubkey, Lease)]) -> Result<Vec<Order>> {
    let addresses: Vec<Pubkey> = leases.iter().map(|(_, lease)| lease.order).collect();
    let found = context.find_all::<Order>(&addresses).await?;
    addresses
        .iter()
        .zip(found)
        .map(|(address, order)| {
            order.ok_or_else(|| missing("Order", address, "it was closed just now: try again"))
        })
        .collect()
}

/// One lease by its address, with its order.
pub async fn find(context: &Context, address: &Pubkey) -> Result<(Leased, Order)> {
    let hint = "see iog lease list";
    let lease: Lease = context.get(address, hint).await?;
    let order = context.get(&lease.order, "see iog order list").await?;
    let mut found = with_classes(context, vec![(*address, lease)]).await?;
    match found.pop() {
        Some(leased) => Ok((leased, order)),
        None => Err(missing("Lease", address, hint)),
    }
}

impl Leased {
    fn book(&self) -> Pubkey {
        pda::market::price_book(self.class_id)
    }

    fn occupancy(&self) -> Pubkey {
        pda::market::occupancy(&self.lease.device)
    }

    fn settle(&self, order: &Order) -> Instruction {
        instructions::Settle {
            order: self.lease.order,
            lease: self.address,
            device: self.lease.device,
            occupancy: self.occupancy(),
            book: self.book(),
            escrow: pda::market::escrow(&order.mint),
            earnings: pda::market::earnings(&order.mint, &self.lease.owner),
            stats: pda::market::renter(&order.renter),
        }
        .instruction()
    }

    /// Works through every hour that has ended, and releases what can no longer be disputed; empty when there is neither.
    pub fn settle_all(&self, order: &Order, now: i64) -> Vec<Instruction> {
        let hours = hours_behind(order, &self.lease, now).div_ceil(SETTLE_HOURS);
        let released = u32::from(releasable(order, &self.lease, now));
        let calls = hours.max(released);
        (0..calls).map(|_| self.settle(order)).collect()
    }

    pub fn close(&self) -> Instruction {
        instructions::CloseLease {
            order: self.lease.order,
            lease: self.address,
            occupancy: self.occupancy(),
            book: self.book(),
            payer: self.lease.payer,
        }
        .instruction()
    }

    pub fn dispute(&self, renter: Pubkey) -> Instruction {
        instructions::OpenDispute {
            renter,
            device: self.lease.device,
            order: self.lease.order,
            lease: self.address,
            occupancy: self.occupancy(),
            book: self.book(),
            stats: pda::market::renter(&renter),
        }
        .instruction()
    }

    pub fn leave(&self, owner: Pubkey) -> Instruction {
        instructions::LeaveLease {
            signer: owner,
            device: self.lease.device,
            order: self.lease.order,
            lease: self.address,
            occupancy: self.occupancy(),
            book: self.book(),
        }
        .instruction()
    }

    /// Splits a dispute: by the resolver's word, else by the rule.
    pub fn resolve(&self, order: &Order, signer: Pubkey, to_supplier: Option<u64>) -> Instruction {
        let (order_address, lease) = (self.lease.order, self.address);
        let occupancy = self.occupancy();
        let escrow = pda::market::escrow(&order.mint);
        let earnings = pda::market::earnings(&order.mint, &self.lease.owner);
        let stats = pda::market::renter(&order.renter);
        match to_supplier {
            Some(to_supplier) => instructions::ResolveDispute {
                signer,
                order: order_address,
                lease,
                occupancy,
                escrow,
                earnings,
                stats,
                to_supplier,
            }
            .instruction(),
            None => instructions::ResolveByRule {
                signer,
                order: order_address,
                lease,
                occupancy,
                escrow,
                earnings,
                stats,
            }
            .instruction(),
        }
    }
}

/// Until when what a lease holds can be disputed.
pub fn free_ts(order: &Order, lease: &Lease) -> i64 {
    lease.held_ts.saturating_add(i64::from(order.dispute_secs))
}

fn releasable(order: &Order, lease: &Lease, now: i64) -> bool {
    lease.state != DISPUTED && lease.held_units > 0 && now >= free_ts(order, lease)
}

/// Intervals that have ended by `now` and are not worked through: each ends after an hour, where the order does, or where its price
/// changes (`state/lease/work.rs` of the program).
pub fn hours_behind(order: &Order, lease: &Lease, now: i64) -> u32 {
    if lease.state != ACCEPTED || order.started_ts == 0 {
        return 0;
    }
    let mut from = lease.settled_until_ts.max(order.started_ts);
    let mut behind = 0u32;
    loop {
        let changes = order.rates.iter().take(usize::from(order.rate_count));
        let change = changes
            .map(|rate| rate.from_ts)
            .filter(|ts| *ts > from)
            .min();
        let until = from
            .saturating_add(HOUR)
            .min(order.end_ts)
            .min(change.unwrap_or(i64::MAX));
        if until > now || until <= from {
            return behind;
        }
        behind = behind.saturating_add(1);
        from = until;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use iog_client::{decode, AccountData};

    fn blank<T: AccountData>() -> T {
        let mut data = T::DISCRIMINATOR.to_vec();
        data.resize(1_024, 0);
        decode(&data).unwrap()
    }

    #[test]
    fn intervals_end_with_the_hour_the_order_and_the_price() {
        let start = 1_000;
        let mut order: Order = blank();
        (order.started_ts, order.end_ts, order.rate_count) = (start, start + 3 * HOUR, 1);
        let mut lease: Lease = blank();
        lease.state = ACCEPTED;
        let behind = |order: &Order, lease: &Lease, secs| hours_behind(order, lease, start + secs);
        assert_eq!(behind(&order, &lease, HOUR - 1), 0);
        assert_eq!(behind(&order, &lease, HOUR), 1);
        assert_eq!(behind(&order, &lease, 30 * HOUR), 3);
        // A replacement that began half an hour later: its intervals are cut at the price's change and at the end.
        lease.settled_until_ts = start + HOUR / 2;
        (order.rates[1].from_ts, order.rate_count) = (start + 2 * HOUR, 2);
        assert_eq!(behind(&order, &lease, 2 * HOUR - 1), 1);
        assert_eq!(behind(&order, &lease, 2 * HOUR), 2);
        assert_eq!(behind(&order, &lease, 3 * HOUR), 3);
        lease.state = SETTLED;
        assert_eq!(behind(&order, &lease, 3 * HOUR), 0);
        (lease.held_units, lease.held_ts, order.dispute_secs) = (1, start, 600);
        assert!(!releasable(&order, &lease, start + 599));
        assert!(releasable(&order, &lease, start + 600));
        lease.state = DISPUTED;
        assert!(!releasable(&order, &lease, start + 600));
    }
}
