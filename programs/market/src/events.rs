//! One event for every movement of value, with totals before and after, in base units of the order's currency.

use anchor_lang::prelude::*;

#[event]
pub struct PriceBookSet {
    pub class_id: u16,
    pub kink_bps: u16,
    pub slope1_bps: u16,
    pub slope2_bps: u16,
    pub peak_bps: u16,
}

#[event]
pub struct DeviceListed {
    pub device: Address,
    pub gpus: u32,
    pub floor_usd6: u64,
    pub currencies: u8,
    pub online_gpus: u64,
}

#[event]
pub struct DeviceDelisted {
    pub device: Address,
    pub online_gpus: u64,
}

#[event]
pub struct OrderCreated {
    pub order: Address,
    pub renter: Address,
    pub class_ids: [u16; 4],
    pub gpus: [u32; 4],
    pub hours: u32,
    pub price_usd6: [u64; 4],
    pub price_per_gpu_hour: [u64; 4],
    pub total: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

#[event]
pub struct OrderExtended {
    pub order: Address,
    pub hours: u32,
    pub price_usd6: [u64; 4],
    pub price_per_gpu_hour: [u64; 4],
    pub total: u64,
    pub end_ts: i64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

#[event]
pub struct EngineerKeySet {
    pub order: Address,
    pub before: Address,
    pub after: Address,
}

#[event]
pub struct DeviceMatched {
    pub order: Address,
    pub lease: Address,
    pub device: Address,
    pub part: u8,
    pub gpus: u32,
}

#[event]
pub struct DeviceSkipped {
    pub order: Address,
    pub lease: Address,
    pub device: Address,
    /// It had shown no sign of life since its match either: its record is charged.
    pub silent: bool,
    pub skipped: u64,
}

#[event]
pub struct DeviceDeclined {
    pub order: Address,
    pub lease: Address,
    pub device: Address,
    /// Later than 30 s after it was asked: it rests.
    pub late: bool,
    pub declined: u64,
}

/// A match into another order took the device out of one that was not whole.
#[event]
pub struct MatchDisplaced {
    pub order: Address,
    pub lease: Address,
    pub device: Address,
}

/// Time before a start that never came was paid.
#[event]
pub struct HeldTimePaid {
    pub order: Address,
    pub lease: Address,
    pub paid: u64,
    pub fee: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

#[event]
pub struct LeaseAccepted {
    pub order: Address,
    pub lease: Address,
    pub device: Address,
}

#[event]
pub struct OrderStarted {
    pub order: Address,
    pub started_ts: i64,
    pub end_ts: i64,
}

/// Hours were worked through, and what was held became the supplier's.
#[event]
pub struct LeaseSettled {
    pub order: Address,
    pub lease: Address,
    pub settled_until_ts: i64,
    pub released_until_ts: i64,
    /// Ten-minute slots that were judged.
    pub served: u32,
    pub missed: u32,
    pub paid: u64,
    pub refunded: u64,
    pub fee: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

/// A lease ended before its order.
#[event]
pub struct LeaseEnded {
    pub order: Address,
    pub lease: Address,
    pub device: Address,
    /// The device fell silent; else the supplier left.
    pub timed_out: bool,
    /// Held rent that went back to the renter.
    pub forfeited: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

#[event]
pub struct DisputeOpened {
    pub order: Address,
    pub lease: Address,
    pub resolver: Address,
    pub evidence_hash: [u8; 32],
    pub disputed: u64,
    pub deposit: u64,
}

/// The renter's receipt took slots out of a dispute: rent in `answered`, and what is left.
#[event]
pub struct DisputeAnswered {
    pub order: Address,
    pub lease: Address,
    pub answered: u64,
    pub left: u64,
    pub deposit: u64,
    pub paid: u64,
    pub fee: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

#[event]
pub struct DisputeResolved {
    pub order: Address,
    pub lease: Address,
    /// Decided by the resolver; else by the rule.
    pub decided: bool,
    pub paid: u64,
    pub refunded: u64,
    pub fee: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

#[event]
pub struct OrderEndedEarly {
    pub order: Address,
    pub end_ts: i64,
    pub refunded: u64,
    /// Kept for the leases that ran: the discount that was not reached.
    pub rerated: u64,
    pub fee: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

/// Vacant GPUs were given back.
#[event]
pub struct OrderReduced {
    pub order: Address,
    pub part: u8,
    pub gpus: u32,
    pub refunded: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

/// IO for a dollar was taken anew for the hours that are left.
#[event]
pub struct OrderPriced {
    pub order: Address,
    pub price_per_gpu_hour: [u64; 4],
    pub from_ts: i64,
    pub end_ts: i64,
    /// Of the spare money.
    pub taken: u64,
    pub freed: u64,
    /// The money did not suffice: the order ends with its old price.
    pub ends: bool,
}

/// The renter added money to an order that no hour needs yet.
#[event]
pub struct FundsAdded {
    pub order: Address,
    pub amount: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

/// A refund was booked: the order did not start, or is over.
#[event]
pub struct OrderRefunded {
    pub order: Address,
    pub refunded: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

#[event]
pub struct RefundPaid {
    pub order: Address,
    pub amount: u64,
    pub due_before: u64,
    pub due_after: u64,
}

#[event]
pub struct EarningsWithdrawn {
    pub owner: Address,
    pub mint: Address,
    pub amount: u64,
    pub due_before: u64,
    pub due_after: u64,
}

#[event]
pub struct FeesCollected {
    pub mint: Address,
    pub amount: u64,
    pub due_before: u64,
    pub due_after: u64,
}

/// Earned dollars of credit became a claim on IO.
#[event]
pub struct CreditClaimed {
    pub owner: Address,
    pub usd6: u64,
    pub io_units: u64,
    /// How much of a claim at the price the line held.
    pub cover_bps: u16,
    pub claimed_before: u64,
    pub claimed_after: u64,
}

/// What a dollar of IOSD is worth to suppliers was reckoned anew.
#[event]
pub struct CoverSeen {
    pub before_bps: u16,
    pub after_bps: u16,
}

#[event]
pub struct CreditFunded {
    pub amount: u64,
    pub from_treasury: bool,
    pub funded_before: u64,
    pub funded_after: u64,
}

#[event]
pub struct CreditPaid {
    pub owner: Address,
    pub amount: u64,
    pub paid_before: u64,
    pub paid_after: u64,
}

/// The resolver was removed or followed, or somebody was named: `pending` and `effective_ts` are zeros where nobody waits.
#[event]
pub struct ResolverSet {
    pub before: Address,
    pub after: Address,
    pub pending: Address,
    pub effective_ts: i64,
}

#[event]
pub struct ResolverDropped {
    pub by: Address,
    pub dropped: Address,
}
