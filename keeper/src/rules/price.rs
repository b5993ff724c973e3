//! When a price can be read, and what of it the programs have seen.

use super::hour_of;
use crate::snapshot::PriceAt;
use iog_client::token::NetEmission;
use solana_pubkey::Pubkey;

/// How old a price may be that orders are booked at, and that is shown to the token program (common's `ORDER_AGE_SECS`).
pub const ORDER_AGE_SECS: i64 = 60;
/// How old where the caller is paid by it (common's `EXCHANGE_AGE_SECS`).
pub const EXCHANGE_AGE_SECS: i64 = 20;

/// The account, if what stands there is young enough.
pub fn readable(price: Option<PriceAt>, max_age_secs: i64, now: i64) -> Option<Pubkey> {
    let price = price?;
    let age = now.saturating_sub(price.publish_ts?);
    (age <= max_age_secs).then_some(price.address)
}

/// Whether the token program has seen a price in this hour of unix time.
pub fn has_seen(net: &NetEmission, now: i64) -> bool {
    let sights = net.sights.iter().filter(|sight| sight.first_ts != 0);
    let mut hours = sights.map(|sight| hour_of(sight.first_ts));
    hours.any(|hour| hour == hour_of(now))
}
