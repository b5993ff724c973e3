//! The hours of a lease: when they are judged and released, and when it may be ended.

use super::{beat_interval, has_beat, has_started, is_active, rate_at, state, BEAT_SECS};
use iog_client::{
    market::{Lease, Occupancy, Order},
    registry::Device,
};
use iog_math::{slots::Slots, units::HOUR};
use solana_pubkey::Pubkey;

/// A device that has been silent for more whole ten-minute intervals, and for more slots of the chain, has timed out (market's
/// `SILENT_INTERVALS`, `SILENT_SLOTS`).
const SILENT_INTERVALS: i64 = 3;
const SILENT_SLOTS: u64 = 3_000;
/// A heartbeat that was due for less than this when a lease was stopped is not asked for (market's `STOP_GRACE_SECS`).
const STOP_GRACE_SECS: i64 = 120;
/// After this time without a decision the rule decides a dispute (market's `RESOLVE_SECS`).
pub const RESOLVE_SECS: i64 = 259_200;
/// Hours that a lease can have judged and not released (market's `HELD_HOURS`).
const HELD_HOURS: u32 = 32;
/// A supplier agrees to no more than 720 hours (market's `MAX_AGREED_SECS`).
const MAX_AGREED_SECS: i64 = 2_592_000;
/// Waiting is paid for no longer (market's `MAX_HELD_SECS`).
pub const MAX_HELD_SECS: i64 = 300;

/// When it began to serve; 0 before that.
pub fn started(lease: &Lease, order: &Order) -> i64 {
    lease.started_ts.max(order.started_ts)
}

/// Where it ends.
pub fn end(lease: &Lease, order: &Order) -> i64 {
    match lease.ends_ts {
        0 => order.end_ts,
        ends_ts => ends_ts.min(order.end_ts),
    }
}

/// Heartbeats after this are not asked for.
fn stop(lease: &Lease, order: &Order) -> i64 {
    let of = |ts: i64| if ts == 0 { i64::MAX } else { ts };
    of(lease.stopped_ts).min(of(order.stopped_ts))
}

/// When it serves no longer: its end, the moment when somebody ended it, or a dispute.
pub fn served_until(lease: &Lease, order: &Order) -> i64 {
    let until = end(lease, order).min(stop(lease, order));
    match lease.state {
        state::LEASE_DISPUTED => until.min(lease.disputed_ts),
        _ => until,
    }
}

/// The device serves its order at `now`: its memory is the renter's.
pub fn serves(lease: &Lease, order: &Order, now: i64) -> bool {
    lease.state == state::LEASE_ACCEPTED
        && has_started(order)
        && now < end(lease, order).min(stop(lease, order))
}

/// It serves in a running order that nobody has ended for it: it can drop out.
pub fn is_running(lease: &Lease, order: &Order, now: i64) -> bool {
    order.state == state::ORDER_ACTIVE
        && lease.state == state::LEASE_ACCEPTED
        && lease.ends_ts == 0
        && now < order.end_ts
}

/// Until when the supplier has agreed to serve.
pub fn agreed_until(lease: &Lease, order: &Order) -> i64 {
    match lease.agreed_until_ts {
        0 => {
            let most = order.started_ts.saturating_add(MAX_AGREED_SECS);
            order.booked_end_ts.min(most)
        }
        agreed => agreed,
    }
}

/// Hours before this are judged.
pub fn judged_until(lease: &Lease, order: &Order) -> i64 {
    lease.settled_until_ts.max(started(lease, order))
}

/// Every hour up to its end is judged.
pub fn is_judged(lease: &Lease, order: &Order) -> bool {
    judged_until(lease, order) >= end(lease, order)
}

/// Hours that are judged and not released.
pub fn holds(lease: &Lease) -> bool {
    lease.released_count < lease.settled_count
}

/// Where the hour that begins at `from` ends.
fn hour_end(lease: &Lease, order: &Order, from: i64) -> i64 {
    let (_, price_ends) = rate_at(order, from);
    from.saturating_add(HOUR)
        .min(end(lease, order))
        .min(price_ends)
        .max(from)
}

/// The slots that the hour which begins at `from` is judged by.
fn slots(lease: &Lease, order: &Order, from: i64) -> Option<Slots> {
    let stop = stop(lease, order).saturating_sub(STOP_GRACE_SECS);
    let asked = hour_end(lease, order, from).min(stop);
    Slots::of(from, asked.max(from)).ok()
}

/// Whether a receipt would take something out of a dispute: a slot of an hour that is held, with a heartbeat, which it acknowledges and no
/// receipt before has.
pub fn would_answer(
    lease: &Lease,
    order: &Order,
    device: &Device,
    acknowledges: impl Fn(i64) -> bool,
) -> bool {
    let mut from = lease.released_until_ts.max(started(lease, order));
    (lease.released_count..lease.settled_count).any(|number| {
        let place = usize::try_from(number % HELD_HOURS).unwrap_or(0);
        let of_hour = |all: &[u8]| all.get(place).copied().unwrap_or(0);
        let answered = of_hour(&lease.answered_slots);
        // No more slots are answered than are paid: what was forfeited no receipt brings back.
        let open = answered.count_ones() < u32::from(of_hour(&lease.paid_slots));
        let hour = slots(lease, order, from);
        from = hour_end(lease, order, from);
        hour.is_some_and(|slots| {
            (0..slots.looked_at()).any(|place| {
                let slot = slots.first.saturating_add(place.into());
                let marked = answered
                    .checked_shr(place)
                    .is_some_and(|bits| bits & 1 == 1);
                open && !marked && acknowledges(slot) && has_beat(device, slot)
            })
        })
    })
}

/// When the next hour of a lease can be judged: when its last slot is over. `None` if no further one will be.
pub fn judge_due(lease: &Lease, order: &Order) -> Option<i64> {
    let open = matches!(lease.state, state::LEASE_ACCEPTED | state::LEASE_DISPUTED);
    let held = lease.settled_count.saturating_sub(lease.released_count);
    if !open || !has_started(order) || is_judged(lease, order) || held >= HELD_HOURS {
        return None;
    }
    let from = judged_until(lease, order);
    slots(lease, order, from)?.judged_ts().ok()
}

/// When the oldest hour that the lease holds can no longer be disputed; `None` if it holds nothing, or is in dispute.
pub fn release_due(lease: &Lease, order: &Order) -> Option<i64> {
    let held = holds(lease) && lease.state != state::LEASE_DISPUTED && has_started(order);
    let from = lease.released_until_ts.max(started(lease, order));
    let window = i64::from(order.dispute_secs);
    held.then(|| hour_end(lease, order, from).saturating_add(window))
}

/// When a settlement moves the device itself: counts it as hired where its order began without it acting, and frees it at the end.
pub fn follow_due(
    address: &Pubkey,
    lease: &Lease,
    order: &Order,
    place: &Occupancy,
) -> Option<i64> {
    let here = place.lease == *address && has_started(order) && lease.state != state::LEASE_MATCHED;
    let due = match (lease.counted, lease.state) {
        (0, state::LEASE_ACCEPTED) => started(lease, order),
        _ => end(lease, order),
    };
    here.then_some(due)
}

/// Something can be judged or released: what asks for settled books is refused.
pub fn is_due(lease: &Lease, order: &Order, now: i64) -> bool {
    let due = [judge_due(lease, order), release_due(lease, order)];
    due.into_iter().flatten().any(|due_ts| due_ts <= now)
}

/// Since when the lease of this device can be ended: it is silent, hardly serves, or was stopped by its owner.
pub fn timed_out_since(lease: &Lease, order: &Order, device: &Device, slot: u64) -> Option<i64> {
    if !is_active(device) || lease.poor == 1 {
        return Some(judged_until(lease, order));
    }
    // A chain that stood still accuses nobody.
    let slots = slot.saturating_sub(device.last_sign_slot.max(lease.accepted_slot));
    let last_sign = device.last_sign_ts.max(started(lease, order));
    let silent = beat_interval(last_sign)
        .saturating_add(SILENT_INTERVALS)
        .saturating_add(1);
    (slots > SILENT_SLOTS).then(|| silent.saturating_mul(BEAT_SECS))
}
