use super::{node, passed};
use crate::{plan::fixtures::*, rules::state::*, snapshot::Snapshot};
use iog_math::units::HOUR;

#[test]
fn beats_while_hired() {
    let ours = local();
    let interval = NOW / 600;
    let active = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
    let beat = format!("heartbeat/D/{interval}");
    let mut planned = node(&active, &ours);
    planned.sort();
    assert_eq!(planned, ["check_in/D/10", beat.as_str()].map(String::from));
    let mut served = active.clone();
    served
        .devices
        .get_mut(&key(DEVICE))
        .unwrap()
        .device
        .beat_head = interval;
    assert_eq!(node(&served, &ours), ["check_in/D/10"]);

    // The renter ended it early: the share proved until then counts, what comes after is not asked for.
    let ended = |stopped_ts: i64| {
        let mut ended = active.clone();
        let order = ended.orders.get_mut(&key(ORDER)).unwrap();
        (order.state, order.stopped_ts, order.end_ts) = (ORDER_ENDED, stopped_ts, NOW + 60);
        node(&ended, &ours)
    };
    assert!(ended(NOW + 1).contains(&beat));
    assert!(!ended(NOW).contains(&beat));

    let mut over = active.clone();
    over.time.now = NOW + HOUR;
    over.orders.get_mut(&key(ORDER)).unwrap().end_ts = over.time.now;
    over.devices
        .get_mut(&key(DEVICE))
        .unwrap()
        .device
        .last_sign_ts = over.time.now;
    let planned = node(&over, &ours);
    assert!(
        !planned.iter().any(|key| key.starts_with("heartbeat")),
        "{planned:?}"
    );
}

/// The slot in which an order starts counts: who waits for a start beats as who serves. In a match that holds nobody it does not.
#[test]
fn beats_while_its_order_is_whole() {
    let beats = |state: u8, lease_state: u8| {
        let planned = node(&hired(order(state), lease_state), &local());
        planned.contains(&format!("heartbeat/D/{}", NOW / 600))
    };
    assert!(beats(ORDER_MATCHED, LEASE_MATCHED));
    assert!(beats(ORDER_MATCHED, LEASE_ACCEPTED));
    assert!(!beats(ORDER_OPEN, LEASE_MATCHED));
    assert!(!beats(ORDER_OPEN, LEASE_ACCEPTED));
}

/// redteam K6: a place that its host cannot fill is filled anew once the host falls silent.
#[test]
fn a_host_that_cannot_serve_stops_beating_after_ten_minutes() {
    let beats = |since_ts: Option<i64>, matched_ts: i64| {
        let mut ours = local();
        let mut said = report();
        said.host_failed_since_ts = since_ts;
        ours.reports.insert((key(LEASE), matched_ts), said);
        let planned = node(&hired(order(ORDER_ACTIVE), LEASE_ACCEPTED), &ours);
        // The rest goes on: it proves nothing while it is hired, and earns what it has proved.
        assert!(planned.contains(&"check_in/D/10".to_string()));
        planned.contains(&format!("heartbeat/D/{}", NOW / 600))
    };
    assert!(beats(None, MATCHED));
    assert!(beats(Some(NOW - 599), MATCHED));
    assert!(!beats(Some(NOW - 600), MATCHED));
    // Another match's trouble is over.
    assert!(beats(Some(NOW - 600), MATCHED - 1));
}

/// redteam 1c
#[test]
fn an_idle_device_shows_once_an_hour_that_it_is_up() {
    let half = NOW.div_euclid(HOUR) * HOUR + 1_800;
    let at = |now: i64, head: i64| {
        let mut idle = passed(|view| {
            view.rewards = Some(pending(&[10]));
            view.device.beat_head = head;
            view.device.last_sign_ts = head * 600;
            let bit = usize::try_from(head.rem_euclid(768)).unwrap();
            view.device.beats[bit / 64] |= 1 << (bit % 64);
        });
        idle.time.now = now;
        node(&idle, &local())
    };
    let before = half / 600 - 4;
    assert!(at(half - 1, before).is_empty());
    assert_eq!(at(half, before), [format!("heartbeat/D/{}", half / 600)]);
    // a proof or heartbeat of this hour is enough
    assert!(at(half, half / 600 - 3).is_empty());
    // Without a sign in this or the last hour nobody could match it: it does not wait for the half hour.
    let hour = half / 600 - 3;
    assert!(at(half - 1_800, hour - 6).is_empty());
    let hidden = at(half - 1_800, hour - 7);
    assert_eq!(hidden, [format!("heartbeat/D/{hour}")]);
}

/// Where the network's hours begin in the midst of the clock's, an hour's commit is no reason for a heartbeat before it.
#[test]
fn a_commit_that_is_to_come_is_waited_for() {
    let clock = NOW.div_euclid(HOUR) * HOUR;
    // Minute 40 of the clock is the start of the network's next hour.
    let at = |minute: i64, committed: u64| {
        let mut idle = passed(|view| {
            view.rewards = Some(pending(&[10]));
            view.device.last_sign_ts = clock - 60;
            view.device.beat_head = clock / 600 - 1;
            view.attestation.as_mut().unwrap().epoch = committed;
        });
        idle.genesis_ts = clock + 2_400 - 10 * HOUR;
        idle.time.now = clock + minute * 60;
        idle.hour = if minute < 40 { 10 } else { 11 };
        let planned = node(&idle, &local());
        planned.iter().any(|key| key.starts_with("heartbeat"))
    };
    for minute in [29, 30, 39, 45, 49] {
        assert!(!at(minute, 10), "{minute}");
    }
    // Nothing came: the clock's hour must not end without a sign.
    assert!(at(50, 10));
    // One that came into the window before marked no interval of this hour.
    assert!(at(45, 11));
    // Nothing is expected of a device that is not proved.
    let mut never = passed(|view| {
        view.device.last_sign_ts = clock - 60;
        view.device.beat_head = clock / 600 - 1;
    });
    never.genesis_ts = clock + 2_400 - 10 * HOUR;
    never.time.now = clock + 1_800;
    never
        .classes
        .get_mut(&key(CLASS))
        .unwrap()
        .proof_valid_hours = 0;
    let planned = node(&never, &local());
    assert!(
        planned.iter().any(|key| key.starts_with("heartbeat")),
        "{planned:?}"
    );
}

/// An hour whose commit landed costs no heartbeat.
#[test]
fn a_commit_is_the_hours_sign_of_life() {
    let clock = NOW.div_euclid(HOUR) * HOUR;
    let mut idle = passed(|view| {
        view.rewards = Some(pending(&[10]));
        let commit_ts = clock + 200;
        let interval = commit_ts / 600;
        (view.device.last_sign_ts, view.device.beat_head) = (commit_ts, interval);
        let bit = usize::try_from(interval.rem_euclid(768)).unwrap();
        view.device.beats[bit / 64] |= 1 << (bit % 64);
    });
    for minute in 4..60 {
        idle.time.now = clock + minute * 60;
        let planned = node(&idle, &local());
        assert!(planned.is_empty(), "{minute}: {planned:?}");
    }
}

/// redteam 9b: the device's key lists it again, when nobody could take it off at once.
#[test]
fn goes_back_to_the_market_when_it_can_be_hired_again() {
    let relists = |change: fn(&mut crate::snapshot::DeviceView)| {
        let off = passed(|view| {
            view.occupancy.as_mut().unwrap().listed_gpus = 0;
            change(view);
        });
        node(&off, &local()).contains(&"relist/D".to_string())
    };
    assert!(relists(|_| ()));
    assert!(!relists(|view| view
        .occupancy
        .as_mut()
        .unwrap()
        .currencies = 0));
    assert!(!relists(|view| view
        .occupancy
        .as_mut()
        .unwrap()
        .resting_until_ts = NOW + 1));
    assert!(!relists(|view| view.device.last_pass_epoch = 6));
    assert!(!relists(|view| view.device.last_sign_ts = NOW - 2 * HOUR));
    assert!(!relists(|view| view.stake = None));
    assert!(!relists(|view| view.device.state = 1));
    let listed = passed(|_| ());
    assert!(!node(&listed, &local()).contains(&"relist/D".to_string()));
}

/// audit: market L5
#[test]
fn settles_its_own_leases_and_nobody_elses() {
    let settles = |snapshot: &Snapshot| {
        let planned = node(snapshot, &local());
        let settles = planned.iter().filter(|key| key.starts_with("settle_lease"));
        settles.cloned().collect::<Vec<_>>()
    };
    let mut due = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
    assert!(settles(&due).is_empty());
    // The first hour's last slot ends 2,300 s from now.
    due.time.now = NOW + 2_300;
    let settle = format!("settle_lease/L/{}/1", NOW - 1_800);
    assert_eq!(settles(&due), [settle.as_str()]);
    // Also of a lease that the device is no longer in.
    let view = due.devices.get_mut(&key(DEVICE)).unwrap();
    view.occupancy.as_mut().unwrap().lease = Default::default();
    assert_eq!(settles(&due), [settle.as_str()]);
    due.leases.get_mut(&key(LEASE)).unwrap().device = key(9);
    assert!(settles(&due).is_empty());
}
