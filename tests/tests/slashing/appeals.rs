//! Who appeals, who decides, and until which second.

use iog_client::staking::events::{SlashAppealed, SlashResolved};
use iog_client::staking::{Event, StakingError as E};
use iog_tests::world::{expect_code, Court, PubkeyOf};
use iog_tests::Outcome;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::stage::{said, Stage, COOL_DOWN, IO, MONTH, SHARE, START, UPHOLD_AFTER, WAIT};

const CASE: u64 = 40 * IO;
const OPEN: u8 = 0;
const APPEALED: u8 = 1;
const UPHELD: u8 = 2;
const REJECTED: u8 = 3;

fn proposed() -> (Stage, Pubkey) {
    let mut stage = Stage::new(300 * IO, 100 * IO);
    let case = stage.propose(CASE);
    (stage, case)
}

fn appeal(stage: &mut Stage, by: &Keypair, case: &Pubkey) -> Outcome {
    let appeal = stage.world.appeal_ix(by, &stage.one, case).instruction();
    let payer = stage.world.authority.insecure_clone();
    stage.world.send(&[appeal], &[&payer, by])
}

fn resolve(stage: &mut Stage, by: &Keypair, case: &Pubkey, upheld: bool) -> Outcome {
    let court = Court {
        slasher: by.insecure_clone(),
        judge: by.insecure_clone(),
    };
    let resolve = stage.world.resolve_ix(&court, case, upheld).instruction();
    let payer = stage.world.authority.insecure_clone();
    stage.world.send(&[resolve], &[&payer, by])
}

#[test]
fn the_owner_and_the_co_staker_appeal_and_nobody_else() {
    let (stage, case) = proposed();
    for key in [&stage.one.owner, &stage.co.wallet] {
        let mut stage = stage.clone();
        let by = key.pubkey_of();
        stage.world.set_time(START + 5);
        let meta = appeal(&mut stage, key, &case).unwrap();
        let appealed = SlashAppealed {
            case,
            by,
            decide_until_ts: START + 5 + 2_592_000,
        };
        assert_eq!(meta.events, said(Event::SlashAppealed(appealed)));
        let read = stage.case(&case);
        assert_eq!((read.state, read.appealed_ts), (APPEALED, START + 5));
        // Once, whoever appeals next.
        for again in [
            &stage.one.owner.insecure_clone(),
            &stage.co.wallet.insecure_clone(),
        ] {
            expect_code(appeal(&mut stage, again, &case), E::WrongCaseState);
        }
        assert_eq!(stage.case(&case), read);
    }
    let mut stage = stage;
    let stranger = stage.world.wallet();
    let (slasher, judge, device) = (
        stage.court.slasher.insecure_clone(),
        stage.court.judge.insecure_clone(),
        stage.one.device_key.insecure_clone(),
    );
    for key in [&stranger, &slasher, &judge, &device] {
        expect_code(appeal(&mut stage, key, &case), E::NotAppellant);
    }
    assert_eq!(stage.case(&case).state, OPEN);
}

/// Who came after the case is not touched by it and has no voice in it; who left while it ran still has one.
#[test]
fn the_co_staker_of_the_case_is_the_one_of_its_proposal() {
    let mut stage = Stage::new(300 * IO, 0);
    let case = stage.propose(30 * IO);
    let Stage { world, one, co, .. } = &mut stage;
    world.co_stake(one, co, IO, SHARE);
    let late = stage.co.wallet.insecure_clone();
    expect_code(appeal(&mut stage, &late, &case), E::NotAppellant);

    let (mut stage, case) = proposed();
    stage.leave();
    stage.world.set_time(START + WAIT + COOL_DOWN);
    let out = stage.withdraw_co_ix();
    stage.world.govern(out);
    let gone = stage.co.wallet.insecure_clone();
    appeal(&mut stage, &gone, &case).unwrap();
}

#[test]
fn an_appeal_is_taken_until_the_last_second_of_thirty_days() {
    let (mut stage, case) = proposed();
    let owner = stage.one.owner.insecure_clone();
    stage.world.set_time(START + MONTH);
    let before = stage.case(&case);
    expect_code(appeal(&mut stage, &owner, &case), E::WrongCaseState);
    assert_eq!(stage.case(&case), before);
    stage.world.set_time(START + MONTH - 1);
    expect_code(stage.try_finalize(&case), E::CaseRuns);
    appeal(&mut stage, &owner, &case).unwrap();
    stage.world.set_time(START + MONTH);
    expect_code(stage.try_finalize(&case), E::CaseRuns);
}

#[test]
fn only_the_judge_decides_and_says_so() {
    for (upheld, state) in [(true, UPHELD), (false, REJECTED)] {
        let (mut stage, case) = proposed();
        let judge = stage.court.judge.insecure_clone();
        expect_code(
            resolve(&mut stage, &judge, &case, upheld),
            E::WrongCaseState,
        );
        stage.appeal(&case);
        let stranger = stage.world.wallet();
        let (slasher, owner) = (
            stage.court.slasher.insecure_clone(),
            stage.one.owner.insecure_clone(),
        );
        let governor = stage.world.authority.insecure_clone();
        for key in [&stranger, &slasher, &owner, &governor] {
            let outcome = resolve(&mut stage, key, &case, upheld);
            expect_code(outcome, E::NotAppealAuthority);
        }
        assert_eq!(stage.case(&case).state, APPEALED);
        stage.pass(UPHOLD_AFTER);
        let meta = resolve(&mut stage, &judge, &case, upheld).unwrap();
        let resolved = SlashResolved { case, upheld };
        assert_eq!(meta.events, said(Event::SlashResolved(resolved)));
        let read = stage.case(&case);
        assert_eq!((read.state, read.decided_ts), (state, START + UPHOLD_AFTER));
        // The decision stands.
        for upheld in [true, false] {
            let again = resolve(&mut stage, &judge, &case, upheld);
            expect_code(again, E::WrongCaseState);
        }
        expect_code(appeal(&mut stage, &owner, &case), E::WrongCaseState);
        assert_eq!(stage.case(&case).state, state);
        stage.burned(0);
    }
}

#[test]
fn a_decision_is_taken_until_the_last_second_of_thirty_days() {
    let (mut stage, case) = proposed();
    stage.world.set_time(START + 20 * 86_400);
    stage.appeal(&case);
    let end = START + 20 * 86_400 + MONTH;
    let judge = stage.court.judge.insecure_clone();
    for upheld in [true, false] {
        let mut late = stage.clone();
        late.world.set_time(end);
        let outcome = resolve(&mut late, &judge, &case, upheld);
        expect_code(outcome, E::WrongCaseState);
        let mut timely = stage.clone();
        timely.world.set_time(end - 1);
        expect_code(timely.try_finalize(&case), E::CaseRuns);
        resolve(&mut timely, &judge, &case, upheld).unwrap();
    }
}

/// A judge who is replaced has no say, the successor has it at once; the same holds for the slasher.
#[test]
fn a_successor_decides_cases_that_are_open() {
    let (mut stage, case) = proposed();
    stage.appeal(&case);
    let old = stage.court.clone();
    stage.court = stage.world.court();
    let outcome = resolve(&mut stage, &old.judge, &case, true);
    expect_code(outcome, E::NotAppealAuthority);
    stage.resolve(&case, false);
    let new = std::mem::replace(&mut stage.court, old);
    expect_code(stage.try_propose(1), E::NotSlasher);
    stage.court = new;
    stage.propose(1);
}
