//! What may be minted now: emission that is due, and again for suppliers of IOSD orders.

use iog_client::{
    emission,
    token::{self, Minter, NetEmission},
};
use iog_math::{
    breaker::{capacity, Bucket},
    net_emission::Allowance,
    units::{whole_periods, CAP_IO, EMISSION_IO, HOUR, USD6},
};

/// The breaker's windows (token's `WindowId`), and how long one is.
const EMISSION: usize = 0;
const NET_EMISSION: usize = 1;
const REFUND: usize = 3;
const WINDOW_SECS: i64 = 86_400;
/// The mint of emission is paused (token's `pause::EMISSION`).
const EMISSION_PAUSED: u8 = 1;

/// A refund that comes in parts takes a tenth of what the window holds, and a dollar, at least: every part costs a transaction.
const LEAST_PART: u64 = 10;

/// Hour of unix time.
pub fn hour_of(now: i64) -> u64 {
    whole_periods(now, HOUR).unwrap_or(0)
}

/// What was minted in the running hour of unix time, of what is counted for `hour`.
fn in_hour(hour: u64, minted: u64, now: i64) -> u64 {
    match hour_of(now) > hour {
        true => 0,
        false => minted,
    }
}

/// What closed hours have shared out and nobody has minted.
pub fn emission_due(config: &emission::Config) -> u64 {
    config.shared_units.saturating_sub(config.minted_units)
}

/// Emission that was minted in the running hour of unix time.
pub fn minted_this_hour(minter: &Minter, now: i64) -> u64 {
    in_hour(minter.hour, minter.minted_this_hour_units, now)
}

/// Emission that can be minted at `now`: the least of what is due, of the minter's cap and of the breaker.
pub fn mintable(
    config: &emission::Config,
    minter: &Minter,
    token: &token::Config,
    now: i64,
) -> u64 {
    if token.paused & EMISSION_PAUSED != 0 {
        return 0;
    }
    let cap = minter.cap_per_hour_units.value;
    emission_due(config)
        .min(cap.saturating_sub(minted_this_hour(minter, now)))
        .min(EMISSION_IO.saturating_sub(token.emitted_units))
        .min(CAP_IO.saturating_sub(supply(token)))
        .min(room(token, EMISSION, now).unwrap_or(0))
}

/// What was minted again in the running hour of unix time.
pub fn reminted_this_hour(net: &NetEmission, now: i64) -> u64 {
    in_hour(net.hour, net.minted_this_hour_units, now)
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
    let left = cap.saturating_sub(reminted_this_hour(net, now));
    let room = room(config, NET_EMISSION, now).unwrap_or(0);
    allowed.min(left).min(room)
}

fn supply(config: &token::Config) -> u64 {
    config
        .genesis_units
        .saturating_add(config.emitted_units)
        .saturating_add(config.reminted_units)
        .saturating_sub(config.burned_units)
}

/// What the breaker lets pass.
fn room(config: &token::Config, window: usize, now: i64) -> Option<u64> {
    let window = config.windows.get(window)?;
    let (limit, floor) = (window.limit_units.value, window.floor_units.value);
    let capacity = capacity(limit, window.share_bps.value, floor, supply(config)).ok()?;
    let bucket = Bucket {
        level: window.level_units,
        at_ts: window.at_ts,
    };
    let level = bucket.drained(capacity, WINDOW_SECS, now).ok()?.level;
    Some(capacity.saturating_sub(level))
}

/// Whether the token program would give back `due` of IOSD now, or a part of it that is worth a transaction. It gives half of what the
/// window lets pass at a time.
pub fn is_refundable(config: &token::Config, due: u64, now: i64) -> bool {
    let Some((capacity, rest)) = refund_rest(config, now) else {
        return false;
    };
    let may = rest.div_ceil(2);
    let least = capacity.checked_div(LEAST_PART).unwrap_or(0).max(USD6);
    may >= due || may >= least
}

/// The refunds' window: what it holds, and what it lets pass.
fn refund_rest(config: &token::Config, now: i64) -> Option<(u64, u64)> {
    let outstanding = config
        .iosd_spent_units
        .saturating_sub(config.iosd_refunded_units)
        .saturating_sub(config.iosd_settled_units);
    let window = config.windows.get(REFUND)?;
    let (limit, floor) = (window.limit_units.value, window.floor_units.value);
    let capacity = capacity(limit, window.share_bps.value, floor, outstanding).ok()?;
    let drained = |level, at_ts| {
        let bucket = Bucket { level, at_ts };
        bucket.drained(capacity, WINDOW_SECS, now).ok()
    };
    let level = drained(window.level_units, window.at_ts)?.level;
    let credit = drained(window.credit_units, window.credit_ts)?.level;
    let rest = capacity.saturating_sub(level).saturating_add(credit);
    Some((capacity, rest))
}
