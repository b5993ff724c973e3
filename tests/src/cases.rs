//! Tables of refusals: every error of a program has a case that ends in it, or a reason why none can.

use std::panic::{catch_unwind, AssertUnwindSafe};

use crate::{Code, Outcome, World};

/// A transaction that must be refused.
pub struct Case {
    pub what: &'static str,
    pub code: Code,
    /// Prepares the world and sends the transaction.
    pub run: fn(&mut World) -> Outcome,
}

/// A case, for tables.
pub fn refusal(what: &'static str, code: impl Into<Code>, run: fn(&mut World) -> Outcome) -> Case {
    Case {
        what,
        code: code.into(),
        run,
    }
}

/// Runs each case on a copy of `world`; panics with all those that did not end in their code.
pub fn run(world: &World, cases: &[Case]) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|case| check(world, case).err())
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

fn check(world: &World, case: &Case) -> Result<(), String> {
    let mut world = world.clone();
    let ran = catch_unwind(AssertUnwindSafe(|| (case.run)(&mut world)));
    match ran {
        Ok(Err(failure)) if failure.code() == case.code => Ok(()),
        Ok(Err(failure)) => Err(format!(
            "{}: expected {}, got {failure:?}",
            case.what, case.code
        )),
        Ok(Ok(_)) => Err(format!(
            "{}: expected {}, but it succeeded",
            case.what, case.code
        )),
        Err(_) => Err(format!(
            "{}: its preparation panicked, see above",
            case.what
        )),
    }
}

/// Panics unless each error of a program, counted by `from_code` from 6000 on, has a case or a reason, and not both.
pub fn cover<E>(from_code: fn(u32) -> Option<E>, cases: &[Case], unreachable: &[(E, &'static str)])
where
    E: Copy + Into<Code>,
{
    cover_from(6_000, from_code, cases, unreachable);
}

/// As [`cover`], counted from another code on: 6900 for the refusals of governance, 6950 for those of a price.
pub fn cover_from<E>(
    first: u32,
    from_code: fn(u32) -> Option<E>,
    cases: &[Case],
    unreachable: &[(E, &'static str)],
) where
    E: Copy + Into<Code>,
{
    for error in (first..).map_while(from_code) {
        let code: Code = error.into();
        let shown = cases.iter().any(|case| case.code == code);
        let reasoned = unreachable
            .iter()
            .any(|(other, reason)| (*other).into() == code && !reason.is_empty());
        assert!(shown || reasoned, "{code} has neither a case nor a reason");
        assert!(!(shown && reasoned), "{code} has a case: drop its reason");
    }
}
