use super::crank;
use crate::{plan::fixtures::*, rules::state::*, snapshot::Snapshot};
use iog_client::market::Lease;
use iog_math::units::HOUR;

/// 41 minutes and 40 seconds past an hour of unix time: slots begin 500 s later, and so on.
const STARTED: i64 = NOW - 1_800;
/// The last slot that begins in the first hour ends 500 s after it.
const JUDGED: i64 = STARTED + HOUR + 500;

/// A lease that runs, with a device that has just shown a sign of life.
fn running(change: impl FnOnce(&mut Lease)) -> Snapshot {
    let mut snapshot = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
    let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
    order.end_ts = STARTED + 9 * HOUR;
    change(snapshot.leases.get_mut(&key(LEASE)).unwrap());
    snapshot
}

fn at(mut snapshot: Snapshot, now: i64) -> Vec<String> {
    snapshot.time.now = now;
    let device = &mut snapshot.devices.get_mut(&key(DEVICE)).unwrap().device;
    (device.last_sign_ts, device.last_sign_slot) = (now, snapshot.time.slot);
    crank(&snapshot)
}

fn settle(until_ts: i64, steps: u32) -> Vec<String> {
    vec![format!("settle_lease/L/{until_ts}/{steps}")]
}

/// redteam 5c: an hour is judged when the last slot that begins in it is over.
#[test]
fn settles_when_the_last_slot_of_an_hour_is_over() {
    assert!(at(running(|_| ()), JUDGED - 1).is_empty());
    assert_eq!(at(running(|_| ()), JUDGED), settle(STARTED, 1));
    let judged = running(|lease| {
        lease.settled_until_ts = STARTED + HOUR;
        lease.settled_count = 1;
    });
    let mut open = judged.clone();
    open.orders.get_mut(&key(ORDER)).unwrap().dispute_secs = 86_400;
    assert!(at(open.clone(), JUDGED).is_empty());
    assert!(at(open.clone(), JUDGED + HOUR - 1).is_empty());
    assert_eq!(at(open, JUDGED + HOUR), settle(STARTED + HOUR, 1));
    // Money that is free goes with the next hour that is judged, an hour later at most.
    assert!(at(judged.clone(), JUDGED).is_empty());
    assert_eq!(at(judged, JUDGED + HOUR), settle(STARTED + HOUR, 1));
}

#[test]
fn an_hour_that_the_price_changes_in_is_settled_up_to_there() {
    let mut snapshot = running(|_| ());
    let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
    order.rate_count = 2;
    order.rates[1] = rate(STARTED + 600, 1);
    // The one slot that begins in those ten minutes ends at 1,100.
    assert!(at(snapshot.clone(), STARTED + 1_099).is_empty());
    assert_eq!(at(snapshot, STARTED + 1_100), settle(STARTED, 1));
}

/// audit: market M7: what serves counts as hired, so those that did not accept last are settled right after the start.
#[test]
fn counts_a_device_as_hired_right_after_the_start() {
    let uncounted = running(|lease| lease.counted = 0);
    assert_eq!(at(uncounted, NOW), settle(STARTED, 0));
    assert!(at(running(|_| ()), NOW).is_empty());
}

/// The last hour waits for its last slot, the device does not.
#[test]
fn frees_a_device_at_its_end_and_judges_the_rest_later() {
    let ended = |change: fn(&mut Snapshot)| {
        let mut snapshot = running(|lease| {
            lease.settled_until_ts = STARTED + HOUR;
            (lease.settled_count, lease.released_count) = (1, 1);
        });
        let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
        (order.state, order.end_ts) = (ORDER_ENDED, STARTED + 2 * HOUR);
        change(&mut snapshot);
        snapshot
    };
    let end = STARTED + 2 * HOUR;
    assert!(at(ended(|_| ()), end - 1).is_empty());
    assert_eq!(at(ended(|_| ()), end), settle(STARTED + HOUR, 2));
    let freed = |snapshot: &mut Snapshot| {
        let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
        view.occupancy.as_mut().unwrap().lease = Default::default();
    };
    assert!(at(ended(freed), end + 499).is_empty());
    assert_eq!(at(ended(freed), end + 500), settle(STARTED + HOUR, 2));
    // Ended early: what began after that, or less than two minutes before, nobody asks for. Slots begin 500 and 1,100 s into the hour.
    let stopped = |secs: i64, now: i64| {
        let mut snapshot = ended(freed);
        let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
        order.stopped_ts = STARTED + HOUR + secs;
        at(snapshot, STARTED + HOUR + now)
    };
    for secs in [621, 1_220] {
        assert!(stopped(secs, 1_099).is_empty());
        assert_eq!(stopped(secs, 1_100), settle(STARTED + HOUR, 2));
    }
    assert!(stopped(1_221, 1_699).is_empty());
    assert_eq!(stopped(1_221, 1_700), settle(STARTED + HOUR, 2));
}

/// redteam 6a: each hour that is held leaves after its own time, whoever settles when.
#[test]
fn what_a_lease_that_is_over_holds_is_released_hour_by_hour_then_it_is_closed() {
    let over = |released: u32| {
        let mut snapshot = running(|lease| {
            lease.state = LEASE_SETTLED;
            lease.settled_until_ts = STARTED + 2 * HOUR;
            lease.released_until_ts = STARTED + i64::from(released) * HOUR;
            (lease.settled_count, lease.released_count) = (2, released);
        });
        let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
        (order.end_ts, order.dispute_secs) = (STARTED + 2 * HOUR, 86_400);
        let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
        view.occupancy.as_mut().unwrap().lease = Default::default();
        snapshot
    };
    let free = STARTED + HOUR + 86_400;
    assert!(at(over(0), free - 1).is_empty());
    assert_eq!(at(over(0), free), settle(STARTED + 2 * HOUR, 1));
    assert!(at(over(1), free + HOUR - 1).is_empty());
    assert_eq!(at(over(1), free + HOUR), settle(STARTED + 2 * HOUR, 2));
    let close = [format!("close_lease/L/{MATCHED}")];
    assert_eq!(at(over(2), free + HOUR), close);
}

/// A lease that has no room for another hour waits for a release.
#[test]
fn judges_no_more_than_it_can_hold() {
    let full = |released: u32| {
        let mut snapshot = running(|lease| {
            lease.settled_until_ts = STARTED + 32 * HOUR;
            lease.released_until_ts = STARTED + i64::from(released) * HOUR;
            (lease.settled_count, lease.released_count) = (32, released);
        });
        let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
        (order.end_ts, order.dispute_secs) = (STARTED + 40 * HOUR, 200_000);
        at(snapshot, JUDGED + 32 * HOUR)
    };
    assert!(full(0).is_empty());
    assert_eq!(full(1), settle(STARTED + 32 * HOUR, 2));
}

#[test]
fn leases_of_one_order_are_settled_together() {
    let mut snapshot = running(|_| ());
    snapshot.time.now = JUDGED;
    let device = &mut snapshot.devices.get_mut(&key(DEVICE)).unwrap().device;
    device.last_sign_ts = JUDGED;
    let lease = snapshot.leases[&key(LEASE)].clone();
    for n in 0..5 {
        snapshot.leases.insert(key(200 + n), lease.clone());
    }
    let planned = crank(&snapshot);
    let kinds: Vec<&str> = planned
        .iter()
        .map(|key| key.split('/').next().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["settle_leases", "settle_leases"],
        "six in two transactions"
    );
    assert!(planned[0].starts_with("settle_leases/O/"));
    // A part that is settled by somebody else makes it another doing.
    snapshot.leases.get_mut(&key(200)).unwrap().settled_until_ts = STARTED + HOUR;
    assert_ne!(crank(&snapshot)[0], planned[0]);
    let action = crate::plan::plan(&snapshot, &Default::default(), &policy(crate::Role::Crank));
    let parts = action[0].action.parts();
    assert_eq!(parts.len(), 4);
    assert_eq!(
        parts[0].key(),
        format!("settle_lease/{}/{STARTED}/1", key(LEASE))
    );
}

/// Silent since `sign`, a slot of the chain each 400 ms.
fn silent(now: i64, change: impl FnOnce(&mut Snapshot)) -> Vec<String> {
    let sign = STARTED + 1_100;
    let mut snapshot = running(|_| ());
    let device = &mut snapshot.devices.get_mut(&key(DEVICE)).unwrap().device;
    (device.last_sign_ts, device.last_sign_slot) = (sign, SLOT);
    snapshot.time.slot = SLOT + u64::try_from((now - sign) * 5 / 2).unwrap();
    change(&mut snapshot);
    snapshot.time.now = now;
    crank(&snapshot)
}

fn report() -> Vec<String> {
    vec![format!("report_timeout/L/{MATCHED}")]
}

/// redteam 6d: silent for more than three whole intervals, and for more than 3,000 slots of the chain.
#[test]
fn reports_a_device_that_has_fallen_silent_while_the_chain_went_on() {
    // Its last sign lies at the start of a slot.
    let four_later = STARTED + 1_100 + 2_400;
    assert!(silent(four_later - 1, |_| ()).is_empty());
    assert_eq!(silent(four_later, |_| ()), report());
    let halted = |slots: u64| move |snapshot: &mut Snapshot| snapshot.time.slot = SLOT + slots;
    assert!(silent(four_later, halted(3_000)).is_empty());
    assert_eq!(silent(four_later, halted(3_001)), report());
    // An order that its renter has ended needs no replacement, and an ended lease is ended.
    let ended = |snapshot: &mut Snapshot| {
        snapshot.orders.get_mut(&key(ORDER)).unwrap().state = ORDER_ENDED;
    };
    assert!(silent(four_later, ended).is_empty());
    let left = |snapshot: &mut Snapshot| {
        snapshot.leases.get_mut(&key(LEASE)).unwrap().ends_ts = four_later;
    };
    assert!(!silent(four_later, left).contains(&report()[0]));
    // Slots count from its acceptance, where that came later.
    let accepted = |snapshot: &mut Snapshot| {
        let lease = snapshot.leases.get_mut(&key(LEASE)).unwrap();
        lease.accepted_slot = snapshot.time.slot - 3_000;
    };
    assert!(silent(four_later, accepted).is_empty());
    // Hours that can be judged come first.
    assert_eq!(silent(JUDGED, |_| ()), settle(STARTED, 1));
}

/// redteam 5f: a machine that is there a quarter of the time; and one that its owner has stopped.
#[test]
fn reports_a_device_that_hardly_serves_or_was_stopped() {
    let soon = STARTED + 1_200;
    let poor = |snapshot: &mut Snapshot| snapshot.leases.get_mut(&key(LEASE)).unwrap().poor = 1;
    let paused = |snapshot: &mut Snapshot| {
        snapshot.devices.get_mut(&key(DEVICE)).unwrap().device.state = 1;
    };
    assert!(silent(soon, |_| ()).is_empty());
    assert_eq!(silent(soon, poor), report());
    assert!(silent(soon, paused).contains(&report()[0]));
    // What waits to be released is settled first, though no hour is to be judged.
    let held = |snapshot: &mut Snapshot| {
        let lease = snapshot.leases.get_mut(&key(LEASE)).unwrap();
        lease.settled_until_ts = STARTED + HOUR;
        (lease.settled_count, lease.poor) = (1, 1);
        snapshot.orders.get_mut(&key(ORDER)).unwrap().dispute_secs = 600;
    };
    let free = STARTED + HOUR + 600;
    assert_eq!(silent(free - 1, held), report());
    assert_eq!(silent(free, held), settle(STARTED + HOUR, 1));
}

/// redteam 6h: a resolver has 72 hours, also one that was removed meanwhile; slots that are not judged come first.
#[test]
fn decides_disputes_that_nobody_has() {
    let disputed = |judged: bool, now: i64| {
        let snapshot = running(|lease| {
            lease.state = LEASE_DISPUTED;
            (lease.ends_ts, lease.stopped_ts, lease.disputed_ts) = (NOW, NOW, NOW);
            lease.settled_until_ts = if judged { NOW } else { 0 };
            lease.settled_count = 1;
        });
        let mut snapshot = snapshot;
        let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
        view.occupancy.as_mut().unwrap().lease = Default::default();
        at(snapshot, now)
    };
    let resolve = [format!("resolve_by_rule/L/{NOW}")];
    assert!(disputed(true, NOW + 72 * HOUR - 1).is_empty());
    assert_eq!(disputed(true, NOW + 72 * HOUR), resolve);
    // Half an hour until now: its last slot ends at 1,700 after the start, which is 100 s ago.
    assert_eq!(disputed(false, NOW + 500), settle(STARTED, 1));
}
