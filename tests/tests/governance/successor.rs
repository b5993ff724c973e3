//! What waits can be dropped, and goes with the authority that scheduled it: whoever takes over from a key that leaked starts with nothing.

use super::limits::{cases, Case, Said, State};
use iog_tests::world::PubkeyOf;
use solana_keypair::Keypair;

/// The successor accepts at the clock's second.
fn succeed(case: &mut Case) -> Keypair {
    let (old, new) = (case.authority.insecure_clone(), case.world.wallet());
    let propose = (case.program.propose)(old.pubkey_of(), new.pubkey_of());
    case.world.must(propose, &[&old]);
    case.world
        .must((case.program.accept)(new.pubkey_of()), &[&new]);
    let roles = (case.program.roles)(&case.world);
    assert_eq!(roles.since_ts, case.world.now());
    new
}

/// audit: money L10: what waited at the hand-over, scheduled long before or in its very second, never applies.
#[test]
fn what_a_predecessor_scheduled_never_applies() {
    for secs in [0, 1, 80_000] {
        for mut case in cases() {
            let nothing = case.program.refusals.nothing_scheduled.clone();
            let wait = case.limit.wait.secs();
            case.set(case.middle + 1);
            let due_ts = case.world.now() + wait;
            case.world.advance(secs);
            let new = succeed(&mut case);
            for at in [due_ts, due_ts + 1, due_ts + 604_800, due_ts + 604_801] {
                case.world.set_time(at);
                case.refuses_apply(&nothing);
            }
            // It lies there still; the successor may say so, or set its own.
            case.authority = new;
            let key = case.authority.insecure_clone();
            assert!(matches!(case.drops(&key), Said::Dropped { .. }));
        }
    }
}

/// audit: money L10: a change whose time had come before the hand-over and that nobody applied goes as well.
#[test]
fn what_was_due_and_not_applied_goes_too() {
    for mut case in cases() {
        let nothing = case.program.refusals.nothing_scheduled.clone();
        case.set(case.middle + 1);
        case.world.advance(case.limit.wait.secs() + 10);
        let mut applied = case.world.clone();
        let anyone = applied.wallet();
        applied.must((case.limit.apply)(), &[&anyone]);
        succeed(&mut case);
        case.refuses_apply(&nothing);
        assert_eq!(case.state().value, case.middle);
    }
}

/// What the successor schedules in the second of the hand-over counts from the next: the two cannot be told apart by their time otherwise.
#[test]
fn the_successors_own_change_waits_its_time() {
    for later in [0, 1, 10] {
        for mut case in cases() {
            let early = case.program.refusals.too_early.clone();
            let wait = case.limit.wait.secs();
            case.authority = succeed(&mut case);
            let taken_ts = case.world.now();
            case.world.advance(later);
            let value = case.middle + 1;
            case.set(value);
            let due_ts = taken_ts + later.max(1) + wait;
            assert_eq!(case.state().pending_ts, due_ts, "{}", case.name());
            case.world.set_time(due_ts - 1);
            case.refuses_apply(&early);
            case.world.set_time(due_ts);
            case.apply();
            assert_eq!(case.state().value, value);
        }
    }
}

/// A clock that steps back at the next hand-over brings nothing back.
#[test]
fn a_clock_that_steps_back_revives_nothing() {
    for mut case in cases() {
        let nothing = case.program.refusals.nothing_scheduled.clone();
        case.set(case.middle + 1);
        let due_ts = case.world.now() + case.limit.wait.secs();
        let start = case.world.now();
        case.world.advance(1_000);
        case.authority = succeed(&mut case);
        let taken_ts = case.world.now();
        case.world.set_time(start - 500);
        let (old, new) = (case.authority.insecure_clone(), case.world.wallet());
        let propose = (case.program.propose)(old.pubkey_of(), new.pubkey_of());
        case.world.must(propose, &[&old]);
        case.world
            .must((case.program.accept)(new.pubkey_of()), &[&new]);
        assert_eq!((case.program.roles)(&case.world).since_ts, taken_ts + 1);
        case.world.set_time(due_ts);
        case.refuses_apply(&nothing);
    }
}

/// audit: money L10: a hostile change is seen for as long as it waits, and the guardian can drop it; it cannot set one.
#[test]
fn guardian_and_authority_drop_what_waits() {
    for mut case in cases() {
        let [guardian, stranger, pending] = [(); 3].map(|()| case.world.wallet());
        let authority = case.authority.insecure_clone();
        let by = authority.pubkey_of();
        let set = (case.program.set_guardian)(by, guardian.pubkey_of());
        case.world.govern(set);
        let propose = (case.program.propose)(by, pending.pubkey_of());
        case.world.govern(propose);
        let nothing = case.program.refusals.nothing_scheduled.clone();
        let refused = case.program.refusals.not_guardian.clone();
        let (now, higher) = (case.middle, case.middle + 1);
        for key in [&guardian, &authority] {
            let drop = (case.limit.drop)(key.pubkey_of());
            case.refuses(&nothing, drop, key);
            case.set(higher);
            for other in [&stranger, &pending] {
                let drop = (case.limit.drop)(other.pubkey_of());
                case.refuses(&refused, drop, other);
            }
            let expected = Said::Dropped {
                number: case.limit.number,
                by: key.pubkey_of(),
                dropped: higher,
            };
            assert_eq!(case.drops(key), expected, "{}", case.name());
            let nothing_waits = State {
                value: now,
                pending: 0,
                pending_ts: 0,
            };
            assert_eq!(case.state(), nothing_waits);
            case.world.advance(case.limit.wait.secs());
            case.refuses_apply(&nothing);
        }
    }
}
