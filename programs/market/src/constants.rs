//! Seeds and fixed numbers of the market.

pub const CONFIG_SEED: &[u8] = b"config";
pub const ESCROW_SEED: &[u8] = b"escrow";
pub const VAULT_SEED: &[u8] = b"vault";
pub const ESCROW_AUTHORITY_SEED: &[u8] = b"escrow_authority";
pub const PRICE_BOOK_SEED: &[u8] = b"price_book";
pub const RENTER_SEED: &[u8] = b"renter";
pub const EARNINGS_SEED: &[u8] = b"earnings";
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
/// A matched device that has not accepted by then may be skipped.
pub const ACCEPT_SECS: i64 = 180;
/// How long a device that let a match pass is left alone: an hour.
pub const REST_SECS: i64 = 3_600;
/// Hours that one `settle` works through.
pub const SETTLE_HOURS: u32 = 24;
/// Countries that an order may allow.
pub const MAX_COUNTRIES: usize = 8;
/// Classes that an order may name.
pub const MAX_CLASSES: usize = 4;
/// Prices that an order may have one after the other: its own and three of extensions.
pub const MAX_RATES: usize = 4;
/// Countries with a price of their own in a price book.
pub const MAX_LOCATIONS: usize = 8;
/// A device that has been silent for more than this many whole ten-minute intervals has timed out.
pub const SILENT_INTERVALS: i64 = 3;
/// How long a settled hour can be disputed, at most: an hour, so that hourly settlements release what the one before held.
pub const MAX_DISPUTE_SECS: u64 = 3_600;
/// How long the resolver may decide a dispute; then the rule does: 72 hours.
pub const RESOLVE_SECS: i64 = 259_200;
/// Factors of a price book move at most once in 24 hours.
pub const PRICE_STEP_SECS: i64 = 86_400;
/// Loyalty points for one US dollar, at most.
pub const MAX_POINTS_PER_USD: u64 = 1_000;

/// What can be paused: new orders and extensions. Matching, settling, ending, disputes and refunds cannot.
pub mod pause {
    pub const ORDERS: u8 = 1;
    pub const ALL: u8 = ORDERS;
}
