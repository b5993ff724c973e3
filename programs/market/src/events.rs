//! One event for every movement of value, with totals before and after, in base units of the order's currency.

use anchor_lang::prelude::*;

#[event]
pub struct OrderCreated {
    pub order: Address,
    pub renter: Address,
    pub class: Address,
    pub gpus: u32,
    pub hours: u32,
    pub price_per_gpu_hour: u64,
    pub total: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

#[event]
pub struct DeviceMatched {
    pub order: Address,
    pub lease: Address,
    pub device: Address,
    pub gpus: u32,
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

#[event]
pub struct LeaseSettled {
    pub order: Address,
    pub lease: Address,
    pub settled_until_ts: i64,
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
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}

#[event]
pub struct OrderRefunded {
    pub order: Address,
    pub refunded: u64,
    pub escrowed_before: u64,
    pub escrowed_after: u64,
}
