use super::crank;
use crate::{
    action::Action,
    config::{Role, Turn},
    plan::{fixtures::*, turn, Policy},
    rules::state::{PROOF_CHALLENGED, PROOF_COMMITTED},
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
    new_page.devices.clear();
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
        snapshot.devices.clear();
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

/// redteam 11c: closing mints nothing; what is due is minted by an act of its own, as far as cap and breaker let it pass.
#[test]
fn mints_what_closed_hours_shared_out_as_far_as_it_may() {
    let mints = |due: u64, cap: u64, minted: u64, level: u64| {
        let mut snapshot = snapshot();
        (
            snapshot.emission.shared_units,
            snapshot.emission.minted_units,
        ) = (900 + due, 900);
        let parameter = |value| token::Parameter {
            value,
            pending: 0,
            pending_ts: 0,
        };
        snapshot.minter = Some(Minter {
            cap_per_hour_units: parameter(cap),
            hour: u64::try_from(NOW / HOUR).unwrap(),
            minted_this_hour_units: minted,
            ..zeroed()
        });
        let mut token: token::Config = zeroed();
        token.windows[0].limit_units = parameter(1_000);
        token.windows[0].floor_units = parameter(1_000);
        (token.windows[0].level_units, token.windows[0].at_ts) = (level, NOW);
        snapshot.token = Some(token);
        snapshot
    };
    let mint = ["mint_due/900"];
    assert!(crank(&mints(0, 500, 0, 0)).is_empty());
    assert_eq!(crank(&mints(100, 500, 0, 0)), mint);
    assert_eq!(crank(&mints(100, 500, 400, 0)), mint, "all of it fits");
    // Where it does not, once an hour what fits.
    assert_eq!(crank(&mints(700, 500, 0, 0)), mint);
    assert!(crank(&mints(100, 500, 401, 0)).is_empty());
    assert_eq!(
        crank(&mints(100, 500, 0, 901)),
        mint,
        "the breaker leaves 99"
    );
    assert!(crank(&mints(100, 500, 1, 901)).is_empty());
    assert!(crank(&mints(100, 500, 0, 1_000)).is_empty());
    let mut paused = mints(100, 500, 0, 0);
    paused.token.as_mut().unwrap().paused = 1;
    assert!(crank(&paused).is_empty());
}

/// redteam 12a: terms that have waited a week are applied before the window opens, which waits half a minute for it.
#[test]
fn applies_terms_that_have_waited_before_the_window_opens() {
    let at = |secs: i64, change: fn(&mut Snapshot)| {
        let mut snapshot = snapshot();
        snapshot.windows.ring[10].epoch = 0;
        snapshot.time.now = GENESIS + 9 * HOUR + secs;
        snapshot.classes.get_mut(&key(CLASS)).unwrap().pending_ts = NOW - HOUR;
        change(&mut snapshot);
        crank(&snapshot)
    };
    let apply = format!("apply_class/{}/{}", key(CLASS), NOW - HOUR);
    assert_eq!(at(0, |_| ()), [apply.as_str()]);
    assert_eq!(at(30, |_| ()), [apply.as_str(), "anchor_window/10"]);
    let anchored = |snapshot: &mut Snapshot| {
        snapshot.windows.ring[10].epoch = 10;
        (
            snapshot.windows.ring[10].slot,
            snapshot.windows.ring[10].opens_ts,
        ) = (0, NOW);
    };
    assert_eq!(at(0, anchored), [apply.as_str()]);
    let open = |snapshot: &mut Snapshot| snapshot.windows.ring[10].epoch = 10;
    assert!(
        at(0, open).is_empty(),
        "those who walk walk by the old terms"
    );
    let pending = |ts: i64| {
        let mut snapshot = snapshot();
        snapshot.windows.ring[10].epoch = 0;
        snapshot.classes.get_mut(&key(CLASS)).unwrap().pending_ts = ts;
        crank(&snapshot).len()
    };
    assert_eq!(pending(NOW), 2);
    assert_eq!(pending(NOW + 1), 1, "they still wait");
    assert_eq!(pending(NOW - 604_800), 2);
    assert_eq!(pending(NOW - 604_801), 1, "they have lapsed");
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
    let claims = |snapshot: &Snapshot| keys(snapshot, &Local::default(), &claiming);
    assert!(claims(&snapshot).is_empty(), "nothing of it is minted");
    snapshot.emission.minted_units = 1;
    assert_eq!(claims(&snapshot), ["claim/D/0"]);
    let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
    let rewards = view.rewards.as_mut().unwrap();
    (rewards.owner_booked_units, rewards.former_booked_units) = (0, 5);
    assert_eq!(claims(&snapshot), ["claim_co/D/0"]);
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

/// A device that goes offline after its commit need not fail: anyone may record its challenge.
#[test]
fn records_the_challenges_that_their_keepers_forgot() {
    let committed = |ago: u64| {
        let mut snapshot = snapshot();
        let view = snapshot.devices.get_mut(&key(DEVICE)).unwrap();
        let mut committed = attestation(PROOF_COMMITTED);
        committed.commit_slot = SLOT - ago;
        view.attestation = Some(committed);
        crank(&snapshot)
    };
    assert!(committed(199).is_empty());
    assert_eq!(committed(200), ["record_challenge/D/10"]);
    assert_eq!(committed(512), ["record_challenge/D/10"]);
    assert!(committed(513).is_empty());
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
