//! Cases that are taken back: by whom, until when, and what is left of them.

use iog_client::staking::events::{CaseWithdrawn, SlashFinalized};
use iog_client::staking::{Event, StakingError as E};
use iog_tests::world::{expect_code, PubkeyOf};
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::stage::{said, Stage, IO, MONTH};

const WITHDRAWN: u8 = 4;

fn proposed() -> (Stage, Pubkey) {
    let mut stage = Stage::new(300 * IO, 100 * IO);
    let case = stage.propose(40 * IO);
    (stage, case)
}

/// Slasher, judge and authority.
fn may(stage: &Stage) -> [Keypair; 3] {
    [
        stage.court.slasher.insecure_clone(),
        stage.court.judge.insecure_clone(),
        stage.world.authority.insecure_clone(),
    ]
}

/// audit: money M5: a case ends although its owner never notices it, at any moment before it is decided or carried out.
#[test]
fn slasher_judge_and_authority_take_a_case_back() {
    let (fresh, case) = proposed();
    for by in may(&fresh) {
        for (appealed, wait) in [(false, 0), (true, 0), (false, MONTH), (true, MONTH)] {
            let mut stage = fresh.clone();
            if appealed {
                stage.appeal(&case);
            }
            stage.pass(wait);
            let meta = stage.withdraw_case(&by, &case).unwrap();
            let withdrawn = CaseWithdrawn {
                case,
                device: stage.one.device,
                by: by.pubkey_of(),
            };
            assert_eq!(meta.events, said(Event::CaseWithdrawn(withdrawn)));
            assert_eq!(stage.case(&case).state, WITHDRAWN);
            assert_eq!(stage.parts(), [(300 * IO, 30 * IO), (100 * IO, 10 * IO)]);
            let owner = stage.one.owner.insecure_clone();
            let appeal = stage.world.appeal_ix(&owner, &stage.one, &case);
            let appeal = appeal.instruction();
            stage.world.refuses(E::WrongCaseState, appeal, &[&owner]);
            expect_code(stage.withdraw_case(&by, &case), E::WrongCaseState);
            let meta = stage.finalize(&case);
            let finalized = SlashFinalized {
                case,
                device: stage.one.device,
                owner_burned: 0,
                co_burned: 0,
                staked_before: 400 * IO,
                staked_after: 400 * IO,
            };
            assert_eq!(meta.events, said(Event::SlashFinalized(finalized)));
            assert_eq!(stage.parts(), [(300 * IO, 0), (100 * IO, 0)]);
            stage.burned(0);
        }
    }
}

#[test]
fn nobody_else_takes_it_back_and_nobody_once_it_is_decided() {
    let (mut stage, case) = proposed();
    let stranger = stage.world.wallet();
    let others = [
        stranger,
        stage.one.owner.insecure_clone(),
        stage.co.wallet.insecure_clone(),
        stage.one.device_key.insecure_clone(),
    ];
    for by in &others {
        expect_code(stage.withdraw_case(by, &case), E::MayNotWithdraw);
    }
    // A slasher who was removed is a stranger.
    let old = stage.court.clone();
    let mut replaced = stage.clone();
    replaced.court = replaced.world.court();
    for by in [&old.slasher, &old.judge] {
        expect_code(replaced.withdraw_case(by, &case), E::MayNotWithdraw);
    }
    let slasher = replaced.court.slasher.insecure_clone();
    replaced.withdraw_case(&slasher, &case).unwrap();

    stage.appeal(&case);
    for upheld in [true, false] {
        let mut stage = stage.clone();
        stage.resolve(&case, upheld);
        for by in &may(&stage) {
            expect_code(stage.withdraw_case(by, &case), E::WrongCaseState);
        }
        stage.finalize(&case);
        stage.burned(if upheld { 40 * IO } else { 0 });
    }
}

/// audit: money M5: a thief of the slasher's key opens what the caps allow against every stake; the authority takes all of it back within the
/// hour, owners need do nothing, and a slasher of the network's own has all of the caps again.
#[test]
fn a_thiefs_cases_leave_nothing_behind() {
    let mut stage = Stage::new(300 * IO, 100 * IO);
    let cases = [40, 40, 19, 1].map(|io| stage.propose(io * IO));
    expect_code(stage.try_propose(1), E::SlashAboveCap);
    stage.court = stage.world.court();
    expect_code(stage.try_propose(1), E::SlashAboveCap);
    let authority = stage.world.authority.insecure_clone();
    for case in &cases {
        stage.withdraw_case(&authority, case).unwrap();
        stage.finalize(case);
    }
    assert_eq!(stage.parts(), [(300 * IO, 0), (100 * IO, 0)]);
    for amount in [40, 40, 19, 1] {
        stage.propose(amount * IO);
    }
    expect_code(stage.try_propose(1), E::SlashAboveCap);
    stage.burned(0);
}

/// audit: money M5: four cases of one unit shield a device for a month, unless they are taken back.
#[test]
fn a_shield_of_four_cases_can_be_taken_away() {
    let mut stage = Stage::new(300 * IO, 0);
    let cases = [(); 4].map(|()| stage.propose(1));
    expect_code(stage.try_propose(30 * IO), E::TooManyCases);
    let judge = stage.court.judge.insecure_clone();
    stage.withdraw_case(&judge, &cases[2]).unwrap();
    // Its place is free when it is closed, and only its own.
    expect_code(stage.try_propose(30 * IO), E::TooManyCases);
    stage.finalize(&cases[2]);
    stage.propose(30 * IO);
    expect_code(stage.try_propose(1), E::TooManyCases);
}
