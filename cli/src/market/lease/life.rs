//! Where a lease begins and ends, and what can be worked through (`state/lease/` of the program, which decides).

use super::{
    hours::{hour, judged_ts, HELD_HOURS},
    Leased, ACCEPTED, DISPUTED, MATCHED,
};
use iog_client::market::accounts::{Lease, Order};
use iog_math::Result;

/// Hours that one `settle` judges, and as many that it releases (`SETTLE_HOURS` of the program's constants.rs).
const SETTLE_HOURS: u32 = 24;
/// A supplier agrees to no more than this: 720 hours (`MAX_AGREED_SECS`).
const MAX_AGREED_SECS: i64 = 2_592_000;
/// Calls that are thought ahead: what is behind further than this takes another command.
const MAX_CALLS: usize = 32;

/// When it began to serve; 0 before that.
pub fn started(order: &Order, lease: &Lease) -> i64 {
    lease.started_ts.max(order.started_ts)
}

/// Where it ends.
pub fn end(order: &Order, lease: &Lease) -> i64 {
    match lease.ends_ts {
        0 => order.end_ts,
        ends => ends.min(order.end_ts),
    }
}

/// Hours before this are judged.
pub fn settled_until(order: &Order, lease: &Lease) -> i64 {
    lease.settled_until_ts.max(started(order, lease))
}

/// Every hour up to its end is judged.
pub fn is_judged(order: &Order, lease: &Lease) -> bool {
    settled_until(order, lease) >= end(order, lease)
}

/// The device serves its order now: accepted, started, and nobody has ended it.
pub fn serves(order: &Order, lease: &Lease, now: i64) -> bool {
    let stops = [lease.stopped_ts, order.stopped_ts];
    let stopped = stops.iter().any(|stop| *stop != 0 && now >= *stop);
    lease.state == ACCEPTED && order.started_ts > 0 && now < end(order, lease) && !stopped
}

/// Until when the supplier has agreed to serve: the end at its match, 720 hours at most.
pub fn agreed_until(order: &Order, lease: &Lease) -> i64 {
    match lease.agreed_until_ts {
        0 => order
            .booked_end_ts
            .min(order.started_ts.saturating_add(MAX_AGREED_SECS)),
        agreed => agreed,
    }
}

fn has_room(lease: &Lease) -> bool {
    lease.settled_count.saturating_sub(lease.released_count) < HELD_HOURS
}

/// When the oldest hour that is held is paid; `None` where nothing is held, or it is in dispute.
pub fn release_due(order: &Order, lease: &Lease) -> Result<Option<i64>> {
    if lease.released_count >= lease.settled_count || lease.state == DISPUTED {
        return Ok(None);
    }
    let from = lease.released_until_ts.max(started(order, lease));
    let until = hour(order, lease, from)?.until;
    Ok(Some(until.saturating_add(i64::from(order.dispute_secs))))
}

fn judge_due(order: &Order, lease: &Lease) -> Result<Option<i64>> {
    if is_judged(order, lease) || !has_room(lease) {
        return Ok(None);
    }
    judged_ts(order, lease, settled_until(order, lease)).map(Some)
}

/// Whether an hour could be judged or released now: what asks for settled books asks for that.
pub fn is_due(order: &Order, lease: &Lease, now: i64) -> Result<bool> {
    let due = [release_due(order, lease)?, judge_due(order, lease)?];
    Ok(due.into_iter().flatten().any(|due| due <= now))
}

fn release(order: &Order, lease: &mut Lease, now: i64) -> Result<()> {
    for _ in 0..SETTLE_HOURS {
        if release_due(order, lease)?.is_none_or(|due| due > now) {
            break;
        }
        let from = lease.released_until_ts.max(started(order, lease));
        lease.released_until_ts = hour(order, lease, from)?.until;
        lease.released_count = lease.released_count.saturating_add(1);
    }
    Ok(())
}

fn judge(order: &Order, lease: &mut Lease, now: i64) -> Result<()> {
    for _ in 0..SETTLE_HOURS {
        if judge_due(order, lease)?.is_none_or(|due| due > now) {
            break;
        }
        let from = settled_until(order, lease);
        lease.settled_until_ts = hour(order, lease, from)?.until;
        lease.settled_count = lease.settled_count.saturating_add(1);
    }
    Ok(())
}

/// How often `settle` must be called until nothing is due: hours to judge or release, a device to count or to free.
pub fn calls(order: &Order, leased: &Leased, now: i64) -> usize {
    let mut lease = leased.lease.clone();
    if order.started_ts == 0 || lease.state == MATCHED {
        return 0;
    }
    let mut calls = 0;
    while calls < MAX_CALLS && is_due(order, &lease, now).unwrap_or(false) {
        let worked = judge(order, &mut lease, now).and_then(|()| release(order, &mut lease, now));
        // Numbers beyond every range are the program's to refuse.
        if worked.is_err() {
            break;
        }
        calls += 1;
    }
    let in_it = leased.place.lease == leased.address;
    let follows = in_it && (lease.counted == 0 || now >= end(order, &lease));
    calls.max(usize::from(follows))
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::market::{blank, lease::ACCEPTED};
    use iog_client::market::accounts::Occupancy;
    use iog_math::units::HOUR;
    use solana_pubkey::Pubkey;

    /// An order of a GPU at 6,000 units an hour that began at an hour of unix time, and its lease.
    pub fn running(hours: i64) -> (Order, Lease) {
        let mut order: Order = blank();
        let start = 1_000 * HOUR;
        (order.state, order.rate_count, order.dispute_secs) = (2, 1, 7_200);
        (order.started_ts, order.end_ts) = (start, start + hours * HOUR);
        (order.booked_end_ts, order.funded_until_ts) = (order.end_ts, order.end_ts);
        order.rates[0].from_ts = start;
        order.rates[0].price_per_gpu_hour_units[0] = 6_000;
        order.rates[0].price_usd6[0] = 1_000_000;
        let mut lease: Lease = blank();
        lease.cap_usd6 = u64::MAX;
        (lease.state, lease.gpus, lease.counted) = (ACCEPTED, 1, 1);
        (order, lease)
    }

    fn leased(lease: &Lease) -> Leased {
        Leased {
            address: Pubkey::new_from_array([7; 32]),
            lease: lease.clone(),
            place: blank::<Occupancy>(),
        }
    }

    #[test]
    fn hours_are_judged_with_their_last_slot_and_released_after_their_own_time() {
        let (mut order, lease) = running(5);
        let at = |order: &Order, secs: i64| calls(order, &leased(&lease), order.started_ts + secs);
        assert_eq!(at(&order, HOUR - 1), 0);
        assert_eq!(at(&order, HOUR), 1);
        assert_eq!(at(&order, 5 * HOUR), 1);
        // An order that begins between slots: the last that begins in its first hour is over 300 s after it.
        order.started_ts += 300;
        order.rates[0].from_ts = order.started_ts;
        assert_eq!(at(&order, HOUR + 299), 0);
        assert_eq!(at(&order, HOUR + 300), 1);
    }

    #[test]
    fn a_call_works_through_24_hours_and_a_lease_holds_32() {
        let (mut order, lease) = running(100);
        let at = |order: &Order, hours: i64| {
            calls(order, &leased(&lease), order.started_ts + hours * HOUR)
        };
        assert_eq!((at(&order, 24), at(&order, 25)), (1, 2));
        assert_eq!(at(&order, 100), 5);
        // Nothing is released for long: 32 hours, and no call more.
        order.dispute_secs = 86_400 * 365;
        assert_eq!(at(&order, 100), 2);
    }

    #[test]
    fn a_device_is_counted_and_freed_without_an_hour() {
        let (order, mut lease) = running(5);
        lease.counted = 0;
        let mut leased = leased(&lease);
        assert_eq!(calls(&order, &leased, order.started_ts + 1), 0);
        leased.place.lease = leased.address;
        assert_eq!(calls(&order, &leased, order.started_ts + 1), 1);
    }

    #[test]
    fn who_was_stopped_serves_no_more() {
        let (mut order, mut lease) = running(5);
        let now = order.started_ts + 10;
        assert!(serves(&order, &lease, now));
        order.stopped_ts = now;
        assert!(!serves(&order, &lease, now));
        order.stopped_ts = 0;
        lease.stopped_ts = now + 1;
        assert!(serves(&order, &lease, now) && !serves(&order, &lease, now + 1));
        assert_eq!(agreed_until(&order, &lease), order.end_ts);
        order.booked_end_ts = i64::MAX;
        assert_eq!(agreed_until(&order, &lease), order.started_ts + 2_592_000);
    }
}
