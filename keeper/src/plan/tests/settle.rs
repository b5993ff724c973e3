use super::crank;
use crate::{plan::fixtures::*, rules::state::*, snapshot::Snapshot};
use iog_client::market::{Lease, Rate};
use iog_math::units::HOUR;

const STARTED: i64 = NOW - 1_800;

/// A lease that runs, with a device that has just shown a sign of life.
fn running(change: impl FnOnce(&mut Lease)) -> Snapshot {
    let mut snapshot = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
    change(snapshot.leases.get_mut(&key(LEASE)).unwrap());
    alive(&mut snapshot);
    snapshot
}

fn alive(snapshot: &mut Snapshot) {
    let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
    view.device.beat_head = snapshot.time.now / 600;
}

fn at(mut snapshot: Snapshot, now: i64) -> Vec<String> {
    snapshot.time.now = now;
    alive(&mut snapshot);
    crank(&snapshot)
}

#[test]
fn settles_when_an_hour_is_over_and_at_an_early_end() {
    let settle = |from: i64| vec![format!("settle_lease/L/{from}")];
    assert!(at(running(|_| ()), STARTED + HOUR - 1).is_empty());
    assert_eq!(at(running(|_| ()), STARTED + HOUR), settle(STARTED));
    let settled = running(|lease| lease.settled_until_ts = STARTED + HOUR);
    assert!(at(settled.clone(), STARTED + HOUR).is_empty());
    // Ended early on an hour that is settled already: only the lease's end is left to record.
    let mut ended = settled;
    let order = ended.orders.get_mut(&key(ORDER)).unwrap();
    (order.state, order.end_ts) = (ORDER_ENDED, STARTED + HOUR);
    assert_eq!(at(ended, STARTED + HOUR), settle(STARTED + HOUR));
}

#[test]
fn an_hour_that_the_price_changes_in_is_settled_up_to_there() {
    let mut snapshot = running(|_| ());
    let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
    order.rate_count = 2;
    order.rates[1] = Rate {
        from_ts: STARTED + 600,
        price_per_gpu_hour_units: 1,
        price_usd6: 1,
    };
    assert_eq!(
        at(snapshot, STARTED + 600),
        [format!("settle_lease/L/{STARTED}")]
    );
}

#[test]
fn an_hour_waits_until_the_one_before_is_free() {
    // The first hour was settled 40 seconds late and can be disputed for an hour.
    let held = |change: fn(&mut Snapshot)| {
        let mut snapshot = running(|lease| {
            lease.settled_until_ts = STARTED + HOUR;
            (lease.held_units, lease.held_ts) = (5, STARTED + HOUR + 40);
        });
        let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
        (order.dispute_secs, order.end_ts) = (3_600, STARTED + 9 * HOUR);
        change(&mut snapshot);
        snapshot
    };
    let settle = [format!("settle_lease/L/{}", STARTED + HOUR)];
    let over = STARTED + 2 * HOUR;
    assert!(at(held(|_| ()), over + 39).is_empty());
    assert_eq!(at(held(|_| ()), over + 40), settle);
    // The last hour does not wait: the device is hired until it is settled.
    let last = held(|snapshot| {
        snapshot.orders.get_mut(&key(ORDER)).unwrap().end_ts = STARTED + 2 * HOUR;
    });
    assert_eq!(at(last, over), settle);
    // Of a silent device nothing waits.
    let mut silent = held(|_| ());
    silent.time.now = over;
    silent
        .devices
        .get_mut(&key(DEVICE))
        .unwrap()
        .device
        .beat_head = 0;
    assert_eq!(crank(&silent), settle);
}

#[test]
fn what_a_lease_that_is_over_holds_is_released_after_the_window_then_it_is_closed() {
    let over = |held_units| {
        let mut snapshot = running(|lease| {
            lease.state = LEASE_SETTLED;
            (lease.settled_until_ts, lease.held_ts) = (NOW, NOW);
            lease.held_units = held_units;
        });
        let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
        (order.state, order.dispute_secs) = (ORDER_COMPLETED, 600);
        snapshot
    };
    assert!(at(over(5), NOW + 599).is_empty());
    assert_eq!(at(over(5), NOW + 600), [format!("settle_lease/L/{NOW}")]);
    assert_eq!(
        at(over(0), NOW + 600),
        [format!("close_lease/L/{}", NOW - 30)]
    );
}

#[test]
fn leases_of_one_order_are_settled_together() {
    let mut snapshot = running(|_| ());
    snapshot.time.now = STARTED + HOUR;
    alive(&mut snapshot);
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
        format!("settle_lease/{}/{STARTED}", key(LEASE))
    );
}

#[test]
fn reports_a_device_that_has_fallen_silent() {
    let report = format!("report_timeout/L/{}", NOW - 30);
    let silent = |now: i64, change: fn(&mut Snapshot)| {
        let mut snapshot = running(|_| ());
        let order = snapshot.orders.get_mut(&key(ORDER)).unwrap();
        order.started_ts = NOW / 600 * 600;
        let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
        view.device.beat_head = NOW / 600;
        change(&mut snapshot);
        snapshot.time.now = now;
        crank(&snapshot)
    };
    let four_later = (NOW / 600 + 4) * 600;
    assert!(silent(four_later - 1, |_| ()).is_empty());
    assert_eq!(silent(four_later, |_| ()), [report.as_str()]);
    let paused = |snapshot: &mut Snapshot| {
        snapshot.devices.get_mut(&key(DEVICE)).unwrap().device.state = 1;
    };
    assert!(silent(NOW, paused).contains(&report));
    // An order that its renter has ended needs no replacement.
    let ended = silent(four_later, |snapshot| {
        snapshot.orders.get_mut(&key(ORDER)).unwrap().state = ORDER_ENDED;
    });
    assert!(ended.is_empty());
    // The hours that have ended come first.
    let started = NOW / 600 * 600;
    let later = silent(started + HOUR, |_| ());
    assert_eq!(later, [format!("settle_lease/L/{started}")]);
}

#[test]
fn decides_disputes_that_nobody_has() {
    let disputed = |resolver: bool, now: i64| {
        let mut snapshot = running(|lease| {
            lease.state = LEASE_DISPUTED;
            (lease.held_units, lease.held_ts) = (5, NOW);
        });
        if !resolver {
            snapshot.market.resolver = None;
        }
        at(snapshot, now)
    };
    let resolve = [format!("resolve_by_rule/L/{NOW}")];
    assert!(disputed(true, NOW + 72 * HOUR - 1).is_empty());
    assert_eq!(disputed(true, NOW + 72 * HOUR), resolve);
    assert_eq!(disputed(false, NOW), resolve);
}
