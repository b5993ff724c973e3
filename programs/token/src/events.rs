//! One event for every movement of value, with totals before and after. Amounts are base units: IO has 8 decimals, IOSD 6.

use anchor_lang::prelude::*;

#[event]
pub struct GenesisMinted {
    pub mint: Address,
    /// What existed before, in a mint that was handed over.
    pub existing: u64,
    pub amount: u64,
    pub genesis_ts: i64,
}

#[event]
pub struct VestingCreated {
    pub id: u8,
    pub beneficiary: Address,
    pub total: u64,
    pub allocated_before: u64,
    pub allocated_after: u64,
}

#[event]
pub struct VestingReleased {
    pub id: u8,
    pub beneficiary: Address,
    pub amount: u64,
    pub released_before: u64,
    pub released_after: u64,
}

#[event]
pub struct MinterRegistered {
    pub minter: Address,
    pub rights: u8,
    pub cap_per_hour: u64,
    /// From when on it may act.
    pub active_ts: i64,
}

#[event]
pub struct MinterCapSet {
    pub minter: Address,
    pub cap_per_hour: u64,
    /// What it becomes at `pending_ts`, unless that is 0.
    pub pending: u64,
    pub pending_ts: i64,
}

#[event]
pub struct MinterRemoved {
    pub minter: Address,
    pub minted: u64,
    /// IOSD that the minter can still settle and refund.
    pub outstanding_iosd: u64,
}

#[event]
pub struct EmissionMinted {
    pub minter: Address,
    pub destination: Address,
    pub amount: u64,
    pub emitted_before: u64,
    pub emitted_after: u64,
}

#[event]
pub struct NetEmissionMinted {
    pub minter: Address,
    pub destination: Address,
    pub amount: u64,
    pub reminted_before: u64,
    pub reminted_after: u64,
    pub available_after: u64,
}

#[event]
pub struct IoBurned {
    pub owner: Address,
    pub amount: u64,
    pub burned_before: u64,
    pub burned_after: u64,
}

#[event]
pub struct IosdMinted {
    pub owner: Address,
    pub io_burned: u64,
    pub iosd: u64,
    /// USD for one IO at which the IOSD was made, `price * 10^exponent`.
    pub price: u64,
    pub exponent: i32,
    pub burned_before: u64,
    pub burned_after: u64,
    pub iosd_minted_before: u64,
    pub iosd_minted_after: u64,
}

#[event]
pub struct IosdSpent {
    pub minter: Address,
    pub owner: Address,
    pub amount: u64,
    pub spent_before: u64,
    pub spent_after: u64,
}

#[event]
pub struct IosdRefunded {
    pub minter: Address,
    pub destination: Address,
    pub amount: u64,
    pub refunded_before: u64,
    pub refunded_after: u64,
}

#[event]
pub struct IosdSettled {
    pub minter: Address,
    pub amount: u64,
    pub outstanding_before: u64,
    pub outstanding_after: u64,
}

#[event]
pub struct IosdCreated {
    pub mint: Address,
}

/// Stands in the logs of the transaction that was refused.
#[event]
pub struct BreakerRefused {
    /// 0 emission, 1 net emission, 2 IOSD, 3 refunds.
    pub window: u8,
    pub amount: u64,
    pub level: u64,
    pub capacity: u64,
}

#[event]
pub struct PriceSourceScheduled {
    pub receiver: Address,
    pub feed: [u8; 32],
    pub account: Address,
    /// 0 when the present source was set again, which drops a change.
    pub effective_ts: i64,
}

#[event]
pub struct PriceSourceChanged {
    pub receiver: Address,
    pub feed: [u8; 32],
    pub account: Address,
}

/// Reports were taken into the quorum's price.
#[event]
pub struct PriceReported {
    pub reports: u8,
    /// Time of the quorum-th newest report.
    pub feed_ts: i64,
    /// 10^-10 USD for one IO; of the last time that a quorum was fresh.
    pub median: u64,
    pub median_ts: i64,
}

#[event]
pub struct ReporterSet {
    pub index: u8,
    pub before: Address,
    pub after: Address,
    pub pending: Address,
    /// From when on `pending` can be applied; 0 when nobody waits.
    pub effective_ts: i64,
}

#[event]
pub struct ReporterDropped {
    pub by: Address,
    pub index: u8,
    pub dropped: Address,
}

#[event]
pub struct PriceQuorumSet {
    pub quorum: u64,
    pub pending: u64,
    pub pending_ts: i64,
}

/// What waited of a minter was dropped: its rights, or its higher cap.
#[event]
pub struct MinterDropped {
    pub by: Address,
    pub minter: Address,
    pub rights: u8,
}

#[event]
pub struct PriceSourceDropped {
    pub by: Address,
}

/// The program saw a price; IOSD is made at no more than 1.2 times the lowest of 24 hours.
#[event]
pub struct PriceObserved {
    /// The average price, 10^-12 USD for one IO.
    pub average: u64,
    /// Lowest average of the last 24 hours.
    pub lowest: u64,
}
