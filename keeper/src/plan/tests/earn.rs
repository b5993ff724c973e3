use super::{node, passed};
use crate::{config::Role, plan::fixtures::*, rules::state::*};

#[test]
fn checks_in_once_an_hour() {
    assert_eq!(node(&passed(|_| {}), &local()), ["check_in/D/10"]);
    let no_account = passed(|view| view.rewards = None);
    assert_eq!(node(&no_account, &local()), ["open_rewards/D"]);
    let again = passed(|view| view.rewards = Some(pending(&[10])));
    assert!(node(&again, &local()).is_empty());
}

#[test]
fn checks_in_only_when_eligible() {
    let mut no_page = passed(|_| {});
    no_page.pages.clear();
    let mut young = passed(|_| {});
    young.emission.min_age_secs.value = u64::MAX;
    let mut worthless = passed(|_| {});
    worthless
        .classes
        .get_mut(&key(CLASS))
        .unwrap()
        .multiplier_x100 = 0;
    let mut full = passed(|view| view.rewards = Some(pending(&[2, 3, 4, 5, 6, 7, 8, 9])));
    full.emission.next_hour = 2;
    let mut not_up = passed(|_| {});
    not_up.emission.min_uptime_hours.value = 1;
    let cases = [
        ("page missing", no_page),
        ("too new", young),
        ("class earns nothing", worthless),
        ("eight open hours pending", full),
        ("paused", passed(|view| view.device.state = 1)),
        (
            "proof of another hour",
            passed(|view| view.device.last_pass_epoch = 9),
        ),
        ("no stake account", passed(|view| view.stake = None)),
        (
            "stake too low",
            passed(|view| view.stake.as_mut().unwrap().amount_units -= 1),
        ),
        (
            "cooling down",
            passed(|view| view.stake.as_mut().unwrap().unlock_ts = 1),
        ),
        (
            "co-staker's wait over",
            passed(|view| {
                let stake = view.stake.as_mut().unwrap();
                (stake.amount_units, stake.co_amount_units) =
                    (stake.amount_units - 1, stake.amount_units);
                stake.co_leave_ts = NOW;
            }),
        ),
        ("not up", not_up),
        (
            "four failures",
            passed(|view| (view.device.last_fail_epoch, view.device.fail_bits) = (9, 0b1111)),
        ),
    ];
    for (name, snapshot) in cases {
        let planned = node(&snapshot, &local());
        assert!(
            !planned.contains(&"check_in/D/10".to_string()),
            "{name}: {planned:?}"
        );
    }
    let old_failures =
        passed(|view| (view.device.last_fail_epoch, view.device.fail_bits) = (1, 0b1111));
    assert_eq!(
        node(&old_failures, &local()),
        ["check_in/D/10"],
        "the window has moved on"
    );
}

/// redteam 10a, 10b: serving an order stands for the hour's proof for `exempt_hours` after the last pass, by the clock.
#[test]
fn a_lease_stands_for_the_proof_for_some_hours() {
    let checks_in = |last_pass: u64, exempt_hours: u64| {
        let mut serving = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
        (serving.hour, serving.emission.next_hour) = (100, 100);
        serving.emission.exempt_hours.value = exempt_hours;
        let view = serving.devices.get_mut(&key(DEVICE)).unwrap();
        view.device.last_pass_epoch = last_pass;
        node(&serving, &local()).contains(&"check_in/D/100".to_string())
    };
    assert!(checks_in(28, 72));
    assert!(!checks_in(27, 72));
    assert!(checks_in(27, 73));
    assert!(!checks_in(0, 168), "one that never proved");
}

/// Two hours for each proof passed in a row.
#[test]
fn a_short_streak_frees_for_fewer_hours() {
    let checks_in = |last_pass: u64, pass_streak: u32| {
        let mut serving = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
        (serving.hour, serving.emission.next_hour) = (100, 100);
        serving.emission.exempt_hours.value = 72;
        let view = serving.devices.get_mut(&key(DEVICE)).unwrap();
        (view.device.last_pass_epoch, view.device.pass_streak) = (last_pass, pass_streak);
        node(&serving, &local()).contains(&"check_in/D/100".to_string())
    };
    assert!(checks_in(98, 1));
    assert!(!checks_in(97, 1));
    assert!(checks_in(28, 36));
    assert!(!checks_in(28, 35));
    assert!(!checks_in(99, 0), "a failure ends it");
}

/// redteam 5f: a hired device shows five heartbeats of six in the last hour that its lease ran through.
#[test]
fn a_hired_device_earns_with_five_beats_of_six() {
    let hour = NOW.div_euclid(3_600);
    let checks_in = |beats: i64, started_ts: i64| {
        let mut serving = hired(order(ORDER_ACTIVE), LEASE_ACCEPTED);
        serving.orders.get_mut(&key(ORDER)).unwrap().started_ts = started_ts;
        let device = &mut serving.devices.get_mut(&key(DEVICE)).unwrap().device;
        device.beat_head = hour * 6;
        for interval in (hour - 1) * 6..(hour - 1) * 6 + beats {
            let bit = usize::try_from(interval.rem_euclid(768)).unwrap();
            device.beats[bit / 64] |= 1 << (bit % 64);
        }
        node(&serving, &local()).contains(&"check_in/D/10".to_string())
    };
    let whole = (hour - 1) * 3_600;
    assert!(checks_in(5, whole));
    assert!(!checks_in(4, whole));
    assert!(checks_in(0, whole + 1), "it did not serve all of it");
}

#[test]
fn passes_the_previous_page_only_for_closed_hours_on_it() {
    let at_page_one = |hours: &[u32], next_hour| {
        let mut snapshot = passed(|view| {
            view.rewards = Some(pending(hours));
            view.device.last_pass_epoch = 130;
            view.attestation.as_mut().unwrap().epoch = 130;
        });
        (snapshot.hour, snapshot.emission.next_hour) = (130, next_hour);
        snapshot.pages = [1].into();
        let planned = crate::plan::plan(&snapshot, &local(), &policy(Role::Node));
        planned
            .into_iter()
            .map(|planned| planned.action)
            .collect::<Vec<_>>()
    };
    let check_in = |previous_page| {
        [crate::action::Action::CheckIn {
            device: key(DEVICE),
            hour: 130,
            previous_page,
        }]
    };
    assert_eq!(at_page_one(&[128], 130), check_in(Some(0)));
    assert_eq!(at_page_one(&[128], 128), check_in(None), "not closed yet");
    assert_eq!(at_page_one(&[129], 130), check_in(None), "on this page");
    assert_eq!(at_page_one(&[], 130), check_in(None));
}

#[test]
fn uptime_is_one_sign_of_life_in_each_hour() {
    let hour = NOW.div_euclid(3_600);
    let mut up = passed(|view| {
        for before in 1..=5 {
            let interval = (hour - before) * 6 + before;
            let bit = usize::try_from(interval.rem_euclid(768)).unwrap();
            view.device.beats[bit / 64] |= 1 << (bit % 64);
        }
        view.device.beat_head = hour * 6 - 1;
    });
    up.emission.min_uptime_hours.value = 5;
    assert_eq!(node(&up, &local()), ["check_in/D/10"]);
    up.emission.min_uptime_hours.value = 6;
    assert!(node(&up, &local()).is_empty());
}

#[test]
fn a_new_co_staker_waits_for_the_hours_of_the_former_and_the_pay_of_the_one_before() {
    let turned = |booked: u64, former_booked: u64, pending_share: u16| {
        passed(move |view| {
            let stake = view.stake.as_mut().unwrap();
            stake.co_staker = key(201);
            (stake.co_amount_units, stake.co_share_bps) = (1, 100);
            let rewards = view.rewards.as_mut().unwrap();
            (rewards.co_staker, rewards.former_co_staker) = (key(202), key(203));
            (rewards.co_booked_units, rewards.former_booked_units) = (booked, former_booked);
            rewards.co_claimed_units = 7;
            if pending_share > 0 {
                rewards.pending_count = 1;
                rewards.pending[0].hour = 9;
                rewards.pending[0].co_share_bps = pending_share;
            }
        })
    };
    assert_eq!(node(&turned(5, 0, 100), &local()), ["settle_rewards/D/9"]);
    let checks_in = ["check_in/D/10"];
    assert_eq!(node(&turned(0, 0, 0), &local()), checks_in);
    assert_eq!(node(&turned(5, 0, 0), &local()), checks_in, "both wait");
    assert_eq!(node(&turned(0, 5, 0), &local()), checks_in);
    // A third has no place: the oldest is paid first, as far as that is minted.
    let mut full = turned(5, 5, 0);
    assert!(node(&full, &local()).is_empty());
    full.emission.minted_units = 1;
    assert_eq!(node(&full, &local()), ["claim_co/D/7"]);
    let planned = crate::plan::plan(&full, &local(), &policy(Role::Node));
    let paid = crate::action::Action::ClaimCo {
        device: key(DEVICE),
        co_staker: key(203),
        co_claimed_units: 7,
    };
    assert_eq!(planned[0].action, paid);
    // Who comes back brings its own along.
    let view = full.devices.get_mut(&key(DEVICE)).unwrap();
    view.stake.as_mut().unwrap().co_staker = key(203);
    assert_eq!(node(&full, &local()), checks_in);
}
