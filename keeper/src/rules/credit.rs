//! What may be minted again for suppliers of IOSD orders.

use iog_client::token::{self, NetEmission};
use iog_math::{
    breaker::{capacity, Bucket},
    net_emission::Allowance,
    units::{whole_periods, HOUR},
};

/// The breaker's window of net emission, and how long a window is.
const NET_EMISSION: usize = 1;
const WINDOW_SECS: i64 = 86_400;

/// Hour of unix time.
fn hour_of(now: i64) -> u64 {
    whole_periods(now, HOUR).unwrap_or(0)
}

/// What was minted again in the running hour of unix time.
pub fn reminted_this_hour(net: &NetEmission, now: i64) -> u64 {
    match hour_of(now) > net.hour {
        true => 0,
        false => net.minted_this_hour_units,
    }
}

/// What can be minted again at `now`: by the allowance, the hour's cap and the breaker.
pub fn remintable(config: &token::Config, net: &NetEmission, now: i64) -> u64 {
    let allowance = Allowance {
        buckets: net.buckets,
        day: net.day,
        at_ts: net.at_ts,
        streaming: net.streaming_units,
        remainder: net.remainder,
        available: net.available_units,
    };
    let allowed = allowance.available_at(now).unwrap_or(0);
    let cap = config.net_emission_cap_per_hour.value;
    let in_hour = cap.saturating_sub(reminted_this_hour(net, now));
    allowed.min(in_hour).min(room(config, now).unwrap_or(0))
}

/// What the breaker lets pass.
fn room(config: &token::Config, now: i64) -> Option<u64> {
    let window = config.windows.get(NET_EMISSION)?;
    let supply = config
        .genesis_units
        .saturating_add(config.emitted_units)
        .saturating_add(config.reminted_units)
        .saturating_sub(config.burned_units);
    let (limit, floor) = (window.limit_units.value, window.floor_units.value);
    let capacity = capacity(limit, window.share_bps.value, floor, supply).ok()?;
    let bucket = Bucket {
        level: window.level_units,
        at_ts: window.at_ts,
    };
    let level = bucket.drained(capacity, WINDOW_SECS, now).ok()?.level;
    Some(capacity.saturating_sub(level))
}
