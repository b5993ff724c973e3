//! Leases: their instructions, and how far they are worked through.

mod hours;
mod life;

pub use hours::{answered, held, hour, hourly, hours, in_dispute, judged_ts, pay_usd6_at, Hour};
pub use life::{agreed_until, calls, end, is_judged, release_due, serves, settled_until, started};

use crate::{chain::missing, context::Context, error::Result};
use iog_client::{
    market::{
        accounts::{Lease, Occupancy, Order},
        instructions,
    },
    pda,
    registry::accounts::Device,
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub const MATCHED: u8 = 0;
pub const ACCEPTED: u8 = 1;
pub const SETTLED: u8 = 2;
pub const DISPUTED: u8 = 3;
const STATES: [&str; 4] = ["matched", "accepted", "settled", "disputed"];

pub fn state(state: u8) -> &'static str {
    STATES.get(usize::from(state)).copied().unwrap_or("unknown")
}

/// A lease, and its device's place in the market.
pub struct Leased {
    pub address: Pubkey,
    pub lease: Lease,
    pub place: Occupancy,
}

/// Reads what belongs to the leases.
pub async fn with_places(context: &Context, leases: Vec<(Pubkey, Lease)>) -> Result<Vec<Leased>> {
    let addresses: Vec<Pubkey> = leases
        .iter()
        .map(|(_, lease)| pda::market::occupancy(&lease.device))
        .collect();
    let found = context.find_all::<Occupancy>(&addresses).await?;
    leases
        .into_iter()
        .zip(addresses.iter().zip(found))
        .map(|((address, lease), (at, place))| {
            let place =
                place.ok_or_else(|| missing("Occupancy", at, "the device was never listed"))?;
            Ok(Leased {
                address,
                lease,
                place,
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
    let mut found = with_places(context, vec![(*address, lease)]).await?;
    match found.pop() {
        Some(leased) => Ok((leased, order)),
        None => Err(missing("Lease", address, hint)),
    }
}

/// The device of a lease.
pub async fn device(context: &Context, lease: &Lease) -> Result<Device> {
    context.get(&lease.device, "see iog device list").await
}

impl Leased {
    fn book(&self) -> Pubkey {
        pda::market::price_book(self.place.class_id)
    }

    fn occupancy(&self) -> Pubkey {
        pda::market::occupancy(&self.lease.device)
    }

    fn earnings(&self, order: &Order) -> Pubkey {
        pda::market::earnings(&order.mint, &self.lease.owner)
    }

    fn settle(&self, order: &Order) -> Instruction {
        instructions::Settle {
            order: self.lease.order,
            lease: self.address,
            device: self.lease.device,
            occupancy: self.occupancy(),
            book: self.book(),
            escrow: pda::market::escrow(&order.mint),
            earnings: self.earnings(order),
            stats: pda::market::renter(&order.renter),
        }
        .instruction()
    }

    /// As many as work through every hour that can be judged or released; empty when there is nothing to do.
    pub fn settle_all(&self, order: &Order, now: i64) -> Vec<Instruction> {
        let calls = calls(order, self, now);
        (0..calls).map(|_| self.settle(order)).collect()
    }

    pub fn close(&self, order: &Order) -> Instruction {
        instructions::CloseLease {
            order: self.lease.order,
            lease: self.address,
            device: self.lease.device,
            occupancy: self.occupancy(),
            book: self.book(),
            escrow: pda::market::escrow(&order.mint),
            earnings: self.earnings(order),
            payer: self.lease.payer,
        }
        .instruction()
    }

    pub fn dispute(&self, order: &Order, renter: Pubkey, evidence_hash: [u8; 32]) -> Instruction {
        instructions::OpenDispute {
            renter,
            order: self.lease.order,
            lease: self.address,
            occupancy: self.occupancy(),
            book: self.book(),
            escrow: pda::market::escrow(&order.mint),
            stats: pda::market::renter(&renter),
            evidence_hash,
        }
        .instruction()
    }

    /// The device's key or its owner leaves.
    pub fn leave(&self, order: &Order, signer: Pubkey) -> Instruction {
        instructions::LeaveLease {
            signer,
            device: self.lease.device,
            order: self.lease.order,
            lease: self.address,
            occupancy: self.occupancy(),
            book: self.book(),
            escrow: pda::market::escrow(&order.mint),
        }
        .instruction()
    }

    /// The device's key refuses a match.
    pub fn decline(&self, device_key: Pubkey) -> Instruction {
        instructions::Decline {
            signer: device_key,
            order: self.lease.order,
            lease: self.address,
            device: self.lease.device,
            occupancy: self.occupancy(),
            book: self.book(),
            payer: self.lease.payer,
        }
        .instruction()
    }

    /// The resolver splits a dispute, of which it saw `disputed`.
    pub fn resolve(
        &self,
        order: &Order,
        resolver: Pubkey,
        to_supplier: u64,
        disputed: u64,
    ) -> Instruction {
        instructions::ResolveDispute {
            resolver,
            order: self.lease.order,
            lease: self.address,
            occupancy: self.occupancy(),
            escrow: pda::market::escrow(&order.mint),
            earnings: self.earnings(order),
            stats: pda::market::renter(&order.renter),
            verdict: pda::market::verdict(&self.address),
            to_supplier,
            disputed,
        }
        .instruction()
    }

    /// Has the receipt count that is checked in the instruction before.
    pub fn answer(&self, order: &Order) -> Instruction {
        instructions::AnswerDispute {
            order: self.lease.order,
            lease: self.address,
            device: self.lease.device,
            escrow: pda::market::escrow(&order.mint),
            earnings: self.earnings(order),
            stats: pda::market::renter(&order.renter),
        }
        .instruction()
    }

    /// The rule splits it.
    pub fn resolve_by_rule(&self, order: &Order) -> Instruction {
        instructions::ResolveByRule {
            order: self.lease.order,
            lease: self.address,
            escrow: pda::market::escrow(&order.mint),
            earnings: self.earnings(order),
            stats: pda::market::renter(&order.renter),
        }
        .instruction()
    }
}
