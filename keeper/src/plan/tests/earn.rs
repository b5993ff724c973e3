use super::{node, passed};
use crate::{config::Role, plan::fixtures::*};

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
        ("no connectivity", passed(|view| view.device.tier = 0)),
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
fn a_new_co_staker_waits_for_the_former_ones_pay() {
    let turned = |booked, pending_share| {
        passed(move |view| {
            let stake = view.stake.as_mut().unwrap();
            stake.co_staker = key(201);
            (stake.co_amount_units, stake.co_share_bps) = (1, 100);
            let rewards = view.rewards.as_mut().unwrap();
            rewards.co_staker = key(202);
            rewards.co_booked_units = booked;
            rewards.co_claimed_units = 7;
            if pending_share > 0 {
                rewards.pending_count = 1;
                rewards.pending[0].hour = 9;
                rewards.pending[0].co_share_bps = pending_share;
            }
        })
    };
    assert_eq!(node(&turned(5, 0), &local()), ["claim_co/D/7"]);
    assert_eq!(node(&turned(5, 100), &local()), ["settle_rewards/D/9"]);
    assert_eq!(node(&turned(0, 0), &local()), ["check_in/D/10"]);
}
