//! Who decides a case that pays a renter, and how it ends without a decision.

use iog_client::staking::instructions::Resolve;
use iog_client::staking::StakingError as E;
use iog_tests::world::{expect_code, PubkeyOf};
use iog_tests::Outcome;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;

use super::stage::Stage;
use crate::stage::{IO, MONTH, UPHOLD_AFTER};

const AMOUNT: u64 = 6 * IO;

fn resolve(stage: &mut Stage, by: &Keypair, case: &Pubkey) -> Outcome {
    let resolve = Resolve {
        appeal_authority: by.pubkey_of(),
        case: *case,
        upheld: true,
    };
    let payer = stage.plain.world.authority.insecure_clone();
    stage.world().send(&[resolve.instruction()], &[&payer, by])
}

/// Every way that a slash case can end, ends one that pays a renter: what was held is owed or free again.
#[test]
fn it_ends_as_every_slash_case_does() {
    // Appealed and how decided; when it ends; and whether it takes.
    let ends: [(Option<Option<bool>>, i64, bool); 6] = [
        (None, MONTH, true),
        (None, 2 * MONTH - 1, true),
        (None, 2 * MONTH, false),
        (Some(None), MONTH, false),
        (Some(Some(true)), 0, true),
        (Some(Some(false)), 0, false),
    ];
    let fresh = Stage::new();
    for (appealed, wait, takes) in ends {
        let mut stage = fresh.clone();
        let case = stage.propose(AMOUNT);
        if let Some(decision) = appealed {
            stage.plain.appeal(&case);
            if let Some(upheld) = decision {
                stage.plain.resolve(&case, upheld);
            }
        }
        if wait > 0 && wait <= MONTH {
            stage.plain.pass(wait - 1);
            expect_code(stage.try_finalize(&case), E::CaseRuns);
            stage.plain.pass(1);
        } else {
            stage.plain.pass(wait);
        }
        stage.finalize(&case);
        let taken = if takes { AMOUNT } else { 0 };
        assert_eq!(stage.owed(), (taken, taken), "{appealed:?} {wait}");
        assert_eq!(stage.plain.parts()[0], (2_000 * IO - taken, 0));
        let claimed = if takes { 1_503_000 } else { 0 };
        assert_eq!(stage.restitution().claimed_usd6, claimed);
        if !takes {
            // Nothing was taken, so nothing need be remembered.
            stage.try_close().unwrap();
        }
        stage.books(0);
    }
}

/// redteam 6f: who decided the dispute neither proposes nor judges here.
#[test]
fn resolver_slasher_and_judge_are_three_keys() {
    let mut stage = Stage::new();
    let resolver = stage.plain.world.resolver.insecure_clone();
    let court = stage.plain.court.clone();
    let (slasher, judge) = (court.slasher.pubkey_of(), court.judge.pubkey_of());
    stage.world().name_court(slasher, resolver.pubkey_of());
    expect_code(stage.try_propose(AMOUNT), E::ResolverHasRole);
    stage.world().name_court(resolver.pubkey_of(), judge);
    stage.plain.court.slasher = resolver;
    expect_code(stage.try_propose(AMOUNT), E::ResolverHasRole);
    stage.plain.court = court;
    stage.world().name_court(slasher, judge);
    stage.propose(AMOUNT);
}

/// redteam 6f: nor after the roles have changed hands: such a case lapses in the owner's favour.
#[test]
fn who_resolved_or_proposed_judges_nothing_later() {
    let fresh = Stage::new();
    for successor in ["the resolver", "the proposer"] {
        let mut stage = fresh.clone();
        let case = stage.propose(AMOUNT);
        stage.plain.appeal(&case);
        let judge = match successor {
            "the resolver" => stage.plain.world.resolver.insecure_clone(),
            _ => stage.plain.court.slasher.insecure_clone(),
        };
        let other = stage.world().wallet();
        stage
            .world()
            .name_court(other.pubkey_of(), judge.pubkey_of());
        let refusal = match successor {
            "the resolver" => E::ResolverHasRole,
            _ => E::JudgeProposed,
        };
        expect_code(resolve(&mut stage, &judge, &case), refusal);
        // Nor does it take the case back.
        expect_code(stage.plain.withdraw_case(&judge, &case), refusal);
        // A case that another proposed and that burns is decided by either of them.
        stage.plain.court.slasher = other;
        let burns = stage.plain.propose(IO);
        stage.plain.appeal(&burns);
        stage.plain.pass(UPHOLD_AFTER);
        resolve(&mut stage, &judge, &burns).unwrap();
        stage.plain.pass(MONTH);
        stage.finalize(&case);
        assert_eq!(stage.owed(), (0, 0), "{successor}");
    }
}

/// Another judge, who is neither, decides it.
#[test]
fn a_successor_who_is_neither_decides() {
    let mut stage = Stage::new();
    let case = stage.propose(AMOUNT);
    stage.plain.appeal(&case);
    let (slasher, old) = (
        stage.plain.court.slasher.pubkey_of(),
        stage.plain.court.judge.insecure_clone(),
    );
    let new = stage.world().wallet();
    stage.world().name_court(slasher, new.pubkey_of());
    stage.plain.pass(UPHOLD_AFTER);
    expect_code(resolve(&mut stage, &old, &case), E::NotAppealAuthority);
    resolve(&mut stage, &new, &case).unwrap();
    stage.finalize(&case);
    assert_eq!(stage.owed(), (AMOUNT, AMOUNT));
}

/// Without a judge a case may be proposed; appealed, it lapses.
#[test]
fn without_a_judge_an_appeal_ends_the_case() {
    let mut stage = Stage::new();
    let slasher = stage.plain.court.slasher.pubkey_of();
    stage
        .world()
        .name_court(slasher, Pubkey::new_from_array([0; 32]));
    let case = stage.propose(AMOUNT);
    stage.plain.appeal(&case);
    stage.plain.pass(MONTH);
    stage.finalize(&case);
    assert_eq!(stage.owed(), (0, 0));
    assert_eq!(stage.plain.parts()[0], (2_000 * IO, 0));
}

/// redteam: M4, M5, roles: between renter and supplier the judge stands alone: neither slasher nor authority takes the renter's case away.
#[test]
fn only_the_judge_takes_a_renters_case_back() {
    let mut stage = Stage::new();
    let case = stage.propose(AMOUNT);
    let others = [
        stage.plain.court.slasher.insecure_clone(),
        stage.plain.world.authority.insecure_clone(),
        stage.renter.wallet.insecure_clone(),
        stage.plain.one.owner.insecure_clone(),
    ];
    for by in &others {
        expect_code(stage.plain.withdraw_case(by, &case), E::MayNotWithdraw);
    }
    let judge = stage.plain.court.judge.insecure_clone();
    stage.plain.withdraw_case(&judge, &case).unwrap();
    stage.finalize(&case);
    assert_eq!(stage.owed(), (0, 0));
    assert_eq!(stage.restitution().claimed_usd6, 0);
    assert_eq!(stage.plain.parts()[0], (2_000 * IO, 0));
    // The claim may be made again, and the month's cap is whole.
    stage.take(AMOUNT);
    assert_eq!(stage.owed(), (AMOUNT, AMOUNT));
}
