use super::*;
use bytemuck::Zeroable;

const A: Address = Address::new_from_array([1; 32]);
const B: Address = Address::new_from_array([2; 32]);
const C: Address = Address::new_from_array([3; 32]);

struct Config {
    authority: Address,
    pending: Address,
    guardian: Address,
    paused: u8,
}

impl Config {
    fn roles(&mut self) -> Roles<'_> {
        Roles {
            authority: &mut self.authority,
            pending_authority: &mut self.pending,
            guardian: &mut self.guardian,
            paused: &mut self.paused,
        }
    }
}

fn config() -> Config {
    Config {
        authority: A,
        pending: NOBODY,
        guardian: C,
        paused: 0,
    }
}

#[test]
fn authority_changes_hands_in_two_steps() {
    let mut config = config();
    assert_eq!(config.roles().accept(&B), Err(Refusal::NothingProposed));
    assert_eq!(config.roles().cancel(), Err(Refusal::NothingProposed));
    for nobody_new in [NOBODY, A, C] {
        assert_eq!(
            config.roles().propose(nobody_new),
            Err(Refusal::InvalidRole)
        );
    }
    config.roles().propose(B).expect("B may follow");
    assert_eq!(config.roles().accept(&A), Err(Refusal::NotPendingAuthority));
    assert_eq!(config.roles().cancel(), Ok(B));
    assert_eq!(config.roles().accept(&B), Err(Refusal::NothingProposed));
    config.roles().propose(B).expect("again");
    assert_eq!(config.roles().set_guardian(B), Err(Refusal::InvalidRole));
    assert_eq!(config.roles().accept(&B), Ok(A));
    assert_eq!((config.authority, config.pending), (B, NOBODY));
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
    assert_eq!(fee.apply(&bounds, 0), Err(Refusal::NothingScheduled));
    for outside in [0, 101, u64::MAX] {
        assert_eq!(fee.set(outside, &bounds, 0), Err(Refusal::OutOfBounds));
    }
    let scheduled = fee.set(30, &bounds, 1_000);
    assert_eq!(
        scheduled,
        Ok(Change::Scheduled {
            effective_ts: 87_400
        })
    );
    assert_eq!(
        (fee.value, fee.apply(&bounds, 87_399)),
        (25, Err(Refusal::TooEarly))
    );
    assert_eq!((fee.apply(&bounds, 87_400), fee.value), (Ok(25), 30));
    assert_eq!(fee.apply(&bounds, 87_401), Err(Refusal::NothingScheduled));
    assert_eq!(fee.set(5, &bounds, 0), Ok(Change::Applied { before: 30 }));
    fee.set(7, &bounds, 0).expect("waits");
    let lapsed = DELAY_SECS + LAPSE_SECS + 1;
    assert_eq!(fee.apply(&bounds, lapsed), Err(Refusal::Lapsed));
    assert_eq!((fee.apply(&bounds, lapsed - 1), fee.value), (Ok(5), 7));
    fee.set(5, &bounds, 0).expect("lower");
    // a rise that waits is dropped by setting what holds already, and starts anew when it is set again
    fee.set(50, &bounds, 0).expect("waits");
    fee.set(5, &bounds, 10).expect("drops it");
    assert_eq!(fee.apply(&bounds, i64::MAX), Err(Refusal::NothingScheduled));
    fee.set(50, &bounds, 0).expect("waits");
    fee.set(60, &bounds, 80_000).expect("waits anew");
    assert_eq!(fee.apply(&bounds, 86_400), Err(Refusal::TooEarly));
    assert_eq!(
        fee.apply(&Bounds::rises(1, 55), 166_400),
        Err(Refusal::OutOfBounds)
    );
}

#[test]
fn where_no_direction_is_safe_both_wait() {
    let bounds = Bounds::both(0, 100);
    let mut length = Parameter::zeroed();
    length.start(50, &bounds).expect("within");
    assert!(matches!(
        length.set(40, &bounds, 0),
        Ok(Change::Scheduled { .. })
    ));
    assert_eq!(
        length.set(50, &bounds, 0),
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
            hours.set(after, &bounds, 1_000),
            Ok(Change::Scheduled {
                effective_ts: 605_800
            })
        );
        assert_eq!(hours.apply(&bounds, 605_799), Err(Refusal::TooEarly));
        assert_eq!(hours.value, before);
        assert_eq!(hours.apply(&bounds, 605_800), Ok(before));
        assert_eq!(hours.value, after);
    }
    assert_eq!(hours.set(169, &bounds, 0), Err(Refusal::OutOfBounds));
    assert_eq!(hours.set(23, &bounds, 0), Err(Refusal::OutOfBounds));
    hours.set(100, &bounds, 0).expect("waits");
    assert_eq!(
        hours.set(168, &bounds, 1),
        Ok(Change::Applied { before: 168 })
    );
    assert_eq!(
        hours.apply(&bounds, 604_800),
        Err(Refusal::NothingScheduled)
    );
    hours.set(100, &bounds, 0).expect("waits");
    assert_eq!(hours.apply(&bounds, 1_209_601), Err(Refusal::Lapsed));
    assert_eq!(hours.apply(&bounds, 1_209_600), Ok(168));
}
