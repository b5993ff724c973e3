use super::crank;
use crate::{
    action::Action,
    config::{Role, Turn},
    plan::{fixtures::*, turn, Policy},
    rules::state::PROOF_CHALLENGED,
    snapshot::{Local, Snapshot},
};
use iog_client::{
    token::{self, Minter},
    treasury::FeeVault,
};
use iog_math::units::{HOUR, IO};

#[test]
fn an_hour_in_order_needs_nothing() {
    assert!(crank(&snapshot()).is_empty());
}

#[test]
fn opens_window_and_page_and_closes_what_is_over() {
    let mut new_hour = snapshot();
    new_hour.windows.ring[10].epoch = 0;
    new_hour.emission.next_hour = 9;
    assert_eq!(crank(&new_hour), ["anchor_window/10", "close_hour/9"]);

    let mut new_page = snapshot();
    (new_page.hour, new_page.emission.next_hour) = (129, 129);
    new_page.time.now = GENESIS + 128 * HOUR;
    assert_eq!(crank(&new_page), ["anchor_window/129", "open_page/1"]);

    let mut before_genesis = snapshot();
    before_genesis.hour = 0;
    assert!(crank(&before_genesis).is_empty());
}

#[test]
fn opens_an_anchored_window_when_its_time_has_come() {
    let mut snapshot = snapshot();
    let window = &mut snapshot.windows.ring[10];
    (window.slot, window.opens_ts) = (0, NOW + 1);
    assert!(crank(&snapshot).is_empty());
    snapshot.time.now = NOW + 1;
    assert_eq!(crank(&snapshot), ["open_window/10"]);
    snapshot.windows.ring[10].slot = SLOT;
    assert!(crank(&snapshot).is_empty());
}

#[test]
fn catches_up_after_an_outage_page_by_page_within_bounds() {
    let close = |hour: u32, next_hour: u32, pages: &[u32]| {
        let mut snapshot = snapshot();
        (snapshot.hour, snapshot.emission.next_hour) = (hour, next_hour);
        snapshot.time.now = GENESIS + i64::from(hour - 1) * HOUR;
        snapshot.pages = pages.iter().copied().collect();
        let planned = crate::plan::plan(&snapshot, &Local::default(), &policy(Role::Crank));
        let kept = planned.into_iter().map(|planned| planned.action);
        kept.filter(|action| !matches!(action, Action::AnchorWindow { .. }))
            .collect::<Vec<_>>()
    };
    let hours = |first, count| Action::CloseHour { first, count };
    assert_eq!(close(100, 10, &[0]), [hours(10, 24)]);
    assert_eq!(
        close(130, 120, &[0, 1]),
        [hours(120, 9)],
        "to the page's end"
    );
    // Hour 200 lies on page 1 that nobody opened, the present on page 2.
    let open = |index| Action::OpenPage { index };
    assert_eq!(close(300, 200, &[2]), [open(1)]);
    assert_eq!(close(300, 200, &[1]), [open(2), hours(200, 24)]);
}

#[test]
fn closes_no_more_hours_than_may_be_minted() {
    let mut behind = snapshot();
    behind.emission.next_hour = 1;
    let first = iog_math::emission::payable(1, 0).unwrap();
    let count = |snapshot: &Snapshot| {
        let planned = crate::plan::plan(snapshot, &Local::default(), &policy(Role::Crank));
        planned.iter().find_map(|planned| match planned.action {
            Action::CloseHour { count, .. } => Some(count),
            _ => None,
        })
    };
    assert_eq!(count(&behind), Some(9));
    let mut minter = Minter {
        cap_per_hour_units: token::Parameter {
            value: 3 * first,
            pending: 0,
            pending_ts: 0,
        },
        hour: u64::try_from(NOW / HOUR).unwrap(),
        minted_this_hour_units: first,
        ..zeroed()
    };
    behind.minter = Some(minter.clone());
    assert_eq!(count(&behind), Some(2));
    minter.minted_this_hour_units = 3 * first;
    behind.minter = Some(minter.clone());
    assert_eq!(count(&behind), None);
    minter.hour -= 1;
    behind.minter = Some(minter);
    assert_eq!(count(&behind), Some(3), "a new hour's cap");
}

#[test]
fn books_rewards_of_closed_hours_and_claims_only_if_told_to() {
    let mut snapshot = snapshot();
    let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
    view.rewards = Some(pending(&[8, 9]));
    assert_eq!(crank(&snapshot), ["settle_rewards/D/8"]);
    snapshot.emission.next_hour = 8;
    let planned = crank(&snapshot);
    assert!(
        !planned.iter().any(|key| key.starts_with("settle")),
        "{planned:?}"
    );

    snapshot.emission.next_hour = 10;
    let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
    view.rewards = Some(pending(&[]));
    view.rewards.as_mut().unwrap().owner_booked_units = 5;
    assert!(crank(&snapshot).is_empty());
    let mut claiming = policy(Role::Crank);
    claiming.crank.claim = true;
    assert_eq!(keys(&snapshot, &Local::default(), &claiming), ["claim/D/0"]);
}

#[test]
fn hours_on_more_pages_than_a_transaction_takes_are_left() {
    let mut snapshot = snapshot();
    (snapshot.hour, snapshot.emission.next_hour) = (10, 400);
    let rewards = |snapshot: &mut Snapshot, hours: &[u32]| {
        snapshot.devices.get_mut(&key(DEVICE)).unwrap().rewards = Some(pending(hours));
        crank(snapshot)
    };
    assert_eq!(rewards(&mut snapshot, &[5, 130]), ["settle_rewards/D/5"]);
    assert!(rewards(&mut snapshot, &[5, 130, 300]).is_empty());
}

#[test]
fn burns_fees_from_the_threshold_on() {
    let with_fees = |booked_units| {
        let mut snapshot = snapshot();
        snapshot.fees = Some(FeeVault {
            booked_units,
            burned_units: 3,
            ..zeroed()
        });
        crank(&snapshot)
    };
    assert!(with_fees(IO - 1).is_empty());
    assert_eq!(with_fees(IO), ["burn_fees/3"]);
}

#[test]
fn finalizes_what_others_forgot() {
    let mut snapshot = snapshot();
    let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
    view.attestation = Some(attestation(PROOF_CHALLENGED));
    assert!(crank(&snapshot).is_empty());
    snapshot.time.slot = SLOT - 5 + 501;
    assert_eq!(crank(&snapshot), ["finalize/D/10"]);
}

#[test]
fn waits_for_its_turn() {
    let mut snapshot = snapshot();
    snapshot.windows.ring[10].epoch = 0;
    let mut policy: Policy = policy(Role::Crank);
    policy.turn = Turn {
        keepers: 1_000,
        wait_secs: 20,
    };
    let wait = turn(&policy.turn, 10, &policy.operator);
    assert!(wait > 0, "choose another operator for this test");
    let start = GENESIS + 9 * HOUR;
    snapshot.time.now = start + wait - 1;
    assert!(keys(&snapshot, &Local::default(), &policy).is_empty());
    snapshot.time.now = start + wait;
    assert_eq!(
        keys(&snapshot, &Local::default(), &policy),
        ["anchor_window/10"]
    );
}
