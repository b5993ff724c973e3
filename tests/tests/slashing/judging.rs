//! Who decides an appeal, and from which second on it may be upheld.

use iog_client::staking::instructions::SetAppealAuthority;
use iog_client::staking::StakingError as E;
use iog_tests::world::{expect_code, PubkeyOf};
use iog_tests::Outcome;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use crate::stage::{Stage, DAY, IO};

fn judged(stage: &mut Stage, by: &Keypair, case: &Pubkey, upheld: bool) -> Outcome {
    let mut resolve = stage.world.resolve_ix(&stage.court, case, upheld);
    resolve.appeal_authority = by.pubkey_of();
    let payer = stage.world.authority.insecure_clone();
    stage.world.send(&[resolve.instruction()], &[&payer, by])
}

/// audit: money M4: the roles changed hands between proposal and decision: who proposed does not judge, in neither way.
#[test]
fn who_proposed_does_not_judge() {
    let mut stage = Stage::new(200 * IO, 0);
    let case = stage.propose(20 * IO);
    let (proposer, judge) = (
        stage.court.slasher.insecure_clone(),
        stage.court.judge.insecure_clone(),
    );
    stage
        .world
        .name_court(judge.pubkey_of(), proposer.pubkey_of());
    stage.appeal(&case);
    for wait in [0, 3 * DAY] {
        stage.pass(wait);
        for upheld in [true, false] {
            let outcome = judged(&mut stage, &proposer, &case, upheld);
            expect_code(outcome, E::JudgeProposed);
        }
        expect_code(
            judged(&mut stage, &judge, &case, true),
            E::NotAppealAuthority,
        );
    }
    stage.pass(30 * DAY);
    stage.finalize(&case);
    assert_eq!(stage.parts()[0], (200 * IO, 0));
    stage.burned(0);
}

/// audit: money M4: an appeal is a chance, not a short cut: nothing burns within three days of it, and the authority removes a judge at once.
#[test]
fn upholding_waits_three_days_and_acquitting_does_not() {
    let mut fresh = Stage::new(200 * IO, 0);
    let case = fresh.propose(20 * IO);
    fresh.appeal(&case);
    let judge = fresh.court.judge.insecure_clone();
    for wait in [0, 1, 259_199] {
        let mut stage = fresh.clone();
        stage.pass(wait);
        let before = stage.case(&case);
        expect_code(judged(&mut stage, &judge, &case, true), E::UpheldTooEarly);
        expect_code(stage.try_finalize(&case), E::CaseRuns);
        assert_eq!(stage.case(&case), before);
        judged(&mut stage, &judge, &case, false).unwrap();
        stage.finalize(&case);
        stage.burned(0);
    }
    let mut stage = fresh.clone();
    stage.pass(259_200);
    judged(&mut stage, &judge, &case, true).unwrap();
    stage.finalize(&case);
    stage.burned(20 * IO);
    // Removed in time, the judge upholds nothing, and the case lapses.
    let mut stage = fresh;
    let remove = SetAppealAuthority {
        authority: stage.world.authority.pubkey_of(),
        key: Pubkey::new_from_array([0; 32]),
    };
    stage.world.govern(remove.instruction());
    stage.pass(259_200);
    expect_code(
        judged(&mut stage, &judge, &case, true),
        E::NotAppealAuthority,
    );
    stage.pass(30 * DAY);
    stage.finalize(&case);
    stage.burned(0);
}
