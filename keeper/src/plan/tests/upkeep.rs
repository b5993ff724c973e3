use super::crank;
use crate::{
    config::Role,
    plan::fixtures::*,
    snapshot::{DeviceView, Snapshot},
};
use iog_client::{
    market::Verdict,
    registry::{Measurement, Measurements},
};
use iog_math::units::HOUR;

fn changed(change: impl FnOnce(&mut DeviceView)) -> Vec<String> {
    let mut snapshot = snapshot();
    change(snapshot.devices.get_mut(&key(DEVICE)).unwrap());
    crank(&snapshot)
}

#[test]
fn takes_devices_off_the_market_that_may_not_stay() {
    let delist = ["delist/D"];
    assert!(changed(|_| ()).is_empty());
    assert_eq!(changed(|view| view.device.state = 1), delist);
    assert_eq!(changed(|view| view.stake = None), delist);
    assert_eq!(
        changed(|view| view.stake.as_mut().unwrap().unlock_ts = 1),
        delist
    );
    let gone = changed(|view| {
        view.device.state = 1;
        view.occupancy.as_mut().unwrap().listed_gpus = 0;
    });
    assert!(gone.is_empty());
    // By its owner's wallet it would be taken off for good, and its key could not bring it back.
    let own = changed(|view| {
        view.device.state = 1;
        view.device.owner = policy(Role::Crank).operator;
    });
    assert!(own.is_empty());
}

/// redteam 9b, audit: market M7: what cannot be hired for long must not count as online.
#[test]
fn takes_idle_devices_off_the_market_that_cannot_be_hired() {
    let place = |change: fn(&mut iog_client::market::Occupancy)| {
        changed(|view| change(view.occupancy.as_mut().unwrap()))
    };
    let delist = ["delist/D"];
    assert_eq!(place(|place| place.resting_until_ts = NOW + 1), delist);
    assert!(place(|place| place.resting_until_ts = NOW).is_empty());
    let since = NOW - 2 * HOUR;
    let silent = |secs: i64| {
        changed(|view| {
            view.device.last_sign_ts = NOW - secs;
            view.occupancy.as_mut().unwrap().idle_since_ts = since;
        })
    };
    assert!(silent(6 * HOUR).is_empty());
    assert_eq!(silent(6 * HOUR + 1), delist);
    // Who has just come has two windows to prove in.
    let new = changed(|view| {
        view.device.last_pass_epoch = 0;
        view.occupancy.as_mut().unwrap().idle_since_ts = since + 1;
    });
    assert!(new.is_empty());
    // No pass for 24 hours, but for what it served in the last six.
    let unproved = |served_ts: i64, passed: u64| {
        let mut snapshot = snapshot();
        (snapshot.hour, snapshot.emission.next_hour) = (40, 40);
        snapshot.windows.ring[40 % 24].epoch = 40;
        snapshot.windows.ring[40 % 24].slot = SLOT;
        let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
        view.device.last_pass_epoch = passed;
        let place = view.occupancy.as_mut().unwrap();
        (place.served_until_ts, place.idle_since_ts) = (served_ts, since);
        crank(&snapshot)
    };
    assert!(unproved(0, 16).is_empty());
    assert_eq!(unproved(0, 15), delist);
    assert!(unproved(NOW - 6 * HOUR, 15).is_empty());
    assert_eq!(unproved(NOW - 6 * HOUR - 1, 15), delist);
    // One that serves rests from nothing.
    let hired = changed(|view| {
        view.device.last_sign_ts = 1;
        view.occupancy.as_mut().unwrap().lease = key(50);
    });
    assert!(hired.is_empty());
}

/// Three measurers, of which two found tier 2 and one, yesterday, tier 3.
fn measured(change: impl FnOnce(&mut Measurements, &mut Snapshot)) -> Vec<String> {
    let mut snapshot = snapshot();
    snapshot.registry.quorum.value = 3;
    let mut found: Measurements = zeroed();
    for (n, (place, measurer)) in (0u8..3).zip(
        found
            .entries
            .iter_mut()
            .zip(&mut snapshot.registry.measurers),
    ) {
        (measurer.role.key, measurer.since_ts) = (key(150 + n), 5);
        *place = Measurement {
            measured_ts: NOW - 86_400,
            download_mbps: if n == 2 { 800 } else { 400 },
            upload_mbps: 600,
        };
    }
    change(&mut found, &mut snapshot);
    snapshot.devices.get_mut(&key(DEVICE)).unwrap().measurements = Some(found);
    crank(&snapshot)
}

/// redteam 12b, 12c: the median of all that count, when they find another tier than the device has; with too few the last one stands.
#[test]
fn reckons_a_tier_anew_where_it_would_change() {
    let refresh = |tier: u8| vec![format!("refresh_tier/D/{tier}")];
    assert!(measured(|_, _| ()).is_empty());
    let others = measured(|found, _| found.entries[1].download_mbps = 800);
    assert_eq!(others, refresh(3));
    let low = measured(|found, _| {
        found.entries[0].download_mbps = 1;
        found.entries[1].download_mbps = 1;
    });
    assert_eq!(low, refresh(1), "never below 1");
    let aged = measured(|found, _| {
        found.entries[1].download_mbps = 800;
        found.entries[2].measured_ts = NOW - 2_592_001;
    });
    assert!(aged.is_empty(), "no quorum");
    let removed = measured(|found, snapshot| {
        found.entries[1].download_mbps = 800;
        snapshot.registry.measurers[0].role.key = Default::default();
    });
    assert!(removed.is_empty(), "no quorum");
    let paused = measured(|found, snapshot| {
        found.entries[1].download_mbps = 800;
        let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
        view.device.state = 1;
    });
    assert!(!paused.contains(&refresh(3)[0]));
}

#[test]
fn closes_verdicts_that_nobody_can_name_any_more() {
    let closes = |paid_usd6: u64, age: i64| {
        let mut snapshot = snapshot();
        let verdict = Verdict {
            paid_usd6,
            decided_ts: NOW - age,
            ..zeroed()
        };
        snapshot.market.verdicts.insert(key(77), verdict);
        crank(&snapshot)
    };
    let close = [format!("close_verdict/{}", key(77))];
    assert_eq!(closes(0, 0), close);
    assert!(closes(1, 15_551_999).is_empty());
    assert_eq!(closes(1, 15_552_000), close);
}
