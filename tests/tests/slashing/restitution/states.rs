//! Every state of a case that pays a renter, and of its record, and every instruction there: what it may do, or the exact refusal. No state
//! is without a way out that anyone can take.

use iog_client::staking::ID;
use iog_tests::{Code, Outcome};
use solana_instruction::error::InstructionError;

use super::paying::Paying;
use super::stage::{Stage, CLAIM};
use crate::stage::{IO, MONTH, UPHOLD_AFTER};

type Prepare = fn(&mut Stage);
type Send = fn(&mut Stage) -> Outcome;

/// The columns of the table, each sent by whom it takes.
const INSTRUCTIONS: [Send; 8] = [
    // propose_restitution
    |stage| stage.try_propose(IO),
    // appeal
    |stage| {
        let (case, one) = (first(), stage.plain.one.clone());
        let appeal = stage.plain.world.appeal_ix(&one.owner, &one, &case);
        stage.world().send(&[appeal.instruction()], &[&one.owner])
    },
    // resolve
    |stage| {
        let court = stage.plain.court.clone();
        let resolve = stage.plain.world.resolve_ix(&court, &first(), true);
        stage
            .world()
            .send(&[resolve.instruction()], &[&court.judge])
    },
    // withdraw_case
    |stage| {
        let judge = stage.plain.court.judge.insecure_clone();
        stage.plain.withdraw_case(&judge, &first())
    },
    // finalize_restitution
    |stage| {
        let finalize = {
            let world = &stage.plain.world;
            let paying: Paying = stage.paying();
            paying.finalize_ix(world, &stage.plain.one, &first())
        };
        anyone(stage, finalize.instruction())
    },
    // finalize_slash
    |stage| {
        let burn = stage.plain.finalize_ix(&first());
        anyone(stage, burn)
    },
    // fetch_restitution
    |stage| stage.try_fetch(),
    // close_restitution
    |stage| {
        let slasher = stage.paying().slasher;
        let close = stage.paying().close_ix(&slasher);
        anyone(stage, close.instruction())
    },
];

/// One word for each instruction; `missing` is an account that is not there.
const STATES: [(&str, Prepare, &str); 15] = [
    (
        "decided",
        |_| {},
        "ok missing missing missing missing missing missing missing",
    ),
    (
        "proposed",
        proposed,
        "ok ok WrongCaseState ok CaseRuns PaysRenter NothingDue RestitutionNeeded",
    ),
    (
        "appealed",
        appealed,
        "ok WrongCaseState UpheldTooEarly ok CaseRuns PaysRenter NothingDue RestitutionNeeded",
    ),
    (
        "upheld",
        |stage| resolved(stage, true),
        "ok WrongCaseState WrongCaseState WrongCaseState ok PaysRenter NothingDue RestitutionNeeded",
    ),
    (
        "rejected",
        |stage| resolved(stage, false),
        "ok WrongCaseState WrongCaseState WrongCaseState ok PaysRenter NothingDue RestitutionNeeded",
    ),
    (
        "appealed three days ago",
        |stage| {
            appealed(stage);
            stage.plain.pass(UPHOLD_AFTER);
        },
        "ok WrongCaseState ok ok CaseRuns PaysRenter NothingDue RestitutionNeeded",
    ),
    (
        "upheld and lapsed",
        |stage| {
            resolved(stage, true);
            stage.plain.pass(MONTH);
        },
        "ok WrongCaseState WrongCaseState WrongCaseState ok PaysRenter NothingDue RestitutionNeeded",
    ),
    (
        "withdrawn",
        |stage| {
            proposed(stage);
            let judge = stage.plain.court.judge.insecure_clone();
            stage.plain.withdraw_case(&judge, &first()).unwrap();
        },
        "ok WrongCaseState WrongCaseState WrongCaseState ok PaysRenter NothingDue RestitutionNeeded",
    ),
    (
        "due",
        |stage| {
            proposed(stage);
            stage.plain.pass(MONTH);
        },
        "ok WrongCaseState WrongCaseState ok ok PaysRenter NothingDue RestitutionNeeded",
    ),
    (
        "lapsed",
        |stage| {
            proposed(stage);
            stage.plain.pass(2 * MONTH);
        },
        "ok WrongCaseState WrongCaseState ok ok PaysRenter NothingDue RestitutionNeeded",
    ),
    (
        "appeal lapsed",
        |stage| {
            appealed(stage);
            stage.plain.pass(MONTH);
        },
        "ok WrongCaseState WrongCaseState ok ok PaysRenter NothingDue RestitutionNeeded",
    ),
    (
        "owed",
        owed,
        "ok missing missing missing missing missing ok RestitutionNeeded",
    ),
    (
        "fetched",
        fetched,
        "ok missing missing missing missing missing NothingDue RestitutionNeeded",
    ),
    (
        "fetched, 180 days over",
        |stage| {
            fetched(stage);
            stage.plain.pass(CLAIM);
        },
        "ClaimTooLate missing missing missing missing missing NothingDue ok",
    ),
    (
        "released",
        |stage| {
            resolved(stage, false);
            stage.finalize(&first());
        },
        "ok missing missing missing missing missing NothingDue ok",
    ),
];

fn first() -> solana_pubkey::Pubkey {
    iog_client::pda::staking::slash_case(0)
}

fn anyone(stage: &mut Stage, instruction: solana_instruction::Instruction) -> Outcome {
    let stranger = stage.world().wallet();
    stage.world().send(&[instruction], &[&stranger])
}

fn proposed(stage: &mut Stage) {
    stage.propose(IO);
}

fn appealed(stage: &mut Stage) {
    proposed(stage);
    stage.plain.appeal(&first());
}

fn resolved(stage: &mut Stage, upheld: bool) {
    appealed(stage);
    stage.plain.resolve(&first(), upheld);
}

fn owed(stage: &mut Stage) {
    stage.take(IO);
}

fn fetched(stage: &mut Stage) {
    owed(stage);
    stage.try_fetch().unwrap();
}

fn cell(outcome: &Outcome) -> String {
    let missing = Code::plain(ID, InstructionError::AccountDataTooSmall);
    match outcome {
        Ok(_) => "ok".into(),
        Err(failure) if failure.code() == missing => "missing".into(),
        Err(failure) => failure.code().to_string().replace(" of staking", ""),
    }
}

#[test]
fn every_instruction_in_every_state() {
    let fresh = Stage::new();
    let mut wrong = Vec::new();
    for (name, prepare, expected) in STATES {
        let mut stage = fresh.clone();
        prepare(&mut stage);
        stage.books(0);
        let got: Vec<String> = INSTRUCTIONS
            .iter()
            .map(|send| {
                let mut stage = stage.clone();
                let outcome = send(&mut stage);
                stage.books(0);
                cell(&outcome)
            })
            .collect();
        let got = got.join(" ");
        if got != expected {
            wrong.push(format!("{name}: {got}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
