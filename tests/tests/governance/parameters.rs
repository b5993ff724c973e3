//! Parameters have bounds, and what could hurt users waits a day, or a week where it shifts earnings from some to others.

use super::limits::{cases, limits, Case, Said, State, Wait};
use iog_tests::world::{PubkeyOf, GENESIS_TS};

const DAY: i64 = 86_400;
/// How long a change can be applied.
const WEEK: i64 = 604_800;

fn changed(case: &Case, before: u64, after: u64) -> Said {
    Said::Changed {
        number: case.limit.number,
        before,
        after,
    }
}

fn scheduled(case: &Case, value: u64, pending: u64) -> Said {
    Said::Scheduled {
        number: case.limit.number,
        value,
        pending,
        effective_ts: case.world.now() + case.limit.wait.secs(),
    }
}

fn settled(value: u64) -> State {
    State {
        value,
        pending: 0,
        pending_ts: 0,
    }
}

fn waiting(case: &Case, value: u64, pending: u64) -> State {
    State {
        value,
        pending,
        pending_ts: case.world.now() + case.limit.wait.secs(),
    }
}

#[test]
fn a_rise_waits_and_then_anyone_applies_it() {
    for mut case in cases() {
        let (now, higher) = (case.middle, case.middle + 1);
        let nothing = case.program.refusals.nothing_scheduled.clone();
        let early = case.program.refusals.too_early.clone();
        case.refuses_apply(&nothing);
        let expected = scheduled(&case, now, higher);
        assert_eq!(case.set(higher), expected, "{}", case.name());
        let rise = waiting(&case, now, higher);
        assert_eq!(case.state(), rise);
        case.refuses_apply(&early);
        let end = GENESIS_TS + case.limit.wait.secs();
        case.world.set_time(end - 1);
        case.refuses_apply(&early);
        assert_eq!(case.state(), rise);
        case.world.set_time(end);
        let expected = changed(&case, now, higher);
        assert_eq!(case.apply(), expected, "{}", case.name());
        assert_eq!(case.state(), settled(higher));
        case.refuses_apply(&nothing);
    }
}

#[test]
fn a_change_lapses_after_a_week_and_can_be_set_again() {
    for mut case in cases() {
        let (now, higher) = (case.middle, case.middle + 1);
        let lapsed = case.program.refusals.lapsed.clone();
        case.set(higher);
        let rise = waiting(&case, now, higher);
        let last = GENESIS_TS + case.limit.wait.secs() + WEEK;
        let mut in_time = case.world.clone();
        in_time.set_time(last);
        let anyone = in_time.wallet();
        in_time.must((case.limit.apply)(), &[&anyone]);
        let applied = (case.limit.read)(&in_time);
        assert_eq!(applied, settled(higher), "{}", case.name());

        for late in [last + 1, last + 400 * DAY] {
            case.world.set_time(late);
            case.refuses_apply(&lapsed);
            assert_eq!(case.state(), rise, "{}", case.name());
        }
        // Set again it waits its own time.
        let expected = scheduled(&case, now, higher);
        assert_eq!(case.set(higher), expected, "{}", case.name());
        case.refuses_apply(&case.program.refusals.too_early.clone());
        case.world.advance(case.limit.wait.secs());
        assert_eq!(case.apply(), changed(&case, now, higher));
        assert_eq!(case.state(), settled(higher));
    }
}

#[test]
fn lowering_binds_at_once_but_where_neither_way_is_safe() {
    for mut case in cases() {
        let (now, lower) = (case.middle, case.middle - 1);
        let said = case.set(lower);
        if case.limit.wait == Wait::Rises {
            assert_eq!(said, changed(&case, now, lower), "{}", case.name());
            assert_eq!(case.state(), settled(lower));
            continue;
        }
        assert_eq!(said, scheduled(&case, now, lower), "{}", case.name());
        assert_eq!(case.state(), waiting(&case, now, lower));
        let early = case.program.refusals.too_early.clone();
        let end = GENESIS_TS + case.limit.wait.secs();
        case.world.set_time(end - 1);
        case.refuses_apply(&early);
        case.world.set_time(end);
        assert_eq!(case.apply(), changed(&case, now, lower));
        assert_eq!(case.state(), settled(lower));
    }
}

#[test]
fn the_current_value_and_a_lower_one_drop_what_waits() {
    for mut case in cases() {
        let (now, higher) = (case.middle, case.middle + 1);
        let nothing = case.program.refusals.nothing_scheduled.clone();
        case.set(higher);
        assert_eq!(case.set(now), changed(&case, now, now), "{}", case.name());
        assert_eq!(case.state(), settled(now));
        case.world.advance(case.limit.wait.secs());
        case.refuses_apply(&nothing);
        if case.limit.wait != Wait::Rises {
            continue;
        }
        case.set(higher);
        case.set(now - 1);
        assert_eq!(case.state(), settled(now - 1));
        case.world.advance(case.limit.wait.secs());
        case.refuses_apply(&nothing);
    }
}

#[test]
fn a_second_rise_replaces_the_first_and_waits_its_own_time() {
    for mut case in cases() {
        let (now, early) = (case.middle, case.program.refusals.too_early.clone());
        case.set(now + 1);
        let wait = case.limit.wait.secs();
        case.world.advance(wait - 1);
        case.set(now + 2);
        assert_eq!(case.state(), waiting(&case, now, now + 2));
        case.world.advance(1);
        case.refuses_apply(&early);
        case.world.advance(wait - 1);
        assert_eq!(case.apply(), changed(&case, now, now + 2));
    }
}

#[test]
fn both_bounds_are_inclusive() {
    for mut case in cases() {
        let out = case.program.refusals.out_of_bounds.clone();
        let (min, max) = (case.limit.min, case.limit.max);
        for beyond in [min.checked_sub(1), max.checked_add(1)]
            .into_iter()
            .flatten()
        {
            case.refuses_set(&out, beyond);
        }
        if max < u64::MAX {
            case.refuses_set(&out, u64::MAX);
        }
        for bound in [max, min] {
            case.set(bound);
            if case.state().pending_ts != 0 {
                case.world.advance(case.limit.wait.secs());
                case.apply();
            }
            assert_eq!(case.state(), settled(bound), "{}", case.name());
        }
    }
}

/// A change may have been scheduled under wider bounds, before an upgrade.
#[test]
fn bounds_are_checked_again_when_a_change_is_applied() {
    for mut case in cases() {
        let out = case.program.refusals.out_of_bounds.clone();
        let (min, max) = (case.limit.min, case.limit.max);
        let beyond = [min.checked_sub(1), max.checked_add(1)];
        for pending in beyond.into_iter().flatten() {
            let state = State {
                value: case.middle,
                pending,
                pending_ts: GENESIS_TS,
            };
            (case.limit.write)(&mut case.world, state);
            case.refuses_apply(&out);
            assert_eq!(case.state(), state);
        }
    }
}

/// A change that could never be applied is not scheduled.
#[test]
fn a_wait_beyond_the_end_of_time_is_refused() {
    for mut case in cases() {
        let overflow = case.program.refusals.overflow.clone();
        let wait = case.limit.wait.secs();
        case.world.set_time(i64::MAX - wait + 1);
        case.refuses_set(&overflow, case.middle + 1);
        case.world.set_time(i64::MAX - wait);
        case.set(case.middle + 1);
        assert_eq!(case.state().pending_ts, i64::MAX);
    }
}

#[test]
fn only_the_authority_sets_parameters() {
    for mut case in cases() {
        let [stranger, guardian, pending] = [(); 3].map(|()| case.world.wallet());
        let authority = case.authority.pubkey_of();
        let set = (case.program.set_guardian)(authority, guardian.pubkey_of());
        case.world.govern(set);
        let propose = (case.program.propose)(authority, pending.pubkey_of());
        case.world.govern(propose);
        let refused = case.program.refusals.not_authority.clone();
        for key in [&stranger, &guardian, &pending] {
            for value in [case.middle - 1, case.middle, case.middle + 1] {
                let set = (case.limit.set)(key.pubkey_of(), value);
                case.refuses(&refused, set, key);
            }
        }
    }
}

/// One parameter's change leaves the others as they are: an id that named another's field would show here.
#[test]
fn each_parameter_is_its_own() {
    for mut case in cases() {
        let others = |case: &Case| -> Vec<(&str, State)> {
            limits()
                .into_iter()
                .filter(|other| {
                    (other.program, other.name) != (case.limit.program, case.limit.name)
                })
                .map(|other| (other.name, (other.read)(&case.world)))
                .collect()
        };
        let before = others(&case);
        case.set(case.middle + 1);
        case.world.advance(case.limit.wait.secs());
        case.apply();
        assert_eq!(others(&case), before, "{}", case.name());
        assert_eq!(case.state(), settled(case.middle + 1));
    }
}
