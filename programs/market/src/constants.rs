//! Seeds and fixed numbers of the market.

pub const CONFIG_SEED: &[u8] = b"config";
pub const ESCROW_SEED: &[u8] = b"escrow";
pub const VAULT_SEED: &[u8] = b"vault";
pub const ESCROW_AUTHORITY_SEED: &[u8] = b"escrow_authority";
pub const ORDER_SEED: &[u8] = b"order";
pub const LEASE_SEED: &[u8] = b"lease";
pub const OCCUPANCY_SEED: &[u8] = iog_common::occupancy::SEED;

/// GPUs of one order.
pub const MAX_GPUS: u32 = 4_096;
/// Ten years.
pub const MAX_HOURS: u32 = 87_600;
/// Fees may never be set above this (economics.md: network fee at most 500).
pub const MAX_FEE_BPS: u64 = 500;
/// An order that has not started by then is refunded.
pub const EXPIRY_SECS: i64 = 1_200;
/// Hours that one `settle` works through.
pub const SETTLE_HOURS: u32 = 24;
/// Countries that an order may allow.
pub const MAX_COUNTRIES: usize = 8;

/// What can be paused: new orders. Matching, settling, ending and refunds cannot.
pub mod pause {
    pub const ORDERS: u8 = 1;
    pub const ALL: u8 = ORDERS;
}
