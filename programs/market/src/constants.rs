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
pub const VERDICT_SEED: &[u8] = iog_common::verdict::SEED;
pub const OCCUPANCY_SEED: &[u8] = iog_common::occupancy::SEED;

/// GPUs of one order.
pub const MAX_GPUS: u32 = 4_096;
/// Ten years.
pub const MAX_HOURS: u32 = 87_600;
/// Fees may never be set above this (economics.md: network fee at most 500).
pub const MAX_FEE_BPS: u64 = 500;
/// An order that has not started by then is refunded.
pub const EXPIRY_SECS: i64 = 1_200;
/// For this long after its creation only the renter matches, whose client ranks: the quickest supplier must not choose itself.
pub const RENTER_MATCH_SECS: i64 = 30;
/// Time to accept, from the moment when the last place of the order is matched; of a replacement, from its match.
pub const ACCEPT_SECS: i64 = 90;
/// For this long from that moment a device declines for nothing; later that counts as no answer.
pub const DECLINE_SECS: i64 = 30;
/// Whole orders that a device declines for nothing in an hour.
pub const FREE_DECLINES: u8 = 2;
/// A match of an order that is not whole keeps the device from other orders for this long only.
pub const MATCH_HOLD_SECS: i64 = 30;
/// Most that an order that never starts pays a device for, however often it was whole.
pub const MAX_HELD_SECS: i64 = 300;
/// How long a device that did not answer is left alone: an hour.
pub const REST_SECS: i64 = 3_600;
/// Lamports that the renter deposits for each GPU, for whoever matched it; they come back where nobody did.
pub const MATCH_LAMPORTS: u64 = 20_000;
/// Hours that one `settle` works through.
pub const SETTLE_HOURS: u32 = 24;
/// Hours that a lease can have judged and not released: a day of them, and those that a price or an end cuts.
pub const HELD_HOURS: usize = 32;
/// Countries that an order may allow.
pub const MAX_COUNTRIES: usize = 8;
/// Parts of an order, alternatives counted.
pub const MAX_PARTS: usize = 4;
/// Prices that an order may have one after the other.
pub const MAX_RATES: usize = 4;
/// Devices that an order remembers not to take again.
pub const MAX_BARS: usize = 16;
/// Bytes of an order's map of places: 256 of them, four times the members that a cluster was tried with. All 4,096 that an order can have
/// leases would cost its renter 0.0033 SOL of rent more.
pub const PLACE_BYTES: usize = 32;
/// The place of a lease beyond those: it serves, and joins no mesh.
pub const NO_PLACE: u16 = u16::MAX;
/// Countries with a price of their own in a price book.
pub const MAX_LOCATIONS: usize = 8;
/// How long one price in IO holds: 168 hours. Then IO for a dollar is taken anew.
pub const IO_RATE_SECS: i64 = 604_800;
/// How much longer the old price holds where nobody takes it anew: 24 hours. Then the order ends.
pub const IO_GRACE_SECS: i64 = 86_400;
/// Hours of an order in IO, extensions included: four prices of 168.
pub const MAX_IO_HOURS: u32 = 672;
/// A supplier agrees to no more than this: 720 hours.
pub const MAX_AGREED_SECS: i64 = 2_592_000;
/// A device that has been silent for this many whole ten-minute intervals has timed out ...
pub const SILENT_INTERVALS: i64 = 3;
/// ... if the chain went on meanwhile: slots since its last sign, 20 minutes of 400 ms. A chain that stood still accuses nobody.
pub const SILENT_SLOTS: u64 = 3_000;
/// A heartbeat that was due for less than this when a lease was stopped is not asked for: a node beats some seconds into a slot.
pub const STOP_GRACE_SECS: i64 = 120;
/// A device with less than half of its slots proved in its last judged hour may be taken out, silent or not, where so many began in it ...
pub const LEAST_SLOTS: u32 = 3;
/// ... unless the chain stood still for this long since the hour before was judged: 30 minutes.
pub const HALT_SECS: i64 = 1_800;
/// A device whose proof is too old may still be matched for this long after a lease that it served: 2 hours.
pub const AFTER_LEASE_SECS: i64 = 7_200;
/// ... if its last pass is no older than this many hours.
pub const AFTER_LEASE_PROOF_HOURS: u64 = 24;
/// A device with this many failed proofs in the last 12 hours is not matched.
pub const MAX_FAILURES: u32 = 4;
pub const FAILURE_WINDOW_HOURS: u32 = 12;
/// Anyone may take an idle device off the market that showed no sign of life for this long (6 hours) ...
pub const STALE_SIGN_SECS: i64 = 21_600;
/// ... or passed no proof for this many hours.
pub const STALE_PROOF_HOURS: u64 = 24;
/// How long a settled hour can be disputed, at most: 24 hours.
pub const MAX_DISPUTE_SECS: u64 = 86_400;
/// Deposit of a dispute: a twentieth of what is disputed.
pub const DISPUTE_DEPOSIT_BPS: u16 = 500;
/// Every slot of a dispute is judged by then: the last one that can be asked for ends 20 minutes after the opening.
pub const JUDGED_SECS: i64 = 1_200;
/// From then on answers come before the resolver: 6 hours. A node that was away for a night's repair still sends its receipts.
pub const ANSWER_SECS: i64 = 21_600;
/// How long the resolver may decide a dispute; then the rule does: 72 hours, of which the first 6 hours and 20 minutes are the answers'.
pub const RESOLVE_SECS: i64 = 259_200;
/// A verdict is kept for this long, for slash cases to name it: 180 days.
pub const VERDICT_SECS: i64 = 15_552_000;
/// Factors of a price book move at most once in 24 hours.
pub const PRICE_STEP_SECS: i64 = 86_400;
/// A whole dollar.
pub const FULL_COVER_BPS: u16 = 10_000;
/// What a dollar of IOSD is worth to suppliers is believed for this long: 6 hours.
pub const COVER_AGE_SECS: i64 = 21_600;
/// Loyalty points for one US dollar, at most.
pub const MAX_POINTS_PER_USD: u64 = 1_000;

/// What can be paused: new orders and extensions. Matching, settling, ending, disputes and refunds cannot.
pub mod pause {
    pub const ORDERS: u8 = 1;
    pub const ALL: u8 = ORDERS;
}
