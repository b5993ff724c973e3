use super::*;
use bytemuck::Zeroable;

const A: Address = Address::new_from_array([1; 32]);
const B: Address = Address::new_from_array([2; 32]);
/// Before every second of these tests: nothing here is inherited.
const SINCE: i64 = -1;
const C: Address = Address::new_from_array([3; 32]);

struct Config {
    authority: Address,
    since_ts: i64,
    pending: Address,
    guardian: Address,
    paused: u8,
}

impl Config {
    fn roles(&mut self) -> Roles<'_> {
        Roles {
            authority: &mut self.authority,
            authority_since_ts: &mut self.since_ts,
            pending_authority: &mut self.pending,
            guardian: &mut self.guardian,
            paused: &mut self.paused,
        }
    }
}

fn config() -> Config {
    Config {
        authority: A,
        since_ts: 0,
        pending: NOBODY,
        guardian: C,
        paused: 0,
    }
}

#[test]
fn authority_changes_hands_in_two_steps() {
    let mut config = config();
    assert_eq!(config.roles().accept(&B, 50), Err(Refusal::NothingProposed));
    assert_eq!(config.roles().cancel(), Err(Refusal::NothingProposed));
    for nobody_new in [NOBODY, A, C] {
        assert_eq!(
            config.roles().propose(nobody_new),
            Err(Refusal::InvalidRole)
        );
    }
    config.roles().propose(B).expect("B may follow");
    assert_eq!(
        config.roles().accept(&A, 50),
        Err(Refusal::NotPendingAuthority)
    );
    assert_eq!(config.roles().cancel(), Ok(B));
    assert_eq!(config.roles().accept(&B, 50), Err(Refusal::NothingProposed));
    config.roles().propose(B).expect("again");
    assert_eq!(config.roles().set_guardian(B), Err(Refusal::InvalidRole));
    assert_eq!(config.roles().accept(&B, 50), Ok(A));
    assert_eq!((config.authority, config.pending), (B, NOBODY));
    assert_eq!(config.since_ts, 50);
}

#[test]
fn the_guardian_pauses_and_nothing_else() {
    let mut config = config();
    assert_eq!(config.roles().pause(&B, 1, 3), Err(Refusal::NotGuardian));
    for unknown in [0, 4, 5, 0xff] {
        assert_eq!(
            config.roles().pause(&C, unknown, 3),
            Err(Refusal::UnknownAction)
        );
        assert_eq!(
            config.roles().resume(unknown, 3),
            Err(Refusal::UnknownAction)
        );
    }
    assert_eq!(config.roles().pause(&C, 2, 3), Ok(0));
    assert_eq!(config.roles().pause(&A, 1, 3), Ok(2));
    assert_eq!(config.roles().resume(2, 3), Ok(3));
    assert_eq!(config.paused, 1);
    assert_eq!(config.roles().set_guardian(A), Err(Refusal::InvalidRole));
    assert_eq!(config.roles().set_guardian(NOBODY), Ok(C));
}

#[test]
fn rises_wait_a_day_and_falls_do_not() {
    let bounds = Bounds::rises(1, 100);
    let mut fee = Parameter::zeroed();
    assert_eq!(fee.start(101, &bounds), Err(Refusal::OutOfBounds));
    fee.start(25, &bounds).expect("within");
    assert_eq!(fee.apply(&bounds, 0, SINCE), Err(Refusal::NothingScheduled));
    for outside in [0, 101, u64::MAX] {
        assert_eq!(
            fee.set(outside, &bounds, 0, SINCE),
            Err(Refusal::OutOfBounds)
        );
    }
    let scheduled = fee.set(30, &bounds, 1_000, SINCE);
    assert_eq!(
        scheduled,
        Ok(Change::Scheduled {
            effective_ts: 87_400
        })
    );
    assert_eq!(
        (fee.value, fee.apply(&bounds, 87_399, SINCE)),
        (25, Err(Refusal::TooEarly))
    );
    assert_eq!((fee.apply(&bounds, 87_400, SINCE), fee.value), (Ok(25), 30));
    assert_eq!(
        fee.apply(&bounds, 87_401, SINCE),
        Err(Refusal::NothingScheduled)
    );
    assert_eq!(
        fee.set(5, &bounds, 0, SINCE),
        Ok(Change::Applied { before: 30 })
    );
    fee.set(7, &bounds, 0, SINCE).expect("waits");
    let lapsed = DELAY_SECS + LAPSE_SECS + 1;
    assert_eq!(fee.apply(&bounds, lapsed, SINCE), Err(Refusal::Lapsed));
    assert_eq!(
        (fee.apply(&bounds, lapsed - 1, SINCE), fee.value),
        (Ok(5), 7)
    );
    fee.set(5, &bounds, 0, SINCE).expect("lower");
    // a rise that waits is dropped by setting what holds already, and starts anew when it is set again
    fee.set(50, &bounds, 0, SINCE).expect("waits");
    fee.set(5, &bounds, 10, SINCE).expect("drops it");
    assert_eq!(
        fee.apply(&bounds, i64::MAX, SINCE),
        Err(Refusal::NothingScheduled)
    );
    fee.set(50, &bounds, 0, SINCE).expect("waits");
    fee.set(60, &bounds, 80_000, SINCE).expect("waits anew");
    assert_eq!(fee.apply(&bounds, 86_400, SINCE), Err(Refusal::TooEarly));
    assert_eq!(
        fee.apply(&Bounds::rises(1, 55), 166_400, SINCE),
        Err(Refusal::OutOfBounds)
    );
}

#[test]
fn where_no_direction_is_safe_both_wait() {
    let bounds = Bounds::both(0, 100);
    let mut length = Parameter::zeroed();
    length.start(50, &bounds).expect("within");
    assert!(matches!(
        length.set(40, &bounds, 0, SINCE),
        Ok(Change::Scheduled { .. })
    ));
    assert_eq!(
        length.set(50, &bounds, 0, SINCE),
        Ok(Change::Applied { before: 50 })
    );
}

#[test]
fn what_shifts_earnings_waits_a_week_both_ways() {
    let bounds = Bounds::week(24, 168);
    let mut hours = Parameter::zeroed();
    hours.start(72, &bounds).expect("within");
    for (before, after) in [(72, 71), (71, 168)] {
        assert_eq!(
            hours.set(after, &bounds, 1_000, SINCE),
            Ok(Change::Scheduled {
                effective_ts: 605_800
            })
        );
        assert_eq!(hours.apply(&bounds, 605_799, SINCE), Err(Refusal::TooEarly));
        assert_eq!(hours.value, before);
        assert_eq!(hours.apply(&bounds, 605_800, SINCE), Ok(before));
        assert_eq!(hours.value, after);
    }
    assert_eq!(hours.set(169, &bounds, 0, SINCE), Err(Refusal::OutOfBounds));
    assert_eq!(hours.set(23, &bounds, 0, SINCE), Err(Refusal::OutOfBounds));
    hours.set(100, &bounds, 0, SINCE).expect("waits");
    assert_eq!(
        hours.set(168, &bounds, 1, SINCE),
        Ok(Change::Applied { before: 168 })
    );
    assert_eq!(
        hours.apply(&bounds, 604_800, SINCE),
        Err(Refusal::NothingScheduled)
    );
    hours.set(100, &bounds, 0, SINCE).expect("waits");
    assert_eq!(hours.apply(&bounds, 1_209_601, SINCE), Err(Refusal::Lapsed));
    assert_eq!(hours.apply(&bounds, 1_209_600, SINCE), Ok(168));
}

/// audit: money L10
#[test]
fn a_successor_inherits_nothing_that_waits() {
    let bounds = Bounds::rises(1, 100);
    let mut fee = Parameter::zeroed();
    fee.start(25, &bounds).expect("within");
    fee.set(30, &bounds, 1_000, SINCE).expect("waits");
    for since in [1_000, 1_001, 80_000] {
        let mut inherited = fee;
        assert_eq!(
            inherited.apply(&bounds, 87_400, since),
            Err(Refusal::NothingScheduled)
        );
        assert_eq!(inherited.value, 25);
    }
    assert_eq!(fee.apply(&bounds, 87_400, 999), Ok(25));
    // What the successor schedules in the second of the hand-over is its own.
    let scheduled = fee.set(40, &bounds, 1_000, 1_000);
    let effective_ts = 87_401;
    assert_eq!(scheduled, Ok(Change::Scheduled { effective_ts }));
    assert_eq!(fee.apply(&bounds, 87_401, 1_000), Ok(30));

    let mut judge = Role::zeroed();
    judge.start(A);
    judge.set(B, 1_000, SINCE).expect("named");
    assert_eq!(judge.apply(87_400, 1_000), Err(Refusal::NothingScheduled));
    assert_eq!((judge.apply(87_400, 999), judge.key), (Ok(A), B));
}

/// What an authority schedules between two hand-overs of one second is void for the one after it. audit: money L10
#[test]
fn two_hand_overs_in_a_second_leave_nothing_behind() {
    let bounds = Bounds::rises(1, 100);
    let mut fee = Parameter::zeroed();
    fee.start(25, &bounds).expect("within");
    let mut config = config();
    config.roles().propose(B).expect("named");
    assert_eq!(config.roles().accept(&B, 1_000), Ok(A));
    fee.set(30, &bounds, 1_000, config.since_ts).expect("waits");
    config.roles().propose(A).expect("named");
    assert_eq!(config.roles().accept(&A, 1_000), Ok(B));
    assert_eq!(
        fee.apply(&bounds, 90_000, config.since_ts),
        Err(Refusal::NothingScheduled)
    );
}

/// redteam: M4, M5, roles
#[test]
fn naming_waits_and_removing_does_not() {
    let mut judge = Role::zeroed();
    judge.start(A);
    let effective_ts = 87_400;
    assert_eq!(
        judge.set(B, 1_000, SINCE),
        Ok(RoleChange::Named { effective_ts })
    );
    assert_eq!(judge.key, A);
    assert!(judge.involves(&A) && judge.involves(&B) && !judge.involves(&NOBODY));
    assert_eq!(judge.apply(87_399, SINCE), Err(Refusal::TooEarly));
    assert_eq!(judge.drop_pending(), Ok(B));
    assert_eq!(judge.drop_pending(), Err(Refusal::NothingScheduled));
    assert_eq!(judge.apply(87_400, SINCE), Err(Refusal::NothingScheduled));

    judge.set(B, 1_000, SINCE).expect("named");
    assert_eq!(judge.set(A, 1_001, SINCE), Ok(RoleChange::Kept));
    assert_eq!(judge.pending_ts, 0);
    judge.set(B, 1_000, SINCE).expect("named");
    assert_eq!(
        judge.set(NOBODY, 1_002, SINCE),
        Ok(RoleChange::Removed { before: A })
    );
    assert_eq!((judge.key, judge.pending_ts), (NOBODY, 0));
    judge.set(B, 1_000, SINCE).expect("named");
    assert_eq!(judge.apply(692_201, SINCE), Err(Refusal::Lapsed));
    assert_eq!((judge.apply(692_200, SINCE), judge.key), (Ok(NOBODY), B));
}

/// audit: money L10
#[test]
fn what_waits_can_be_dropped() {
    let bounds = Bounds::both(1, 100);
    let mut fee = Parameter::zeroed();
    fee.start(25, &bounds).expect("within");
    assert_eq!(fee.drop_pending(), Err(Refusal::NothingScheduled));
    fee.set(30, &bounds, 0, SINCE).expect("waits");
    assert_eq!(fee.drop_pending(), Ok(30));
    assert_eq!(
        fee.apply(&bounds, 86_400, SINCE),
        Err(Refusal::NothingScheduled)
    );
}
